"""Bind mounts whose source is not there."""

import pytest

from devenv.errors import Report
from devenv.events import Note
from devenv.ops.bringup import mounted
from devenv.ops.plan import plan
from devenv.ops.up import up
from devenv.ops.validate import validate
from tests.core.stacks import lines, stack
from tests.fakes import FakeCompose, FakeDaemon, FakeProject, Life, fake_world

HINT = " [make the file or folder before, mend the path, or forbid it with the long form's `create_host_path: false`]"


def said(services: str, *files: str, **variables: str) -> list[str]:
    project = FakeProject(dict.fromkeys(files, ""))
    project.variables = variables
    found, report = stack(services), Report()
    mounted.missing(project, found, found.services, report)
    return [line.removesuffix(HINT) for line in lines(report)]


def test_each_path_that_is_not_there_is_named_once_at_its_place() -> None:
    found = said(
        "web: {image: x, volumes: ['./web.conf:/etc/web.conf:ro', './there:/a', './some/file:/b']}\n"
        "other: {image: x, volumes: ['./web.conf:/c', {type: bind, source: data, target: /d, bind: {"
        "create_host_path: true}}]}",
        "there/file",
        "some/file",
    )
    words = "is not there, so the engine makes an empty folder of it, which is root's"
    assert found == [
        f"DE309 4:29 services.web.volumes: 'web.conf' {words}",
        f"DE309 5:48 services.other.volumes: 'data' {words}",
    ]


def test_what_only_some_releases_of_compose_let_the_engine_make() -> None:
    [found] = said("web: {image: x, volumes: [{type: bind, source: ./data, target: /d}]}")
    assert "'data' is not there: some releases of Compose make an empty folder of it" in found
    assert "which it is to be: `create_host_path`" in found


@pytest.mark.parametrize(
    "entry",
    [
        "data:/data",
        "/data",
        "/run/host-services/agent.sock:/agent",
        "${VOLUME}:/data",
        "${DATA:-./there}:/data",
        "{type: bind, source: ./data, target: /data, bind: {create_host_path: false}}",
        "{type: tmpfs, target: /data}",
    ],
)
def test_no_false_alarms(entry: str) -> None:
    entry = entry if entry.startswith("{") else f"'{entry}'"
    services = f"web: {{image: x, volumes: [{entry}]}}\nother: {{image: x}}"
    found = FakeProject({"there/file": ""})
    found.variables = {"VOLUME": "data"}
    report = Report()
    mounted.missing(found, of := stack(services, more="volumes: {data: {}}\n"), of.services, report)
    assert lines(report) == []


def test_variables_are_filled_in() -> None:
    assert len(said("web: {image: x, volumes: ['${DATA:-./data}:/data']}")) == 1
    assert said("web: {image: x, volumes: ['${DATA:-./data}:/data']}", "mine/a", DATA="./mine") == []


def test_what_runs_before_may_make_it_in_a_folder_that_it_mounts() -> None:
    made = "make: {image: x, job: true, volumes: ['./src:/src']}\n"
    web = "web: {image: x, volumes: ['./src/dist/app.js:/app.js']"
    assert said(made + web + ", needs: [make]}", "src/a") == []
    assert len(said(made + web + "}", "src/a")) == 1


MANIFEST = "devenv: 1\nname: shop\nservices:\n  web: {image: 'web:1', volumes: ['./web.conf:/web.conf']}\n"


def test_up_says_so_before_it_starts_anything_and_plan_and_validate_say_it_too() -> None:
    daemon = FakeDaemon()
    project = FakeProject({"devenv.yaml": MANIFEST})
    world = fake_world(daemon, project=project, compose=FakeCompose(daemon, {"web": Life(checked=False)}))
    (problem,) = validate(world).problems
    assert (problem.code, problem.warning, problem.mark.line) == ("DE309", True, 4)  # type: ignore[union-attr]
    (note,) = plan(world).notes
    assert note.startswith("devenv.yaml:4:35: services.web.volumes: 'web.conf' is not there")
    starts: list[list[str]] = []
    assert up(world, lambda e: starts.append([*daemon.starts]) if isinstance(e, Note) and e.text == note else None).ok
    assert starts == [[]]
