"""`lint`: policies from everywhere, build contexts, and fixes that are written or shown."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime

import pytest

from devenv.engine.answers import Completed
from devenv.engine.files import ProjectFolder
from devenv.engine.process import LocalProcesses
from devenv.errors import DevenvError, Report
from devenv.ops.lint import lint
from devenv.ops.lint_fix import mend
from devenv.ops.plan import plan
from devenv.ops.up import up
from tests.fakes import FakeProcesses, FakeProject, fake_world
from tests.ops.test_load import OneTemplate
from tests.ops.test_validate import NoDocker

STACK = """\
devenv: 1
name: shop
services:
  web: {image: web, restart: always, ports: ['80:80']}
  db: {use: postgres}
"""


def world(files=None, manifest=STACK, config="", shared=None, **parts):
    project = FakeProject({"devenv.yaml": manifest, **(files or {})})

    def read(path):
        if path not in (shared or {}):
            raise DevenvError.of("DE102", f"cannot read {path}")
        return shared[path]

    fields = {
        "catalog": OneTemplate(),
        "processes": NoDocker(),
        "configuration": lambda: [("/etc/devenv/config.yaml", config)] if config else [],
        "shared": read,
        "now": lambda: datetime(2026, 6, 15, tzinfo=UTC),
    }
    return fake_world(project=project, **(fields | parts))


def rules(found):
    return [f"{one.severity} {one.rule} {one.service}".strip() for one in found.verdict.findings]


def test_advice_alone():
    found = lint(world())
    assert rules(found) == ["warning unpinned-tag web", "info restarts web", "warning loopback web"]
    assert (found.stack, found.verdict.policies, found.local) == ("shop", (), {"devenv.yaml"})


def test_ports_are_where_the_persons_own_env_puts_them():
    stack = world(manifest=STACK.replace("'80:80'", "'${PORT:-80}:80'"))
    assert "warning loopback web" in rules(lint(stack))
    stack.project.variables["PORT"] = "127.0.0.1:80"
    assert "warning loopback web" not in rules(lint(stack))


def test_images_that_dockerfiles_build_on_are_held_to_the_same_rules():
    manifest = """
devenv: 1
name: shop
services:
  api: {build: ./api, image: 'ours:1'}
  web: {build: {context: ., dockerfile_inline: "FROM evil.example/node:22"}}
  tool: {build: {context: ., dockerfile_inline: "FROM ours:1"}}
"""
    dockerfile = (
        "# syntax=docker/dockerfile:1\n# FROM python\nFROM python AS built\nFROM scratch\nCOPY --from=nginx:1 /a /a\n"
    )
    policy = "policy: 1\nrules: {registries: {allow: [docker.io/], severity: error}, digests: warning}\n"
    lock = 'lock: 1\ndevenv: ">=0.1, <0.2"\nimages:\n  nginx:1: {digest: "sha256:' + "a" * 64 + '"}\n'
    files = {"api/Dockerfile": dockerfile, "devenv.policy.yaml": policy, "devenv.lock": lock}
    found = {(f.rule, f.service, f.mark.file, f.mark.line) for f in lint(world(files, manifest)).verdict.findings}
    assert found >= {
        ("unpinned-tag", "api", "api/Dockerfile", 3),
        ("digests", "api", "api/Dockerfile", 3),
        ("registries", "web", "devenv.yaml", 6),
        ("digests", "web", "devenv.yaml", 6),
    }
    assert not any(rule in ("registries", "digests", "unpinned-tag") and who == "tool" for rule, who, *_ in found)
    assert ("digests", "api", "api/Dockerfile", 5) not in found, "the lock pins it"


def test_policies_of_the_machine_of_the_catalog_and_of_the_repository():
    class WithPolicy(OneTemplate):
        def policies(self):
            return [("catalog/policy.yaml", "policy: 1\nrules: {readiness: info}\n")] * 2  # once more by an include

    found = lint(
        world(
            {"devenv.policy.yaml": "policy: 1\nname: ours\nrules: {loopback: off, restarts: error}\n"},
            config="policy: [policy.yaml, /srv/more.yaml]\n",
            shared={
                "/etc/devenv/policy.yaml": "policy: 1\nname: theirs\nrules: {loopback: error}\n",
                "/srv/more.yaml": "policy: 1\nrules: {unpinned-tag: off}\n",
            },
            catalog=WithPolicy(),
        )
    )
    assert rules(found) == ["info readiness web", "error restarts web", "error loopback web"]
    assert found.verdict.policies == (
        "/etc/devenv/policy.yaml", "/srv/more.yaml", "devenv.policy.yaml", "catalog/policy.yaml",
    )  # fmt: skip


def test_only_some_rules_by_name_or_code():
    assert rules(lint(world(), only=["restarts", "dl201"])) == ["info restarts web", "warning loopback web"]
    with pytest.raises(DevenvError) as caught:
        lint(world(), only=["restart"])
    assert (caught.value.problems[0].code, caught.value.problems[0].hint) == ("DE710", "did you mean 'restarts'?")


@pytest.mark.parametrize(
    ("name", "waiver", "expected"),
    [
        ("DL951", "rule: restarts, services: web, owner: me, until: 2026-06-14", "waiver-ended"),
        ("dl952", "rule: restarts, services: web, owner: me, until: 2026-06-16", "waiver-ends-soon"),
        ("waiver-unused", "rule: digests, services: web, owner: me, until: 2027-01-01", "waiver-unused"),
        ("DL954", "rule: loopback, services: web, owner: me, until: 2027-01-01", "waiver-not-allowed"),
    ],
)
def test_what_is_told_of_waivers_can_be_asked_for_alone(name, waiver, expected):
    own = {"devenv.policy.yaml": f"policy: 1\nwaivers: [{{{waiver}, reason: x}}]\n"}
    theirs = {"/srv/theirs.yaml": "policy: 1\nrules: {loopback: error}\n"}
    found = lint(world(own, config="policy: /srv/theirs.yaml\n", shared=theirs), only=[name])
    assert rules(found) == [f"warning {expected}"]
    with pytest.raises(DevenvError) as caught:
        lint(world(), only=["waiver-endet"])
    assert caught.value.problems[0].hint == "did you mean 'waiver-ended'?"


def test_what_is_wrong_with_manifest_and_policies_is_told_in_one_run():
    broken = world(
        {"devenv.policy.yaml": "policy: 1\nrules: {lopback: error}\n"},
        manifest="devenv: 1\nname: shop\nservices: {web: {imge: x}}\n",
        config="policy: gone.yaml\n",
    )
    with pytest.raises(DevenvError) as caught:
        lint(broken)
    assert {problem.code for problem in caught.value.problems} == {"DE203", "DE207", "DE803", "DE102"}
    assert caught.value.exit_code == 3


OWN = """\
template: 1
summary: Ours
versions: ["1"]
parameters: {lost: {type: string, default: x}}
service: {image: "x:latest", ports: {main: 80}}
"""


def test_templates_of_the_repositorys_own_catalog_are_looked_at_and_so_is_its_policy(tmp_path):
    manifest = "devenv: 1\nname: shop\ncatalogs: [{path: platform}]\nservices: {a: {use: own}}\n"
    policy = "policy: 1\nname: Platform\nrules: {unpinned-tag: error}\n"
    unused = "waivers: [{rule: digests, services: gone, owner: me, until: 2027-01-01, reason: x}]\n"
    for name, text in {
        "devenv.yaml": manifest,
        "platform/policy.yaml": policy + unused,
        "platform/own/template.yaml": OWN,
        "platform/idle/template.yaml": OWN,
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    found = lint(fake_world(project=ProjectFolder(tmp_path), now=lambda: datetime(2026, 6, 15, tzinfo=UTC)))
    assert [(one.rule, one.mark.file, one.policy) for one in found.verdict.findings] == [
        ("unused-parameter", "platform/idle/template.yaml", ""),
        ("unused-parameter", "platform/own/template.yaml", ""),
        ("unpinned-tag", "platform/own/template.yaml", "Platform"),
        ("waiver-unused", "platform/policy.yaml", "Platform"),
    ]
    assert found.local == {"platform/idle/template.yaml", "platform/own/template.yaml", "platform/policy.yaml"}
    port = found.verdict.findings[2]
    assert (port.via.file, port.via.line, port.fix) == ("devenv.yaml", 4, None)
    (tmp_path / "platform/idle/template.yaml").write_text("template: 1\n")
    with pytest.raises(DevenvError) as caught:
        lint(fake_world(project=ProjectFolder(tmp_path)))
    assert {p.code for p in caught.value.problems} == {"DE303"}


def test_a_waiver_for_another_stack_is_not_told_of_where_a_catalog_outside_has_it(tmp_path):
    unused = "waivers: [{rule: digests, services: %s, owner: me, until: 2027-01-01, reason: x}]\n"
    (tmp_path / "shop").mkdir()
    (tmp_path / "platform").mkdir()
    (tmp_path / "shop/devenv.yaml").write_text(
        "devenv: 1\nname: shop\ncatalogs: [{path: ../platform}]\nservices: {a: {image: 'x:1'}}\n"
    )
    outside = fake_world(project=ProjectFolder(tmp_path / "shop"), now=lambda: datetime(2026, 6, 15, tzinfo=UTC))
    for service, expected in (("gone", []), ("a", ["warning waiver-unused"])):
        (tmp_path / "platform/policy.yaml").write_text("policy: 1\n" + unused % service)
        assert rules(lint(outside)) == expected


def test_what_is_included_is_told_in_its_own_file_and_left_alone_by_fixes():
    included = "devenv: 1\nname: other\nservices: {api: {image: 'x:1', restart: always}}\n"
    manifest = (
        "devenv: 1\nname: shop\ninclude: [{path: other/devenv.yaml, prefix: o}]\nservices: {web: {image: 'x:1'}}\n"
    )
    stack = world({"other/devenv.yaml": included}, manifest)
    (finding,) = lint(stack).verdict.findings
    assert (finding.rule, finding.service, finding.mark.file, finding.mark.line) == (
        "restarts", "o-api", "other/devenv.yaml", 3,
    )  # fmt: skip
    assert finding.fix is None
    assert mend(stack).diff == "" and stack.project.files["other/devenv.yaml"] == included


def test_large_contexts_are_weighed_where_nothing_is_ignored():
    manifest = "devenv: 1\nname: shop\nservices: {a: {build: ./a}, b: {build: ./b}, c: {build: {context: ./a}}}\n"
    policy = "policy: 1\nrules: {large-context: {size: 1k}}\n"
    files = {"a/data": "x" * 2000, "b/data": "x" * 2000, "b/.dockerignore": "data", "devenv.policy.yaml": policy}
    assert rules(lint(world(files, manifest))) == ["error large-context a"]


def test_mending_writes_the_manifest_and_shows_no_secret():
    manifest = STACK.replace("web,", "web, environment: {PASSWORD: swordfish},")
    stack = world(manifest=manifest)
    shown = mend(stack, dry=True)
    assert not shown.written and stack.project.files["devenv.yaml"] == manifest
    assert len(shown.made) == 2 and "swordfish" not in shown.diff and "+" in shown.diff
    assert mend(stack).written
    text = stack.project.files["devenv.yaml"]
    assert text == manifest.replace(" restart: always,", "").replace("'80:80'", "'127.0.0.1:80:80'")
    assert mend(stack).diff == ""


def test_mending_only_some():
    stack = world()
    mend(stack, only=["restarts"])
    assert stack.project.files["devenv.yaml"] == STACK.replace(" restart: always,", "")


def test_what_cannot_be_mended_is_not_offered():
    manifest = """\
devenv: 1
name: shop
x-ports: &ports ['80:80']
services: {a: {image: 'x:1', ports: *ports, restart: always}}
"""
    found = lint(world(manifest=manifest)).verdict.findings
    assert [(one.rule, one.fix is not None) for one in found] == [("loopback", False), ("restarts", True)]


def test_a_fix_that_compose_refuses_does_not_keep_the_others_from_being_written():
    stack = world(processes=OnlyEverywhere())
    mended = mend(stack)
    assert mended.written and mended.made == ("remove `restart`",)
    assert stack.project.files["devenv.yaml"] == STACK.replace(" restart: always,", "")
    (problem,) = mended.problems
    assert (problem.code, problem.mark.line, problem.warning) == ("DE743", 4, True)
    assert problem.message == (
        "'publish it on 127.0.0.1 only' is left out, the manifest would not be valid: Compose: no address 127.0.0.1"
    )


def test_one_fix_too_many_among_a_hundred_is_found_without_asking_compose_of_each():
    services = "".join(f"  s{n}: {{image: 'x:1', restart: always}}\n" for n in range(100))
    stack = world(processes=OnlyEverywhere(), manifest=STACK + services)
    mended = mend(stack)
    assert len(mended.made) == 101 and len(mended.problems) == 1
    assert stack.processes.asked < 40


def test_what_is_not_valid_before_is_not_mended():
    stack = world(processes=OnlyEverywhere(), manifest=STACK + "  c: {image: 'x:1', ports: ['127.0.0.1:80:80']}\n")
    with pytest.raises(DevenvError) as caught:
        mend(stack)
    assert [problem.code for problem in caught.value.problems] == ["DE330", "DE743"]


class OnlyEverywhere(FakeProcesses):
    asked = 0

    def run(self, argv, **options):
        self.asked += "config" in argv
        refused = "127.0.0.1:80:80" in (options.get("input") or "")
        return Completed(int(refused), "", "no address 127.0.0.1" if refused else "")


UP = """\
policy: 1
name: Acme
link: https://wiki.example
enforce: up
rules: {loopback: {severity: error, reason: Cafés.}}
"""


def test_up_refuses_before_anything_is_written_or_started():
    stack = world({"devenv.policy.yaml": UP})
    with pytest.raises(DevenvError) as caught:
        up(stack, lambda event: None)
    assert caught.value.problems[0].code == "DE810"
    assert ".devenv/compose.yaml" not in stack.project.files and stack.daemon.calls == []


def test_up_and_plan_refuse_what_a_policy_refuses_and_say_why():
    with pytest.raises(DevenvError) as caught:
        plan(world({"devenv.policy.yaml": UP}))
    (problem,) = caught.value.problems
    assert (problem.code, problem.mark.line, caught.value.exit_code) == ("DE810", 4, 1)
    assert problem.hint == "Acme: Cafés. (https://wiki.example)"


def test_what_is_refused_is_told_in_the_name_of_every_policy():
    mild = {"/etc/p.yaml": "policy: 1\nname: Old\nrules: {loopback: {severity: warning, reason: Trains.}}\n"}
    with pytest.raises(DevenvError) as caught:
        plan(world({"devenv.policy.yaml": UP}, config="policy: /etc/p.yaml\n", shared=mild))
    assert caught.value.problems[0].hint == "Acme: Cafés. (https://wiki.example)\nOld: Trains."


@pytest.mark.parametrize(
    "policy",
    [
        UP.replace("enforce: up\n", ""),
        UP.replace("severity: error", "severity: warning"),
        UP + "waivers: [{rule: loopback, services: web, owner: me, until: 2026-06-15, reason: x}]\n",
    ],
    ids=["lint only", "a warning", "waived"],
)
def test_up_refuses_nothing_else(policy):
    report = Report()
    plan(world({"devenv.policy.yaml": policy}), report=report)
    assert report.problems == []


def test_a_policy_that_cannot_be_read_is_a_warning_of_up():
    report = Report()
    plan(
        world({"devenv.policy.yaml": UP + "rulez: {}\n"}, manifest=STACK.replace("80:80", "127.0.0.1:80:80")),
        report=report,
    )
    assert [(p.code, p.warning) for p in report.problems] == [("DE801", True)]


def test_files_of_variables_count_unless_git_ignores_them(tmp_path):
    manifest = (
        "devenv: 1\nname: shop\nservices:\n  a:\n    image: 'x:1'\n    env_file:\n      - ${ENV:-./new.env}\n"
        "      - kept.env\n      - mine.env\n      - {path: none.env, required: false}\n      - ../beside.env\n"
        "      - odd.env\n"
    )
    root = tmp_path / "deploy"
    root.mkdir()
    (root / "devenv.yaml").write_text(manifest)
    (root / ".gitignore").write_text("mine.env\nkept.env\n")
    (root / "odd.env").write_bytes(b"A=\xff\nDB_PASSWORD=swordfish\n")  # which Compose takes
    for name in ("new", "kept", "mine", "../beside"):
        (root / f"{name}.env").write_text(f"A=b\nDB_PASSWORD=swordfish-{name}\n")

    def found():
        stack = fake_world(project=ProjectFolder(root), catalog=OneTemplate(), processes=LocalProcesses())
        done = lint(stack, only=["plain-secret"]).verdict
        assert "swordfish" not in repr(done.findings)
        return [f"{one.mark.file}:{one.mark.line}" for one in done.findings]

    assert found() == ["kept.env:2", "mine.env:2", "new.env:2"]  # nobody says what is kept
    for argv in (["init", "-q"], ["add", "-f", "deploy/kept.env"]):
        subprocess.run(["git", *argv], cwd=tmp_path, check=True)
    assert found() == ["../beside.env:2", "kept.env:2", "new.env:2"]


def test_a_file_of_the_manifests_variables_counts_once_git_tracks_it(tmp_path):
    (tmp_path / "devenv.yaml").write_text("devenv: 1\nname: shop\nservices: {a: {image: 'x:1'}}\n")
    (tmp_path / ".env").write_text("A=b\nDB_PASSWORD=swordfish\nPASSWORD_FILE=/run/x\n")

    def found():
        stack = fake_world(project=ProjectFolder(tmp_path), catalog=OneTemplate(), processes=LocalProcesses())
        return [(one.mark[:3], one.service, one.hint) for one in lint(stack, only=["plain-secret"]).verdict.findings]

    assert found() == []
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    assert found() == []  # nobody has it but this machine
    subprocess.run(["git", "add", ".env"], cwd=tmp_path, check=True)
    ((mark, service, hint),) = found()
    assert (mark, service) == ((".env", 2, 13), "") and "git rm --cached" in hint
