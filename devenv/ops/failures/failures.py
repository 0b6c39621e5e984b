"""From what was observed to a reason in words, evidence, and steps to take. Pure."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING

from devenv.engine.answers import Holder
from devenv.errors import DevenvError, Problem
from devenv.events import ServiceFailed
from devenv.model.observed import Container
from devenv.model.stack import Service
from devenv.ops.bringup.outside import inner_port
from devenv.records import frozen, replace

if TYPE_CHECKING:
    from devenv.core.diagnosis.symptoms import Known
    from devenv.ops.failures.evidence import Evidence

_SHOWN = 10
"""Lines of a log that people are shown."""


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
    ENGINE = "DE636"
    LAPSED = "DE637"
    REFUSED = "refused"


@frozen
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


def explain(
    failure: Failure,
    service: Service,
    evidence: Evidence,
    found: Known | None = None,
    holder: Holder | None = None,
) -> ServiceFailed:
    """The event that tells people why `service` is not ready. `found` is the cause behind it, where one is known;
    `holder` is who has the port that it wants."""
    cause, sure = _cause(failure, service, evidence)
    if cause is Cause.REFUSED and failure.error is not None:
        return _refused(failure, failure.error.problems[0], evidence, found, holder)
    found = found if cause in _EXPLAINED else None
    reason = _reason(cause, failure, service, sure)
    if cause in _AWAITED and not found:
        reason += _silence(evidence)
    steps = _steps(cause, failure.exit_code, service, evidence)
    state, since = _state(evidence.container)
    return ServiceFailed(
        service=failure.service,
        code=cause.value,
        reason=f"{reason}: {found.words}" if found else reason,
        cause=found.name if found else "",
        state=state,
        since=since,
        log=evidence.log[-_SHOWN:],
        probe=evidence.probe,
        blocked=failure.blocked,
        steps=_together(found, steps),
    )


_KILLED = 137  # 128 and SIGKILL's number

_EXPLAINED = frozenset(
    {Cause.NOT_READY, Cause.EXITED, Cause.JOB, Cause.DIED, Cause.RESTARTS, Cause.OUT_OF_TIME, Cause.LAPSED}
)
"""What a log can tell more about."""


_AWAITED = frozenset({Cause.NOT_READY, Cause.OUT_OF_TIME, Cause.LAPSED})
"""What happens while a probe is awaited."""


def _cause(failure: Failure, service: Service, evidence: Evidence) -> tuple[Cause, bool]:
    """What it was, and whether the engine says so. That a container ran out of memory does not always come to the
    engine's ears; but one that has a limit is killed by hardly anything else."""
    container = evidence.container
    if failure.cause in (Cause.NOT_READY, Cause.OUT_OF_TIME) and container is not None and container.lapsed:
        return Cause.LAPSED, True
    oom = failure.oom or (container is not None and container.oom_killed and container.state != "running")
    ended = failure.cause in (Cause.EXITED, Cause.JOB, Cause.DIED, Cause.RESTARTS)
    likely = failure.exit_code == _KILLED and _limit(service)
    return (Cause.MEMORY, bool(oom)) if ended and (oom or likely) else (failure.cause, True)


def _together(found: Known | None, steps: tuple[str, ...]) -> tuple[str, ...]:
    """The steps of a known cause, filled up with the general one: look at the log."""
    if found is None:
        return steps[:3]
    logs = [step for step in steps if step.startswith("`devenv logs") and step not in found.steps]
    return (*found.steps, *logs)[:3]


def _state(container: Container | None) -> tuple[str, float | None]:
    """A container's state for people, and since when, in Unix time."""
    if container is None:
        return "", None
    moments = {"running": container.started_at, "created": container.created_at}
    since = moments.get(container.state, container.finished_at)
    state = container.state if container.health in ("none", "healthy") else f"{container.state}, {container.health}"
    return state, since.timestamp() if since else None


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


def free_words(holder: Holder) -> str:
    """The command that ends who holds a port, with what it does; empty when nobody knows."""
    if holder.kind == "process" and holder.pid:
        return f"`kill {holder.pid}` ends the process"
    if holder.kind == "container" and holder.name:
        return f"`docker stop {holder.name}` stops the container"
    return ""


def port_in(problem: Problem) -> int | None:
    """The host port that an engine's refusal speaks of."""
    for text in (problem.message, *problem.evidence):
        if found := re.search(r"(?:[\d.]+|\]|localhost|port):? ?(\d{2,5})\b(?!\.)", text):
            return int(found[1])
    return None


def _reason(cause: Cause, failure: Failure, service: Service, sure: bool) -> str:
    ended = exit_words(failure.exit_code)
    after = f" after {failure.seconds:.1f} s"
    if cause is Cause.JOB:
        key = service.name.removeprefix(f"{service.setup_of}-")
        what = f"the {key} of {service.setup_of}" if service.setup_of else "the job"
        return f"{what} failed with {ended}{after}"
    if cause is Cause.MEMORY and not sure:
        return f"was killed ({ended}){after}; most likely it ran out of memory{_limit(service)}"
    return {
        Cause.NOT_READY: f"did not become ready within {failure.seconds:g} s: {awaited(service)}",
        Cause.EXITED: f"ended with {ended}{after}",
        Cause.MEMORY: f"ran out of memory{_limit(service)}: the kernel ended it ({ended}){after}",
        Cause.DIED: f"was ready, and then ended with {ended}",
        Cause.ENGINE: f"ended with {ended} while the Docker engine did not answer: it has stopped or was restarted",
        Cause.LAPSED: f"was healthy before and is not now, for {failure.seconds:g} s more: {awaited(service)}",
        Cause.RESTARTS: f"keeps restarting: it ended again and again, the last time with {ended}",
        Cause.OUT_OF_TIME: f"was not ready when the time was up, after {failure.seconds:g} s: {awaited(service)}",
        Cause.GONE: "its container was removed while it came up",
        Cause.NOT_CREATED: "Compose created no container for it",
        Cause.UNPROBED: "its image has no shell to run the health check in, and its port is not published",
    }[cause]


def awaited(service: Service) -> str:
    """What is waited for until the service counts as ready, for people."""
    ready = service.ready
    if ready is not None and ready.http is not None:
        port = _port(service, ready.port)
        return f"waited for an answer to `GET {ready.http}`" + (f" on {port}" if port else "")
    if ready is not None and ready.tcp is not None:
        return f"waited for {_port(service, ready.tcp)} to accept a connection"
    if ready is not None and ready.run is not None:
        command = ready.run if isinstance(ready.run, str) else " ".join(ready.run)
        return f"waited for `{_short(command)}` to succeed"
    if service.job or service.setup_of:
        return "waited for it to end"
    return "waited for its health check to succeed" if service.has_healthcheck else "waited for it to run"


def _port(service: Service, wanted: str | None) -> str:
    """The port that `ready` asks, by its number, and its name if it was named; empty where nobody knows it."""
    number = str(inner_port(service) or "")
    if not number:
        return f"port {wanted}" if wanted else ""
    return f"port {number}" + (f" ({wanted})" if wanted and wanted != number else "")


def _silence(evidence: Evidence) -> str:
    """What is known of a probe that said nothing."""
    container = evidence.container
    if evidence.probe or container is None or container.health == "none":
        return ""
    if evidence.probe_code is None:
        return "; its health check has not come to an end yet"
    code = evidence.probe_code
    return f"; its health check says nothing, and ends with exit code {code}" if code else ""


def _short(command: str) -> str:
    line = " ".join(command.split())
    return line if len(line) <= 60 else line[:57] + "..."


def _limit(service: Service) -> str:
    deploy = service.compose.get("deploy")
    limits = (deploy.get("resources") or {}).get("limits") or {} if isinstance(deploy, dict) else {}
    limit = service.compose.get("mem_limit") or limits.get("memory")
    return f" (its limit is {limit})" if limit else ""


def _steps(cause: Cause, code: int | None, service: Service, evidence: Evidence) -> tuple[str, ...]:
    name = service.name
    log = f"`devenv logs {name}` shows the whole log"
    if cause in (Cause.GONE, Cause.NOT_CREATED):
        return ("`devenv up` creates it again",)
    if cause is Cause.LAPSED:
        return (f"`devenv restart {name}` starts it anew", log, f"`devenv exec {name}` opens a shell in it")
    if cause is Cause.ENGINE:
        return (f"`devenv up` starts {name} again", log)
    if cause is Cause.UNPROBED:
        return (f"publish the port that `ready` of {name} asks", f"or use `ready: {{ run: [...] }}` in {name}")
    if cause is Cause.MEMORY:
        from devenv.core.diagnosis.rules import MORE_MEMORY

        return (*(step.format(service=name) for step in MORE_MEMORY), log)
    if cause in (Cause.NOT_READY, Cause.OUT_OF_TIME):
        wait = f"if it only needs longer, raise `ready.within` of {name}"
        if cause is Cause.OUT_OF_TIME:
            wait = "if it only needs longer, raise `--timeout`"
        return (log, f"`devenv exec {name}` opens a shell in it", wait)
    if code == 0 and cause is Cause.EXITED and not service.origin.template:
        return (f"if {name} is meant to end, write `job: true` in the manifest", log)
    again = f"mend it, then `devenv up` goes on with {name}"
    return (log, again) if evidence.log else (f"check `command` of {name}: it wrote no log", again)


_MEND = {
    "DE502": (
        "`curl -sS {address}` shows whether this machine reaches it; the engine may need a proxy of its own",
        "or name a mirror that can be reached under `images:` in ~/.config/devenv/config.yaml",
    ),
    "DE506": (
        "`docker system df` shows what takes the engine's space",
        "`docker image prune` and `docker builder prune` free space, and delete no volume",
    ),
    "DE508": ("if its words tell nothing, `docker pull` of the same image may",),
    "DE510": ("mend the Dockerfile of {service}, or what it copies",),
    "DE601": ("correct what the engine objects to in {service}",),
    "DE605": ("correct what Compose objects to in {service}",),
}


_WRAPPING = re.compile(r"^.*\b(?:create failed|container process|container init): |: unknown$")
"""What the engine puts around the words that matter."""


def _registry(problem: Problem) -> str:
    """Where the registry is asked that a problem speaks of."""
    if asked := re.search(r"https?://[^/\s\"]+/v2/", "\n".join(problem.evidence)):
        return asked[0]
    found = re.search(r"the registry (\S+)", problem.message)
    host = found[1] if found else "docker.io"
    return f"https://{'registry-1.docker.io' if host == 'docker.io' else host}/v2/"


def _refused(
    failure: Failure, problem: Problem, evidence: Evidence, found: Known | None, holder: Holder | None
) -> ServiceFailed:
    reason, steps = problem.message, [problem.hint] if problem.hint else []
    found = None if problem.code == "DE602" else found
    if found:
        steps = [*found.steps]
        reason = found.words if problem.code in ("DE605", "DE606") else f"{reason}: {found.words}"
    elif problem.code == "DE601" and problem.evidence:
        reason = f"{reason}: {_WRAPPING.sub('', problem.evidence[-1])}"
    words = holder_words(holder) if holder else ""
    if problem.code in _MEND and not steps:
        names = {"service": failure.service, "address": _registry(problem)}
        steps = [*(step.format_map(names) for step in _MEND[problem.code]), "`devenv up` tries again"]
    if problem.code == "DE602":
        port = port_in(problem)
        if words and words not in reason:
            reason = f"port {port} is taken by {words}" if port else f"{reason}, by {words}"
        if holder and (freed := free_words(holder)):
            steps.append(f"{freed}, and frees the port")
        steps.append("`devenv up` moves a port that has a name and no `publish`")
    state, since = _state(evidence.container)
    return ServiceFailed(
        service=failure.service,
        code=problem.code,
        reason=reason,
        cause=found.name if found else "port-taken" if problem.code == "DE602" else "",
        state=state,
        since=since,
        log=problem.evidence[-_SHOWN:],
        blocked=failure.blocked,
        steps=tuple(steps[:3]),
    )
