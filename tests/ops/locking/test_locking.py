"""The lock of a small stack: made, checked, renewed; with a fake engine, fake remotes and real template folders."""

from __future__ import annotations

import pytest

from devenv.core.compose.interpolate import interpolate
from devenv.core.lock.tags import newest_like, newest_version
from devenv.engine.answers import Completed, Distribution, RemoteTree
from devenv.engine.catalog import FolderCatalog
from devenv.engine.dotenv import parse
from devenv.engine.git import IN_A_CHECKOUT
from devenv.errors import DevenvError, Mark, Report
from devenv.model.observed import Image
from devenv.ops.bringup.settings import derived
from devenv.ops.generate import generate
from devenv.ops.load import load_stack
from devenv.ops.locking.lock import check, lock
from devenv.ops.locking.outdated import outdated
from devenv.ops.locking.upgrade import upgrade, write
from devenv.ops.validate import validate
from devenv.records import replace
from tests.fakes import FakeDaemon, FakeGit, FakeProcesses, FakeProject, fake_world

GIT = " ".join(IN_A_CHECKOUT)

A, B, C = (f"sha256:{digit * 64}" for digit in "abc")
URL = "https://host/team.git"
ONE, TWO = "1" * 40, "2" * 40
TEMPLATE = """\
template: 1
summary: Our store
versions: ["1", "2"]
service: { image: "store:${version}", ports: { main: 70 } }
"""
DOCKERFILE = """\
# syntax=docker/dockerfile:1
FROM base:3 AS built
FROM built
COPY --from=devenv/debian:1 /x /x
COPY --from=own:1 /x /x
"""
MANIFEST = f"""\
devenv: 1
name: shop
catalogs:
  - {{ git: {URL}, ref: main }}
services:
  db: {{ use: store@1 }}
  web: {{ image: nginx:1, needs: [db] }}
  own: {{ build: ., image: own:1 }}
  fixed: {{ image: "redis@{C}" }}
  named: {{ image: "${{REGISTRY}}/x:1" }}
  local: {{ image: made-here, pull_policy: never }}
"""


@pytest.fixture
def world(tmp_path):
    def tree(name, text):
        (tmp_path / name / "store").mkdir(parents=True)
        (tmp_path / name / "store" / "template.yaml").write_text(text)
        return RemoteTree(tmp_path / name, A if name == "one" else B)

    (tmp_path / "built-in").mkdir()
    more = TEMPLATE.replace("ports:", "environment: { SIZE: big }, ports:").replace('"2"]', '"3", "2"]')
    trees = {(URL, ONE, ""): tree("one", TEMPLATE), (URL, TWO, ""): tree("two", more)}
    daemon = FakeDaemon()
    daemon.images = set()
    daemon.registry = {
        "store:1": Distribution(A, ("linux/amd64", "linux/arm64"), {"linux/amd64": B, "linux/arm64": C}),
        "store:2": Distribution(C),
        "nginx:1": Distribution(B, ("linux/amd64",)),
        "base:3": Distribution(C),
    }
    return fake_world(
        daemon,
        project=FakeProject({"devenv.yaml": MANIFEST, "Dockerfile": DOCKERFILE}),
        git=FakeGit({(URL, "main"): ONE}, trees),
        catalog=FolderCatalog(tmp_path / "built-in"),
        agree=lambda question: True,
    )


def locked(world):
    return world.project.files["devenv.lock"]


def told(problems):
    return sorted((p.code, p.message) for p in problems)


def test_what_a_variable_names_is_not_pinned_and_that_is_said(world):
    for ask in (lock, check):
        report = Report()
        ask(world, report)
        assert [(w.code, w.path) for w in report.warnings] == [("DE782", "services.named.image")]


VARIABLE = f"""\
devenv: 1
name: shop
services:
  app: {{ image: "${{REG:-r.io}}/app:${{TAG:-1.2}}", setup: [migrate] }}
  own: {{ image: "app:${{TAG:-1@{C}}}" }}
"""


def test_what_a_variable_names_is_pinned_for_whoever_does_not_set_it(world):
    project, registry = world.project, world.daemon.registry
    project.files["devenv.yaml"] = VARIABLE
    registry["r.io/app:1.2"] = Distribution(A)
    report = Report()
    assert list(lock(world, report).lock.images) == ["r.io/app:1.2"] and not report.warnings
    stack = load_stack(world, Report(), paths=False).stack
    for name in ("app", "app-setup"):
        image = stack.services[name].compose["image"]
        assert interpolate(image, {}) == f"r.io/app:1.2@{A}"
        assert interpolate(image, {"TAG": "2"}) == "r.io/app:2" and interpolate(image, {"REG": "x"}) == "x/app:1.2"
    registry["r.io/app:1.2"] = Distribution(B)
    done = upgrade(world, ["app"], Report())
    assert [(c.name, c.after) for c in done.changes] == [("r.io/app:1.2", B)]
    assert [(s.service, [c.key for c in s.changes]) for s in done.services] == [
        ("app-setup", ["image"]),
        ("app", ["image"]),
    ]


def test_a_value_of_ones_own_is_not_pinned_and_that_is_said(world):
    world.project.files["devenv.yaml"] = VARIABLE
    world.daemon.registry["r.io/app:1.2"] = Distribution(A)
    lock(world, Report())
    for value, told in (("1.2", ["app:1.2"]), ("2", ["r.io/app:2", "app:2"]), (f"2@{C}", []), ("", [])):
        world.project.variables["TAG"] = value
        report = Report()
        assert check(world, report) == []
        assert [w.message.split("'")[3] for w in report.warnings] == told


def kept_by_git(world, text, *, kept=True):
    project = world.project
    project.files[".env"] = text
    project.variables = parse(text)
    asked = f"{GIT} --literal-pathspecs ls-files --error-unmatch -- .env"
    processes = FakeProcesses({asked: Completed(0 if kept else 1, "", "")})
    return replace(world, processes=processes)


COMMON = """\
devenv: 1
name: shop
services:
  app: { image: "r.io/app:${TAG:-1.2}", setup: [migrate] }
  bare: { image: "r.io/app:$TAG" }
"""


def images(world):
    stack = load_stack(world, Report(), paths=False).stack
    values = {}
    derived(world, stack, "", values)
    return {s.name: interpolate(s.compose["image"], values | world.project.variables) for s in stack.services.values()}


def test_what_an_env_file_says_that_git_keeps_is_pinned_while_it_says_so(world):
    project, registry = world.project, world.daemon.registry
    project.files["devenv.yaml"] = COMMON
    registry |= {"r.io/app:1.2": Distribution(A), "r.io/app:1.3": Distribution(B), "r.io/app:1.4": Distribution(C)}
    world = kept_by_git(world, "TAG=1.3\n")
    report = Report()
    assert list(lock(world, report).lock.images) == ["r.io/app:1.2", "r.io/app:1.3"] and not report.warnings
    assert check(world, Report()) == []
    assert images(world) == dict.fromkeys(["app-setup", "app", "bare"], f"r.io/app:1.3@{B}")
    project.variables = {}
    assert images(world)["app"] == f"r.io/app:1.2@{A}"
    project.variables = {"TAG": "1.4"}
    assert images(world)["app"] == "r.io/app:1.4", "another image has not those bytes"
    world = kept_by_git(world, "TAG=1.4\n")
    assert told(check(world, Report())) == [
        ("DE782", "r.io/app:1.3 is not used any more"),
        ("DE782", "r.io/app:1.4 is not pinned"),
    ]


def test_an_env_file_that_git_does_not_keep_is_not_frozen_into_the_lock(world):
    world.project.files["devenv.yaml"] = COMMON
    world.daemon.registry |= {"r.io/app:1.2": Distribution(A), "r.io/app:1.3": Distribution(B)}
    world = kept_by_git(world, "TAG=1.3\n", kept=False)
    report = Report()
    assert list(lock(world, report).lock.images) == ["r.io/app:1.2"]
    assert [w.path for w in report.warnings] == ["services.app.image", "services.bare.image"]
    assert set(images(world).values()) == {"r.io/app:1.3"}


def test_what_is_to_be_done_after_an_edit_of_a_common_env_file_is_said(world):
    world.project.files["devenv.yaml"] = COMMON
    world.daemon.registry |= {"r.io/app:1.2": Distribution(A), "r.io/app:1.3": Distribution(B)}
    world = kept_by_git(world, "TAG=1.3\n")
    lock(world, Report())
    generate(world)
    assert not generate(world, check=True).changed
    settings = world.project.settings()
    world = kept_by_git(world, "TAG=1.4\n")
    world.project.variables = settings | world.project.variables
    report = Report()
    done = generate(world, check=True, report=report)
    assert (done.changed, done.path) == (True, ".devenv/.env")
    assert [(w.code, w.message) for w in report.warnings] == [("DE782", "r.io/app:1.4 is not pinned")]
    kept = ("DE786", ".devenv/.env still names r.io/app:1.3, while variables say another image now")
    assert {(w.code, w.message) for w in validate(world).problems} == {kept, ("DE782", "r.io/app:1.4 is not pinned")}
    report = Report()
    assert [problem.code for problem in check(world, report)] == ["DE782", "DE782"]
    assert (report.warnings[0].code, report.warnings[0].message) == kept
    assert ".devenv/.env" in generate(world).written
    assert not [one for one in validate(world).problems if one.code == "DE786"]


@pytest.mark.parametrize(("kept", "pinned"), [(True, "r.io/app:1.3"), (False, "r.io/app:1.2")])
def test_the_env_file_of_an_included_file_counts_where_git_keeps_it(world, kept, pinned):
    world.project.files |= {
        "devenv.yaml": "devenv: 1\nname: shop\ninclude: [part/compose.yaml]\nservices: {}\n",
        "part/compose.yaml": 'services:\n  app: { image: "r.io/app:${TAG:-1.2}" }\n',
        "part/.env": "TAG=1.3\n",
    }
    world.daemon.registry |= {"r.io/app:1.2": Distribution(A), "r.io/app:1.3": Distribution(B)}
    asked = f"{GIT} --literal-pathspecs ls-files --error-unmatch -- .env"
    world = replace(world, processes=FakeProcesses({asked: Completed(0 if kept else 1, "", "")}))
    report = Report()
    assert list(lock(world, report).lock.images) == [pinned]
    assert [w.path for w in report.warnings] == ([] if kept else ["services.app.image"])
    assert images(world) == {"app": f"r.io/app:1.3@{B}" if kept else "r.io/app:1.3"}


def test_of_several_env_files_of_an_included_file_those_count_that_git_keeps(world):
    entry = "{ path: part/compose.yaml, env_file: [all.env, own.env] }"
    world.project.files |= {
        "devenv.yaml": f"devenv: 1\nname: shop\ninclude: [{entry}]\nservices: {{}}\n",
        "part/compose.yaml": 'services:\n  app: { image: "${HOST:-r.io}/app:${TAG:-1.2}" }\n',
        "all.env": "TAG=1.3\n",
        "own.env": "HOST=my.io\nTAG=1.4\n",
    }
    world.daemon.registry |= {"r.io/app:1.2": Distribution(A), "r.io/app:1.3": Distribution(B)}
    asked = f"{GIT} --literal-pathspecs ls-files --error-unmatch -- "
    git = {f"{asked}all.env": Completed(0, "", ""), f"{asked}own.env": Completed(1, "", "")}
    world = replace(world, processes=FakeProcesses(git))
    report = Report()
    assert list(lock(world, report).lock.images) == ["r.io/app:1.3"]
    (told,) = report.warnings
    assert told.message.startswith("'${HOST:-r.io}/app:${TAG:-1.2}' is 'my.io/app:1.4' here and not pinned")
    assert images(world) == {"app": "my.io/app:1.4"}


def test_a_private_env_file_that_decides_an_image_of_another_repository_is_told_of(world, tmp_path):
    (tmp_path / "remote").mkdir()
    (tmp_path / "remote/compose.yaml").write_text('services:\n  app: { image: "r.io/app:${TAG:-1.2}" }\n')
    world.project.files |= {
        "devenv.yaml": f"devenv: 1\nname: shop\ninclude: [{{ git: {URL}, ref: main, env_file: own.env }}]\n",
        "own.env": "TAG=1.4\n",
    }
    world.git.trees[URL, ONE, ""] = RemoteTree(tmp_path / "remote", A)
    world.daemon.registry |= {"r.io/app:1.2": Distribution(A)}
    asked = f"{GIT} --literal-pathspecs ls-files --error-unmatch -- own.env"
    world = replace(world, processes=FakeProcesses({asked: Completed(1, "", "")}))
    report = Report()
    assert list(lock(world, report).lock.images) == ["r.io/app:1.2"]
    (told,) = report.warnings
    assert told.message.startswith("'r.io/app:${TAG:-1.2}' is 'r.io/app:1.4' here and not pinned")


def test_an_upgrade_renews_what_a_common_env_file_names_and_shows_it(world):
    world.project.files["devenv.yaml"] = COMMON
    world.daemon.registry |= {"r.io/app:1.2": Distribution(A), "r.io/app:1.3": Distribution(B)}
    world = kept_by_git(world, "TAG=1.3\n")
    lock(world, Report())
    world.daemon.registry["r.io/app:1.3"] = Distribution(C)
    done = upgrade(world, ["bare"], Report())
    assert [(c.name, c.before, c.after) for c in done.changes] == [("r.io/app:1.3", B, C)]
    assert [s.service for s in done.services] == ["app-setup", "app", "bare"]


def test_a_lock_with_a_conflict_in_it_is_not_taken_for_an_empty_one(world):
    lock(world, Report())
    world.project.files["devenv.lock"] += "<<<<<<< HEAD\n"
    for renew in (lambda: outdated(world, Report()), lambda: upgrade(world, [], Report())):
        with pytest.raises(DevenvError) as raised:
            renew()
        (problem,) = raised.value.problems
        line = world.project.files["devenv.lock"].count("\n")
        assert (problem.code, problem.mark) == ("DE105", Mark("devenv.lock", line, 1))
        assert "`devenv lock`" in problem.hint


def test_without_a_lock_names_stay_as_they_are(world):
    loaded = load_stack(replace(world, git=world.git), Report(), paths=False)
    assert "nginx:1}" in loaded.text and "@sha256:" not in loaded.text.replace(C, "")


def test_everything_that_can_move_is_pinned_and_nothing_else(world):
    done = lock(world, Report())
    assert not done.problems and done.written
    assert list(done.lock.images) == ["store:1", "nginx:1", "base:3"]
    assert done.lock.images["store:1"].platforms == {"linux/amd64": B, "linux/arm64": C}
    assert done.lock.images["nginx:1"].platforms == {"linux/amd64": B}, "one platform, and no index"
    assert [(pin.commit, pin.content) for pin in done.lock.catalogs] == [(ONE, A)]
    assert done.lock.templates["store"].catalog == f"{URL} at main"
    assert done.lock.devenv.startswith(">=") and done.lock.trusted == (URL,)
    assert check(world, Report()) == []


def test_a_second_lock_asks_nobody_and_writes_nothing(world):
    lock(world, Report())
    before = locked(world)
    world.daemon.registry.clear()
    world.git.refs.clear()
    done = lock(replace(world, agree=lambda question: False), Report())
    assert not done.changes and not done.written and not done.problems and locked(world) == before


def test_what_is_generated_names_digests_and_needs_no_network(world):
    lock(world, Report())
    world.daemon.registry.clear()
    world.git.refs.clear()
    text = load_stack(world, Report(), paths=False).text
    assert f"${{DEVENV_IMAGE_DB:-store:1@{A}}}" in text
    assert f"${{DEVENV_IMAGE_WEB:-nginx:1@{B}}}" in text
    assert f"redis@{C}}}" in text and "image: own:1\n" in text and ":-${REGISTRY}/x:1}\n" in text


def test_a_registry_that_is_silent_leaves_the_rest_pinned(world):
    del world.daemon.registry["nginx:1"]
    done = lock(world, Report())
    assert [p.code for p in done.problems] == ["DE502"]
    assert list(done.lock.images) == ["store:1", "base:3"] and done.written
    assert told(check(world, Report())) == [("DE782", "nginx:1 is not pinned")]


def test_an_image_that_was_pulled_before_is_what_the_engine_says(world, monkeypatch):
    world.daemon.registry.clear()
    pulled = {"nginx:1": Image("sha256:1", (), "amd64", 1, ("other/nginx@" + C, "nginx@" + A)), "store:1": None}
    monkeypatch.setattr(world.daemon, "image", pulled.get)
    done = lock(world, Report())
    assert {name: image.digest for name, image in done.lock.images.items()} == {"nginx:1": A}
    (problem,) = done.problems
    assert "store:1, base:3" in problem.message


def test_check_names_each_thing_and_changes_nothing(world):
    assert told(check(world, Report())) == [("DE782", "there is no devenv.lock")]
    lock(world, Report())
    before = locked(world)
    world.project.files["devenv.yaml"] = MANIFEST.replace("nginx:1", "nginx:2")
    assert told(check(world, Report())) == [
        ("DE782", "nginx:1 is not used any more"),
        ("DE782", "nginx:2 is not pinned"),
    ]
    world.project.files["devenv.yaml"] = MANIFEST.replace("ref: main", "ref: next")
    world.git.asked.clear()
    assert told(check(world, Report())) == [("DE782", f"{URL} at next is not in devenv.lock")]
    assert locked(world) == before and not world.git.asked


def test_what_is_not_used_any_more_leaves_the_lock(world):
    lock(world, Report())
    world.project.files["devenv.yaml"] = "devenv: 1\nname: shop\nservices: {web: {image: nginx:1}}\n"
    done = lock(world, Report())
    assert {(c.kind, c.after) for c in done.changes} == {("catalog", None), ("template", None), ("image", None)}
    assert not done.lock.trusted


def test_a_lock_for_another_release_is_refused_and_can_be_renewed(world):
    lock(world, Report())
    world.project.files["devenv.lock"] = locked(world).replace(">=0.", ">=90.").replace("<0.", "<91.")
    with pytest.raises(DevenvError) as raised:
        load_stack(world, Report(), paths=False)
    assert [p.code for p in raised.value.problems] == ["DE783"]
    assert [p.code for p in check(world, Report())] == ["DE783"]
    write(world, upgrade(world, ["devenv"], Report()))
    assert check(world, Report()) == []


def move(world):
    world.git.refs[URL, "main"] = TWO
    world.daemon.registry["nginx:1"] = Distribution(C, ("linux/amd64",))


def test_what_moved_is_outdated_and_a_newer_version_is_named(world):
    lock(world, Report())
    assert not outdated(world, Report()).changes
    move(world)
    before = locked(world)
    found = outdated(world, Report())
    assert [(c.kind, c.name) for c in found.changes] == [
        ("catalog", f"{URL} at main"),
        ("template", "store"),
        ("image", "nginx:1"),
    ]
    assert [(v.name, v.before, v.after) for v in found.versions] == [("services.db.use", "store@1", "3")]
    assert locked(world) == before


def test_a_newer_tag_of_a_repository_is_named(world):
    files = world.project.files
    files["devenv.yaml"] = files["devenv.yaml"].replace("ref: main", "ref: v1.9")
    world.git.refs |= dict.fromkeys(((URL, "v1.9"), (URL, "v1.10"), (URL, "v2-rc1")), ONE)
    lock(world, Report())
    found = outdated(world, Report())
    assert ("version", f"{URL} at v1.9", "v1.9", "v1.10") in [
        (v.kind, v.name, v.before, v.after) for v in found.versions
    ]
    assert not found.changes


def test_what_an_included_file_would_have_to_name_is_told_with_that_file(world):
    world.git.refs |= dict.fromkeys(((URL, "v1"), (URL, "v2")), ONE)
    world.daemon.registry["x:1"] = Distribution(A)
    files = world.project.files
    files["other/devenv.yaml"] = f"""\
devenv: 1
catalogs: [{{git: {URL}, ref: v1}}]
services:
  theirs: {{use: store@1}}
  x: {{image: "x:1"}}
"""
    files["devenv.yaml"] = MANIFEST.replace("name: shop\n", "name: shop\ninclude: [{path: other}]\n")
    lock(world, Report())
    found = outdated(world, Report())
    assert [(v.name, v.after, v.file) for v in found.versions] == [
        ("services.db.use", "2", None),
        ("services.theirs.use", "2", "other/devenv.yaml"),
        (f"{URL} at v1", "v2", "other/devenv.yaml"),
    ]


def test_a_part_of_a_server_is_as_new_as_that(world, tmp_path):
    (tmp_path / "one" / "store" / "template.yaml").write_text(TEMPLATE + "share: {service: {command: [part]}}\n")
    files = world.project.files
    files["other/devenv.yaml"] = "devenv: 1\nservices: {db: {use: store}}\n"
    included = "name: shop\ninclude: [{path: other, prefix: other, share: {db: db}}]\n"
    files["devenv.yaml"] = MANIFEST.replace("name: shop\n", included)
    lock(world, Report())
    assert [v.name for v in outdated(world, Report()).versions] == ["services.db.use"]


@pytest.mark.parametrize(
    ("ref", "newest"),
    [
        ("v1.2", "v2"),
        ("v1", "v2"),
        ("v2", None),
        ("release-9", "release-10"),
        ("main", None),
        ("v7", None),
        ("2024.1", None),
    ],
)
def test_the_newest_tag_that_is_written_alike(ref, newest):
    tags = ["v1", "v1.2", "v1.10", "v2", "v3-beta", "release-9", "release-10", "2024.1", "nightly"]
    assert newest_like(ref, tags) == newest


@pytest.mark.parametrize(
    ("version", "versions", "newest"),
    [
        ("18", ["17", "18", "16"], None),
        ("15", ["17", "18", "16", "15"], "18"),
        ("7.2", ["8", "9", "7.2"], "9"),
        ("4", ["4", "4.1", "4.0", "3.13"], None),
        ("4.0", ["4", "4.1", "4.0", "3.13"], "4.1"),
        ("1", ["1", "1.6", "2-alpine"], None),
        ("2.124.0-pb2.112.0", ["2.142.0-pb2.120.0", "2.124.0-pb2.112.0"], "2.142.0-pb2.120.0"),
        ("R.2025-04-22T22-12-26Z", ["R.2025-09-07T16-13-09Z", "R.2025-04-22T22-12-26Z"], "R.2025-09-07T16-13-09Z"),
        ("edge", ["edge", "stable"], None),
    ],
)
def test_the_newest_version_of_a_template_wherever_it_stands(version, versions, newest):
    assert newest_version(version, versions) == newest


def test_a_service_with_the_newest_version_is_not_outdated(world):
    files = world.project.files
    files["devenv.yaml"] = MANIFEST.replace("store@1", "store@2")
    lock(world, Report())
    assert not outdated(world, Report()).versions
    move(world)
    assert [(v.before, v.after) for v in outdated(world, Report()).versions] == [("store@2", "3")]


def test_an_upgrade_shows_templates_and_services_before_it_writes(world):
    lock(world, Report())
    move(world)
    before = locked(world)
    done = upgrade(world, [], Report())
    assert locked(world) == before
    (diff,) = done.diffs
    assert diff.file == "store/template.yaml" and any(line.startswith("+") and "SIZE" in line for line in diff.lines)
    assert {s.service: [c.key for c in s.changes] for s in done.services} == {
        "db": ["environment.SIZE"],
        "web": ["image"],
    }
    assert write(world, done) and not write(world, done)
    assert check(world, Report()) == []
    assert f"nginx:1@{C}" in load_stack(world, Report(), paths=False).text


def test_an_upgrade_names_the_services_that_are_built_on_an_image_that_moved(world):
    lock(world, Report())
    world.daemon.registry["base:3"] = Distribution(A)
    done = upgrade(world, [], Report())
    (own,) = done.services
    assert (own.service, [(c.key, c.old, c.new) for c in own.changes]) == ("own", [("FROM base:3", C, A)])


@pytest.mark.parametrize(
    ("name", "kinds"),
    [("web", {"image"}), ("team", {"catalog", "template"}), ("store", {"catalog", "template"}), ("nginx:1", {"image"})],
)
def test_an_upgrade_of_one_thing_leaves_the_others(world, name, kinds):
    lock(world, Report())
    move(world)
    lines = locked(world).splitlines(keepends=True)
    at = lines.index("  base:3:\n")  # what is not pinned yet is nothing that an upgrade of something else asks for
    world.project.files["devenv.lock"] = "".join(lines[:at] + lines[at + 2 :])
    del world.daemon.registry["base:3"]
    done = upgrade(world, [name], Report())
    assert {change.kind for change in done.changes} == kinds and not done.problems
    assert done.drawn == ((f"{URL} at main",) if name == "store" else ())


def test_a_manifest_may_ask_for_what_only_an_upgrade_brings(world):
    lock(world, Report())
    move(world)
    files = world.project.files
    files["devenv.yaml"] = MANIFEST.replace("store@1", "store@3")
    world.daemon.registry["store:3"] = Distribution(A)
    with pytest.raises(DevenvError) as raised:
        load_stack(world, Report(), paths=False)
    told = raised.value.problems
    report = Report()
    done = upgrade(world, ["team"], report)
    *warnings, outcome = report.warnings
    assert [(w.code, w.mark) for w in warnings] == [(p.code, p.mark) for p in told] and not report.errors
    assert (outcome.code, outcome.message) == ("DE782", "the manifest does not fit devenv.lock as it is")
    assert {(c.kind, c.name) for c in done.changes} == {
        ("catalog", f"{URL} at main"),
        ("template", "store"),
        ("image", "store:1"),
        ("image", "store:3"),
    }
    assert done.services is None
    write(world, done)
    assert check(world, Report()) == []


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [("lock: 1", "lock: 2", "DE780"), (A, C, "DE781")],
)
def test_an_upgrade_mends_no_other_mistake(world, before, after, code):
    lock(world, Report())
    move(world)
    for name in ("devenv.yaml", "devenv.lock"):
        world.project.files[name] = world.project.files[name].replace(before, after)
    with pytest.raises(DevenvError) as raised:
        upgrade(world, [], Report())
    assert raised.value.problems[0].code == code


def test_what_moved_is_shown_where_the_manifest_fits_neither_the_old_nor_the_new(world):
    lock(world, Report())
    files = world.project.files
    files["devenv.yaml"] = MANIFEST.replace("store@1", "store@9")
    with pytest.raises(DevenvError, match="no version '9'"):  # nothing moved: that alone is wrong
        upgrade(world, [], Report())
    move(world)
    report = Report()
    done = upgrade(world, [], report)
    assert ("catalog", ONE, TWO) in {(c.kind, c.before, c.after) for c in done.changes}
    assert [p.code for p in done.refused] == ["DE302", "DE785"]
    assert [(p.code, p.warning) for p in report.problems] == [("DE782", True)]  # and DE302 is not told twice
    found = outdated(world, report := Report())
    assert found.changes == done.changes and [p.code for p in report.warnings] == ["DE782"]
    assert [(p.code, p.warning) for p in found.refused] == [("DE302", True), ("DE785", True)]


def test_only_what_was_agreed_to_after_it_was_shown_is_written(world):
    lock(world, Report())
    world.git.refs[URL, "v2"] = TWO
    files = world.project.files
    files["devenv.yaml"] = MANIFEST.replace("ref: main", "ref: v2")
    before = files["devenv.lock"]
    outdated(world, Report())
    done = upgrade(world, [], Report())
    assert files["devenv.lock"] == before
    assert ("catalog", f"{URL} at v2", None, TWO) in {(c.kind, c.name, c.before, c.after) for c in done.changes}
    write(world, done)
    assert check(world, Report()) == []


def test_what_cannot_be_asked_stays_pinned(world):
    lock(world, Report())
    move(world)
    world.daemon.registry.clear()
    del world.git.refs[URL, "main"]
    done = upgrade(world, [], Report())
    assert not done.changes and {p.code for p in done.problems} == {"DE502", "DE771"}
    (gone,) = (p.hint for p in done.problems if p.code == "DE771")
    assert gone == f"'main' is gone, and {ONE[:12]} stays pinned; name another ref where the manifest says this"


def test_a_repository_that_cannot_be_read_is_told_of_once(world):
    world.git.refs |= dict.fromkeys(((URL, "v1"), (URL, "v2")), ONE)
    catalogs = f"  - {{ git: {URL}, ref: v1 }}\n  - {{ git: {URL}, ref: v2 }}\n"
    world.project.files["devenv.yaml"] = MANIFEST.replace("catalogs:\n", "catalogs:\n" + catalogs)
    lock(world, Report())
    world.git.refs |= dict.fromkeys(world.git.refs, "9" * 40)  # what nobody can read
    assert [problem.code for problem in upgrade(world, [], Report()).problems] == ["DE770"]
    assert [problem.code for problem in outdated(world, Report()).problems] == ["DE770"]


def test_there_is_nothing_to_upgrade_without_a_lock(world):
    with pytest.raises(DevenvError) as raised:
        upgrade(world, [], Report())
    assert raised.value.problems[0].code == "DE782"


def test_an_upgrade_takes_what_a_rewritten_branch_is_now(world):
    lock(world, Report())
    git = FakeGit({(URL, "main"): TWO}, {key: tree for key, tree in world.git.trees.items() if key[1] == TWO})
    git.lost = {ONE}
    world = replace(world, git=git)
    with pytest.raises(DevenvError) as raised:
        load_stack(world, Report(), paths=False)
    assert [(p.code, p.hint) for p in raised.value.problems] == [
        (
            "DE771",
            "its history was rewritten since it was pinned; `devenv upgrade team` shows and takes what 'main' is now",
        )
    ]
    for one in (["nginx:1"], ["devenv"]):
        with pytest.raises(DevenvError, match="has no commit"):  # what is left would not load
            upgrade(world, one, Report())
    done = upgrade(world, ["team"], Report())
    assert [(c.name, c.before, c.after) for c in done.changes if c.kind == "catalog"] == [(f"{URL} at main", ONE, TWO)]
    write(world, done)
    assert check(world, Report()) == []
