"""Rules about starting: who waits for whom, and what a probe costs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from devenv.core.lint.known_images import lacks_curl
from devenv.core.lint.longest import longest_path
from devenv.core.lint.subject import Option, Rule, Subject, filled, found, place, plain
from devenv.model.data import mark_of, text
from devenv.model.duration import seconds
from devenv.model.lint import Fix, Found, Severity
from devenv.model.stack import Service

_DEFAULT_INTERVAL = 30.0  # the engine's, when a health check names none
_DEFAULT_START_INTERVAL = 5.0  # the engine's, while a `start_period` lasts
_READY = 0.2  # between the probes of a `ready`
_CURL = re.compile(r"\s*(?:exec\s+)?(?:/usr/bin/)?curl\s")
_RESTARTS = ("always", "unless-stopped")


def _readiness(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    for service in subject.services:
        if not service.job and not service.has_healthcheck:
            hint = "write `ready: {http: /healthz}`, `{tcp: PORT}` or `{run: […]}`; or `job: true` if it ends"
            yield found(service, "nothing says when the service is ready", hint=hint)


def _unready_need(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    waiting: dict[str, list[str]] = {}
    for service in subject.services:
        spec = subject.manifest.services.get(service.name)
        for need in service.needs:
            written = spec.needs.get(need.service) if spec is not None else None
            if need.condition == "started" and written is not None and written.until is None:
                waiting.setdefault(need.service, []).append(f"'{service.name}'")
    for service in subject.services:
        if service.name in waiting:
            who = ", ".join(waiting[service.name][:4]) + (" and others" if len(waiting[service.name]) > 4 else "")
            waits, start = ("waits", "it starts") if len(waiting[service.name]) == 1 else ("wait", "they start")
            message = f"{who} {waits} for this service, and nothing says when that is ready: {start} as soon as it runs"
            yield found(service, message, hint="write `ready:`, or `until: started` where that is meant")


def _first_probe(service: Service) -> float:
    """Seconds from a service's start until it can be ready at the earliest, by its health check."""
    if service.job or not service.has_healthcheck:
        return 0.0
    if service.ready is not None:
        return _READY
    check = service.compose["healthcheck"]
    interval = _seconds(check, "interval") or _DEFAULT_INTERVAL
    if _seconds(check, "start_period"):
        return min(interval, _seconds(check, "start_interval") or _DEFAULT_START_INTERVAL)
    return interval


def _seconds(check: Mapping[str, Any], key: str) -> float | None:
    return seconds(plain(check.get(key)))


def _slow_probe(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    """On the path that the probes make the longest: elsewhere a slow probe keeps nobody waiting."""
    probes = {service.name: _first_probe(service) for service in subject.services}
    path = longest_path(subject.stack, probes)
    total = sum(probes[name] for name in path)
    for name in path:
        if (wait := probes[name]) < options["cost"]:
            continue
        service = subject.stack.services[name]
        cost = wait - _READY
        where = f"on the longest path ({_shown(path)}; {total:.3g} s of probes alone) " if len(path) > 1 else ""
        message = f"its first probe comes {wait:.3g} s after its start; {where}that costs {cost:.3g} s of every `up`"
        hint = "use `ready:`, or give the health check a `start_period` and a `start_interval`"
        yield found(service, message, "healthcheck", of_key=True, hint=hint, fix=_probe_early(service))


def _shown(path: list[str]) -> str:
    names = path if len(path) <= 6 else [*path[:3], "…", *path[-2:]]
    return " → ".join(names)


def _probe_early(service: Service) -> Fix | None:
    check = service.compose["healthcheck"]
    mark = place(service, "healthcheck")
    if mark is None or service.origin.template is not None:
        return None
    add = {"start_interval": "1s"} | ({} if _seconds(check, "start_period") else {"start_period": "60s"})
    return Fix("probe every second while it starts", mark, add=tuple(add.items()))


def _bare_depends_on(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    for service in subject.services:
        spec = subject.manifest.services.get(service.name)
        written = spec.compose.get("depends_on") if spec is not None else None
        for key, name in _without_condition(written):
            target = subject.stack.services.get(name)
            if target is None or not (target.has_healthcheck or target.job):
                continue
            until = "has exited 0" if target.job else "is ready"
            message = f"waits for the start of '{name}' only, not until it {until}"
            mark = mark_of(written, key, of_key=True) or service.mark
            hint = f"write `needs: [{name}]`, which waits"
            yield Found(message, mark, f"services.{service.name}.depends_on", service.name, hint)


def _without_condition(written: Any) -> Iterator[tuple[str | int, str]]:
    if isinstance(written, list):
        yield from ((number, text(name)) for number, name in enumerate(written))
    elif isinstance(written, dict):
        for name, entry in written.items():
            condition = entry.get("condition") if isinstance(entry, dict) else None
            if text(condition) in ("", "service_started"):
                yield name, name


def _no_curl(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    for service in subject.services:
        check = service.compose.get("healthcheck")
        if service.ready is not None or service.build or not isinstance(check, dict) or service.image is None:
            continue
        test = check.get("test")
        words = [plain(word) for word in test] if isinstance(test, list) else ["CMD-SHELL", plain(test)]
        line = " ".join(words[1:]) + " " if words[:1] in (["CMD"], ["CMD-SHELL"]) else ""
        image = filled(service.image)
        if _CURL.match(line) and lacks_curl(image):
            message = f"the probe runs curl, which the image '{image}' does not have"
            hint = "use `ready: {http: PATH}`, which takes what the image has"
            yield found(service, message, "healthcheck", "test", hint=hint)


def _restarts(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    for service in subject.services:
        policy = plain(service.compose.get("restart"))
        if policy in _RESTARTS:
            mark = place(service, "restart", of_key=True)
            fix = Fix("remove `restart`", mark) if mark is not None else None
            message = f"'restart: {policy}' starts the service with every boot, and hides why it ended"
            yield found(service, message, "restart", of_key=True, fix=fix)


def _unmarked_job(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    waiting = {
        need.service: service.name
        for service in subject.services
        for need in service.needs
        if need.condition == "completed"
    }
    hint = "`job: true` runs it again only after a change of it, of its `inputs` or of its data"
    for service in subject.services:
        if service.name in waiting and not service.job:
            message = f"'{waiting[service.name]}' waits until this service has ended well, and every `up` runs it anew"
            yield found(service, message, hint=hint)


RULES = (
    Rule(
        "DL301",
        "readiness",
        "Every service says when it is ready",
        "What needs a service starts too early without it, and `up` cannot tell that it works.",
        "Write `ready:` with a path, a port or a command.",
        _readiness,
    ),
    Rule(
        "DL302",
        "slow-probe",
        "A slow first probe on the longest path",
        "A health check without `start_interval` is asked for the first time after a whole `interval`; "
        "everything behind it waits.",
        "Use `ready:`, whose probes come twenty times a second while a service starts, or set `start_period` and "
        "`start_interval`.",
        _slow_probe,
        severity=Severity.WARNING,
        options={"cost": Option("duration", "from how long a wait on", default=2.0)},
        fixes="gives the health check `start_interval: 1s` and a `start_period`",
    ),
    Rule(
        "DL303",
        "bare-depends-on",
        "`depends_on` waits for the start only, though more could be waited for",
        "The container is there, the server in it is not: connections fail, sometimes.",
        "Write `needs: [db]`, or `condition: service_healthy`.",
        _bare_depends_on,
        severity=Severity.WARNING,
    ),
    Rule(
        "DL304",
        "unready-need",
        "A service that others need says nothing about readiness",
        "They start as soon as its container runs, and have to try until it answers.",
        "Write `ready:` in the service that is needed.",
        _unready_need,
        severity=Severity.INFO,
    ),
    Rule(
        "DL305",
        "probe-without-curl",
        "A probe runs curl in an image that has none",
        "The service never becomes healthy.",
        "Use `ready: {http: PATH}`, which takes whatever program the image has.",
        _no_curl,
        severity=Severity.WARNING,
    ),
    Rule(
        "DL306",
        "restarts",
        "A service starts again by itself",
        "`restart: always` brings the stack up with every boot, and turns a crash into a loop that nobody sees.",
        "Remove `restart`: `devenv up` starts what does not run, and says why something ended.",
        _restarts,
        severity=Severity.INFO,
        fixes="removes `restart`",
    ),
    Rule(
        "DL307",
        "unmarked-job",
        "A service that others wait for until it has ended is no job",
        "A migration or a seed that succeeded is run again by every `up`, and what waits for it waits again.",
        "Write `job: true` in the service that ends, and `inputs` for the files that it reads.",
        _unmarked_job,
        severity=Severity.INFO,
    ),
)
