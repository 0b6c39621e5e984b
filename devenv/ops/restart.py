"""Stops services and starts them again, in the order of their needs, and waits until they are ready."""

from __future__ import annotations

from collections.abc import Sequence

from devenv.engine.world import World
from devenv.errors import DevenvError
from devenv.events import Finished, Note, Output, Phase, ServiceChanged, Sink, Started
from devenv.model.observed import Container
from devenv.model.stack import Stack
from devenv.ops.at_hand import stack_at_hand
from devenv.ops.bringup import applied
from devenv.ops.bringup.execute import execute
from devenv.ops.bringup.results import UpResult
from devenv.ops.bringup.settings import elsewhere
from devenv.ops.down import find_project
from devenv.ops.select import known, running, with_joined
from devenv.ops.urls import everywhere


def restart(world: World, sink: Sink, names: Sequence[str] = (), *, timeout: float | None = None) -> UpResult:
    """Restarts `names`, or every service of the stack that has a container; jobs that are done are not run again.

    What lives in their namespaces is restarted with them; what they need is started if it does not run. Raises
    DevenvError: DE720 unknown service, DE630 the stack is not up, DE631 a named service has no container; passes
    KeyboardInterrupt on after saying what it leaves.
    """
    begun = world.clock()
    with world.project.lock():
        wrong: list[str] = []
        stack = stack_at_hand(world, wrong.append)
        known(stack.services, names)
        project = find_project(world)
        containers = [c for c in world.daemon.containers(project) if not c.oneoff and c.service in stack.services]
        chosen = _chosen(world, stack, names, containers, project)
        alive = running(containers)
        chosen = with_joined(stack, chosen, alive)
        stack = stack.among({c.service for c in containers})
        order = stack.closure(chosen)
        graph = tuple((name, tuple(n.service for n in stack.services[name].needs)) for name in order)
        sink(Started(operation="restart", stack=stack.name, services=graph))
        for text in wrong:
            sink(Note(text=text, level="warning"))
        stopping = [name for name in chosen if name in alive]
        for name in stopping:
            sink(ServiceChanged(service=name, phase=Phase.STOPPING))
        if stopping:
            _stop(world, stopping, sink)
        services = [stack.services[name] for name in order]
        runs = applied.read(world.project).jobs
        there = {c.service for c in containers}
        earlier = {name for name in order if stack.services[name].job and name in runs and name not in there}
        done, stopped = dict.fromkeys(_done(stack, containers) | earlier, "done before"), frozenset(stopping)
        outcome = execute(
            world, project, services, sink, done=done, stopped=stopped, timeout=timeout, neighbours=stack.services
        )
    urls = everywhere((stack.services[name] for name in chosen), world.project.environment())
    seconds = world.clock() - begun
    sink(Finished(operation="restart", ok=outcome.ok, seconds=seconds, urls=urls))
    return UpResult(outcome.ok, stack.name, project, outcome.phases, outcome.failures, urls, seconds)


def _stop(world: World, names: Sequence[str], sink: Sink) -> None:
    try:
        world.compose.stop(names, on_line=lambda line: sink(Output(source="compose", text=line)))
    except KeyboardInterrupt:
        text = "interrupted; what was told to stop may still do so. `devenv up` starts it again."
        sink(Note(text=text, level="warning"))
        raise


def _chosen(
    world: World, stack: Stack, names: Sequence[str], containers: Sequence[Container], project: str
) -> list[str]:
    """What is restarted: `names`, or all services with containers but for jobs that are done."""
    there = {c.service for c in containers}
    if not there or elsewhere(world, containers):
        raise DevenvError.of("DE630", f"'{project}' is not up", hint="`devenv up` brings it up")
    if missing := [name for name in names if name not in there]:
        verb = "has" if len(missing) == 1 else "have"
        hint = f"`devenv up {' '.join(missing)}` makes one"
        raise DevenvError.of("DE631", f"{', '.join(missing)} {verb} no container", hint=hint)
    jobs = _done(stack, containers)
    return list(names) or [name for name in stack.services if name in there and name not in jobs]


def _done(stack: Stack, containers: Sequence[Container]) -> frozenset[str]:
    return frozenset(c.service for c in containers if c.exit_code == 0 and _ends(stack, c.service))


def _ends(stack: Stack, name: str) -> bool:
    """Whether a service is one that runs to its end: by its own word, or because others need that."""
    if stack.services[name].job or stack.services[name].setup_of is not None:
        return True
    needs = (need for service in stack.services.values() for need in service.needs)
    return any(need.service == name and need.condition == "completed" for need in needs)
