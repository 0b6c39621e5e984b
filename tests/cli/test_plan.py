"""`devenv plan` and `devenv up --dry-run` through the command line, on a small world."""

import pytest

from tests.cli.running import Outside, run
from tests.ops.test_up import MANIFEST, Small

UP = """\
shop: 3 to create

create    db    no container yet
create    seed  runs, it has not succeeded yet
create    web   no container yet
"""


@pytest.fixture
def small():
    return Small()


def plan(small, *argv):
    return run(*argv, outside=Outside(small.world))


def test_the_plan_of_what_is_not_there(small):
    assert plan(small, "plan").out == UP
    assert plan(small, "up", "--dry-run").out == UP
    assert small.compose.calls == []
    assert small.project.files == {"devenv.yaml": MANIFEST}
    assert small.project.kept == {}


def test_the_plan_of_what_is_there(small):
    small.up()
    assert plan(small, "plan", "--check").code == 0
    small.project.variables["LEVEL"] = "debug"
    result = plan(small, "plan", "--check")
    assert result.code == 1
    assert result.out.splitlines()[0] == "shop: 1 to recreate, 2 kept"
    assert result.out.splitlines()[4:6] == [
        "recreate  web   a value that it is given changed",
        '                environment.LEVEL: "info" → "debug" (from LEVEL)',
    ]
    assert plan(small, "plan", "--check", "--quiet").out == ""
    assert small.compose.calls == ["create db seed web"]


def test_as_data(small):
    small.up()
    small.project.files["devenv.yaml"] = MANIFEST.replace("web:1", "web:2")
    data = plan(small, "plan", "--json", "web").data
    assert data["changes"] is True
    assert [(step["service"], step["action"]) for step in data["steps"]] == [
        ("db", "keep"),
        ("seed", "keep"),
        ("web", "recreate"),
    ]
    assert data["steps"][1]["job"] is True
    assert data["steps"][2]["changes"] == [{"key": "image", "old": '"web:1"', "new": '"web:2"', "source": None}]
    assert data["notes"] == []


def test_setup_by_name(small):
    small.up()
    assert "start     seed  runs, as --setup asks" in plan(small, "plan", "--setup", "seed").out
    wrong = plan(small, "plan", "--setup", "web")
    assert (wrong.code, "DE726" in wrong.err, "there are: seed" in wrong.err) == (2, True, True)
    assert "DE720" in plan(small, "plan", "--setup", "sed").err


def test_what_a_build_decides():
    small = Small("devenv: 1\nname: shop\nservices:\n  web: { build: ./app }\n")
    small.project.files["app/Dockerfile"] = "FROM scratch"
    small.up()
    assert plan(small, "plan").out.startswith("shop: nothing to do")
    small.project.files["app/Dockerfile"] = "FROM scratch\n"
    assert plan(small, "plan").out.splitlines() == [
        "shop: 1 to build, 1 depending on a build",
        "",
        "build     web  its image is built again; another image means a new container",
        "keep      web  running; made anew if the build makes another image",
    ]
    assert [step["awaits_build"] for step in plan(small, "plan", "--json").data["steps"]] == [True]
