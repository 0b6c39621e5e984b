"""Names of the variables that belong to one machine: `DEVENV_PORT_WEB_HTTP`, `DEVENV_SECRET_DB_PASSWORD`."""

from __future__ import annotations

import re

PORT = "DEVENV_PORT_"
NUMBER = "DEVENV_NUMBER_"
SECRET = "DEVENV_SECRET_"  # noqa: S105  # how their names begin
_OTHER = re.compile(r"[^A-Z0-9]")


def shout(*parts: str) -> str:
    """The parts in capitals, joined by `_`, everything but letters and digits as `_`."""
    return _OTHER.sub("_", "_".join(parts).upper())


class Variables:
    """Hands out a name once: `a-b` and `a_b` do not share a variable."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def claim(self, *parts: str) -> str:
        """`DEVENV_` and the parts; a number follows where that name is taken, the same in every run."""
        name = wanted = f"DEVENV_{shout(*parts)}"
        count = 1
        while name in self._taken:
            count += 1
            name = f"{wanted}_{count}"
        self._taken.add(name)
        return name
