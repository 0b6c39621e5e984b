"""`docker compose config`: what Compose makes of files, as data."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from devenv.engine.protocols import Processes
from devenv.records import frozen

_TIMEOUT = 60.0
_COMPOSES = frozenset(
    f"COMPOSE_{name}"
    for name in ("FILE", "PATH_SEPARATOR", "PROJECT_NAME", "PROFILES", "ENV_FILES", "DISABLE_ENV_FILE", "COMPATIBILITY")
)
"""Variables that say which files and services Compose takes, and how; others of that prefix are anybody's."""

_NO_COMPOSE = ("is not a docker command", "unknown shorthand flag")


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
        return self._ask([*variables, *(part for file in files for part in ("-f", file))], interpolate, None)

    def of_text(self, text: str, folder: str, more: Mapping[str, str], *, interpolate: bool) -> Shown:
        """Of a file that would stand in `folder`, relative to `root`, with `more` variables."""
        return self._ask(["--project-directory", str(self._root / folder), "-f", "-"], interpolate, text, more)

    def _ask(
        self, which: list[str], interpolate: bool, text: str | None, more: Mapping[str, str] = MappingProxyType({})
    ) -> Shown:
        argv = ["docker", "compose", "--project-name", self._project, *which, "config", "--format", "json"]
        if not interpolate:
            argv.append("--no-interpolate")
        variables = {**self._environment, **more}
        done = self._processes.run(argv, cwd=self._root, env=variables, input=text, timeout=_TIMEOUT)
        if done.code:
            return Shown(None, done.errors or done.output)
        try:
            config = json.loads(done.output)
        except ValueError:
            return Shown(None, done.output)
        return Shown(config if isinstance(config, dict) else None, done.errors)
