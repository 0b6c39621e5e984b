from __future__ import annotations

import textwrap

import pytest

from devenv.core.planning.plan import plan
from devenv.core.stack.render import definition_hashes
from devenv.model.observed import Container
from devenv.model.plan import Action, Facts, JobRun, Leaf, Plan
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
        "networks": ("a",),
    }
    return Container(**{**values, "service": service, "state": state, "health": health, **fields})


def planned(*containers: Container, wanted=("web", "side"), of=SHOP, **facts) -> Plan:
    return plan(of, wanted, Facts(containers=containers, **facts))


def text(*containers: Container, **options) -> str:
    return planned(*containers, **options).text()


def lines(written: str) -> str:
    return textwrap.dedent(written).lstrip("\n")


def test_nothing_is_there():
    assert text() == lines("""
        create    db    no container yet
        create    seed  runs, it has not succeeded yet
        create    web   no container yet
        create    side  no container yet
    """)


RUNNING = (
    container("db", health="healthy"),
    container("seed", "exited", exit_code=0),
    container("web"),
    container("side"),
)


def test_nothing_is_to_be_done():
    assert text(*RUNNING) == lines("""
        keep      db    running, healthy
        keep      seed  ran to its end already
        keep      web   running
        keep      side  running
    """)
    found = planned(*RUNNING)
    assert found.empty and all(step.ready for step in found.steps if step.service != "seed")


def test_only_what_is_wanted_and_what_that_needs():
    assert [step.service for step in planned(wanted=["seed"]).steps] == ["db", "seed"]


def test_states():
    assert text(
        container("db", health="starting"),
        container("seed", "exited", exit_code=3),
        container("web", "exited", exit_code=137),
        container("side", "created"),
    ) == lines("""
        keep      db    running, starting
        start     seed  runs, it failed with exit code 3
        start     web   stopped with exit code 137
        start     side  created, not started yet
    """)


def test_what_cannot_stay():
    assert text(
        container("db", labels={"dev.devenv.hash": "old"}),
        container("seed", "exited", exit_code=0),
        container("web", "dead"),
        container("side", labels={}),
    ) == lines("""
        recreate  db    its definition changed
                        it has no volume: what it has stored in its container is lost
        keep      seed  ran to its end already
        recreate  web   it is dead
                        it has no volume: what it has stored in its container is lost
        recreate  side  devenv did not make it
                        it has no volume: what it has stored in its container is lost
    """)


def test_who_shares_a_network_with_a_new_container_is_made_anew_too():
    found = text(container("db", health="healthy"), container("seed"), container("web", "dead"), container("side"))
    assert "recreate  side  it shares what belongs to web, which is new\n" in found


LEVEL = {"web": {"environment.LEVEL": Leaf("info"), "image": Leaf("x")}}


def test_values_that_changed_are_named():
    assert text(
        *RUNNING[:3],
        wanted=["web"],
        applied=LEVEL,
        current={"web": {"environment.LEVEL": Leaf("debug"), "image": Leaf("x"), "user": Leaf("me")}},
        names={"web": {"data": "shop_data"}},
        volumes={"shop_data": "now"},
    ) == lines("""
        keep      db    running, healthy
        keep      seed  ran to its end already
        recreate  web   a value that it is given changed
                        environment.LEVEL: "info" → "debug"
                        user: "me", new
                        keeps volume shop_data
    """)


def test_what_was_being_made_anew_when_that_was_interrupted_is_made_anew_whatever_it_is_given_now():
    facts = {"wanted": ["db"], "applied": LEVEL, "unfinished": frozenset({"db"})}
    two = (container("db"), container("db", "created", id="db-2"))
    assert text(*two, **facts) == lines("""
        recreate  db  it was being made anew when that was interrupted
                      it has no volume: what it has stored in its container is lost
    """)


def test_an_image_of_the_same_name_that_is_another_one():
    made = container("web", labels={"dev.devenv.hash": HASHES["web"], "com.docker.compose.image": "sha256:aaa"})
    found = text(*RUNNING[:2], made, wanted=["web"], images={"web": "sha256:bbb"})
    assert found.splitlines()[2:4] == [
        "recreate  web   its image changed",
        "                image: aaa → bbb (built or pulled again)",
    ]
    assert planned(*RUNNING[:2], made, wanted=["web"], images={"web": "sha256:aaa"}).empty
    assert planned(*RUNNING[:2], made, wanted=["web"], images={"web": ""}).empty


def test_what_becomes_of_volumes():
    anonymous = "ab" * 32
    db = container("db", labels={"dev.devenv.hash": "old"}, volumes=("shop_old", "shop_data", anonymous))
    names = {"db": {"data": "shop_data", "more": "shop_more"}}
    assert text(db, wanted=["db"], names=names) == lines("""
        recreate  db  its definition changed
                      keeps volume shop_data
                      makes volume shop_more
                      keeps 1 anonymous volume
                      volume shop_old stays, no longer used by it
    """)
    assert text(wanted=["db"], names=names, volumes={"shop_data": "then"}) == lines("""
        create    db  no container yet
                      keeps volume shop_data
                      makes volume shop_more
    """)


def test_containers_of_services_that_are_gone_and_of_others():
    once = container("db", "exited", oneoff=True)
    gone = container("old", labels={"dev.devenv.manifest": "../devenv.yaml"}, volumes=("shop_old",))
    other = container("theirs", labels={"dev.devenv.manifest": "../other.yaml"})
    strange = container("strange", labels={})
    found = planned(*RUNNING, gone, other, strange, once)
    assert found.text().splitlines()[4:] == [
        "remove    old   no longer in the manifest",
        "                volume shop_old stays; `docker volume rm` deletes it",
        "leave     theirs  not made from this manifest",
        "leave     strange  not made from this manifest",
    ]
    assert found.removals[0].containers == ("old-1",)
    assert not found.empty
    assert planned(*RUNNING, other).empty


def test_a_service_with_several_containers():
    many = stack("web: {image: x, scale: 2}\nnone: {image: x, deploy: {replicas: 0}}")
    label = {"dev.devenv.hash": definition_hashes(many)["web"]}
    one = container("web", labels=label)
    assert text(one, of=many, wanted=["web", "none"]) == lines("""
        create    web   1 of 2 containers
        keep      none  it is to have no containers
    """)
    assert text(one, container("none"), of=many, wanted=["none"]).splitlines()[-1] == (
        "remove    none  it is to have no containers"
    )
    more = container("web", "exited", labels=label, id="w2")
    assert planned(one, more, of=many, wanted=["web"]).steps[0].container_id == "w2"
    number = "com.docker.compose.container-number"
    three = [container("web", labels=label | {number: str(n)}, id=f"w{n}") for n in (10, 9, 2)]
    found = planned(*three, of=many, wanted=["web"])
    assert found.text().splitlines() == ["keep      web  running", "remove    web  2 of 3 containers are to stay"]
    assert found.removals[0].containers == ("w10",)


def test_another_number_of_containers_changes_none_of_those_that_are_there():
    def hashes(more):
        return definition_hashes(stack(f"web: {{ image: x{more} }}"))

    plain = hashes("")
    assert hashes(", scale: 3") == hashes(", deploy: { replicas: 2 }") == plain
    assert hashes(", deploy: { replicas: 2, labels: { a: b } }") == hashes(", deploy: { labels: { a: b } }") != plain
    assert hashes(", scale: '${MANY:-2}'") != plain, "who changes a variable is to be noticed"


SEED = JobRun("", "sha256:1", {"sql/": "1", "seed.py": "2"}, {"volume shop_data": "monday"})
NOW = {
    "runs": {"seed": SEED},
    "inputs": {"seed": {"sql/": "1", "seed.py": "2"}},
    "volumes": {"shop_data": "monday"},
    "names": {"db": {"data": "shop_data"}},
}
DONE = container("seed", "exited", exit_code=0)


def test_a_container_with_other_ports_than_it_is_to_have_is_made_anew():
    found = planned(*RUNNING, displaced=frozenset({"web-1"}))
    assert next((step.service, step.reason) for step in found.of(Action.RECREATE)) == ("web", "its port moved")


def seed(*containers: Container, **facts) -> str:
    """What the plan says of the job `seed`."""
    options = {**NOW, **facts}
    (line,) = (
        line
        for line in text(container("db", health="healthy"), *containers, wanted=["seed"], **options).splitlines()
        if line[10:].startswith("seed")
    )
    return " ".join(line.split())


SAME = "keep seed succeeded before with the same command, image, inputs and data"


def test_a_job_that_succeeded_is_kept_with_and_without_its_container():
    assert seed(DONE) == SAME
    assert seed() == SAME
    assert seed(container("seed", "created")) == SAME


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"inputs": {"seed": {"sql/": "3", "seed.py": "2"}}}, "its inputs changed (sql/)"),
        ({"inputs": {"seed": {"sql/": "1", "new.py": "2"}}}, "its inputs changed (new.py, seed.py)"),
        ({"volumes": {"shop_data": "tuesday"}}, "its data is new (volume shop_data)"),
        ({"volumes": {}}, "its data is new (volume shop_data)"),
        ({"forced": frozenset({"seed"})}, "as --setup asks"),
    ],
)
def test_what_makes_a_job_run_again(facts, why):
    assert seed(DONE, **facts) == f"start seed runs, {why}"
    assert seed(**facts) == f"create seed runs, {why}"


@pytest.mark.parametrize(
    ("container_", "said"),
    [
        (container("seed", "exited", exit_code=3), "start seed runs, it failed with exit code 3"),
        (container("seed", "running"), "keep seed running"),
        (container("seed", "exited", exit_code=0, labels={}), "recreate seed runs, devenv did not make it"),
        (container("seed", "exited", exit_code=0, labels={"dev.devenv.hash": "1"}),
         "recreate seed runs, its definition changed"),
        (container("seed", "exited", exit_code=0, image_id="sha256:2"), "start seed runs, its image changed"),
    ],
)  # fmt: skip
def test_what_a_jobs_container_says_counts_more_than_the_record(container_, said):
    assert seed(container_) == said


def test_a_job_that_is_done_does_not_run_again_because_its_folder_was_moved():
    made = {"labels": {"dev.devenv.hash": ""}}
    db = container("db", health="healthy", **made)
    found = planned(db, container("seed", "exited", exit_code=0, **made), wanted=["seed"], **NOW)
    gone = "it was made for another folder, which is gone"
    assert found.text() == lines(f"""
        recreate  db    {gone}
                        keeps volume shop_data
        keep      seed  succeeded before with the same command, image, inputs and data
        remove    seed  {gone}
    """)
    assert found.removals[0].containers == ("seed-1",)
    failed = container("seed", "exited", exit_code=1, **made)
    assert seed(failed) == f"recreate seed runs, {gone}"
    done = container("seed", "exited", exit_code=0, image_id="sha256:2", **made)
    assert seed(done) == f"recreate seed runs, {gone}"


def test_a_job_that_ended_while_nobody_looked_is_compared_with_what_it_was_started_with():
    then = {"begun": {"seed-1": SEED}, "runs": {"seed": JobRun(data={"volume shop_data": "sunday"})}}
    assert seed(DONE, **then) == SAME
    assert seed(DONE, **{**then, "runs": {}}) == SAME
    again = "start seed runs, its data is new (volume shop_data)"
    assert seed(DONE, volumes={"shop_data": "tuesday"}, **then) == again
    assert seed(DONE, volumes={"shop_data": "tuesday"}, **{**then, "runs": {}}) == again
    assert seed(container("seed", "exited", exit_code=3), **then) == "start seed runs, it failed with exit code 3"


def test_a_job_without_a_container_is_compared_with_what_it_ran_with():
    assert seed(images={"seed": "sha256:1"}) == SAME
    assert seed(images={"seed": "sha256:2"}) == "create seed runs, its image changed"
    assert seed(images={"seed": ""}) == "create seed runs, its image is gone"
    told = {"seed": JobRun("0123456789abcdef", SEED.image, SEED.inputs, SEED.data)}
    assert seed(runs=told, current={"seed": {"image": Leaf("x")}}) == "create seed runs, its definition changed"
    assert seed(runs={}) == "create seed runs, it has not succeeded yet"


def test_a_server_without_a_volume_keeps_its_data_in_its_container():
    before = {"seed": JobRun(data={"container of db": "db-1"})}
    assert seed(DONE, runs=before, names={}, inputs={}) == SAME
    before = {"seed": JobRun(data={"container of db": "db-0"})}
    assert seed(DONE, runs=before, names={}, inputs={}) == "start seed runs, its data is new (container of db)"


def test_a_container_whose_network_is_gone_is_made_anew():
    stopped = (*RUNNING[:2], container("web", "exited", exit_code=0), RUNNING[3])
    found = text(*stopped, cut_off=frozenset({"web-1"}))
    assert "recreate  web   its network is gone" in found


def test_a_container_that_was_taken_off_its_network_is_made_anew():
    off = (*RUNNING[:2], container("web", networks=()), container("side", networks=()))
    found = text(*off)
    assert "recreate  web   it was taken off a network that it is to be on" in found
    assert "recreate  side  it shares what belongs to web, which is new" in found
    found = text(*RUNNING[:2], container("web", "paused", networks=()), container("side"))
    assert "recreate  web   it was taken off a network that it is to be on" in found
    assert "keep" in text(*RUNNING[:3], container("side", networks=())).splitlines()[3], "web's network is its own"


def test_a_container_that_was_restarted_a_moment_ago_is_not_known_to_be_up():
    found = planned(*RUNNING, restarted=frozenset({"web-1"}))
    said = {step.service: (step.action, step.reason, step.ready) for step in found.steps}
    assert said["web"] == (Action.KEEP, "running, restarted a moment ago", False)
    assert said["side"] == (Action.KEEP, "running", True)


def test_a_paused_container_is_started_with_what_it_has_stored():
    found = text(*RUNNING[:2], container("web", "paused"), RUNNING[3], wanted=["web"])
    assert found.splitlines()[2] == "start     web   it is paused"
    assert seed(container("seed", "paused")) == "start seed runs, it is paused"


def test_a_job_that_is_done_needs_no_network():
    gone = frozenset({"seed-1"})
    assert seed(DONE, cut_off=gone) == SAME
    assert seed(DONE, cut_off=gone, forced=frozenset({"seed"})) == "recreate seed runs, as --setup asks"


def test_who_lives_in_a_container_that_is_started_anew_is_started_after_it():
    found = planned(*RUNNING[:2], container("web", "exited", exit_code=137), container("side"))
    said = [(step.action, step.reason, step.stops) for step in found.steps[2:]]
    assert said == [
        (Action.START, "stopped with exit code 137", False),
        (Action.START, "it shares what belongs to web, which is started anew", True),
    ]
    found = planned(*RUNNING[:2], container("web", "exited"), container("side", "exited"))
    assert [step.stops for step in found.steps[2:]] == [False, False]


def test_who_was_left_behind_by_what_it_shares_is_started_or_made_anew():
    found = text(*RUNNING, stranded=frozenset({"side-1"}))
    assert "start     side  what it shares belongs to a container that was started anew since\n" in found
    found = text(*RUNNING, orphaned=frozenset({"side-1"}))
    assert "recreate  side  what it shares belonged to a container that is gone\n" in found
    assert seed(DONE, orphaned=frozenset({"seed-1"})) == SAME
