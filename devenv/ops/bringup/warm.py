"""`up` on a stack that is as it should be: one request to the engine, and no manifest is read.

Whatever is not exactly as it was when `ops.up` last found nothing to do is left to `ops.up`.
"""

from __future__ import annotations

from collections.abc import Sequence

from devenv.engine.world import World
from devenv.errors import DevenvError, Report
from devenv.events import Finished, Phase, ServiceChanged, Sink, Started
from devenv.ops.bringup import memory
from devenv.ops.bringup.recording import recorded
from devenv.ops.bringup.results import UpResult
from devenv.ops.bringup.sharing import left_behind


def kept(
    world: World, sink: Sink, *, names: Sequence[str] = (), mode: str | None = None, report: Report | None = None
) -> UpResult | None:
    """What `ops.up.up` would return and tell if it found nothing to do; None, with nothing told, when it might find
    something, or when another command is at work."""
    begun = world.clock()
    known = memory.recall(world.project)
    run = known.run(names, mode) if known else None
    if known is None or run is None or not run.same_trees(world.project) or not world.project.idle():
        return None
    try:
        listed = world.daemon.containers(known.project)
        if memory.fingerprint(listed) != run.containers or run.doubts(listed):
            return None
        if run.joining and any(left_behind(world.daemon, listed, run.joining)):
            return None
    except DevenvError:
        return None
    if report is not None:
        report.problems.extend(known.warnings)
    with recorded(world.project, sink) as sink:
        sink(Started(operation="up", stack=known.stack, services=run.services))
        for name, reason in run.kept:
            sink(ServiceChanged(service=name, phase=Phase.KEPT, detail=reason))
    seconds = world.clock() - begun
    sink(Finished(operation="up", ok=True, seconds=seconds, urls=run.urls))
    phases = {name: Phase.KEPT for name, _ in run.kept}
    return UpResult(True, known.stack, known.project, phases, (), run.urls, seconds)
