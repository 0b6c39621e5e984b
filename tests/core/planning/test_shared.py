from __future__ import annotations

import pytest

from devenv.core.planning.definition import shared
from devenv.core.planning.plan import plan
from devenv.core.stack.render import definition_hashes
from devenv.model.observed import Container
from devenv.model.plan import Facts, Plan
from tests.core.planning.test_plan import lines
from tests.core.stacks import stack

SERVICES = """\
db: {image: x, networks: [back], volumes: ['data:/data']}
seed: {image: x, job: true, networks: [back]}
web: {image: x, networks: {back: {}, default: {}}}
other: {image: x}
host: {image: x, network_mode: host}
"""
BEFORE = "networks: {back: {}}\nvolumes: {data: {labels: {team: a}}}\n"
ALL = ("db", "seed", "web", "other", "host")


def planned(
    after: str,
    *,
    wanted: tuple[str, ...] = ALL,
    gone: tuple[str, ...] = (),
    volumes: tuple[str, ...] = (),
    **states: str,
) -> Plan:
    """The plan for a stack that runs as `BEFORE` says, but for `states`, once it says `after`."""
    old, new = stack(SERVICES, more=BEFORE), stack(SERVICES, more=after)
    hashes = definition_hashes(new)
    there = tuple(
        Container(
            id=f"{name}-1",
            name=f"shop-{name}-1",
            project="shop",
            service=name,
            state=states.get(name, "exited" if name == "seed" else "running"),
            health="none",
            image="x",
            image_id="sha256:1",
            exit_code=0,
            networks=("a", "b"),
            labels={"dev.devenv.hash": hashes[name]},
            volumes=("shop_data",) if name == "db" else (),
        )
        for name in ALL
        if name not in gone
    )
    names = {"db": {"data": "shop_data"}}
    times = dict.fromkeys(volumes, "monday")
    facts = Facts(containers=there, names=names, volumes=times, made=shared(old, {}), declared=shared(new, {}))
    return plan(new, wanted, facts)


def test_nothing_changed() -> None:
    assert planned(BEFORE).empty


def test_a_network_that_changed_is_made_anew_with_who_is_on_it() -> None:
    assert planned(BEFORE.replace("back: {}", "back: {internal: true}")).text() == lines("""
        recreate  network back  its definition changed
                                internal: "true", new
        recreate  db            its network back is made anew
                                keeps volume shop_data
        keep      seed          ran to its end already
        recreate  web           its network back is made anew
                                it has no volume: what it has stored in its container is lost
        keep      other         running
        keep      host          running
    """)


def test_the_default_network_is_one_like_any_other() -> None:
    found = planned(BEFORE.replace("networks: {", "networks: {default: {driver_opts: {mtu: 1400}}, "))
    assert [step.service for step in found.steps if step.action == "recreate"] == ["web", "other"]


def test_a_job_on_such_a_network_is_made_anew_only_when_it_runs() -> None:
    after = BEFORE.replace("back: {}", "back: {internal: true}")
    assert "keep      seed " in planned(after, seed="exited").text()
    assert "recreate  seed          runs, created, not started yet" in planned(after, seed="created").text()
    assert "recreate  seed          runs, its network back is made anew" in planned(after, seed="running").text()


def test_a_network_stays_while_a_service_that_was_not_asked_for_runs_on_it() -> None:
    after = BEFORE.replace("back: {}", "back: {internal: true}")
    found = planned(after, wanted=("web", "other"))
    assert found.empty
    assert found.text() == lines("""
        keep      network back  its definition changed, but something that was not asked for runs on it, too: db
                                internal: "true", new
                                `devenv up web db` makes it anew
        keep      web           running
        keep      other         running
    """)
    assert "recreate  web " in planned(after, wanted=("web",), db="exited").text()
    assert planned(after, wanted=("other",)).shared == ()


def test_a_volume_that_changed_stays_and_says_what_to_do() -> None:
    found = planned(BEFORE.replace("team: a", "team: b"))
    assert found.empty
    assert found.text().startswith(
        lines("""
        keep      volume data  its definition changed, but it holds data, so it stays as it was made
                               labels.team: "a" → "b"
                               `devenv down && docker volume rm shop_data && devenv up` makes an empty one
        keep      db           running
    """)
    )


def test_a_volume_that_is_gone_is_made_as_it_is_declared_now() -> None:
    after = BEFORE.replace("team: a", "team: b")
    assert planned(after, gone=("db",)).shared == ()
    assert len(planned(after, gone=("db",), volumes=("shop_data",)).shared) == 1


@pytest.mark.parametrize("more", ["name: mine", "external: true"])
def test_another_volume_makes_who_mounts_it_anew(more: str) -> None:
    found = planned(BEFORE.replace("labels: {team: a}", f"labels: {{team: a}}, {more}"))
    assert found.shared == ()
    assert [step.reason for step in found.steps if step.action == "recreate"] == ["its volume data is another one"]


def test_passwords_of_volumes_are_hidden() -> None:
    old, new = (
        stack("a: {image: x}", more=f"volumes: {{d: {{driver_opts: {{o: 'username=u,password={word}'}}}}}}\n")
        for word in ("one", "two")
    )
    facts = Facts(names={"a": {"d": "shop_d"}}, volumes={"shop_d": ""}, made=shared(old, {}), declared=shared(new, {}))
    (found,) = plan(new, ("a",), facts).shared
    assert [str(change) for change in found.changes] == ["driver_opts.o: (secret), another one"]
