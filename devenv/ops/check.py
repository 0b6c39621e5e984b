"""Asks the running stack whether it does its job: the manifest's `checks`."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from devenv.core.compose.interpolate import interpolate
from devenv.core.suggest import suggest
from devenv.engine import http
from devenv.engine.compose_config import own
from devenv.engine.world import World
from devenv.errors import DevenvError, Report
from devenv.model.manifest import Check
from devenv.model.secrecy import mask
from devenv.model.stack import Stack
from devenv.ops.bringup.settings import elsewhere, project_name
from devenv.ops.load import load_stack
from devenv.ops.select import known
from devenv.records import frozen, replace

_EVERY = 0.5
"""Seconds between two attempts."""

_AT_ONCE = 8


@frozen
class Checked:
    """A check's result. `detail` says what was seen, `evidence` the first lines of what came back, both without the
    stack's secrets."""

    name: str
    ok: bool
    seconds: float
    attempts: int
    detail: str
    evidence: tuple[str, ...] = ()


@frozen
class _Seen:
    ok: bool
    detail: str
    text: str = ""


def check(world: World, names: Sequence[str] = ()) -> list[Checked]:
    """Runs the manifest's checks (or those named), side by side, each until it holds or its `within` is over. One that
    runs in a part of a shared server runs in the server's container.

    Raises DevenvError: DE630 the stack is not up, DE723 unknown check.
    """
    stack = load_stack(world, Report(), paths=False).stack
    for name in names:
        if name not in stack.checks:
            listed = ", ".join(f"'{n}'" for n in stack.checks) or "none"
            raise DevenvError.of(
                "DE723", f"there is no check '{name}'", hint=suggest(name, stack.checks) or f"checks: {listed}"
            )
    chosen = {name: stack.checks[name] for name in names} if names else stack.checks
    if not chosen:
        return []
    for one in chosen.values():
        known(stack.services, [one.service] if one.service else [])
    containers = world.daemon.containers(project_name(world, stack.name))
    if elsewhere(world, containers) or not any(c.state == "running" for c in containers):
        raise DevenvError.of("DE630", f"'{stack.name}' is not up", hint="`devenv up` brings it up")
    variables = world.project.environment()
    hidden = {value for secret in stack.secrets if (value := variables.get(secret.variable))}

    def run(name: str) -> Checked:
        return _until(world, name, _placed(stack, chosen[name]), variables, hidden)

    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="devenv-check") as pool:
        return list(pool.map(run, chosen))


def _placed(stack: Stack, one: Check) -> Check:
    server = stack.services[one.service].server if one.service else None
    return replace(one, service=server) if server else one


def _until(world: World, name: str, one: Check, variables: Mapping[str, str], hidden: set[str]) -> Checked:
    begun, attempts = world.clock(), 0
    while True:
        attempts += 1
        left = one.within - (world.clock() - begun)
        seen = _once(world, one, variables, max(1.0, left))
        seconds = world.clock() - begun
        if seen.ok or seconds + _EVERY > one.within:
            detail, text = mask(seen.detail, hidden), mask(seen.text, hidden)
            return Checked(name, seen.ok, seconds, attempts, detail, _head(text))
        world.sleep(_EVERY)


def _once(world: World, one: Check, variables: Mapping[str, str], timeout: float) -> _Seen:
    try:
        if one.http is not None:
            return _http(one, variables, timeout)
        if one.tcp is not None:
            return _tcp(interpolate(one.tcp, variables), timeout)
        return _run(world, one, variables, timeout)
    except DevenvError as error:
        return _Seen(False, error.problems[0].message, "\n".join(error.problems[0].evidence))


def _http(one: Check, variables: Mapping[str, str], timeout: float) -> _Seen:
    url = interpolate(one.http or "", variables)
    body = None if one.body is None else interpolate(one.body, variables)
    headers = {key: interpolate(value, variables) for key, value in one.headers.items()}
    if body is not None and not any(key.lower() == "content-type" for key in headers):
        headers["Content-Type"] = "application/json" if body.lstrip()[:1] in ("{", "[") else "text/plain"
    answer = http.request(url, method=one.method, headers=headers, body=body, timeout=min(timeout, 10.0))
    if answer.error:
        return _Seen(False, f"{one.method} {url}: {answer.error}")
    wanted = one.expect.status
    right = answer.status == wanted if wanted is not None else answer.good
    detail = f"{one.method} {url}: status {answer.status}"
    if not right:
        return _Seen(False, f"{detail}, not {wanted if wanted is not None else '2xx or 3xx'}", answer.body)
    return _contains(one, detail, answer.body, variables)


def _tcp(address: str, timeout: float) -> _Seen:
    host, _, port = address.removeprefix("tcp://").rpartition(":")
    if not host or not port.isdigit():
        return _Seen(False, f"'{address}' is not HOST:PORT")
    error = http.connect(host.strip("[]"), int(port), timeout=min(timeout, 10.0))
    return _Seen(not error, f"connect to {address}: {error or 'accepted'}")


def _run(world: World, one: Check, variables: Mapping[str, str], timeout: float) -> _Seen:
    words = shlex.split(one.run) if isinstance(one.run, str) else list(one.run or ())
    argv = [interpolate(word, variables) for word in words]
    shown = shlex.join(argv)
    if one.service is not None:
        argv = world.compose.exec_argv(one.service, argv, interactive=False)
    environment = variables if one.service is None else own(variables)
    done = world.processes.run(argv, cwd=world.project.root, env=environment, timeout=timeout)
    said = "\n".join(part for part in (done.output, done.errors) if part.strip())
    where = f" in {one.service}" if one.service else ""
    if done.code != 0:
        return _Seen(False, f"`{shown}`{where}: exit code {done.code}", said)
    return _contains(one, f"`{shown}`{where}: exit code 0", said, variables)


def _contains(one: Check, detail: str, text: str, variables: Mapping[str, str]) -> _Seen:
    if one.expect.body is None:
        return _Seen(True, detail, text)
    wanted = interpolate(one.expect.body, variables)
    if wanted in text:
        return _Seen(True, detail, text)
    return _Seen(False, f"{detail}, without the text '{wanted}'", text)


def _head(text: str) -> tuple[str, ...]:
    """The first lines of what came back: enough to see what it is."""
    lines = [line.rstrip()[:200] for line in text[:1000].splitlines() if line.strip()]
    return tuple(lines[:8])
