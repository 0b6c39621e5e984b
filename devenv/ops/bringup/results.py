"""What a bring-up hands back, whichever way it took."""

from __future__ import annotations

from devenv.errors import ExitCode
from devenv.events import Phase, ServiceFailed
from devenv.records import frozen


@frozen
class Outcome:
    """Where every wanted service ended, and why some did not come up."""

    phases: dict[str, Phase]
    failures: tuple[ServiceFailed, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.failures and Phase.SKIPPED not in self.phases.values()


@frozen
class UpResult:
    """How `up` went: `phases` is where each wanted service ended, `failed` why some are not ready."""

    ok: bool
    stack: str
    project: str
    phases: dict[str, Phase]
    failed: tuple[ServiceFailed, ...]
    urls: tuple[tuple[str, str, str], ...]
    seconds: float

    @property
    def exit_code(self) -> ExitCode:
        """0 when all is up, else 5."""
        return ExitCode.OK if self.ok else ExitCode.UNHEALTHY
