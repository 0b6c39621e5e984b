"""Includes from Git repositories, read with the real git from repositories that each test makes."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from devenv.core.inclusion.entries import Entry
from devenv.core.inclusion.tree import Fetched
from devenv.engine.files import ProjectFolder
from devenv.engine.git import LocalGit
from devenv.engine.process import LocalProcesses
from devenv.engine.world import World
from devenv.errors import DevenvError, Report
from devenv.ops.including.local import LocalFiles
from devenv.ops.including.repositories import RemoteIncludes, plain
from devenv.ops.lint import lint
from devenv.ops.load import Loaded, load_stack
from devenv.ops.sources import Sources
from devenv.ui.annotations import as_github
from tests.engine.test_git import Remote
from tests.fakes import fake_world
from tests.ops.test_load import OneTemplate

PAY = """\
devenv: 1
name: pay
services:
  gate: {build: ./gate, needs: [db], environment: {L: "${LEVEL:-info}", H: "${HOME}"}, volumes: [./conf:/conf]}
  db: {use: postgres, with: {seed: seed.sql}}
"""
FILES = {"devenv.yaml": PAY, "gate__Dockerfile": "FROM x\n", "conf__a": "1", "seed.sql": ""}


@dataclass
class Place:
    """A checkout with the manifest of a stack, and a repository `pay` beside it."""

    root: Path
    agreed: bool = True
    questions: list[str] = field(default_factory=list)

    def load(self, manifest: str | None = None, report: Report | None = None, *, paths: bool = True) -> Loaded:
        folder = self.root / "shop"
        folder.mkdir(exist_ok=True)
        if manifest is not None:
            (folder / "devenv.yaml").write_text(manifest)
        return load_stack(self.world(), report or Report(), paths=paths)

    def world(self) -> World:
        folder, processes = self.root / "shop", LocalProcesses()
        return fake_world(
            project=ProjectFolder(folder, environ={"HOME": "/root", "LEVEL": "debug"}),
            git=LocalGit(processes, folder, cache=self.root / "cache"),
            processes=processes,
            catalog=OneTemplate(),
            agree=self._agree,
        )

    def _agree(self, question: str) -> bool:
        self.questions.append(question)
        return self.agreed

    def pay(self, **files: str) -> Remote:
        """Makes the repository."""
        remote = Remote(self.root / "pay")
        remote.commit(**files)
        return remote


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def manifest(entry: str, more: str = "services: {web: {image: x}}") -> str:
    return f"devenv: 1\nname: shop\ninclude:\n  - {entry}\n{more}\n"


def test_a_file_of_a_repository_is_pinned_asked_for_once_and_built_from_a_copy(place):
    pay = place.pay(**FILES, **{".env": "LEVEL=own\n"})
    commit = pay.git("rev-parse", "HEAD")
    loaded = place.load(manifest("{git: ../pay, ref: main, prefix: pay}"))
    gate = loaded.stack.services["pay-gate"].compose
    (pin,) = loaded.sources.lock.includes
    assert (pin.git, pin.ref, pin.commit) == ("../pay", "main", commit)
    at = f"./.devenv/includes/pay-{pin.content.removeprefix('sha256:')[:12]}"
    assert (gate["build"], gate["volumes"]) == (f"{at}/gate", [f"{at}/conf:/conf"])
    assert gate["environment"]["L"] == "own" and gate["environment"]["H"] == ""
    assert (place.root / "shop" / at / "gate" / "Dockerfile").stat().st_mode & 0o777 == 0o644
    assert len(place.questions) == 1

    pay.commit(**{"devenv.yaml": "broken: ["})
    pay.root.rename(place.root / "elsewhere")  # the lock and what is kept are enough
    again = place.load()
    assert again.text == loaded.text
    assert len(place.questions) == 1


def test_a_ci_is_shown_where_the_manifest_includes_what_a_rule_objects_to(place):
    place.pay(**{"devenv.yaml": "devenv: 1\nservices: {gate: {image: gate}}\n"})
    place.load(manifest("{git: ../pay, prefix: pay}"))
    linted = lint(place.world())
    (found,) = [one for one in linted.verdict.findings if one.service == "pay-gate" and one.rule == "unpinned-tag"]
    assert found.mark.file.startswith("../pay")
    assert (found.via.file, found.via.line) == ("devenv.yaml", 4)
    assert "::warning file=devenv.yaml,line=4" in as_github(linted.verdict, "", linted.local)


def test_nobody_agrees(place):
    place.pay(**{"devenv.yaml": PAY})
    place.agreed = False
    with pytest.raises(DevenvError) as told:
        place.load(manifest("{git: ../pay}"))
    (problem,) = told.value.problems
    assert (problem.code, problem.mark.file, problem.mark.line) == ("DE775", "devenv.yaml", 4)


def test_an_answer_is_kept_whatever_is_wrong_in_the_file(place):
    place.pay(**{"devenv.yaml": "devenv: 1\ninclude: [nowhere.yaml]\n"})
    for _ in range(2):
        with pytest.raises(DevenvError) as caught:
            place.load(manifest("{git: ../pay}"))
        assert [p.code for p in caught.value.problems] == ["DE340"]
    assert len(place.questions) == 1


def test_a_path_through_a_link_is_neither_mounted_nor_built(place):
    pay = place.pay(**FILES)
    text = "devenv: 1\nservices: {a: {image: x, volumes: ['./other:/c:ro']}, b: {build: ./other/in}}\n"
    (pay.root / "other").symlink_to("conf")
    pay.commit(**{"devenv.yaml": text, "conf__in__Dockerfile": "FROM x\n"})
    with pytest.raises(DevenvError) as caught:
        place.load(manifest("{git: ../pay}"))
    told = [(p.code, p.message) for p in caught.value.problems]
    assert told == [("DE343", f"'{path}' is a link, or leads through one") for path in ("./other", "./other/in")]


def test_problems_name_the_repository(place):
    place.pay(**{"sub__devenv.yaml": PAY.replace("build:", "privileged: true, build:")})
    with pytest.raises(DevenvError) as told:
        place.load(manifest("{git: ../pay, ref: main, path: sub}"), paths=False)
    (problem,) = told.value.problems
    assert (problem.code, problem.mark.file, problem.mark.line) == ("DE343", "../pay@main:sub/devenv.yaml", 4)
    assert "privileged: true" in problem.excerpt


def test_a_parameters_file_stays_in_the_tree(place):
    place.pay(**{**FILES, "devenv.yaml": PAY.replace("seed: seed.sql", "seed: ../../../secret.sql")})
    with pytest.raises(DevenvError) as told:
        place.load(manifest("{git: ../pay}"), paths=False)
    assert [p.code for p in told.value.problems] == ["DE343"]


def test_ones_own_file_of_variables_is_what_a_remote_file_sees(place):
    place.pay(**FILES, **{".env": "LEVEL=own\n"})
    (place.root / "shop").mkdir()
    (place.root / "shop" / "pay.env").write_text("LEVEL=$LEVEL\n")
    loaded = place.load(manifest("{git: ../pay, env_file: pay.env}"))
    assert loaded.stack.services["gate"].compose["environment"]["L"] == "debug"


def test_files_of_a_repository_include_further_ones_of_it(place):
    files = {"devenv.yaml": "devenv: 1\ninclude: [sub/compose.yaml]\n", "b__Dockerfile": "F"}
    place.pay(**files, **{"sub__compose.yaml": "services: {a: {build: ../b}}\n"})
    loaded = place.load(manifest("{git: ../pay}"))
    assert loaded.stack.services["a"].compose["build"].endswith("/b")
    with pytest.raises(DevenvError) as told:
        place.load(manifest("{git: ../pay, path: nothing.yaml}"))
    assert [p.code for p in told.value.problems] == ["DE340"]


def test_paths_of_an_entry_in_a_repository_are_relative_to_its_file(place):
    other = Remote(place.root / "other")
    other.commit(**{"compose.yaml": "services: {o: {image: 'x:${V:-none}'}}\n", "sub__own.env": "V=theirs\n"})
    place.pay(
        **{
            "sub__devenv.yaml": "devenv: 1\ninclude:\n"
            "  - {path: deep/x.yaml, project_directory: deep/.., env_file: own.env}\n"
            f"  - {{git: 'file://{other.root}', env_file: own.env}}\n",
            "sub__own.env": "V=ours\n",
            "sub__deep__x.yaml": "services: {x: {image: 'x:${V:-none}', volumes: ['./d:/d']}}\n",
        }
    )
    services = place.load(manifest("{git: ../pay, path: sub}")).stack.services
    assert (services["x"].image, services["o"].image) == ("x:ours", "x:ours")
    assert services["x"].compose["volumes"][0].endswith("/sub/d:/d")


@pytest.mark.parametrize("git", ["/private", "~/private", "file:///private", "../private"])
def test_what_came_over_the_network_includes_no_repository_of_this_machine(place, git):
    report = Report()
    local = LocalFiles(place.world().project, report)
    there = RemoteIncludes(place.world(), Sources(place.world(), report), local)
    base = Fetched("example.org/a#x", (("x", ""),), "t", tree="t", source="example.org/a")
    assert there.address(Entry((), git=git), base) is None
    assert [p.code for p in report.problems] == ["DE343"] and "its address" in report.problems[0].hint
    assert there.address(Entry((), git="https://example.org/b"), base) == "https://example.org/b"


def test_compose_s_own_form_of_a_remote_file(place):
    place.pay(**{"sub__compose.yaml": "services: {a: {image: x}}\n"})
    loaded = place.load(manifest(f"file://{place.root}/pay#main:sub/compose.yaml"))
    assert "a" in loaded.stack.services


def test_two_repositories_include_a_mode_of_each_other(place):
    shop = Remote(place.root / "shop.git")
    address = f"file://{shop.root}"
    place.pay(
        **{
            "devenv.yaml": f"""\
devenv: 1
include: [{{git: "{address}", ref: main, prefix: shop, mode: api}}]
services:
  gate: {{image: y, needs: [shop-api], environment: {{A: "${{shop-api.url}}"}}}}
  ui: {{image: y}}
modes: {{core: [gate]}}
"""
        }
    )
    own = manifest(
        "{git: ../pay, ref: main, prefix: pay, mode: core}",
        "services: {api: {image: x, ports: {http: 80}}, web: {image: x, needs: [pay-gate]}}\nmodes: {api: [api]}",
    )
    shop.commit(**{"devenv.yaml": own})
    subprocess.run(["git", "clone", "-q", address, place.root / "shop"], check=True, capture_output=True)
    loaded = place.load()
    assert list(loaded.stack.services) == ["api", "web", "pay-gate"]
    assert loaded.stack.services["pay-gate"].compose["environment"]["A"] == "http://api:80"
    assert len(place.questions) == 1  # its own repository is not asked for


def test_repositories_that_include_each_other_are_included_by_a_third(place):
    other = "devenv: 1\ninclude: [{{git: 'file://{0}', path: {1}, prefix: {2}, mode: api}}]\n"
    own = "services: {{db: {{use: postgres}}, {0}: {{image: x, needs: [db]}}, ui: {{image: x, needs: [{1}]}}}}\n"
    own += "modes: {{api: [{0}]}}\n"
    shop = Remote(place.root / "there")
    place.pay(**{"devenv.yaml": other.format(shop.root, "dev", "shop") + own.format("gate", "shop-cart")})
    shop.commit(**{"dev__devenv.yaml": other.format(place.root / "pay", ".", "pay") + own.format("cart", "pay-gate")})
    both = manifest(f"{{git: 'file://{shop.root}', path: dev}}")
    services = place.load(both).stack.services
    assert set(services) == {"web", "db", "cart", "ui", "pay-db", "pay-gate"}
    assert [need.service for need in services["ui"].needs] == ["pay-gate"]


def test_folders_of_one_repository_that_include_each_other(place):
    place.pay(
        **{
            "a__devenv.yaml": "devenv: 1\ninclude: [../b]\nservices: {x: {image: x}, y: {image: x, needs: [z]}}\n",
            "b__devenv.yaml": "devenv: 1\ninclude: [../a]\nservices: {z: {image: x, needs: [x]}}\n",
        }
    )
    assert set(place.load(manifest("{git: ../pay, path: a}")).stack.services) == {"web", "x", "y", "z"}


def test_a_catalog_that_an_included_manifest_names(place):
    kept = place.root / "orders"
    (kept / "catalog" / "queue").mkdir(parents=True)
    (kept / "catalog" / "queue" / "template.yaml").write_text(
        'template: 1\nsummary: q\nversions: ["1"]\nservice: {image: "q:${version}"}\n'
    )
    (kept / "devenv.yaml").write_text("devenv: 1\ncatalogs: [{path: ./catalog}]\nservices: {q: {use: queue}}\n")
    assert place.load(manifest("../orders")).stack.services["q"].image == "q:1"


@pytest.mark.parametrize(
    "address",
    ["https://GitHub.com/acme/app.git", "git@github.com:acme/app", "ssh://git@github.com/acme/app.git/"],
)
def test_an_address_however_it_is_written(address):
    assert plain(address, Path("/")) == "github.com/acme/app"
