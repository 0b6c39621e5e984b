"""`devenv lint`: formats, exit codes, fixes."""

import json

import pytest

from tests.cli.running import Outside, run
from tests.ops.test_lint import STACK, world

CLEAN = "devenv: 1\nname: shop\nservices: {db: {use: postgres}}\n"


def lint(*argv, files=None, manifest=STACK):
    return run("lint", *argv, outside=Outside(world(files, manifest)))


ERROR = {"devenv.policy.yaml": "policy: 1\nname: Acme\nrules: {loopback: {severity: error, reason: Cafés.}}\n"}


@pytest.mark.parametrize(
    ("argv", "files", "manifest", "code"),
    [
        ([], None, STACK, 0),
        (["--strict"], None, STACK, 1),
        (["--strict", "restarts"], None, STACK, 0),
        ([], ERROR, STACK, 1),
        ([], None, CLEAN, 0),
        ([], None, "devenv: 1\nservices: {a: {imge: x}}\n", 3),
        ([], {"devenv.policy.yaml": "policy: 2\n"}, STACK, 3),
        (["nothing"], None, STACK, 2),
        (["--dry-run"], None, STACK, 2),
        (["--format", "xml"], None, STACK, 2),
    ],
)
def test_exit_codes(argv, files, manifest, code):
    assert lint(*argv, files=files, manifest=manifest).code == code


def test_for_people():
    done = lint("loopback", files=ERROR)
    assert done.out == (
        "error[DL201] devenv.yaml:4:46: services.web.ports[0]: everybody in the network can reach this port\n"
        "   4 |   web: {image: web, restart: always, ports: ['80:80']}\n"
        "     |                                              ^^^^^^^\n"
        "hint: write `ports: {NAME: PORT}`, or put `127.0.0.1:` before it\n"
        "fix: publish it on 127.0.0.1 only (devenv lint --fix)\n"
        "policy: Acme: Cafés.\n\n"
        "1 error; --fix mends all of them\n"
    )
    assert lint(manifest=CLEAN).out == "devenv.yaml: nothing to object to\n"
    assert lint("--quiet").out == ""
    assert lint("--quiet", "--strict").out.count("warning[") == 2


def test_every_policy_that_objects_gives_its_reason():
    mild = {"/p.yaml": "policy: 1\nname: Old\nrules: {loopback: {severity: warning, reason: Trains.}}\n"}
    with_both = Outside(world(ERROR, config="policy: /p.yaml\n", shared=mild))
    text = run("lint", "loopback", outside=with_both).out
    assert "\npolicy: Acme: Cafés.\npolicy: Old: Trains.\n" in text and text.count("[DL201]") == 1
    (found,) = run("lint", "loopback", "--json", outside=with_both).data["findings"]
    assert (found["policy"], found["severity"], found["reason"]) == ("Acme", "error", "Cafés.")
    assert found["also"] == [{"policy": "Old", "severity": "warning", "reason": "Trains.", "link": None, "note": None}]
    github = run("lint", "loopback", "--format", "github", outside=with_both).out
    assert github.endswith("%0Apolicy: Acme: Cafés.%0Apolicy: Old: Trains.\n")
    (result,) = run("lint", "loopback", "--format", "sarif", outside=with_both).data["runs"][0]["results"]
    assert result["message"]["text"].endswith("\npolicy: Acme: Cafés.\npolicy: Old: Trains.")
    explained = run("explain", "web.ports", outside=with_both).out
    assert "policy Acme: Cafés.  devenv.policy.yaml:3" in explained and "policy Old: Trains.  /p.yaml:3" in explained


def test_why_a_waiver_does_not_count_is_told_wherever_the_finding_is():
    over = "waivers: [{rule: loopback, services: web, owner: core, until: 2026-06-14, reason: x}]\n"
    note = "waiver: the waiver of core ended on 2026-06-14"
    files = {"devenv.policy.yaml": ERROR["devenv.policy.yaml"] + over}
    assert f"\npolicy: Acme: Cafés.\n{note}\n" in lint("loopback", files=files).out
    assert lint("loopback", "--format", "github", files=files).out.endswith(f"%0Apolicy: Acme: Cafés.%0A{note}\n")
    (result,) = lint("loopback", "--format", "sarif", files=files).data["runs"][0]["results"]
    assert result["message"]["text"].endswith(f"\npolicy: Acme: Cafés.\n{note}")
    refused = {"devenv.policy.yaml": files["devenv.policy.yaml"].replace("policy: 1", "policy: 1\nenforce: up")}
    assert note.removeprefix("waiver: ") in run("plan", outside=Outside(world(refused))).err


def test_for_programs():
    done = lint("--json", files=ERROR)
    assert done.err == ""
    data = done.data
    assert (data["ok"], data["stack"], data["policies"], data["waived"]) == (False, "shop", ["devenv.policy.yaml"], [])
    port = next(one for one in data["findings"] if one["rule"] == "loopback")
    assert (port["code"], port["severity"], port["file"], port["line"], port["column"]) == (
        "DL201", "error", "devenv.yaml", 4, 46,
    )  # fmt: skip
    assert (port["service"], port["policy"], port["reason"], port["via"]) == ("web", "Acme", "Cafés.", None)
    assert lint("--format", "json", files=ERROR).data == data


def test_for_a_ci():
    github = lint("--format", "github", "loopback", files=ERROR)
    assert github.out.startswith("::error file=devenv.yaml,line=4,col=46,endColumn=53,title=DL201 loopback::")
    in_a_job = run("lint", "--format", "github", "loopback", outside=Outside(world(ERROR)), GITHUB_ACTIONS="true")
    assert in_a_job.out == github.out
    sarif = lint("--format", "sarif", files=ERROR).data
    assert (sarif["version"], len(sarif["runs"][0]["results"])) == ("2.1.0", 3)
    broken = lint("--format", "github", manifest="devenv: 1\nname: a\nservices: {a: {image: x, prots: 1}}\n")
    assert broken.code == 3 and broken.out.startswith("::error file=devenv.yaml,line=3,col=26,")
    broken_policy = Outside(world({"devenv.policy.yaml": "x: 1"}))
    broken = run("lint", "--format", "github", outside=broken_policy, GITHUB_ACTIONS="true")
    assert broken.code == 3 and broken.out.startswith("::error file=devenv.policy.yaml,")
    log = lint("--format", "sarif", manifest="devenv: 1\nname: a\nservices: {a: {image: x, prots: 1}}\n")
    assert log.code == 3 and [one["ruleId"] for one in log.data["runs"][0]["results"]] == ["DE203"]
    assert json.loads(lint("--format", "json", manifest="devenv: 1\nservices: \n").out)["errors"]


def test_fixing_shows_what_changes_and_then_what_is_left():
    outside = Outside(world())
    dry = run("lint", "--fix", "--dry-run", outside=outside)
    assert (
        "2 findings would be mended" in dry.err
        and "+" in dry.err
        and outside.a_world.project.files["devenv.yaml"] == STACK
    )
    done = run("lint", "--fix", outside=outside)
    assert "2 findings are mended" in done.err
    assert [line for line in done.out.splitlines() if "[DL" in line] == [
        line for line in done.out.splitlines() if "DL103" in line
    ]
    assert "nothing is mended" in run("lint", "--fix", outside=outside).err


def test_fixing_shows_no_secret_in_the_lines_around():
    written = """\
devenv: 1
name: shop
services:
  pg: {image: 'postgres:17'}
  a:
    image: x:1
    environment:
      DB: postgres://u:p4ssw0rd@pg/x
      KEY: |
        -----BEGIN PRIVATE KEY-----
        c3dvcmRmaXNo
        -----END PRIVATE KEY-----
    restart: always
    labels: {db: 'amqp://u:p4ssw0rd@mq/x'}
"""
    shown = run("lint", "--fix", "--dry-run", outside=Outside(world(manifest=written)))
    assert "-    restart: always" in shown.err + shown.out and "amqp://u:********@mq/x" in shown.err + shown.out
    for word in ("p4ssw0rd", "c3dvcmRmaXNo"):
        assert word not in shown.err + shown.out


WORDS = """\
devenv: 1
name: shop
services:
  a: {image: 'mysql:8', command: mysql -pS3cretQ -e x, restart: always, WRONG: 1}
  b: {image: 'redis:8', command: [redis-cli, -a, S3cretQ, ping], restart: always, WRONG: 1}
  c: {image: 'x:1', setup: [['curl', '-u', 'bob:S3cretQ', x]], restart: always, WRONG: 1}
"""


@pytest.mark.parametrize("command", ["validate", "lint", "explain", "graph"])
def test_no_source_line_shows_what_a_program_takes_as_a_password(command):
    argv = [command, "a"] if command == "explain" else [command]
    shown = run(*argv, outside=Outside(world(manifest=WORDS)))
    assert shown.code == 3 and "S3cretQ" not in shown.out + shown.err
    assert (shown.out + shown.err).count("*******") == 3


def test_no_message_and_no_hint_quotes_a_secret():
    written = "devenv: 1\nservices:\n  a: {image: x, environment: 'DB_PASSWORD=S3cretQ', needs: ['mysql -pS3cretQ']}\n"
    for argv in (["validate"], ["validate", "--json"], ["lint", "--format", "sarif"], ["lint", "--format", "github"]):
        shown = run(*argv, outside=Outside(world(manifest=written)))
        assert shown.code == 3 and "S3cretQ" not in shown.out + shown.err
        assert "write [DB_PASSWORD=(secret)]" in shown.out + shown.err


def test_a_caret_points_at_its_place_behind_a_secret_in_the_line():
    linted = lint("restarts", manifest=WORDS.replace(", WRONG: 1", "")).out
    assert "S3cretQ" not in linted and linted.count("*******") == 3
    lines = linted.split("\n")
    found = [
        (line.index("restart: always"), lines[n + 1].index("^^^^^^^"))
        for n, line in enumerate(lines)
        if "| " in line[:7] and "always" in line
    ]
    assert len(found) == 3 and all(text == caret for text, caret in found)


def test_the_rules_can_be_listed():
    done = lint("--list")
    assert done.code == 0 and "DL201" in done.out and "unpinned-tag" in done.out
    assert "DL954  waiver-not-allowed" in done.out


def test_the_rules_are_data_too():
    rules = lint("--list", "--json").data["rules"]
    loopback = next(one for one in rules if one["code"] == "DL201")
    assert (loopback["rule"], loopback["severity"], set(loopback)) == (
        "loopback",
        "warning",
        {"code", "rule", "severity", "title"},
    )
