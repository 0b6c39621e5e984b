from __future__ import annotations

import textwrap

from devenv.core.plan import plan
from devenv.core.render import definition_hashes
from devenv.model.observed import Container
from tests.core.stacks import stack

SHOP = stack(
    "db: {image: x, ready: {run: [true]}}\n"
    "seed: {image: x, job: true, needs: [db]}\n"
    "web: {image: x, needs: [db, seed]}\n"
    "side: {image: x, network_mode: 'service:web'}"
)
HASHES = definition_hashes(SHOP)


def container(service: str, state: str = "running", health: str = "none", **fields) -> Container:
    values = {
        "id": f"{service}-1",
        "name": f"shop-{service}-1",
        "project": "shop",
        "image": "x",
        "image_id": "sha256:1",
        "labels": {"dev.devenv.hash": HASHES.get(service, "")},
    }
    return Container(**{**values, "service": service, "state": state, "health": health, **fields})


def text(*containers: Container, wanted=("web", "side"), applied=None, current=None, images=None) -> str:
    return plan(SHOP, wanted, containers, applied or {}, current, images).text()


def lines(written: str) -> str:
    return textwrap.dedent(written).lstrip("\n")


def test_nothing_is_there():
    assert text() == lines("""
        create   db    no container yet
        create   seed  no container yet
        create   web   no container yet
        create   side  no container yet
    """)


RUNNING = (
    container("db", health="healthy"),
    container("seed", "exited", exit_code=0),
    container("web"),
    container("side"),
)


def test_nothing_is_to_be_done():
    assert text(*RUNNING) == lines("""
        keep     db    running, healthy
        done     seed  ran to its end already
        keep     web   running
        keep     side  running
    """)
    found = plan(SHOP, ["web", "side"], RUNNING, {})
    assert found.empty and all(step.ready for step in found.steps if step.service != "seed")


def test_only_what_is_wanted_and_what_that_needs():
    assert [step.service for step in plan(SHOP, ["seed"], (), {}).steps] == ["db", "seed"]


def test_states():
    assert text(
        container("db", health="starting"),
        container("seed", "exited", exit_code=3),
        container("web", "exited", exit_code=137),
        container("side", "created"),
    ) == lines("""
        keep     db    running, starting
        start    seed  failed with exit code 3
        start    web   stopped with exit code 137
        start    side  created, not started yet
    """)


def test_what_cannot_stay():
    assert text(
        container("db", labels={"dev.devenv.hash": "old"}),
        container("seed", "exited", exit_code=0),
        container("web", "dead"),
        container("side"),
    ) == lines("""
        recreate db    its definition changed
        done     seed  ran to its end already
        recreate web   it is dead
        recreate side  it shares what belongs to web, which is new
    """)


def test_values_and_images_that_changed():
    assert text(
        *RUNNING, applied={"db": "1", "web": "1"}, current={"db": "2", "web": "1"}, images={"web": "sha256:2"}
    ) == (
        lines("""
        recreate db    a value that it is given changed
        done     seed  ran to its end already
        recreate web   its image changed
        recreate side  it shares what belongs to web, which is new
    """)
    )


def test_containers_of_nobody_and_one_off_ones():
    gone, once = container("old"), container("db", "exited", oneoff=True)
    assert text(*RUNNING, gone, once).endswith("orphan   old   no longer in the stack\n")


def test_a_service_with_several_containers():
    many = stack("web: {image: x, scale: 2}\nnone: {image: x, deploy: {replicas: 0}}")
    label = {"dev.devenv.hash": definition_hashes(many)["web"]}
    one = container("web", labels=label)
    assert plan(many, ["web", "none"], [one], {}).text() == lines("""
        create   web   1 of 2 containers
        done     none  it is to have no containers
    """)
    assert (
        plan(many, ["web"], [one, container("web", "exited", labels=label, id="w2")], {}).steps[0].container_id == "w2"
    )
