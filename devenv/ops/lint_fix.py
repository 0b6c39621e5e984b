"""`lint --fix`: what can be mended with certainty, mended in the manifest."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from devenv.core.lint.fixes import apply
from devenv.engine.world import World
from devenv.errors import DevenvError, Problem
from devenv.model.lint import Fix
from devenv.ops.editing.manifest import edit
from devenv.ops.lint import lint
from devenv.ops.validate import validate
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
    """Makes every certain fix for what `lint` finds, but for those with which the manifest would not be valid, and
    writes the manifest unless `dry`.

    Raises DevenvError as `lint` does; DE743 when the manifest is not valid before, in which case nothing is written.
    """
    linted = lint(world, only=only)
    fixes = list(dict.fromkeys(finding.fix for finding in linted.verdict.findings if finding.fix is not None))
    refused: list[Problem] = []
    try:
        mended = _mended(world, fixes, dry=dry)
    except DevenvError:
        if not validate(world).ok:
            raise
        fixes = _valid(world, [], fixes, refused)
        mended = _mended(world, fixes, dry=dry)
    return replace(mended, problems=(*mended.problems, *refused))


def _mended(world: World, fixes: Sequence[Fix], *, dry: bool) -> Mended:
    made: list[Fix] = []
    problems: list[Problem] = []

    def change(text: str) -> str:
        new, done, refused = apply(text, fixes, world.project.manifest)
        made.extend(done)
        problems.extend(replace(problem, warning=True) for problem in refused)
        return new

    edited = edit(world, change, dry=dry)
    return Mended(edited.diff(), tuple(fix.title for fix in made), edited.written, tuple(problems))


def _valid(world: World, kept: list[Fix], fixes: Sequence[Fix], refused: list[Problem]) -> list[Fix]:
    """`kept`, and those of the fixes with which the manifest is valid beside them, found by halves: it takes Compose a
    while to say; what is wrong with the others goes to `refused`."""
    try:
        _mended(world, [*kept, *fixes], dry=True)
        return [*kept, *fixes]
    except DevenvError as error:
        if len(fixes) == 1:
            (fix,) = fixes
            message = f"'{fix.title}' is left out, the manifest would not be valid: {error.problems[0].message}"
            refused.append(Problem("DE743", message, fix.mark, warning=True))
            return kept
    half = len(fixes) // 2
    for part in (fixes[:half], fixes[half:]):
        kept = _valid(world, kept, part, refused)
    return kept
