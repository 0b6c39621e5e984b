"""From what was observed to a reason in words, evidence, and steps to take. Pure but for `observe`."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from devenv.engine.protocols import Daemon, Holder
from devenv.errors import DevenvError, Problem
from devenv.events import ServiceFailed
from devenv.model.observed import Container
from devenv.model.stack import Service

_LOG_LINES = 10


class Cause(StrEnum):
    """Why a service did not come up: codes of `devenv.codes`, but for `REFUSED`, which carries its own."""

    NOT_READY = "DE620"
    EXITED = "DE621"
    MEMORY = "DE622"
    JOB = "DE623"
    DIED = "DE624"
    RESTARTS = "DE625"
    OUT_OF_TIME = "DE626"
    GONE = "DE627"
    NOT_CREATED = "DE628"
    UNPROBED = "DE629"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Failure:
    """A service that failed: which container, how it ended, after how many `seconds`, and who waited for it."""

    service: str
    cause: Cause
    container: str | None = None
    exit_code: int | None = None
    seconds: float = 0.0
    oom: bool = False
    error: DevenvError | None = None
    blocked: tuple[str, ...] = ()

    def blocking(self, names: Iterable[str]) -> Failure:
        """The same, with the services that waited for it."""
        return replace(self, blocked=tuple(names))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the engine has on a failed container: its state, the last lines of its log, its last probe's output."""

    container: Container | None = None
    log: tuple[str, ...] = ()
    probe: str = ""


def observe(daemon: Daemon, failure: Failure) -> Evidence:
    """Asks the engine for the evidence; what it cannot give is left out."""
    if failure.container is None:
        return Evidence()
    try:
        container = daemon.inspect(failure.container)
        log = tuple(text for _, text in daemon.logs(failure.container, tail=_LOG_LINES))[-_LOG_LINES:]
        probes = daemon.probes(failure.container) if failure.cause in (Cause.NOT_READY, Cause.OUT_OF_TIME) else []
    except DevenvError:
        return Evidence()
    failed = [p for p in probes if p.exit_code != 0]
    return Evidence(container, log, failed[-1].output.strip() if failed else "")


def explain(failure: Failure, service: Service, evidence: Evidence, holder: Holder | None = None) -> ServiceFailed:
    """The event that tells people why `service` is not ready. `holder` is who has the port that it wants."""
    if failure.cause is Cause.REFUSED and failure.error is not None:
        return _refused(failure, failure.error.problems[0], holder)
    container = evidence.container
    cause, code = failure.cause, failure.exit_code
    oom = failure.oom or (container is not None and container.oom_killed and container.state != "running")
    if oom and cause in (Cause.EXITED, Cause.JOB, Cause.DIED, Cause.RESTARTS):
        cause = Cause.MEMORY
    return ServiceFailed(
        service=failure.service,
        code=cause.value,
        reason=_reason(cause, failure, service),
        log=evidence.log,
        probe=evidence.probe,
        blocked=failure.blocked,
        steps=_steps(cause, code, service, evidence),
    )


def exit_words(code: int | None) -> str:
    """An exit code for people: `exit code 137 (SIGKILL)`."""
    if code is None:
        return "an unknown exit code"
    if code == 127:
        return "exit code 127 (a command was not found)"
    if code == 126:
        return "exit code 126 (a command could not be executed)"
    if 128 < code < 160:
        try:
            return f"exit code {code} ({signal.Signals(code - 128).name})"
        except ValueError:
            pass
    return f"exit code {code}"


def holder_words(holder: Holder) -> str:
    """Who holds a port, for people; empty when nobody knows."""
    if holder.kind == "process":
        return f"process '{holder.name or 'unknown'}'" + (f" (pid {holder.pid})" if holder.pid else "")
    if holder.kind == "container":
        return f"container '{holder.name}'" + (f" of stack '{holder.project}'" if holder.project else "")
    return ""


def port_in(problem: Problem) -> int | None:
    """The host port that an engine's refusal speaks of."""
    for text in (problem.message, *problem.evidence):
        if found := re.search(r"(?:[\d.]+|\]|localhost|port):? ?(\d{2,5})\b(?!\.)", text):
            return int(found[1])
    return None


def _reason(cause: Cause, failure: Failure, service: Service) -> str:
    ended = exit_words(failure.exit_code)
    after = f" after {failure.seconds:.1f} s"
    if cause is Cause.JOB:
        what = f"the setup of {service.setup_of}" if service.setup_of else "the job"
        return f"{what} failed with {ended}{after}"
    return {
        Cause.NOT_READY: f"did not become ready within {failure.seconds:g} s",
        Cause.EXITED: f"ended with {ended}{after}",
        Cause.MEMORY: f"ran out of memory: the kernel ended it{after}",
        Cause.DIED: f"was ready, and then ended with {ended}",
        Cause.RESTARTS: f"keeps restarting: it ended again and again, the last time with {ended}",
        Cause.OUT_OF_TIME: f"was not ready when the time was up, after {failure.seconds:g} s",
        Cause.GONE: "its container was removed while it came up",
        Cause.NOT_CREATED: "Compose created no container for it",
        Cause.UNPROBED: "its image has no shell to run the health check in, and its port is not published",
    }[cause]


def _steps(cause: Cause, code: int | None, service: Service, evidence: Evidence) -> tuple[str, ...]:
    name = service.name
    log = f"`devenv logs {name}` shows the whole log"
    if cause in (Cause.GONE, Cause.NOT_CREATED):
        return ("`devenv up` creates it again",)
    if cause is Cause.UNPROBED:
        return (f"publish the port that `ready` of {name} asks", f"or use `ready: {{ run: [...] }}` in {name}")
    if cause is Cause.MEMORY:
        return (f"give {name} more memory (`mem_limit`, `deploy.resources.limits.memory`)", log)
    if cause in (Cause.NOT_READY, Cause.OUT_OF_TIME):
        wait = f"if it only needs longer, raise `ready.within` of {name}"
        if cause is Cause.OUT_OF_TIME:
            wait = "if it only needs longer, raise `--timeout`"
        return (log, f"`devenv exec {name}` opens a shell in it", wait)
    if code == 0 and cause is Cause.EXITED:
        return (f"if {name} is meant to end, write `job: true` in the manifest", log)
    if code == 127:
        return (f"check `command` and `entrypoint` of {name}, and what its image has", log)
    again = f"mend it, then `devenv up` goes on with {name}"
    return (log, again) if evidence.log else (f"check `command` of {name}: it wrote no log", again)


def _refused(failure: Failure, problem: Problem, holder: Holder | None) -> ServiceFailed:
    reason, steps = problem.message, [problem.hint] if problem.hint else []
    words = holder_words(holder) if holder else ""
    if problem.code == "DE601" and not steps:
        missing = any("executable file not found" in line or "no such file" in line for line in problem.evidence)
        where = "`command` and `entrypoint`" if missing else "`command`, `volumes` and `devices`"
        steps = [f"check {where} of {failure.service}", "`devenv up` tries again"]
    if problem.code == "DE602":
        port = port_in(problem)
        if words and words not in reason:
            reason = f"port {port} is taken by {words}" if port else f"{reason}, by {words}"
        if holder and holder.kind == "process" and holder.pid:
            steps.append(f"`kill {holder.pid}` ends what holds the port")
        elif holder and holder.kind == "container" and holder.name:
            steps.append(f"`docker stop {holder.name}` frees the port")
        steps.append("`devenv up` moves ports that are not fixed with `publish`")
    return ServiceFailed(
        service=failure.service,
        code=problem.code,
        reason=reason,
        log=problem.evidence[-_LOG_LINES:],
        blocked=failure.blocked,
        steps=tuple(steps[:3]),
    )
