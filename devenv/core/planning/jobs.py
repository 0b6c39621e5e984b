"""Whether a job that has succeeded must run again: its definition, its image, its inputs, its data."""

from __future__ import annotations

from collections.abc import Mapping

from devenv.core.planning.definition import digest
from devenv.model.plan import Action, Facts, JobRun, Step
from devenv.model.stack import Stack

SUCCEEDED = "succeeded before with the same command, image, inputs and data"


def run_of(stack: Stack, name: str, facts: Facts, steps: Mapping[str, Step], image: str) -> JobRun:
    """What the job `name` works with now. `steps` are the plan's for all that it needs; `image` its image's id."""
    definition = digest(facts.current[name]) if name in facts.current else ""
    return JobRun(definition, image, dict(facts.inputs.get(name, {})), _data(stack, name, facts, steps))


def why_again(before: JobRun, now: JobRun) -> str | None:
    """Why a job that succeeded with `before` must run with `now`, None when it need not. An empty definition or image
    in either is not known, and tells nothing."""
    if before.definition and now.definition and before.definition != now.definition:
        return "its definition changed"
    if before.image and now.image and before.image != now.image:
        return "its image changed"
    if changed := _differing(before.inputs, now.inputs):
        return f"its inputs changed ({', '.join(changed)})"
    if changed := _differing(before.data, now.data):
        return f"its data is new ({', '.join(changed)})"
    return None


def _data(stack: Stack, name: str, facts: Facts, steps: Mapping[str, Step]) -> dict[str, str]:
    """The volumes of the job and of all that it needs, with their creation times. A server without a volume keeps its
    data in its container; what is built from this repository is taken to keep none."""
    found: dict[str, str] = {}
    for at in stack.closure((name,)):
        service, volumes = stack.services[at], facts.names.get(at, {})
        found |= {f"volume {engine}": facts.volumes.get(engine, "") for engine in volumes.values()}
        if not volumes and at != name and not service.job and not service.build:
            step = steps.get(at)
            new = step is not None and step.action in (Action.CREATE, Action.RECREATE)
            ids = sorted(c.id for c in facts.containers if c.service == at and not c.oneoff)
            found[f"container of {at}"] = "" if new else ",".join(ids)
    return found


def _differing(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    return [key for key in {**now, **before} if before.get(key) != now.get(key)]
