"""`docker compose config`: what Compose makes of files, as data."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from devenv.engine import dotenv
from devenv.engine.protocols import Processes
from devenv.records import frozen

_TIMEOUT = 60.0
_COMPOSES = frozenset(
    f"COMPOSE_{name}"
    for name in ("FILE", "PATH_SEPARATOR", "PROJECT_NAME", "PROFILES", "ENV_FILES", "DISABLE_ENV_FILE", "COMPATIBILITY")
)
"""Variables that say which files and services Compose takes, and how; others of that prefix are anybody's."""

_HARMLESS = ("COMPOSE_", "DEVENV_", "OTEL_RESOURCE_ATTRIBUTES")
"""How names begin that may be in a program's environment whoever sets them."""

NOTHING_REMOTE = {"COMPOSE_EXPERIMENTAL_GIT_REMOTE": "false", "COMPOSE_EXPERIMENTAL_OCI_REMOTE": "false"}
"""Has Compose fetch no Compose files: it would ask nobody, and pin nothing."""

_NO_COMPOSE = ("is not a docker command", "unknown shorthand flag")


def own(variables: Mapping[str, str]) -> dict[str, str]:
    """Those of `variables` that a program may be started with: what this process has itself. Others are from files that
    anybody may have written, and there are names that decide what a program runs (`LD_PRELOAD`, `DOCKER_CONFIG`)."""
    return {
        name: value for name, value in variables.items() if os.environ.get(name) == value or name.startswith(_HARMLESS)
    } | NOTHING_REMOTE


@contextmanager
def handed_over(variables: Mapping[str, str]) -> Iterator[list[str]]:
    """Options with which `docker compose`, started with `own(variables)`, sees all of them: the others in a file."""
    from tempfile import TemporaryDirectory  # its import takes longer than all else here

    with TemporaryDirectory(prefix="devenv-") as folder:
        file = Path(folder) / "variables"
        ours = own(variables)
        rest = {name: value for name, value in variables.items() if name not in ours}
        file.touch(0o600)
        file.write_text(dotenv.dump(rest), "utf-8")
        yield ["--env-file", str(file)]


@frozen
class Shown:
    """`config` is None when Compose does not accept the files; `words` is what it says then."""

    config: Mapping[str, Any] | None
    words: str = ""


class ComposeConfig:
    """Asks Compose in the folder `root`, about every profile. `environment` is what it interpolates with, beside the
    files of variables that it reads."""

    def __init__(self, processes: Processes, root: Path, project: str, environment: Mapping[str, str]) -> None:
        self._processes = processes
        self._root = root
        self._project = project
        self._environment = {
            **{name: value for name, value in environment.items() if name not in _COMPOSES},
            "COMPOSE_PROFILES": "*",
        }

    def there(self) -> bool:
        """Whether there is a Compose to ask."""
        if self._processes.find("docker") is None:
            return False
        done = self._processes.run(["docker", "compose", "version"], timeout=_TIMEOUT)
        return done.code == 0 and not any(words in done.errors for words in _NO_COMPOSE)

    def of_files(self, files: Sequence[str], env_files: Sequence[str] = (), *, interpolate: bool) -> Shown:
        """Of files, relative to `root`, later ones over earlier ones, with `env_files` instead of their `.env`."""
        variables = [part for file in env_files for part in ("--env-file", file)]
        return self._ask(
            [*variables, *(part for file in files for part in ("-f", file))], interpolate, self._environment
        )

    def of_text(self, text: str, folder: str, more: Mapping[str, str], *, interpolate: bool) -> Shown:
        """Of a file that would stand in `folder`, relative to `root`, with `more` variables."""
        variables = {**self._environment, **more}
        with handed_over(variables) as options:
            which = [*options, "--project-directory", str(self._root / folder), "-f", "-"]
            return self._ask(which, interpolate, variables, text)

    def _ask(self, which: list[str], interpolate: bool, variables: Mapping[str, str], text: str | None = None) -> Shown:
        argv = ["docker", "compose", "--project-name", self._project, *which, "config", "--format", "json"]
        if not interpolate:
            argv.append("--no-interpolate")
        done = self._processes.run(argv, cwd=self._root, env=own(variables), input=text, timeout=_TIMEOUT)
        if done.code:
            return Shown(None, done.errors or done.output)
        try:
            config = json.loads(done.output)
        except ValueError:
            return Shown(None, done.output)
        return Shown(config if isinstance(config, dict) else None, done.errors)
