from __future__ import annotations

from pathlib import Path

import pytest

from devenv.engine.answers import RemoteTree
from devenv.errors import Mark, Report
from devenv.model.lock import Source
from devenv.ops.sources import Sources
from devenv.records import replace
from tests.fakes import FakeGit, FakeProject, fake_world

URL = "https://host/team.git"
ONE, TWO = "1" * 40, "2" * 40
TEAM = Source(git=URL, ref="main", path="templates")


def content(digit):
    return f"sha256:{digit * 64}"


@pytest.fixture
def git():
    trees = {(URL, ONE, "templates"): RemoteTree(Path("/one"), content("a"))}
    return FakeGit({(URL, "main"): ONE}, trees)


def sources(git, *, agree=True, **files):
    asked = []
    world = fake_world(
        project=FakeProject({name.replace("_", "."): text for name, text in files.items()}),
        git=git,
        agree=lambda question: asked.append(question) or agree,
    )
    report = Report()
    return Sources(world, report), world.project, report, asked


def test_a_new_source_is_asked_for_once_and_pinned(git):
    found, project, report, asked = sources(git)
    assert found.tree("catalogs", TEAM).folder == Path("/one")
    assert found.tree("includes", TEAM) and len(asked) == 1 and URL in asked[0]
    assert found.save() and not found.save() and not report.problems
    assert project.files["devenv.lock"].splitlines()[1:] == [
        "lock: 1",
        "trusted:",
        f"  - {URL}",
        *(
            line
            for kind in ("catalogs", "includes")
            for line in (
                f"{kind}:",
                f"  - git: {URL}",
                "    ref: main",
                "    path: templates",
                f'    commit: "{ONE}"',
                f"    content: {content('a')}",
            )
        ),
    ]


def test_what_is_pinned_is_neither_asked_for_nor_looked_up(git):
    first, project, _, _ = sources(git)
    first.tree("catalogs", TEAM)
    first.save()
    git.refs[URL, "main"] = TWO
    git.asked.clear()
    again, _, report, asked = sources(git, agree=False, devenv_lock=project.files["devenv.lock"])
    assert again.tree("catalogs", TEAM).folder == Path("/one")
    assert not asked and git.asked == [("tree", URL, ONE, "templates")]
    assert not again.save() and not report.problems


def test_a_new_ref_of_a_trusted_address_is_not_asked_for(git):
    git.refs[URL, "next"] = ONE
    found, _, report, asked = sources(git, agree=False, devenv_lock=f"lock: 1\ntrusted: ['{URL}']\n")
    assert found.tree("catalogs", replace(TEAM, ref="next"))
    assert not asked and not report.problems


def test_without_an_answer_nothing_is_fetched(git):
    found, project, report, _ = sources(git, agree=False)
    assert found.tree("catalogs", TEAM, Mark("devenv.yaml", 3, 5), "catalogs[0]") is None
    (problem,) = report.errors
    assert (problem.code, problem.mark, problem.path) == ("DE775", ("devenv.yaml", 3, 5, 1), "catalogs[0]")
    assert "--yes" in problem.hint and not git.asked
    assert not found.save() and "devenv.lock" not in project.files


def test_nobody_is_asked_about_an_address_that_is_never_used(git):
    found, _, report, asked = sources(git)
    assert found.tree("includes", Source(git="https://g\u0456thub.com/acme/x.git")) is None
    assert [problem.code for problem in report.errors] == ["DE772"] and not asked


def test_who_says_no_is_not_asked_again(git):
    found, _, report, asked = sources(git, agree=False)
    assert found.tree("includes", TEAM) is found.tree("includes", replace(TEAM, ref="next")) is None
    assert len(asked) == 1 and [problem.code for problem in report.errors] == ["DE775", "DE775"]


def test_other_files_than_the_lock_says_are_an_error(git):
    first, project, _, _ = sources(git)
    first.tree("catalogs", TEAM)
    first.save()
    git.trees[URL, ONE, "templates"] = RemoteTree(Path("/evil"), content("e"))
    again, _, report, _ = sources(git, devenv_lock=project.files["devenv.lock"])
    assert again.tree("catalogs", TEAM) is None
    (problem,) = report.errors
    assert problem.code == "DE781" and content("a") in problem.evidence[0] and content("e") in problem.message
