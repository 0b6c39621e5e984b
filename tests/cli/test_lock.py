"""`lock`, `outdated`, `upgrade` and `catalog add` as command lines."""

import os
import subprocess

import pytest

from devenv.engine.answers import Distribution
from tests.cli.running import run
from tests.remotes import NOBODY, Remote

A, B = (f"sha256:{digit * 64}" for digit in "ab")


@pytest.fixture
def registry(shop):
    shop.daemon.registry = {"postgres:17": Distribution(A, ("linux/amd64",)), "web:1": Distribution(A)}
    return shop.daemon.registry


def test_lock_says_what_it_pinned_and_a_second_one_has_nothing_to_do(shop, registry):
    first = shop("lock")
    assert (first.code, first.err) == (0, "")
    assert "+ image postgres:17: sha256:aaaaaaaaaaaa" in first.out and first.out.endswith("devenv.lock: written\n")
    second = shop("lock")
    assert (second.code, second.out) == (0, "devenv.lock: up to date\n")
    assert shop("lock", "--quiet").out == ""
    assert shop("lock", "--json").data == {"ok": True, "written": False, "changes": [], "problems": []}


def test_lock_check_is_for_ci(shop, registry):
    missing = shop("lock", "--check")
    assert missing.code == 1 and "DE782" in missing.err and missing.out == ""
    shop("lock")
    assert shop("lock", "--check").out == "devenv.lock: fits the manifest\n"
    shop.project.files["devenv.yaml"] = shop.project.files["devenv.yaml"].replace("web:1", "web:2")
    stale = shop("lock", "--check", "--json")
    assert stale.code == 1 and not stale.data["ok"]
    assert [problem["code"] for problem in stale.data["problems"]] == ["DE782", "DE782"]
    shop.project.files["devenv.lock"] = "lock: 1\nimages: [\n"
    assert shop("lock", "--check").code == 3


def test_what_a_registry_does_not_say_is_a_failure_beside_what_was_pinned(shop, registry):
    del registry["web:1"]
    result = shop("lock")
    assert result.code == 1 and "web:1" in result.err and "+ image postgres:17" in result.out


def test_outdated_names_what_moved(shop, registry):
    assert shop("outdated").code == 1
    shop("lock")
    assert shop("outdated").out == "devenv.lock: everything is as new as it can be\n"
    registry["web:1"] = Distribution(B)
    found = shop("outdated")
    assert found.code == 0 and "~ image web:1: sha256:aaaaaaaaaaaa → sha256:bbbbbbbbbbbb" in found.out
    assert shop("outdated", "--json").data["changes"] == [{"kind": "image", "name": "web:1", "before": A, "after": B}]
    registry.clear()
    silent = shop("outdated")
    assert silent.code == 1 and "nothing newer was found where" in silent.out


def test_upgrade_shows_and_asks_and_writes(shop, registry):
    shop("lock")
    before = shop.project.files["devenv.lock"]
    registry["web:1"] = Distribution(B)
    shown = shop("upgrade", "--dry-run")
    assert shown.code == 0 and "web: 1 change" in shown.out and "sha256:bbbbbbbbbbbb" in shown.out
    nobody = shop("upgrade")
    assert nobody.code == 1 and "DE633" in nobody.err
    no = shop("upgrade", typed="n\n")
    assert no.code == 1 and "Write this to devenv.lock? [y/N]" in no.err
    assert shop("upgrade", "db", "--yes").out == "devenv.lock: everything is as new as it can be\n"
    assert shop("upgrade", "nope").code == 2
    assert shop.project.files["devenv.lock"] == before
    yes = shop("upgrade", "web", typed="y\n")
    assert yes.code == 0 and yes.out.endswith("devenv.lock: written\n")
    assert B in shop.project.files["devenv.lock"]


def test_upgrade_as_data(shop, registry):
    shop("lock")
    registry["web:1"] = Distribution(B)
    data = shop("upgrade", "--json", "--yes").data
    assert data["written"] and data["files"] == [] and data["problems"] == []
    assert [(s["service"], s["kind"], [c["key"] for c in s["changes"]]) for s in data["services"]] == [
        ("web", "changed", ["image"])
    ]


@pytest.fixture
def team(tmp_path, monkeypatch):
    """A folder of a stack, beside the repository of a catalog."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name, value in NOBODY.items():
        monkeypatch.setenv(name, value)
    remote = Remote(tmp_path / "team")
    remote.write("store/template.yaml", "template: 1\nsummary: A store\nversions: ['1']\nservice: {image: 'store:1'}\n")
    remote.take()
    (tmp_path / "shop").mkdir()
    manifest = tmp_path / "shop" / "devenv.yaml"
    manifest.write_text("devenv: 1\nname: shop # ours\n\n# what runs\nservices: {web: {image: x}}\n")
    return tmp_path


def test_catalog_add_writes_one_entry_and_pins_it(team):
    added = run("-C", str(team / "shop"), "catalog", "add", "../team", "--ref", "main")
    assert (added.code, added.err) == (0, "") and "devenv.yaml:3: catalog ../team is added" in added.out
    assert (team / "shop" / "devenv.yaml").read_text() == (
        "devenv: 1\nname: shop # ours\ncatalogs:\n  - git: ../team\n    ref: main\n\n"
        "# what runs\nservices: {web: {image: x}}\n"
    )
    assert "trusted:\n  - ../team\n" in (team / "shop" / "devenv.lock").read_text()
    assert run("-C", str(team / "shop"), "catalog", "add", "../team").code == 0, "a folder is another catalog"
    listed = run("-C", str(team / "shop"), "catalog", "list")
    assert any(line.split()[:1] == ["store"] and "../team at main" in line for line in listed.out.splitlines())
    shown = run("-C", str(team / "shop"), "catalog", "show", "store")
    assert "../team at main\n  instead of that of ../team" in shown.out
    assert run("-C", str(team / "shop"), "catalog", "show", "store", "--json").data["hides"] == ["../team"]
    found = run("-C", str(team / "shop"), "catalog", "search", "STORE", "--json").data["templates"]
    assert found[0]["name"] == "store" and found[0]["catalog"] == "../team at main"


def release(remote, summary, version="1"):
    text = f"template: 1\nsummary: {summary}\nversions: ['{version}']\nservice: {{image: 'queue:1'}}\n"
    remote.write("queue/template.yaml", text)
    remote.take()


def test_a_template_is_upgraded_with_its_catalog(team):
    shop, file, remote = ("-C", str(team / "shop")), team / "shop" / "devenv.yaml", Remote(team / "platform")
    release(remote, "Old")
    run(*shop, "catalog", "add", "../platform", "--ref", "main")
    file.write_text(file.read_text().replace("image: x", "use: queue"))
    run(*shop, "lock")
    assert "is renewed" not in run(*shop, "upgrade", "queue", "--yes").err
    release(remote, "New")
    done = run(*shop, "upgrade", "queue", "--yes")
    assert "+summary: New" in done.out and done.out.endswith("devenv.lock: written\n")
    assert "../platform at main is renewed, with all that is used of it" in done.err


def test_naming_a_catalog_agrees_to_no_other(team):
    shop, file = ("-C", str(team / "shop")), team / "shop" / "devenv.yaml"
    release(Remote(team / "other"), "Other")
    before = file.read_text() + "catalogs: [{ git: ../other }]\n"
    file.write_text(before)
    release(Remote(team / "platform"), "Old")
    done = run(*shop, "catalog", "add", "../platform")
    assert done.code and "../other has not been used here before" in done.err
    assert file.read_text() == before and not (team / "shop" / "devenv.lock").exists()


def test_a_template_that_is_not_found_may_be_in_a_catalog_that_could_not_be_had(team):
    shop, file = ("-C", str(team / "shop")), team / "shop" / "devenv.yaml"
    file.write_text(file.read_text() + "catalogs: [{ git: ../platform }]\n")
    done = run(*shop, "template", "docs", "queue")
    assert done.code and "error[DE775] devenv.yaml:" in done.err and "there is no template 'queue'" in done.err


def test_what_is_new_and_does_not_fit_the_manifest_is_told_and_not_written(team):
    shop, file, remote = ("-C", str(team / "shop")), team / "shop" / "devenv.yaml", Remote(team / "platform")
    release(remote, "Old")
    run(*shop, "catalog", "add", "../platform", "--ref", "main")
    file.write_text(file.read_text().replace("image: x", "use: queue@1"))
    run(*shop, "lock")
    before = (team / "shop" / "devenv.lock").read_text()
    release(remote, "New", version="2")
    assert run(*shop, "validate").code == 0
    moved = "~ catalog ../platform at main: "
    outdated = run(*shop, "outdated")
    assert moved in outdated.out and "warning[DE302] devenv.yaml:8:23" in outdated.err
    assert "takes it" not in outdated.out and "warning[DE785]" in outdated.err
    assert "DE302" in [problem["code"] for problem in run(*shop, "outdated", "--json").data["problems"]]
    done = run(*shop, "upgrade", "queue", "--yes")
    assert done.code == 3 and moved in done.out and "services" not in done.out
    assert "error[DE785]: the manifest does not fit what is new" in done.err
    assert (team / "shop" / "devenv.lock").read_text() == before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["../team"], None),
        (["./policed"], None),
        ([".."], "devenv.yaml:4:5: catalogs[0]: there is no template in ..\n"),
        (["../team", "--ref", "main", "--folder", "store"], "there is no template in the folder 'store' of ../team\n"),
    ],
)
def test_a_catalog_without_a_template_is_added_with_a_warning(team, options, message):
    (team / "shop" / "policed").mkdir()
    (team / "shop" / "policed" / "policy.yaml").write_text("policy: 1\n")
    added = run("-C", str(team / "shop"), "catalog", "add", *options)
    assert added.code == 0 and "is added" in added.out
    for said in (added, run("-C", str(team / "shop"), "validate")):
        assert (message or "") in said.err and ("DE308" in said.err) is (message is not None)


def test_a_catalog_that_does_not_have_what_the_manifest_uses_is_told_to_have_nothing(team):
    """The likely cause stands beside the error: templates of a repository are often in a folder of it."""
    (team / "shop" / "devenv.yaml").write_text("devenv: 1\nname: shop\nservices: { jobs: { use: our-queue } }\n")
    refused = run("-C", str(team / "shop"), "catalog", "add", "..")
    assert refused.code == 3
    assert "error[DE301]" in refused.err and "warning[DE308] devenv.yaml:4:5: catalogs[0]: there is no" in refused.err


def test_an_upgrade_shows_what_becomes_of_a_catalogs_policy(team):
    """And warns of one that makes no sense: `lint` would fail for it, in every repository that follows."""
    shop, remote = ("-C", str(team / "shop")), team / "team" / "policy.yaml"

    def publish(rules: str) -> None:
        remote.write_text(f"policy: 1\nname: Ours\nrules:\n{rules}")
        for words in (["add", "-A"], ["commit", "-q", "-m", "policy"]):
            subprocess.run(["git", *words], cwd=team / "team", check=True, env={**os.environ, **NOBODY})

    publish("  loopback: { severity: error }\n")
    run(*shop, "catalog", "add", "../team", "--ref", "main")
    publish("  loopback: { severity: error }\n  restart-loop: { severity: error }\n")
    shown = run(*shop, "upgrade", "--dry-run")
    assert "../team at main/policy.yaml" in shown.out and "+  restart-loop: { severity: error }" in shown.out
    assert "warning[DE803] ../team at main/policy.yaml:5:3" in shown.err
    publish("  loopback: { severity: warning }\n")
    taken = run(*shop, "upgrade", "--yes")
    assert "+  loopback: { severity: warning }" in taken.out and "DE803" not in taken.err


def test_a_catalog_that_is_there_at_another_ref_is_moved_and_not_added(team):
    shop, add = ("-C", str(team / "shop")), ("catalog", "add", "../team", "--ref")
    assert run(*shop, *add, "main").code == 0
    before = (team / "shop" / "devenv.yaml").read_text()
    again = run(*shop, *add, "v2")
    assert again.code == 3 and "error[DE211] devenv.yaml:4:5" in again.err and "already, at main" in again.err
    assert "`devenv set 'catalogs[0].ref' v2` moves it" in again.err
    assert (team / "shop" / "devenv.yaml").read_text() == before
    assert run(*shop, "catalog", "add", "../team", "--ref", "main", "--folder", "store").code == 0, (
        "another folder of it"
    )
    manifest = before.replace("    ref: main\n", "")
    (team / "shop" / "devenv.yaml").write_text(manifest)
    assert "at its default branch" in run(*shop, *add, "main").err


def test_one_template_that_is_wrong_hides_no_other(team):
    (team / "team" / "bad").mkdir()
    (team / "team" / "bad" / "template.yaml").write_text("template: 1\nsummary: A store, too\n")
    run("-C", str(team / "shop"), "catalog", "add", "../team")
    for words in (["list"], ["search", "store"]):
        found = run("-C", str(team / "shop"), "catalog", *words)
        assert found.code == 3 and "DE303" in found.err and "bad/template.yaml" in found.err
        assert any(line.split()[:1] == ["store"] for line in found.out.splitlines())


@pytest.mark.parametrize("where", ["../nope", "https://me:word@host/x", "--ref=x", "../team/nope.git"])
def test_a_catalog_that_cannot_be_had_is_not_added(team, where):
    before = (team / "shop" / "devenv.yaml").read_text()
    result = run("-C", str(team / "shop"), "catalog", "add", where)
    assert result.code != 0 and result.err
    assert (team / "shop" / "devenv.yaml").read_text() == before
    assert not (team / "shop" / "devenv.lock").exists()


def test_a_new_address_is_asked_about_at_a_terminal(team):
    path = team / "shop" / "devenv.yaml"
    path.write_text(path.read_text().replace("services:", "catalogs: [{git: ../team}]\nservices:"))
    refused = run("-C", str(team / "shop"), "validate")
    assert refused.code != 0 and "DE775" in refused.err and "devenv lock --yes" in refused.err
    assert run("-C", str(team / "shop"), "validate", typed="n\n").code != 0
    assert not (team / "shop" / "devenv.lock").exists()
    asked = run("-C", str(team / "shop"), "generate", typed="y\n")
    assert asked.code == 0 and "Use ../team for the first time?" in asked.err
    assert run("-C", str(team / "shop"), "validate").code == 0
