"""Where the configuration of a machine stands: the organisation's file, and the person's own."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from devenv.engine.user_folders import expanded, user_folder
from devenv.errors import DevenvError

VARIABLE = "DEVENV_CONFIG"
"""Names the one file that is read instead."""

_NAME = "config.yaml"
_LIMIT = 1 << 20  # bytes


def read_files(environ: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """The configuration files that there are, the stronger first: each one's path and text.

    Raises DevenvError DE102 for one that is there and cannot be read, or that $DEVENV_CONFIG names and is not there,
    DE103, DE104.
    """
    environ = os.environ if environ is None else environ
    if named := environ.get(VARIABLE):
        return [(named, _text(expanded(named)))]
    return [(str(path), _text(path)) for path in places() if path.exists()]


def read_named(path: str) -> str:
    """The text of a file that a configuration names. Raises DevenvError DE102, DE103, DE104."""
    return _text(expanded(path))


def places() -> list[Path]:
    """Where files are looked for, the stronger first: the person's, then the organisation's."""
    return [user_folder("config") / _NAME, _shared() / _NAME]


def _shared() -> Path:
    if sys.platform.startswith("linux"):
        return Path("/etc/devenv")
    from platformdirs import site_config_path

    return site_config_path("devenv", appauthor=False)


def _text(path: Path) -> str:
    try:
        if not path.is_file():
            raise DevenvError.of("DE102", f"cannot read {path}: it is not a file")
        with path.open("rb") as file:
            data = file.read(_LIMIT + 1)
        if len(data) > _LIMIT:
            raise DevenvError.of("DE103", f"{path} is larger than {_LIMIT >> 20} MiB")
        return data.decode("utf-8-sig")
    except OSError as error:
        raise DevenvError.of("DE102", f"cannot read {path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise DevenvError.of("DE104", f"{path} is not UTF-8 text") from error
