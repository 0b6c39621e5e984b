import pytest

from devenv.errors import Report
from devenv.model.observed import Image
from devenv.model.plan import Action, Plan, Step
from devenv.model.stack import Stack
from devenv.ops.bringup import mounted
from devenv.ops.images import contexts
from devenv.ops.load import load_stack
from tests.fakes import FakeDaemon, FakeProject, fake_world

MANIFEST = """\
devenv: 1
name: shop
services:
  web:
    build: { context: ./web, args: { LEVEL: "${LEVEL:-info}", TOKEN: }, additional_contexts: { shared: ./shared } }
    setup: [./migrate]
    volumes:
      - ./web.conf:/etc/web.conf:ro
      - ${CONF:-./more.conf}:/etc/more.conf
      - { type: bind, source: ./long.conf, target: /etc/long.conf }
      - ./web:/src
      - data:/data
    configs: [banner]
    secrets: [{ source: key, target: /key }]
  api: { build: { context: "https://example.org/api.git" } }
  plain: { image: "plain:1" }
volumes: { data: {} }
configs: { banner: { file: ./banner.txt }, unused: { file: ./unused.txt } }
secrets: { key: { file: ./key.pem } }
"""
FILES = {
    "devenv.yaml": MANIFEST,
    "web/Dockerfile": "FROM base",
    "web/app.py": "print()",
    "shared/lib.py": "lib",
    "web.conf": "a",
    "more.conf": "b",
    "other.conf": "c",
    "long.conf": "d",
    "banner.txt": "e",
    "unused.txt": "f",
    "key.pem": "g",
}


@pytest.fixture
def project() -> FakeProject:
    return FakeProject(FILES)


def stack_of(project: FakeProject) -> Stack:
    return load_stack(fake_world(project=project), Report()).stack


def digests(project: FakeProject) -> dict[str, str]:
    stack = stack_of(project)
    return contexts.digests(project, stack, list(stack.services), project.environment(), {})  # type: ignore[arg-type]


def test_services_that_are_built_have_a_digest(project: FakeProject) -> None:
    found = digests(project)
    assert list(found) == ["web", "api"]
    assert found == digests(project)


@pytest.mark.parametrize(
    "change",
    [
        {"web/app.py": "changed"},
        {"web/new.py": ""},
        {"web/Dockerfile": "FROM other"},
        {"shared/lib.py": "changed"},
        {"devenv.yaml": MANIFEST.replace("./shared }", "./web }")},
        {"devenv.yaml": MANIFEST.replace("args: {", "target: last, args: {")},
    ],
)
def test_a_change_of_what_is_built_is_seen(project: FakeProject, change: dict[str, str]) -> None:
    before = digests(project)
    project.files |= change
    after = digests(project)
    assert after["web"] != before["web"]
    assert after["api"] == before["api"]


@pytest.mark.parametrize("name", ["LEVEL", "TOKEN"])
def test_an_argument_from_a_variable_is_seen(project: FakeProject, name: str) -> None:
    before = digests(project)
    project.variables[name] = "other"
    assert digests(project)["web"] != before["web"]
    assert "other" not in str(digests(project))


def test_what_is_ignored_is_no_change(project: FakeProject) -> None:
    project.files["web/Dockerfile.dockerignore"] = "*.md"
    before = digests(project)
    project.files |= {"web/README.md": "new", "web.conf": "changed", "elsewhere": ""}
    assert digests(project) == before


def steps(**actions: Action) -> Plan:
    return Plan("shop", tuple(Step(name.replace("_", "-"), action, "") for name, action in actions.items()))


@pytest.mark.parametrize(
    ("actions", "built"),
    [
        ({"web_setup": Action.RECREATE, "web": Action.KEEP}, ["web"]),
        ({"web_setup": Action.DONE, "web": Action.RECREATE}, ["web"]),
        ({"web_setup": Action.CREATE, "web": Action.RECREATE, "api": Action.KEEP}, []),
        ({"web_setup": Action.DONE, "web": Action.START}, []),
        ({"api": Action.CREATE}, []),
    ],
)
def test_an_image_that_is_gone_is_built_first_where_some_containers_of_it_stay(
    project: FakeProject, actions: dict[str, Action], built: list[str]
) -> None:
    """Else it is built when it is needed, and the next `up` finds that those that stayed are of another image."""
    world = fake_world(FakeDaemon(), project=project)
    world.daemon.images = set()  # type: ignore[attr-defined]
    assert contexts.changed(world, stack_of(project), digests(project), steps(**actions)) == built


def test_an_image_is_built_again_when_it_is_there_and_was_made_from_something_else(
    project: FakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = fake_world(FakeDaemon(), project=project)
    stack, now = stack_of(project), digests(project)
    assert contexts.changed(world, stack, now, steps()) == ["web", "api"]
    contexts.remember(world, stack, now)
    assert contexts.changed(world, stack, now, steps()) == []
    monkeypatch.setattr(world.daemon, "image", lambda name: Image("sha256:2", (name,), "amd64", 1))
    assert contexts.changed(world, stack, now, steps()) == ["web", "api"], (
        "its name means another one, which somebody made"
    )
    monkeypatch.undo()
    project.files["web/app.py"] = "changed"
    assert contexts.changed(world, stack, digests(project), steps()) == ["web"]
    world.daemon.images = set()  # type: ignore[attr-defined]
    assert contexts.changed(world, stack, digests(project), steps()) == []


def values(project: FakeProject) -> dict[str, str]:
    stack = stack_of(project)
    found = mounted.leaves(project, stack, stack.services["web"], project.environment())  # type: ignore[arg-type]
    return {key: leaf.text for key, leaf in found.items()}


def test_single_files_that_are_mounted_count(project: FakeProject) -> None:
    assert list(values(project)) == [
        "file ./web.conf",
        "file ${CONF:-./more.conf}",
        "file ./long.conf",
        "file ./banner.txt",
        "file ./key.pem",
    ]


@pytest.mark.parametrize("path", ["web.conf", "more.conf", "long.conf", "banner.txt", "key.pem"])
def test_another_content_is_seen(project: FakeProject, path: str) -> None:
    before = values(project)
    project.files[path] = "changed"
    assert sum(before[key] != value for key, value in values(project).items()) == 1


def test_another_file_in_a_variable_is_seen(project: FakeProject) -> None:
    before = values(project)
    project.variables["CONF"] = "./other.conf"
    assert values(project) != before


def test_folders_and_what_nobody_uses_do_not_count(project: FakeProject) -> None:
    before = values(project)
    project.files |= {"web/app.py": "changed", "web/new.py": "", "unused.txt": "changed"}
    assert values(project) == before
