"""`devenv template new`, `test` and `docs`, in folders of the test's own; the engine is a fake."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from devenv.core.yaml.source import parse
from devenv.engine.answers import Completed
from devenv.engine.catalog import FolderCatalog
from devenv.engine.files import ProjectFolder
from devenv.engine.scratch import scratch
from devenv.engine.world import World
from devenv.errors import DevenvError, Report
from devenv.events import Event
from devenv.ops.authoring.bench import Bench, Proved, tried
from devenv.ops.authoring.finding import find_templates
from devenv.ops.authoring.new import new_template
from devenv.ops.authoring.page import write_page
from devenv.ops.authoring.proof import prove
from devenv.records import replace
from tests.conftest import ROOT
from tests.fakes import FakeCompose, FakeDaemon, FakeProcesses, Life, fake_world

BUILT_IN = FolderCatalog(ROOT / "templates")

TEMPLATE = """\
template: 1
summary: A store
versions: ["1"]
parameters: { note: { type: string, default: none } }
service:
  image: store:${version}
  ports: { main: { port: 1, publish: false } }
  environment: { NOTE: "${with.note}" }
  volumes: ["data:/data"]
  ready: { run: [store, ready] }
data: [data]
test:
  connect: [client, "${host}"]
  write: [store, put, kept]
  read: [store, get]
  expect: kept
example: |
  use: store
"""


class Programs(FakeProcesses):
    """Compose says yes; programs in containers say what `says` has for a word of their command line."""

    def __init__(self, says: dict[str, Completed] | None = None) -> None:
        super().__init__()
        self.says = {"get": Completed(0, "kept\n", "")} | (says or {})
        self.looks = 0

    def run(self, argv, **options):  # type: ignore[no-untyped-def]
        self.calls.append(list(argv))
        if "cksum" in " ".join(argv):
            self.looks += 1
            return Completed(0, f"{self.looks}\n", "")
        return next((said for word, said in self.says.items() if word in argv), Completed(0, "", ""))


class Compose(FakeCompose):
    """Whose `down` takes the containers away."""

    def down(self, *, volumes=False, on_line=None):  # type: ignore[no-untyped-def]
        super().down(volumes=volumes, on_line=on_line)
        for service in ("store", "d"):
            self.daemon.remove(service)


def labels_of(folder: Path, service: str) -> dict[str, str]:
    """What Compose puts on a container: the labels of the generated file."""
    generated = parse((folder / ".devenv" / "compose.yaml").read_text("utf-8"), "compose.yaml", Report())
    return {key: str(value) for key, value in generated["services"][service]["labels"].items()}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "catalog" / "store").mkdir(parents=True)
    (tmp_path / "catalog" / "store" / "template.yaml").write_text(TEMPLATE, "utf-8")
    return tmp_path


def bench(programs: FakeProcesses, life: Life | None = None) -> tuple[Bench, Compose]:
    daemon = FakeDaemon("devenv-test-abcdef")
    compose = Compose(daemon, {"store": life or Life()})

    def open_world(folder: Path) -> World:
        compose.labels = lambda service: labels_of(folder, service)
        return fake_world(daemon, compose=compose, processes=programs, project=ProjectFolder(folder, environ={}))

    return Bench(scratch, open_world, lambda length: "abcdef"), compose


def results(
    root: Path, programs: FakeProcesses | None = None, life: Life | None = None, *, engine: bool = True
) -> list[Proved]:
    one, _ = bench(programs or Programs(), life)
    found = find_templates(root, [], BUILT_IN)
    return list(prove(found, one, lambda event: None, lambda question: True, engine=engine))


def states(found: list[Proved]) -> dict[str, str]:
    return {one.check: one.state.value for one in found}


def test_all_is_proved(root: Path) -> None:
    programs = Programs()
    assert states(results(root, programs)) == {
        **dict.fromkeys(("schema", "example", "versions", "edges", "hostile texts", "ready"), "ok"),
        "connects from here": "skipped",
        **dict.fromkeys(("connects inside", "starts again", "keeps its data", "snapshot"), "ok"),
    }
    assert ["compose", "run", "store", "client", "store"] in programs.calls


def test_without_an_engine_only_paper_is_looked_at(root: Path) -> None:
    assert list(states(results(root, engine=False))) == ["schema", "example", "versions", "edges", "hostile texts"]


def test_a_template_that_is_wrong_is_not_started(root: Path) -> None:
    file = root / "catalog" / "store" / "template.yaml"
    file.write_text(TEMPLATE.replace("image:", "privileged: true\n  image:"), "utf-8")
    found = results(root)
    assert states(found) == {"schema": "failed"}
    assert (found[0].exit_code, found[0].problems[0].code) == (3, "DE322")
    file.write_text(TEMPLATE.replace("use: store", "use: store\n  with: { nte: x }"), "utf-8")
    found = results(root)
    assert (found[1].check, found[1].problems[0].code) == ("example", "DE305")


def test_a_version_that_there_is_not_is_told(root: Path) -> None:
    found = {p.check: p for p in prove(find_templates(root, ["store@9"], BUILT_IN), bench(Programs())[0], print, bool)}
    assert list(found)[-1] == "hostile texts", "it is not started"
    assert (found["versions"].state, found["versions"].exit_code) == ("failed", 3)
    assert [problem.code for problem in found["versions"].problems] == ["DE302"]


def test_what_does_not_come_up_is_told_with_its_log(root: Path) -> None:
    found = results(root, life=Life(ready=None, exit=0.01, code=3, log=("no disk",)))
    ready = next(one for one in found if one.check == "ready")
    assert ready.state == "failed" and ready.exit_code == 1 and "no disk" in ready.evidence
    assert states(found)["snapshot"] == "skipped"


def test_a_client_that_fails_and_data_that_is_lost(root: Path) -> None:
    said = {"client": Completed(7, "", "refused"), "get": Completed(0, "nothing", "")}
    found = {one.check: one for one in results(root, Programs(said))}
    assert found["connects inside"].detail == "`client store`: exit code 7"
    assert found["connects inside"].evidence == ("refused",)
    assert found["keeps its data"].detail == "`store get` does not print 'kept'"


def test_what_does_not_come_up_on_its_data_is_told_with_its_log(root: Path) -> None:
    """With or without commands that would have written something."""
    file = root / "catalog" / "store" / "template.yaml"
    for text in (TEMPLATE, TEMPLATE[: TEMPLATE.index("test:")]):
        file.write_text(text, "utf-8")
        one, compose = bench(Programs())
        down = compose.down

        def then_break(*, volumes: bool = False, on_line: object = None, down=down, compose=compose) -> None:  # type: ignore[no-untyped-def]
            down(volumes=volumes, on_line=on_line)
            compose.lives["store"] = Life(ready=None, exit=0.01, code=3, log=("already there",))

        compose.down = then_break  # type: ignore[method-assign]
        found = {p.check: p for p in prove(find_templates(root, [], BUILT_IN), one, lambda event: None, bool)}
        kept = found["keeps its data"]
        assert (found["ready"].state, kept.state) == ("ok", "failed")
        assert kept.detail.startswith("made anew, it does not come up: ended with exit code 3")
        assert kept.evidence == ("already there",)


def test_a_volume_that_changes_and_is_no_data(root: Path) -> None:
    file = root / "catalog" / "store" / "template.yaml"
    file.write_text(TEMPLATE.replace("data: [data]\n", ""), "utf-8")
    found = {one.check: one for one in results(root)}
    assert found["snapshot"].state == "failed" and "'data' changes" in found["snapshot"].detail


def test_a_template_without_volumes_has_nothing_to_keep(root: Path) -> None:
    file = root / "catalog" / "store" / "template.yaml"
    forgetful = TEMPLATE.replace('  volumes: ["data:/data"]\n', "").replace("data: [data]\n", "")
    file.write_text(forgetful[: forgetful.index("test:")], "utf-8")
    found = states(results(root))
    assert (found["keeps its data"], found["snapshot"]) == ("nothing", "nothing")
    file.write_text(TEMPLATE[: TEMPLATE.index("data: [data]")], "utf-8")  # a volume, and nobody says what for
    assert states(results(root))["keeps its data"] == "skipped"


def test_one_thing_is_not_told_as_several(root: Path) -> None:
    details = {one.check: one.detail for one in results(root)}
    assert details["schema"] == "1 parameter, 0 outputs"
    assert details["edges"] == "1 parameter, lowest and highest"
    assert details["hostile texts"] == "1 parameter takes them"


def test_a_script_is_told_by_its_first_words(root: Path) -> None:
    file = root / "catalog" / "store" / "template.yaml"
    script = "sh, -c, 'client " + "a \\\n    b " * 100 + "'"
    file.write_text(TEMPLATE.replace('client, "${host}"', script), "utf-8")
    details = {one.check: one.detail for one in results(root)}
    assert len(details["connects inside"]) == 60 and "\n" not in details["connects inside"]
    details = {one.check: one.detail for one in results(root, Programs({"sh": Completed(1, "", "")}))}
    assert details["connects inside"].endswith("…`: exit code 1") and len(details["connects inside"]) < 230


NEIGHBOUR = """\
template: 1
summary: What the store cannot do without
versions: ["1"]
service: { image: "disk:1", ready: { run: [ok] } }
outputs: { path: "/${service}" }
"""


def test_a_template_is_tried_beside_what_it_needs(root: Path) -> None:
    (root / "catalog" / "disk").mkdir()
    (root / "catalog" / "disk" / "template.yaml").write_text(NEIGHBOUR, "utf-8")
    file = root / "catalog" / "store" / "template.yaml"
    needs = TEMPLATE.replace("default: none", 'pattern: "/.*"')
    beside = '  beside: { d: disk }\n  with: { note: "${d.path}" }\n'
    file.write_text(needs.replace("example: |\n  use: store\n", beside), "utf-8")
    found = find_templates(root, ["store"], BUILT_IN)
    assert tried(found[0].catalog, "store@1", "mine") == {
        "d": {"use": "disk"},
        "mine": {"use": "store@1", "with": {"note": "${d.path}"}},
    }
    checks = {one.check: one for one in prove(found, bench(Programs())[0], print, bool, engine=False)}
    assert (checks["beside"].state, checks["beside"].detail) == ("ok", "d"), checks["beside"].problems
    one, compose = bench(Programs())
    compose.lives["d"] = Life(ready=None, exit=0.01, code=3)
    (ready,) = [p for p in prove(found, one, lambda event: None, bool) if p.check == "ready"]
    assert ready.state == "failed" and ready.detail.startswith("d: ")
    file.write_text(file.read_text("utf-8").replace("d: disk", "d: dsk"), "utf-8")
    wrong = next(p for p in prove(found, one, print, bool, engine=False) if p.check == "beside")
    assert [problem.code for problem in wrong.problems] == ["DE301"]


def test_the_built_in_templates_stand_beside_those_of_a_folder(root: Path) -> None:
    found = find_templates(root, ["store"], BUILT_IN)
    assert {"store", "postgres"} <= set(found[0].catalog.names())


def test_the_ports_of_a_test_are_nobody_elses(root: Path) -> None:
    (root / "catalog" / "store" / "template.yaml").write_text(
        TEMPLATE.replace("{ port: 1, publish: false }", "1"), "utf-8"
    )
    at = root / "kept"

    @contextmanager
    def kept(files: Mapping[str, str], folders: tuple[str, ...] = ()) -> Iterator[Path]:
        with scratch(files, folders) as made:
            shutil.rmtree(at, ignore_errors=True)
            yield made.rename(at)

    list(prove(find_templates(root, [], BUILT_IN), replace(bench(Programs())[0], scratch=kept), print, bool))
    assert "DEVENV_PORT_STORE_MAIN=40000\n" in (at / ".devenv" / ".env").read_text("utf-8")


def test_it_is_removed_even_when_it_is_interrupted(root: Path) -> None:
    one, compose = bench(Programs())
    kept = compose.daemon.kept_volumes
    kept.append("devenv-test-abcdef_store-data")
    gone: list[Path] = []

    def interrupt(event: Event) -> None:
        gone.append(Path("/"))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(prove(find_templates(root, [], BUILT_IN), one, interrupt, lambda question: True))
    assert gone
    assert compose.calls[-1:] == ["down --volumes"]


def test_templates_are_found_by_name_by_folder_and_where_one_is(root: Path) -> None:
    assert [one.use for one in find_templates(root, ["store@1", "./catalog/store", "valkey@8"], BUILT_IN)] == [
        "store@1",
        "store",
        "valkey@8",
    ]
    inside = find_templates(root / "catalog" / "store", [], BUILT_IN)
    assert inside[0].folder == (root / "catalog" / "store").resolve()
    both = find_templates(root, ["store", "catalog/store"], BUILT_IN)
    assert both[0].catalog is both[1].catalog
    with pytest.raises(DevenvError, match="DE301"):
        find_templates(root, ["sotre"], BUILT_IN)
    with pytest.raises(DevenvError, match="DE301"):
        find_templates(root / "catalog" / "store" / "..", ["valky"], BUILT_IN)


def test_a_new_template_is_right_as_it_is(tmp_path: Path) -> None:
    made = new_template(tmp_path, "my-store", BUILT_IN, world=None)
    assert made.folder == "catalog/my-store" and "catalog/my-store/image/Dockerfile" in made.written
    found = results(tmp_path, engine=False)
    assert set(states(found).values()) == {"ok"}, found
    with pytest.raises(DevenvError, match="DE704"):
        new_template(tmp_path, "my-store", BUILT_IN, world=None)
    for name in ("../x", "X", "a/b", ""):
        with pytest.raises(DevenvError, match="DE205"):
            new_template(tmp_path, name, BUILT_IN, world=None)


def test_a_copy_is_right_too(tmp_path: Path) -> None:
    new_template(tmp_path, "my-db", BUILT_IN, world=None, like="postgres", folder="mine")
    found = list(
        prove(find_templates(tmp_path, ["./mine/my-db"], BUILT_IN), bench(Programs())[0], print, bool, engine=False)
    )
    assert set(states(found).values()) == {"ok"}, found
    assert "use: my-db@17" in (tmp_path / "mine" / "my-db" / "template.yaml").read_text("utf-8")
    with pytest.raises(DevenvError, match="DE301"):
        new_template(tmp_path, "other", BUILT_IN, world=None, like="postgers")


def test_a_catalog_may_be_anywhere(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    beside = new_template(tmp_path / "shop", "one", BUILT_IN, world=None, folder="../catalog")
    assert beside.written[0] == "../catalog/one/template.yaml"
    new_template(tmp_path / "shop", "two", BUILT_IN, world=None, folder=str(tmp_path / "catalog"))
    assert FolderCatalog(tmp_path / "catalog").names() == ["one", "two"]


def test_a_page_is_written_beside_the_template(root: Path) -> None:
    meant = find_templates(root, ["store"], BUILT_IN)[0]
    assert write_page(meant) == (meant.folder / "README.md", True)
    assert write_page(meant) == (meant.folder / "README.md", False)
    assert (root / "catalog" / "store" / "README.md").read_text("utf-8").startswith("# store\n")
    with pytest.raises(DevenvError, match="DE701"):
        write_page(find_templates(root, ["valkey"], BUILT_IN)[0])


def test_in_a_project_the_catalog_comes_into_the_manifest_after_asking(tmp_path: Path) -> None:
    (tmp_path / "devenv.yaml").write_text("devenv: 1\nname: shop\nservices:\n  web: { image: web }\n", "utf-8")
    quiet = FakeProcesses()
    quiet.find = lambda program: None  # type: ignore[method-assign]
    world = fake_world(project=ProjectFolder(tmp_path, environ={}), processes=quiet, catalog=BUILT_IN)
    asked: list[str] = []
    refused = new_template(
        tmp_path, "one", BUILT_IN, world=world, consent=lambda question: bool(asked.append(question))
    )
    assert refused.edited is None and asked == ["Add the catalog ./catalog to devenv.yaml?"]
    agreed = new_template(tmp_path, "two", BUILT_IN, world=world, consent=lambda question: True)
    assert agreed.edited is not None and agreed.edited.written
    assert "catalogs:\n  - path: ./catalog\n" in (tmp_path / "devenv.yaml").read_text("utf-8")
    assert new_template(tmp_path, "three", BUILT_IN, world=world, consent=asked.append).edited is None
    assert len(asked) == 1, "it is named already"
    (tmp_path / "web").mkdir()
    below = new_template(tmp_path / "web", "four", BUILT_IN, world=world)
    assert (below.folder, below.written[0]) == ("../catalog/four", "../catalog/four/template.yaml")
    (found,) = find_templates(tmp_path / "web", [below.folder], BUILT_IN)
    assert found.folder == (tmp_path / "catalog" / "four").resolve()
