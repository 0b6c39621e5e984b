from __future__ import annotations

from devenv.core.planning.builds import awaiting
from devenv.core.planning.plan import plan
from devenv.core.stack.render import definition_hashes
from devenv.model.observed import Container
from devenv.model.plan import Facts, Plan
from devenv.ui.plan import summary
from tests.core.stacks import stack

SHOP = stack(
    "orders: {build: ., image: orders, setup: {run: migrate}}\n"
    "worker: {image: orders}\n"
    "side: {image: x, network_mode: 'service:orders'}\n"
    "web: {image: x, needs: [orders]}"
)


def planned(images: dict[str, str] | None = None, **states: str) -> Plan:
    """A stack whose containers are as they should be, but for `states` and for what their `images` are called now."""
    hashes = definition_hashes(SHOP)
    containers = tuple(
        Container(
            f"{name}-1", name, "shop", name, states.get(name, "exited" if one.job else "running"), "none", "x", "1",
            {"dev.devenv.hash": hashes[name]}, exit_code=0, networks=("a",),
        )
        for name, one in SHOP.services.items()
    )  # fmt: skip
    return plan(SHOP, list(SHOP.services), Facts(containers=containers, images=images or {}))


def said(found: Plan) -> dict[str, str]:
    return {step.service: f"{step.action.word}: {step.reason}" for step in found.steps if step.awaits_build}


def test_what_another_image_would_change_depends_on_the_build():
    found = awaiting(SHOP, planned(), ["orders"])
    assert said(found) == {
        "orders-setup": "keep: ran to its end already; runs again if the build makes another image",
        "orders": "keep: running; made anew if the build makes another image",
        "worker": "keep: running; made anew if the build makes another image",
        "side": "keep: running; made anew if the build makes another image",
    }
    assert summary(found, ["orders"]) == "1 to build, 4 depending on a build, 1 kept"


def test_a_container_that_would_be_started_depends_on_it_and_a_job_that_runs_anyway_does_not():
    found = awaiting(SHOP, planned(**{"orders": "exited", "orders-setup": "created"}), ["orders"])
    assert list(said(found)) == ["orders", "worker", "side"]
    assert said(found)["orders"] == "start: stopped; made anew if the build makes another image"


def test_a_container_whose_images_name_was_given_to_another_one_stays_if_the_build_makes_its_own():
    found = awaiting(SHOP, planned({"orders": "sha256:2"}), ["orders"])
    assert (
        said(found)["orders"] == "recreate: its image changed; stays if the build makes the one that it was made from"
    )
    assert "orders" not in said(awaiting(SHOP, planned({"orders": "sha256:2"}), []))


def test_without_a_build_nothing_depends_on_one():
    assert awaiting(SHOP, planned(), []) == planned()
