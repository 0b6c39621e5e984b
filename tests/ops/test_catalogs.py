"""Catalogs of one's own in front of the built-in one."""

from __future__ import annotations

from shutil import copytree

import pytest

from devenv.cli.world import open_world
from devenv.core.compose.dockerignore import Ignore
from devenv.core.lock.names import choose
from devenv.errors import DevenvError, Report
from devenv.ops import schema
from devenv.ops.bringup.remembering import catalog_folders
from devenv.ops.bringup.witness import Witness
from devenv.ops.catalogs import project_catalog
from devenv.ops.load import load_stack
from devenv.ops.locking.wanted import wanted_of
from devenv.ops.schema import manifest_text
from devenv.records import replace
from tests.conftest import ROOT, stand_in

TEMPLATE = """\
template: 1
summary: {summary}
versions: ["1"]
service: {{ image: "{image}", ports: {{ main: 70 }} }}
"""


def template(folder, name, image="x:1", summary="One of ours"):
    (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / name / "template.yaml").write_text(TEMPLATE.format(summary=summary, image=image))


@pytest.fixture
def shop(tmp_path):
    template(tmp_path / "team", "postgres", "team/postgres:1")
    template(tmp_path / "team", "queue", "team/queue:1")
    template(tmp_path / "org", "queue", "org/queue:1")
    template(tmp_path / "org", "vault", "org/vault:1")
    (tmp_path / "team" / "policy.yaml").write_text("policy: 1\n")
    (tmp_path / "shop").mkdir()
    write(tmp_path, "catalogs: [{path: ../team}, {path: ../org}]\n")
    return tmp_path


def write(root, catalogs, services="db: {use: postgres}, q: {use: queue}, v: {use: vault}, r: {use: valkey}"):
    (root / "shop" / "devenv.yaml").write_text(f"devenv: 1\nname: shop\n{catalogs}services: {{{services}}}\n")


def world(root):
    return open_world(root / "shop", None)


def test_the_first_catalog_that_has_a_template_counts(shop):
    loaded = load_stack(world(shop), Report())
    images = {name: service.image for name, service in loaded.stack.services.items()}
    assert images["db"] == "team/postgres:1" and images["q"] == "team/queue:1" and images["v"] == "org/vault:1"
    assert images["r"].startswith("valkey/valkey:")
    write(shop, "catalogs: [{path: ../org}, {path: ../team}]\n")
    assert load_stack(world(shop), Report()).stack.services["q"].image == "org/queue:1"


def images(root):
    loaded = load_stack(world(root), Report())
    return {name: service.image for name, service in loaded.stack.services.items()}


def test_an_included_stack_gets_the_templates_that_it_gets_by_itself(shop):
    inner = shop / "inner"
    template(inner / "own", "queue", "inner/queue:1")
    text = "devenv: 1\nname: inner\n{}services: {{iq: {{use: queue@1}}, idb: {{use: postgres}}, it: {{use: thing}}}}\n"
    (inner / "devenv.yaml").write_text(text.format("catalogs: [{path: ./own}]\n"))
    template(shop / "team", "thing", "team/thing:1")
    write(
        shop,
        "include: [../inner]\ncatalogs: [{path: ../team}, {path: ../org}]\n",
        "q: {use: queue}, db: {use: postgres}",
    )
    found = images(shop)
    assert (found["q"], found["iq"]) == ("team/queue:1", "inner/queue:1")
    assert found["db"] == "team/postgres:1" and found["idb"].startswith("postgres:")
    assert found["it"] == "team/thing:1", "what it could not have by itself, the whole stack has"
    loaded = load_stack(world(shop), Report())
    origins = {name: service.origin.template for name, service in loaded.stack.services.items()}
    assert (origins["q"], origins["iq"]) == ("queue", "queue of ../inner/own")
    now = wanted_of(world(shop), loaded)
    assert now.templates.keys() == {"postgres of built-in"}, "what lies beside the manifest is not pinned"
    assert choose(["postgres"], loaded.sources.lock, now, {}).templates == {"postgres of built-in"}


def test_a_part_of_a_server_of_another_template_by_that_name_is_told(shop):
    copytree(ROOT / "templates" / "valkey", shop / "team" / "valkey")
    copy = shop / "team" / "valkey" / "template.yaml"
    copy.write_text(copy.read_text().replace("summary: ", "summary: Our "))
    (shop / "inner").mkdir()
    (shop / "inner" / "devenv.yaml").write_text("devenv: 1\nname: inner\nservices: {cache: {use: valkey}}\n")
    include = "include: [{path: ../inner, prefix: in, share: {cache: r}}]\n"
    for catalogs, told in (("catalogs: [{path: ../team}]\n", ["DE346"]), ("catalogs: [{path: ../org}]\n", [])):
        write(shop, catalogs + include, "r: {use: valkey}")
        report = Report()
        load_stack(world(shop), report)
        assert [one.code for one in report.problems] == told
    write(shop, "catalogs: [{path: ../team}]\n" + include, "r: {use: valkey}")
    said = load_stack(world(shop), report := Report()) and report.problems[0].message
    assert said == ("'valkey' is another template here than that of the server 'r' (devenv.yaml:5), which counts")


def test_the_same_template_twice_is_one(shop):
    inner = shop / "inner"
    template(inner / "own", "queue", "team/queue:1")
    (inner / "devenv.yaml").write_text(
        "devenv: 1\nname: inner\nservices: {iq: {use: queue}}\ncatalogs: [{path: ./own}]\n"
    )
    write(shop, "include: [../inner]\ncatalogs: [{path: ../team}]\n", "q: {use: queue}")
    loaded = load_stack(world(shop), Report())
    assert {service.origin.template for service in loaded.stack.services.values()} == {"queue"}


def test_a_catalog_says_where_each_template_is_from_and_what_it_hides(shop):
    catalog = project_catalog(world(shop)).catalog
    assert [origin.name for origin in catalog.origins()] == ["../team", "../org", "built-in"]
    assert catalog.origin("queue").name == "../team"
    assert [origin.name for origin in catalog.hidden("queue")] == ["../org"]
    assert [origin.name for origin in catalog.hidden("postgres")] == ["built-in"]
    assert catalog.hidden("valkey") == []
    assert catalog.policies() == [("../team/policy.yaml", "policy: 1\n")]


def test_a_folder_that_is_not_there_is_told_at_its_place(shop):
    write(shop, "catalogs:\n  - path: ../team\n  - path: ../nope\n")
    with pytest.raises(DevenvError) as raised:
        load_stack(world(shop), Report())
    (problem,) = raised.value.problems  # and nothing of templates that may be in it
    assert (problem.code, problem.mark.line, problem.path) == ("DE308", 5, "catalogs[1]")


def test_no_other_template_stands_in_for_one_of_a_catalog_that_is_not_there(shop):
    write(shop, "catalogs: [{path: ../nope}, {path: ../team}]\n", "db: {use: postgres@17, with: {database: shop}}")
    with pytest.raises(DevenvError) as raised:
        load_stack(world(shop), Report())
    assert [p.code for p in raised.value.problems] == ["DE308"]  # the team's has neither that version nor a parameter


def test_a_template_that_is_wrong_is_told_in_its_file(shop):
    (shop / "team" / "queue" / "template.yaml").write_text("template: 1\nsumary: x\n")
    with pytest.raises(DevenvError) as raised:
        load_stack(world(shop), Report())
    assert {p.mark.file for p in raised.value.problems} == {"../team/queue/template.yaml"}


def test_the_personal_override_may_name_catalogs(shop):
    write(shop, "", "q: {use: queue}")
    (shop / "shop" / "devenv.local.yaml").write_text("catalogs: [{path: ../org}]\n")
    assert load_stack(world(shop), Report()).stack.services["q"].image == "org/queue:1"
    assert "queue" in project_catalog(world(shop)).catalog.names()


def test_a_manifest_in_the_middle_of_an_edit_still_has_its_catalogs(shop):
    write(shop, "catalogs: [{path: ../org}]\n", "q: {use: }")
    assert "vault" in project_catalog(world(shop)).catalog.names()
    (shop / "shop" / "devenv.yaml").write_text("services: [")
    assert "postgres" in project_catalog(world(shop)).catalog.names()


def test_the_schema_has_the_templates_of_all_catalogs(shop):
    text = manifest_text(project_catalog(world(shop)).catalog)
    assert '"vault"' in text and "One of ours" in text


def test_the_lock_counts_as_looked_at(shop):
    real = world(shop)
    witness = Witness(real.project)
    load_stack(replace(real, project=witness.as_project), Report())
    assert witness.seen.same(real.project)
    (shop / "shop" / "devenv.lock").write_text("lock: 1\n")
    assert not witness.seen.same(real.project)


def test_a_catalog_that_an_included_manifest_brings_is_listed(shop):
    (shop / "orders").mkdir()
    (shop / "orders" / "devenv.yaml").write_text("devenv: 1\ncatalogs: [{path: ../org}]\nservices: {v: {use: vault}}\n")
    write(shop, "include: [../orders]\ncatalogs: [{path: ../team}]\n", "db: {use: postgres}")
    found = project_catalog(world(shop))
    assert not found.report.problems
    assert found.catalog.origin("queue").name.endswith("team") and found.catalog.origin("vault").name.endswith("org")
    write(shop, "include: [../nowhere]\ncatalogs: [{path: ../team}]\n", "db: {use: postgres}")
    assert "queue" in project_catalog(world(shop)).catalog.names()


def test_a_catalog_that_an_included_manifest_names_as_well_is_there_once(shop):
    (shop / "orders").mkdir()
    (shop / "orders" / "devenv.yaml").write_text(
        "devenv: 1\ncatalogs: [{path: ../team}]\nservices: {q: {use: queue}}\n"
    )
    write(shop, "include: [{path: ../orders, prefix: o}]\ncatalogs: [{path: ../team}]\n", "db: {use: postgres}")
    for catalog in (project_catalog(world(shop)).catalog, load_stack(world(shop), Report()).catalog):
        assert catalog.hidden("queue") == []
        assert catalog.policies() == [("../team/policy.yaml", "policy: 1\n")]


def test_recipes_of_different_catalogs_make_different_images(shop):
    (shop / "team" / "postgres" / "Dockerfile").write_text("FROM scratch\n")
    with (shop / "team" / "postgres" / "template.yaml").open("a") as file:
        file.write('image: Dockerfile\ndebian: ["1"]\n')
    services = load_stack(world(shop), Report()).stack.services
    tag = services["db"].recipe.tag
    assert tag.startswith("devenv/postgres-") and tag.endswith(":1-debian")
    (shop / "team" / "postgres" / "Dockerfile").write_text("FROM scratch\nLABEL a=b\n")
    assert load_stack(world(shop), Report()).stack.services["db"].recipe.tag != tag, "another recipe, another image"
    assert services["r"].recipe.tag == stand_in("valkey", "8")


def test_an_up_with_nothing_to_do_notices_a_change_of_a_catalog(shop):
    """What `ops.bringup.memory` compares: the folders of all catalogs by path, for a new template may hide another."""
    real = world(shop)
    loaded = load_stack(real, Report())
    before = {folder: real.project.tree(folder, Ignore()) for folder in catalog_folders(loaded)}
    assert {str(shop / "team"), str(shop / "org")} <= before.keys()
    template(shop / "team", "vault")
    after = {folder: real.project.tree(folder, Ignore()) for folder in before}
    assert {folder for folder in before if before[folder] != after[folder]} == {str(shop / "team")}


def test_the_schema_is_remade_when_a_catalog_beside_the_manifest_changes(shop):
    real = world(shop)

    def kept() -> bool:
        loaded = load_stack(real, Report())
        return schema.keep(real.project, loaded.catalog, loaded.stack, closely=False)

    assert kept()
    assert not kept()
    template(shop / "org", "vault", summary="Keeps what is secret")
    assert kept()
    assert "Keeps what is secret" in real.project.read(schema.SCHEMA_FILE)
