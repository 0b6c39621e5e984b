"""Runs a command in a service's container, with this terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from devenv.core.compose.interpolate import interpolate
from devenv.engine.world import World
from devenv.errors import DevenvError
from devenv.ops.at_hand import stack_at_hand
from devenv.ops.bringup.settings import elsewhere
from devenv.ops.down import find_project
from devenv.ops.select import known

_STATES = {"absent": "it has no container", "created": "it was never started", "exited": "it has ended"}

_SHELL = ("/bin/sh", "-c", "if command -v bash >/dev/null 2>&1; then exec bash; else exec sh; fi")


def exec_in(
    world: World,
    service: str,
    argv: Sequence[str] = (),
    *,
    tell: Callable[[str], None],
    interactive: bool,
    stdin: bool,
    user: str | None = None,
    workdir: str | None = None,
    shell: bool = False,
) -> int:
    """The exit code of `argv` in the service's container. Without `argv` it is the client that the service's template
    names (psql, redis-cli, …) or, with `shell` or where there is none, bash or sh. A part of a shared server is
    reached in the server's container.

    `interactive` gives the command this terminal, `stdin` what there is to read without one; `tell` hears of a
    manifest that cannot be used. Raises DevenvError: DE720 unknown service, DE630 the stack is not up, DE631 the
    service does not run.
    """
    stack = stack_at_hand(world, tell)
    known(stack.services, [service])
    named = stack.services[service]
    client = named.shell
    if named.server is not None:  # its password is not in the server's environment
        variables = world.project.environment()
        client, service = tuple(interpolate(word, variables) for word in client), named.server
    command = tuple(argv) or (() if shell else client) or _SHELL
    project = find_project(world)
    containers = [c for c in world.daemon.containers(project) if not c.oneoff]
    if not containers or elsewhere(world, containers):
        raise DevenvError.of("DE630", f"'{project}' is not up", hint="`devenv up` brings it up")
    if not any(c.service == service and c.state == "running" for c in containers):
        there = next((c.state for c in containers if c.service == service), "absent")
        why = f", `devenv logs {service}` shows why it ended" if there == "exited" else ""
        state = _STATES.get(there, f"it is {there}")
        raise DevenvError.of(
            "DE631", f"'{service}' is not running: {state}", hint=f"`devenv up {service}` starts it{why}"
        )
    options = {"interactive": interactive, "stdin": stdin}
    line = world.compose.exec_argv(service, command, **options, user=user, workdir=workdir)
    return world.processes.replace(line)
