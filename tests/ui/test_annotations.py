"""Findings for a CI: GitHub's commands escape what they must, and the SARIF log is the one that is expected."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from devenv import __version__
from devenv.errors import ExitCode, Mark, Problem
from devenv.model.lint import Finding, Severity, Verdict, Waived, Waiver
from devenv.ui.annotations import as_github, as_sarif, problems_as_github, problems_as_sarif

GOLDEN = Path(__file__).parent / "lint.sarif"
RULES = {
    "DL201": ("loopback", "A port is published on all interfaces", "Everybody can reach it."),
    "DL401": ("privileged", "A container is privileged", "It has the whole machine."),
    "DL703": ("unused-parameter", "A parameter is used nowhere", "Nothing happens."),
    "DL306": ("restarts", "A service starts again by itself", "Nobody sees why."),
}
PORT = Finding(
    code="DL201",
    rule="loopback",
    severity=Severity.ERROR,
    message="everybody can reach 100% of it:\nyes, all",
    mark=Mark("devenv.yaml", 9, 7, 6),
    path="services.db.ports[0]",
    service="db",
    hint="put `127.0.0.1:` before it",
    policy="Acme",
    reason="Cafés, trains.",
    link="https://wiki.example/ports",
)
TEMPLATE = Finding(
    code="DL703",
    rule="unused-parameter",
    severity=Severity.WARNING,
    message="used nowhere",
    mark=Mark("valkey/template.yaml", 3, 1, 2),
    path="parameters.x",
    via=Mark("devenv.yaml", 4, 3, 5),
)
ADVICE = Finding(code="DL306", rule="restarts", severity=Severity.INFO, message="starts again", path="services.a b")
SPARED = Waived(
    Finding(
        code="DL401",
        rule="privileged",
        severity=Severity.ERROR,
        message="privileged",
        mark=Mark("my stack/devenv.yaml", 2, 1),
        path="services.a",
    ),
    Waiver("privileged", "core", date(2026, 6, 30), "Goes away.", ("a",)),
    "Acme",
)
VERDICT = Verdict((PORT, TEMPLATE, ADVICE), (SPARED,), ("policy.yaml",))
LOCAL = {"devenv.yaml", "my stack/devenv.yaml"}


def test_githubs_commands_escape_what_would_end_them_and_begin_at_the_repositorys_top() -> None:
    assert as_github(VERDICT, "deploy", LOCAL).split("\n") == [
        "::error file=deploy/devenv.yaml,line=9,col=7,endColumn=13,title=DL201 loopback::everybody can reach 100%25 of "
        "it:%0Ayes, all%0Ahint: put `127.0.0.1:` before it%0Apolicy: Acme: Cafés, trains. (https://wiki.example/ports)",
        "::warning file=deploy/devenv.yaml,line=4,col=3,endColumn=8,title=DL703 unused-parameter::used nowhere%0A"
        "place: valkey/template.yaml:3:1: parameters.x",
        "::notice title=DL306 restarts::starts again",
    ]
    odd = Problem("DE203", "odd", Mark("a,b:c%\r.yaml", 1, 1), hint="x")
    assert problems_as_github([odd], "", {"a,b:c%\r.yaml"}) == (
        "::error file=a%2Cb%3Ac%25%0D.yaml,line=1,col=1,endColumn=2,title=DE203::odd%0Ahint: x"
    )
    assert as_github(Verdict(), "", LOCAL) == ""


def test_words_cannot_look_other_than_they_are() -> None:
    evil = Finding(code="DL103", rule="unpinned-tag", severity=Severity.INFO, message="x\u202eevil\x1b[2J\r", path="a")
    assert as_github(Verdict((evil,)), "", ()) == "::notice title=DL103 unpinned-tag::x\\u202eevil\\x1b[2J\\x0d"
    said = json.loads(as_sarif(Verdict((evil,)), "devenv.yaml", "", (), {"DL103": ("unpinned-tag", "t", "w")}))
    assert said["runs"][0]["results"][0]["message"] == {"text": "x\\u202eevil\\x1b[2J\\x0d"}
    problem = Problem("DE203", "a\u2067b", None)
    assert problems_as_github([problem], "", ()) == "::error title=DE203::a\\u2067b"


def test_the_sarif_log() -> None:
    expected = GOLDEN.read_text("utf-8").replace("VERSION", __version__)
    assert as_sarif(VERDICT, "devenv.yaml", "deploy", LOCAL, RULES) + "\n" == expected


def test_the_sarif_log_says_where_and_what_was_waived() -> None:
    (run,) = json.loads(as_sarif(VERDICT, "devenv.yaml", "", LOCAL, RULES))["runs"]
    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    for result in run["results"]:
        assert ids[result["ruleIndex"]] == result["ruleId"]
    assert [result["level"] for result in run["results"]] == ["error", "warning", "note", "error"]
    assert [bool(result.get("suppressions")) for result in run["results"]] == [False, False, False, True]
    spared = run["results"][3]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert spared == {"uri": "my%20stack/devenv.yaml", "uriBaseId": "%SRCROOT%"}


def test_a_policy_of_the_machine_has_an_address_of_its_own() -> None:
    ended = Finding("DL951", "waiver-ended", Severity.WARNING, "over", Mark("/etc/devenv/policy.yaml", 3, 1))
    there = {"/etc/devenv/policy.yaml"}
    log = json.loads(as_sarif(Verdict((ended,)), "devenv.yaml", "deploy", there, {"DL951": ("waiver-ended", "x", "y")}))
    (result,) = log["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert (place, result["message"]["text"]) == ({"uri": "file:///etc/devenv/policy.yaml"}, "over")
    said = "::warning title=DL951 waiver-ended::over%0Aplace: /etc/devenv/policy.yaml:3:1"
    assert as_github(Verdict((ended,)), "deploy", there) == said


def test_what_is_in_no_file_of_the_repository_is_at_the_top_of_the_manifest_for_code_scanning() -> None:
    for file in ("https://git.example/p/policy.yaml", "/srv/git/p.git at v1/policy.yaml"):
        _is_at_the_top_of_the_manifest(file)


def _is_at_the_top_of_the_manifest(file: str) -> None:
    theirs = Finding("DL953", "waiver-unused", Severity.WARNING, "unused", Mark(file, 3, 1))
    place = f"%0Aplace: {file}:3:1"
    assert as_github(Verdict((theirs,)), "deploy", ()) == f"::warning title=DL953 waiver-unused::unused{place}"
    log = json.loads(as_sarif(Verdict((theirs,)), "devenv.yaml", "deploy", (), {"DL953": ("waiver-unused", "x", "y")}))
    (place,) = log["runs"][0]["results"][0]["locations"]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "deploy/devenv.yaml"
    assert place["physicalLocation"]["region"]["startLine"] == 1


def test_what_keeps_a_stack_from_being_looked_at_is_a_result_of_a_run_that_failed() -> None:
    here = Problem("DE203", "unknown\u202e", Mark("devenv.yaml", 3, 5, 2), "services.a", hint="look", warning=True)
    elsewhere = Problem("DE102", "unread", Mark("far/template.yaml", 9, 9))
    problems = (here, elsewhere, Problem("DE102", "nowhere"))
    (run,) = json.loads(problems_as_sarif(problems, ExitCode.INVALID, "devenv.yaml", "deploy", LOCAL))["runs"]
    assert run["invocations"] == [{"executionSuccessful": False, "exitCode": 3}]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["DE102", "DE203"]
    told = [
        (
            one["ruleId"],
            one["ruleIndex"],
            one["level"],
            one["message"]["text"],
            *one["locations"][0]["physicalLocation"]["region"].values(),
        )
        for one in run["results"]
    ]
    assert told == [
        ("DE203", 1, "warning", "unknown\\u202e\nhint: look", 3, 5, 7),
        ("DE102", 0, "error", "unread\nplace: far/template.yaml:9:9", 1, 1, 2),
        ("DE102", 0, "error", "nowhere", 1, 1, 2),
    ]
    uris = {one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in run["results"]}
    assert uris == {"deploy/devenv.yaml"}
    assert problems_as_github((elsewhere,), "deploy", LOCAL) == (
        "::error title=DE102::unread%0Aplace: far/template.yaml:9:9"
    )
