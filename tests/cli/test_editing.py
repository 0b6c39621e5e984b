"""`add`, `remove` and `set` as command lines."""

from devenv.engine.catalog import FolderCatalog
from tests.cli.running import Outside, run
from tests.conftest import ROOT
from tests.fakes import FakeProject, fake_world

TEXT = "devenv: 1\nname: shop\nservices:\n  web: { image: web } # mine\n"


def outside():
    project = FakeProject({"devenv.yaml": TEXT})
    return Outside(fake_world(project=project, catalog=FolderCatalog(ROOT / "templates")))


def test_each_says_what_it_did_and_where():
    world = outside()
    added = run("add", "valkey", "--as", "cache", "--needed-by", "web", outside=world)
    assert (added.code, added.err) == (0, "")
    assert added.out == "devenv.yaml:4: service cache is added, valkey@8\nweb needs it\n"
    assert run("set", "services.web.image", "web:2", outside=world).out == "devenv.yaml:4: services.web.image is set\n"
    assert run("set", "services.web.image", "web:2", outside=world).out == "devenv.yaml: nothing to change\n"
    removed = run("remove", "cache", "--cascade", "--quiet", outside=world)
    assert (removed.code, removed.out) == (0, "")
    assert world.a_world.project.files["devenv.yaml"] == TEXT.replace("image: web", "image: web:2")


def test_a_dry_run_is_a_diff():
    result = run("set", "services.web.image", "web:2", "-n", outside=outside())
    assert result.out.splitlines()[-2:] == ["-  web: { image: web } # mine", "+  web: { image: web:2 } # mine"]


def test_as_json():
    data = run("set", "services.web.image", "w", "--json", outside=outside()).data
    assert (data["changed"], data["written"], data["line"]) == (True, True, 4)


def test_negative_numbers_are_values():
    world = outside()
    assert run("set", "services.web.oom_score_adj", "-5", outside=world).code == 0
    assert "oom_score_adj: -5" in world.a_world.project.files["devenv.yaml"]


def test_a_value_or_unset():
    for argv in (["set", "name"], ["set", "name", "x", "--unset"]):
        assert run(*argv, outside=outside()).err.startswith("error[DE710]: devenv set: give a value")
    result = run("remove", "wbe", outside=outside())
    assert (result.code, result.err) == (
        2,
        "error[DE720]: devenv.yaml has no service 'wbe'\nhint: did you mean 'web'?\n",
    )


def test_a_value_behind_an_equals_sign_is_shown_as_it_is_written():
    said = run("set", "services.web.environment.A=x y", outside=outside()).err
    assert "hint: write `devenv set services.web.environment.A 'x y'`" in said
