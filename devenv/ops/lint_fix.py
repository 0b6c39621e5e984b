"""`lint --fix`: what can be mended with certainty, mended in the manifest."""

from __future__ import annotations

from collections.abc import Collection

from devenv.core.lint.fixes import apply
from devenv.core.policy.judge import mask
from devenv.engine.world import World
from devenv.errors import Problem
from devenv.model.lint import Fix
from devenv.ops.editing.manifest import edit
from devenv.ops.lint import lint
from devenv.records import frozen, replace


@frozen
class Mended:
    """What was done to the manifest: `made` in words, `diff` line by line, without values that nobody may see;
    `problems` are fixes that could not be made."""

    diff: str
    made: tuple[str, ...] = ()
    written: bool = False
    problems: tuple[Problem, ...] = ()


def mend(world: World, *, only: Collection[str] = (), dry: bool = False) -> Mended:
    """Makes every certain fix for what `lint` finds, and writes the manifest unless `dry`.

    Raises DevenvError as `lint` does; DE743 when the result would not be valid, in which case nothing is written.
    """
    linted = lint(world, only=only)
    fixes = [finding.fix for finding in linted.verdict.findings if finding.fix is not None]
    made: list[Fix] = []
    problems: list[Problem] = []

    def change(text: str) -> str:
        new, done, refused = apply(text, fixes, world.project.manifest)
        made.extend(done)
        problems.extend(replace(problem, warning=True) for problem in refused)
        return new

    edited = edit(world, change, dry=dry)
    diff = mask(edited.diff(), set(linted.verdict.hidden))
    return Mended(diff, tuple(fix.title for fix in made), edited.written, tuple(problems))
