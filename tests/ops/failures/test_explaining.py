from datetime import UTC, datetime

import pytest

from devenv.errors import DevenvError
from devenv.events import ServiceFailed
from devenv.model.data import Map
from devenv.model.stack import Need, Origin, PublishedPort, Service
from devenv.ops.failures.evidence import Evidence, facts
from devenv.ops.failures.explaining import explained
from devenv.ops.failures.failures import Cause, Failure
from devenv.records import replace
from tests.fakes import FakeDaemon, Life, fake_world


def story(daemon: FakeDaemon, failure: Failure, *services: Service) -> ServiceFailed:
    world = fake_world(daemon)
    return explained(world, failure, {s.name: s for s in services}, [f"{failure.service}-1"])


def test_the_script_that_could_not_be_run_is_looked_at() -> None:
    daemon = FakeDaemon()
    line = "exec /run.sh: no such file or directory"
    daemon.add("web", Life(log=(line,), programs={"/run.sh": b"#!/bin/sh\r\n"}), state="exited")
    web = Service(name="web", compose=Map({"volumes": ["./run.sh:/run.sh:ro", "data:/data"]}))
    event = story(daemon, Failure("web", Cause.EXITED, "web-1", 1, 0.2), web)
    assert event.cause == "windows-line-ends"
    assert event.state == "exited"
    assert "/run.sh` takes them out" in event.steps[0]
    assert len(event.log) == 1


def test_no_secret_is_in_a_log_or_a_probes_output_that_is_shown() -> None:
    daemon = FakeDaemon()
    log = ("cannot reach postgres://app:hunter@far.example/shop", "auth s3cr3t-x refused", "secret: not found")
    daemon.add("web", Life(log=log), state="running")
    world = fake_world(daemon)
    world.project.save_settings({"DEVENV_SECRET_DB_PASSWORD": "s3cr3t-x", "DEVENV_PORT_WEB": "80"})
    web = Service(name="web", compose=Map())
    failure = Failure("web", Cause.NOT_READY, "web-1", seconds=3.0)
    event = explained(world, failure, {"web": web}, ["web-1"], "PASS s3cr3t-x:80 is wrong")
    assert event.probe == "PASS ********:80 is wrong"
    said = ("cannot reach postgres://app:********@far.example/shop", "auth ******** refused", "secret: not found")
    assert event.log == said


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("+ serve --password=sw0rdfish --token swordfish on", "+ serve --password=******** --token ******** on"),
        ('{"apiKey": "swordfish", "level": 1}', '{"apiKey": "********", "level": 1}'),
        ("exec: mysql -uroot -pswordfish", "exec: mysql -uroot -p********"),
        ("NEO4J_AUTH=neo4j/sw0rdfish", "NEO4J_AUTH=neo4j/********"),
        ("invalid password: sw0rdfish", "invalid password: ********"),
        ("Password: swordfish", "Password: ********"),
        ("+ serve --token=sword$fish", "+ serve --token=********"),
        *(
            (said, said)
            for said in (
                "error: --password is required, --token must be set",
                "Access denied for user 'app'@'db' (using password: YES)",
                "invalid token: expired",
                "Token: invalid signature",
                'cannot mount "/etc/passwd": mount /a:/etc/passwd: not a directory',
                'FATAL:  password authentication failed for user "app"',
            )
        ),
    ],
)
def test_what_lint_takes_for_a_secret_is_in_no_log_and_what_a_sentence_says_is(line: str, shown: str) -> None:
    daemon = FakeDaemon()
    daemon.add("web", Life(log=(line,)), state="running")
    web = Service(name="web", compose=Map())
    event = explained(fake_world(daemon), Failure("web", Cause.NOT_READY, "web-1"), {"web": web}, ["web-1"], line)
    assert (event.log, event.probe) == ((shown,), shown)


def test_no_line_of_a_private_key_is_in_a_log_that_is_shown() -> None:
    daemon = FakeDaemon()
    lines = [digit * 7 + "aB/" + digit * 54 for digit in "123"]
    daemon.add("web", Life(log=(*lines, "ready", "Zz9=", "-----END EC PRIVATE KEY-----", "bye")), state="running")
    failure = Failure("web", Cause.NOT_READY, "web-1")
    event = explained(fake_world(daemon), failure, {"web": Service(name="web", compose=Map())}, ["web-1"])
    assert event.log == (*["********"] * 3, "ready", "********", "-----END EC PRIVATE KEY-----", "bye")


def test_the_engine_may_hear_of_a_want_of_memory_after_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    daemon = FakeDaemon()
    daemon.add("web", Life(), state="exited")
    ended = replace(daemon.inspect("web-1"), exit_code=137)
    answers = [ended, replace(ended, oom_killed=True)]
    monkeypatch.setattr(daemon, "inspect", lambda container_id: answers.pop(0) if len(answers) > 1 else answers[0])
    event = story(daemon, Failure("web", Cause.EXITED, "web-1", 137), Service(name="web", compose=Map()))
    assert event.code == "DE622"


def test_a_container_that_runs_on_without_a_process_that_the_kernel_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    daemon = FakeDaemon()
    daemon.add("web", Life(), state="running")
    starved = replace(daemon.inspect("web-1"), oom_killed=True)
    monkeypatch.setattr(daemon, "inspect", lambda container_id: starved)
    event = story(daemon, Failure("web", Cause.NOT_READY, "web-1"), Service(name="web", compose=Map()))
    assert (event.code, event.cause) == ("DE620", "memory")


@pytest.mark.parametrize(
    ("probes", "words"),
    [
        ((), "waited for it to run; its health check has not come to an end yet"),
        (((1, ""), (3, "")), "waited for it to run; its health check says nothing, and ends with exit code 3"),
        (((1, "no table"),), "waited for it to run"),
        (((0, ""),), "waited for it to run"),
    ],
)
def test_a_probe_that_said_nothing_is_told_of(probes: tuple[tuple[int, str], ...], words: str) -> None:
    daemon = FakeDaemon()
    daemon.add("web", Life(probes=probes), state="running", health="starting")
    event = story(daemon, Failure("web", Cause.NOT_READY, "web-1", seconds=2), Service(name="web", compose=Map()))
    assert event.reason == f"did not become ready within 2 s: {words}"


def test_since_when_a_container_is_there_that_could_not_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    daemon = FakeDaemon()
    daemon.add("web", Life(), state="created")
    made = replace(daemon.inspect("web-1"), created_at=datetime(2026, 1, 2, tzinfo=UTC))
    monkeypatch.setattr(daemon, "inspect", lambda container_id: made)
    refused = DevenvError.of("DE601", "the engine cannot start the container")
    event = story(daemon, Failure("web", Cause.REFUSED, error=refused), Service(name="web", compose=Map()))
    assert (event.state, event.since) == ("created", made.created_at.timestamp())


def test_a_container_that_was_removed_did_not_simply_end() -> None:
    daemon = FakeDaemon()
    daemon.add("web", Life(), state="removing")
    web = Service(name="web", compose=Map())
    assert story(daemon, Failure("web", Cause.EXITED, "web-1", 137), web).code == "DE627"
    daemon.remove("web")
    assert story(daemon, Failure("web", Cause.DIED, "web-1", 137), web).code == "DE627"


def test_the_log_that_is_searched_is_longer_than_the_one_that_is_shown() -> None:
    daemon = FakeDaemon()
    log = ("tail: No space left on device", *(f"line {n}" for n in range(30)))
    daemon.add("web", Life(log=log), state="exited")
    event = story(daemon, Failure("web", Cause.EXITED, "web-1", 1), Service(name="web", compose=Map()))
    assert event.cause == "disk-full"
    assert event.log == log[-10:]


def test_what_the_engine_said_counts_when_it_refused_to_start() -> None:
    daemon = FakeDaemon()
    daemon.add("web", Life())
    words = 'unable to start container process: exec: "nosuch": executable file not found in $PATH: unknown'
    error = DevenvError.of("DE601", "the engine cannot start the container", evidence=[words])
    event = story(daemon, Failure("web", Cause.REFUSED, error=error), Service(name="web", compose=Map()))
    assert event.reason == "the engine cannot start the container: its image has no command 'nosuch'"
    assert event.cause == "command-missing"


def test_facts_of_a_service() -> None:
    port = PublishedPort("main", 5432, "tcp", 5432, "P")
    db = Service(name="db", compose=Map(), ports=(port,), origin=Origin("postgres", "17"))
    setup = Service(name="web-setup", compose=Map(), setup_of="web", ports=(port,))
    volumes = [
        "./conf:/etc/conf:ro",
        "/srv/x:/x",
        "data:/data",
        "~/y:/y",
        "${HERE}/z:/z",
        {"type": "bind", "source": "../up", "target": "/up"},
        {"type": "volume", "source": "data", "target": "/v"},
    ]
    web = Service(name="web", compose=Map({"volumes": volumes}), needs=(Need("db", "ready"),))
    found = facts(web, {"db": db, "web-setup": setup, "web": web}, Evidence(log=("x",)), 1, "words", "/home/me/shop")
    assert found.mounts == {"/etc/conf": "/home/me/shop/conf", "/x": "/srv/x", "/y": "~/y", "/up": "/home/me/up"}
    assert found.ports == {5432: "db"}
    assert found.needs == {"db"}
    assert found.services == ("db", "web")
    assert (found.exit_code, found.engine, found.log) == (1, "words", ("x",))
    assert facts(db, {"db": db}, Evidence(), None, "", "/").template == "postgres"
    [line] = facts(db, {"db": db}, Evidence(log=("{" + " " * 100_000 + "EACCES /x",)), None, "", "/").log
    assert len(line) < 1_100 and line.startswith("{") and line.endswith("EACCES /x")
    assert not found.setup
    assert facts(setup, {"web-setup": setup, "web": web}, Evidence(), 127, "", "/").setup
