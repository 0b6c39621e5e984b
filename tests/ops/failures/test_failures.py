import pytest

from devenv.codes import CODES
from devenv.core.diagnosis.symptoms import Known
from devenv.engine.answers import Holder
from devenv.engine.pulling import failure as failure_of
from devenv.errors import DevenvError, ExitCode, Problem
from devenv.model.data import Map
from devenv.model.manifest import Ready
from devenv.model.stack import PublishedPort, Service
from devenv.ops.failures.evidence import Evidence
from devenv.ops.failures.failures import Cause, Failure, exit_words, explain, holder_words, port_in

PORTS = tuple(PublishedPort(name, number, "tcp", None, "") for name, number in (("main", 90), ("http", 80)))
WEB = Service(name="web", compose=Map())


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (None, "an unknown exit code"),
        (1, "exit code 1"),
        (127, "exit code 127 (a command was not found)"),
        (126, "exit code 126 (a command could not be executed)"),
        (137, "exit code 137 (SIGKILL)"),
        (139, "exit code 139 (SIGSEGV)"),
        (159, "exit code 159 (SIGSYS)"),
        (255, "exit code 255"),
    ],
)
def test_exit_codes_in_words(code: int | None, words: str) -> None:
    assert exit_words(code) == words


@pytest.mark.parametrize(
    ("holder", "words"),
    [
        (Holder("process", "nginx", 12), "process 'nginx' (pid 12)"),
        (Holder("process", "nginx"), "process 'nginx'"),
        (Holder("container", "a-web-1", project="a"), "container 'a-web-1' of stack 'a'"),
        (Holder("container", "web"), "container 'web'"),
        (Holder("unknown"), ""),
    ],
)
def test_holders_in_words(holder: Holder, words: str) -> None:
    assert holder_words(holder) == words


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ("Bind for 127.0.0.1:8080 failed: port is already allocated", 8080),
        ("failed to bind host port 0.0.0.0:5432/tcp: address already in use", 5432),
        ("listen tcp4 127.0.0.1:443: bind: address already in use", 443),
        ("Bind for [::1]:8080 failed: port is already allocated", 8080),
        ("something else", None),
    ],
)
def test_the_port_that_a_refusal_speaks_of(text: str, port: int | None) -> None:
    assert port_in(Problem("DE602", "a port is taken", evidence=(text,))) == port


@pytest.mark.parametrize("cause", [c for c in Cause if c is not Cause.REFUSED])
def test_every_cause_has_a_code_that_means_not_ready_and_something_to_do(cause: Cause) -> None:
    failure = explain(Failure("web", cause, exit_code=1, seconds=2.5), WEB, Evidence())
    assert CODES[failure.code].exit == ExitCode.UNHEALTHY
    assert failure.reason
    assert 1 <= len(failure.steps) <= 3


def test_a_refusal_keeps_the_engines_code_and_words() -> None:
    words = 'OCI runtime create failed: runc create failed: sysctl "kernel.foo" is not in a separate namespace: unknown'
    error = DevenvError.of("DE601", "the engine cannot start it", evidence=[words])
    failure = explain(Failure("web", Cause.REFUSED, error=error), WEB, Evidence())
    assert failure.code == "DE601"
    assert failure.log == (words,)
    assert failure.reason == 'the engine cannot start it: sysctl "kernel.foo" is not in a separate namespace'
    assert failure.steps[0] == "correct what the engine objects to in web"


def test_a_known_cause_says_better_than_compose_what_it_refused() -> None:
    words = 'external volume "old" not found'
    error = DevenvError.of("DE605", f"`docker compose up` failed: {words}", evidence=[words])
    found = Known("external-missing", "there is no volume old", ("make it",))
    failure = explain(Failure("web", Cause.REFUSED, error=error), WEB, Evidence(), found)
    assert (failure.reason, failure.log) == ("there is no volume old", (words,))


def test_a_known_cause_comes_after_the_reason_and_its_steps_come_first() -> None:
    found = Known("disk-full", "there is no space left where it writes", ("free some",))
    failure = explain(Failure("web", Cause.EXITED, exit_code=1, seconds=0.3), WEB, Evidence(), found)
    assert failure.reason == "ended with exit code 1 after 0.3 s: there is no space left where it writes"
    assert failure.cause == "disk-full"
    assert failure.steps[0] == "free some"


@pytest.mark.parametrize(
    ("service", "words"),
    [
        (Service(name="web", compose=Map(), ready=Ready(http="/")), "waited for an answer to `GET /`"),
        (Service(name="web", compose=Map(), ready=Ready(http="/", port="9")), "`GET /` on port 9"),
        (Service(name="web", compose=Map(), ready=Ready(tcp="main")), "waited for port main to accept a connection"),
        (Service(name="web", compose=Map(), ready=Ready(tcp="main"), ports=PORTS), "waited for port 90 (main) to acc"),
        (Service(name="web", compose=Map(), ready=Ready(http="/"), ports=PORTS), "`GET /` on port 80"),
        (Service(name="web", compose=Map(), ready=Ready(http="/", port="90"), ports=PORTS), "`GET /` on port 90"),
        (Service(name="web", compose=Map(), ready=Ready(run=("pg_isready", "-q"))), "`pg_isready -q` to succeed"),
        (Service(name="web", compose=Map(), ready=Ready(run="x" * 99)), f"`{'x' * 57}...` to succeed"),
        (Service(name="web", compose=Map(), has_healthcheck=True), "waited for its health check to succeed"),
        (Service(name="web", compose=Map(), job=True), "waited for it to end"),
        (WEB, "waited for it to run"),
    ],
)
def test_what_was_awaited_is_said(service: Service, words: str) -> None:
    for cause in (Cause.NOT_READY, Cause.OUT_OF_TIME):
        assert words in explain(Failure("web", cause, seconds=2), service, Evidence()).reason


def test_out_of_memory_names_the_limit() -> None:
    limited = Service(name="web", compose=Map({"mem_limit": "20m"}))
    failure = explain(Failure("web", Cause.EXITED, exit_code=137, oom=True), limited, Evidence())
    assert failure.code == "DE622"
    assert "ran out of memory (its limit is 20m): the kernel ended it (exit code 137 (SIGKILL))" in failure.reason


def test_a_kill_under_a_limit_is_most_likely_want_of_memory_though_the_engine_has_not_heard_of_it() -> None:
    limited = Service(name="web", compose=Map({"mem_limit": "20m"}))
    failure = explain(Failure("web", Cause.EXITED, exit_code=137), limited, Evidence())
    assert failure.code == "DE622"
    assert "was killed (exit code 137 (SIGKILL))" in failure.reason
    assert "most likely it ran out of memory (its limit is 20m)" in failure.reason
    assert explain(Failure("web", Cause.EXITED, exit_code=137), WEB, Evidence()).code == "DE621"
    assert explain(Failure("web", Cause.EXITED, exit_code=143), limited, Evidence()).code == "DE621"


@pytest.mark.parametrize(("registry", "host"), [("docker.io", "registry-1.docker.io"), ("ghcr.io", "ghcr.io")])
def test_a_registry_that_cannot_be_reached_has_steps(registry: str, host: str) -> None:
    error = failure_of(f"{registry}/a/b:1" if registry != "docker.io" else "a/b:1", "dial tcp: no route to host")
    steps = explain(Failure("web", Cause.REFUSED, error=error), WEB, Evidence()).steps
    assert len(steps) == 3
    assert f"`curl -sS https://{host}/v2/`" in steps[0]
    assert "`images:`" in steps[1]


def test_a_registry_is_asked_as_the_engine_asks_it() -> None:
    words = 'Get "http://localhost:5000/v2/": dial tcp 127.0.0.1:5000: connect: connection refused'
    error = failure_of("localhost:5000/b:1", words)
    steps = explain(Failure("web", Cause.REFUSED, error=error), WEB, Evidence()).steps
    assert "`curl -sS http://localhost:5000/v2/`" in steps[0]


@pytest.mark.parametrize("words", ["no space left on device", "something new"])
def test_an_image_that_cannot_be_pulled_has_steps(words: str) -> None:
    steps = explain(Failure("web", Cause.REFUSED, error=failure_of("a/b:1", words)), WEB, Evidence()).steps
    assert "`devenv up` tries again" in steps
