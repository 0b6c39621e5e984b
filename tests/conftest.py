"""What every test can ask for: the command line as a real process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent

# How long inputs take to make says how busy the machine is, and nothing of what is tested.
settings.register_profile("devenv", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("devenv")

# A shell starts what runs in its background deaf to Ctrl-C, and so would be every process that a test interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def no_settling() -> Iterator[None]:
    """Engines that are fakes need no second to show that what they started stays up."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("devenv.ops.bringup.progress.SETTLE", 0.05)
        yield


def stand_in(name: str, version: str) -> str:
    """The image that the recipe of a built-in template makes."""
    from devenv.engine.catalog import FolderCatalog
    from devenv.errors import Report
    from devenv.ops.load import read_template

    template = read_template(FolderCatalog(ROOT / "templates"), name, Report())
    assert template is not None
    return f"devenv/{template.recipe}:{version}-debian"


@dataclass(frozen=True)
class Run:
    """A process that ended."""

    code: int
    stdout: str
    stderr: str

    def __str__(self) -> str:
        return f"exit code {self.code}\n--- stdout\n{self.stdout}\n--- stderr\n{self.stderr}"


@dataclass(frozen=True)
class Devenv:
    """Runs `devenv` from this checkout: `devenv("up", "web", cwd=folder)`.

    `before` stands in front of the command line (`nsenter …`), `env` is added to a clean environment: without a
    terminal, without colours, and without what the person who runs the tests has set for Compose or devenv.
    """

    env: Mapping[str, str] = field(default_factory=dict)
    before: Sequence[str] = ()

    def __call__(
        self,
        *arguments: str | Path,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        input: str | None = None,
        timeout: float = 300,
    ) -> Run:
        """Raises subprocess.TimeoutExpired after `timeout` seconds."""
        done = subprocess.run(
            [*self.before, sys.executable, "-m", "devenv", *map(str, arguments)],
            cwd=cwd,
            env=self.environment(env),
            text=True,
            capture_output=True,
            timeout=timeout,
            **({"stdin": subprocess.DEVNULL} if input is None else {"input": input}),
        )
        return Run(done.returncode, done.stdout, done.stderr)

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment that commands run in."""
        own = ("COMPOSE_", "DEVENV_", "LOG_LEVEL", "FORCE_COLOR", "CLICOLOR")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(own)}
        return {**kept, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "COLUMNS": "120", **self.env, **(more or {})}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs an engine comes last: a mistake in the core shows within seconds."""
    items.sort(key=lambda item: item.get_closest_marker("engine") is not None)


@pytest.fixture(scope="session")
def devenv() -> Devenv:
    """The command line."""
    return Devenv()
