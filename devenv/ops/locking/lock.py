"""Makes the lock whole, or says what it lacks."""

from __future__ import annotations

from devenv import __version__
from devenv.core.lock.changes import changes_of
from devenv.core.lock.lock_file import lock_text
from devenv.core.lock.releases import range_of
from devenv.core.lock.state import problems_of, pruned
from devenv.engine.world import World
from devenv.errors import DevenvError, Problem, Report
from devenv.model.lock import LOCK_FILE, Lock, LockChange
from devenv.ops.bringup.settings import tell_outdated
from devenv.ops.load import load_stack
from devenv.ops.locking.digests import ask
from devenv.ops.locking.wanted import tell_unpinned, wanted_of
from devenv.ops.sources import Sources, load_lock
from devenv.records import frozen, replace


@frozen
class Locked:
    """What `lock` did: what it pinned and removed, whether the file has changed, and what could not be pinned."""

    lock: Lock
    changes: tuple[LockChange, ...]
    written: bool
    problems: tuple[Problem, ...] = ()


def lock(world: World, report: Report) -> Locked:
    """Pins everything that the stack asks for and that is not pinned, and removes what it does not ask for any more.
    What is pinned stays as it is.

    What cannot be pinned now, because a registry does not answer, is told and left out. Raises DevenvError as loading
    does, DE775 when nobody agrees to a new source, and DE701.
    """
    before = load_lock(world.project, report) or Lock()
    loaded = load_stack(world, report, paths=False)
    wanted = wanted_of(world, loaded)
    tell_unpinned(world, loaded, wanted, report)
    now = pruned(loaded.sources.lock, wanted)
    answers = ask(world, [name for name in wanted.images if name not in now.images])
    now = replace(
        now,
        devenv=now.devenv or range_of(__version__),
        templates={**wanted.templates, **now.templates},
        images={**now.images, **answers.images},
    )
    written = world.project.write(LOCK_FILE, lock_text(now))
    stale = [p for p in problems_of(now, wanted, __version__) if p.code == "DE781"]
    return Locked(now, changes_of(before, now), written, (*answers.problems, *stale))


def check(world: World, report: Report) -> list[Problem]:
    """What is wrong with the lock, for CI: nothing is asked, pinned or written. Only what is pinned and is not on this
    machine is fetched. Raises DevenvError for a manifest that is wrong."""
    if not world.project.exists(LOCK_FILE, "file"):
        return [Problem("DE782", f"there is no {LOCK_FILE}", hint="`devenv lock` makes it; commit it")]
    sources = Sources(world, report, frozen=True)
    try:
        loaded = load_stack(world, report, paths=False, sources=sources)
    except DevenvError as error:
        if any(problem.code not in _OF_LOCK for problem in error.problems):
            raise
        return list(error.problems)
    wanted = wanted_of(world, loaded)
    tell_unpinned(world, loaded, wanted, report)
    tell_outdated(world, loaded.stack, loaded.text, report)
    return problems_of(sources.lock, wanted, __version__)


_OF_LOCK = ("DE781", "DE782", "DE783")
