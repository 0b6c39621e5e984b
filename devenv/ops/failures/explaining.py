"""Why a service failed: asks the engine and the machine for what they know of it, and puts it into words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from devenv.core.diagnosis.causes import known
from devenv.engine.answers import Holder
from devenv.engine.world import World
from devenv.events import ServiceFailed
from devenv.model.secrecy import mask
from devenv.model.stack import Service
from devenv.ops.bringup.settings import secrets
from devenv.ops.failures.evidence import Evidence, facts, observe
from devenv.ops.failures.failures import Cause, Failure, explain, port_in
from devenv.records import replace


def explained(
    world: World,
    failure: Failure,
    neighbours: Mapping[str, Service],
    containers: Sequence[str],
    said: str | None = None,
) -> ServiceFailed:
    """The event that says why. `neighbours` are the stack's services by name, the failed one among them; `containers`
    are the ids of its containers; `said` is what its health check said to us, which is newer than what the engine
    has."""
    service = neighbours[failure.service]
    problem = failure.error.problems[0] if failure.error is not None else None
    words = "\n".join(problem.evidence or [problem.message]) if problem is not None else ""
    holder: Holder | None = None
    if problem is not None and problem.code == "DE602" and (port := port_in(problem)):
        holder = world.ports.holder(port)
    container = failure.container or next(iter(containers), None)
    if failure.cause in (Cause.GONE, Cause.NOT_CREATED):
        container = None
    probed = failure.cause in (Cause.NOT_READY, Cause.OUT_OF_TIME)
    seen = observe(world.daemon, container, words=words, probed=probed)
    if probed and said is not None:
        seen = replace(seen, probe=said.strip())
    seen = _without_secrets(world, seen)
    if seen.gone and failure.exit_code is not None:
        return explain(replace(failure, cause=Cause.GONE), service, seen)
    found = known(facts(service, neighbours, seen, failure.exit_code, words, str(world.project.root)))
    return explain(failure, service, seen, found, holder)


def _without_secrets(world: World, seen: Evidence) -> Evidence:
    """The evidence without secrets, this machine's own and what is one by its form: people show it to others. `devenv
    logs` has all."""
    hidden = secrets(world)
    log = mask("\n".join(seen.log), hidden).split("\n") if seen.log else ()
    return replace(seen, log=tuple(log), probe=mask(seen.probe, hidden))
