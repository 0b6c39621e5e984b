"""What Compose makes of a value on this machine, and where the variables in it are set."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from devenv.core.compose.interpolate import interpolate, variables_of
from devenv.core.stack import secrecy
from devenv.core.stack.variables import PORT, SECRET
from devenv.errors import DevenvError
from devenv.model.data import text as as_text
from devenv.model.explanation import Step, Variable


def text(key: str, value: Any, variables: Mapping[str, Variable]) -> str | None:
    """The value as Compose has it on this machine, secrets hidden; None where that is the text in the file."""
    written = json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, list | dict) else as_text(value)
    if "$" not in written:
        return None
    known = {name: _shown(name, variable.value) for name, variable in variables.items()}
    try:
        return secrecy.masked(interpolate(written, known))
    except DevenvError as error:
        return f"({error.problems[0].message})"


def steps(value: Any, variables: Mapping[str, Variable]) -> list[Step]:
    """A step for each variable in a value: where it is set on this machine."""
    return [_step(name, variables.get(name)) for name in sorted(variables_of(_all_text(value)))]


def _step(name: str, variable: Variable | None) -> Step:
    if variable is None:
        later = "; the first `up` makes it" if name.startswith(SECRET) else ""
        return Step("variable", f"{name} is not set on this machine{later}")
    what = f"{name}, set in {variable.source}"
    if name.startswith(PORT):
        what = f"{name}, the port on this machine, kept in {variable.source}"
    elif name.startswith(SECRET):
        what = f"{name}, made at random for this machine, kept in {variable.source}"
    return Step("variable", what, _shown(name, variable.value))


def _shown(name: str, value: str) -> str:
    return secrecy.HIDDEN if value and secrecy.is_secret(name) else secrecy.masked(value)


def _all_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict | list) else as_text(value)
