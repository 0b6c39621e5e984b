"""What `up` refuses in the name of policies that want it so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from devenv.engine.world import World
from devenv.errors import DevenvError, Problem, Report
from devenv.ops.load import Loaded
from devenv.ops.policies import legible

if TYPE_CHECKING:
    from devenv.model.lint import Policy


def refuse(world: World, loaded: Loaded, report: Report) -> None:
    """Raises DevenvError DE810 with everything in a stack that is an error for a policy with `enforce: up`.

    A policy that cannot be read is a warning in `report`: whether it was to be enforced nobody knows.
    """
    policies = legible(world, loaded.catalog, report, "enforce")
    if any(policy.enforce == "up" for policy in policies):
        _judge(world, loaded, policies, report)


def _judge(world: World, loaded: Loaded, policies: list[Policy], report: Report) -> None:
    from devenv.core.policy.judge import judge
    from devenv.ops.lint import subject_of

    subject = subject_of(world, loaded, report)
    found = [one for one in judge(subject, policies, world.now().date()).findings if one.enforced]
    if found:
        problems = []
        for one in found:
            why = "\n".join((*one.reasons, *one.notes))
            problems.append(Problem("DE810", f"{one.message} ({one.rule})", one.mark, one.path, why, one.excerpt))
        raise DevenvError(*problems)
