"""What `devenv up` does with its arguments, whoever has read them."""

from __future__ import annotations

from collections.abc import Sequence

from devenv.cli.installing import with_engine
from devenv.cli.session import Session
from devenv.errors import Report
from devenv.ops.bringup.results import UpResult
from devenv.ops.bringup.warm import kept


def bring_up(
    session: Session,
    *,
    names: Sequence[str] = (),
    mode: str | None = None,
    setups: Sequence[str] = (),
    build: bool = False,
    timeout: float | None = None,
) -> int:
    """Brings the services up, shows it, and returns the exit code; the arguments are those of `ops.up.up`."""
    world = session.world()
    report = Report()

    def act() -> UpResult:
        with session.progress() as view:
            usual = not (build or setups)
            if usual and (found := kept(world, view, names=names, mode=mode, report=report)):
                return found
            from devenv.ops.up import up  # and with it all that reads manifests

            return up(
                world,
                view,
                names=names,
                mode=mode,
                setups=setups,
                build=build,
                timeout=timeout,
                consent=session.asker(view),
                report=report,
            )

    result = with_engine(session, act)
    session.warn(report)
    return result.exit_code
