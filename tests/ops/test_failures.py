import pytest

from devenv.codes import CODES
from devenv.engine.protocols import Holder
from devenv.errors import DevenvError, ExitCode, Problem
from devenv.model.data import Map
from devenv.model.stack import Service
from devenv.ops.failures import Cause, Evidence, Failure, exit_words, explain, holder_words, port_in

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
    error = DevenvError.of("DE601", "the engine cannot start it", evidence=['exec: "x": executable file not found'])
    failure = explain(Failure("web", Cause.REFUSED, error=error), WEB, Evidence())
    assert failure.code == "DE601"
    assert failure.log == ('exec: "x": executable file not found',)
    assert failure.steps[0] == "check `command` and `entrypoint` of web"
