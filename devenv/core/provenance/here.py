"""What Compose makes of a value on this machine, and where the variables in it are set."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from devenv.core.compose.interpolate import interpolate, variables_of
from devenv.core.stack.variables import PORT, SECRET
from devenv.errors import DevenvError
from devenv.model import secrecy
from devenv.model.data import text as as_text
from devenv.model.explanation import Step, Variable

_PROBE = "devenvprobe"  # a text that is hidden only where every text would be


def text(key: str, value: Any, variables: Mapping[str, Variable]) -> str | None:
    """The value as Compose has it on this machine, secrets hidden; None where that is the text in the file."""
    if "$" not in _all_text(value):
        return None
    known = {name: secrecy.shown(name, variable.value) for name, variable in variables.items()}
    try:
        return secrecy.shown(key, _filled(value, known))
    except DevenvError as error:
        return f"({error.problems[0].message})"


def steps(key: str, value: Any, variables: Mapping[str, Variable]) -> list[Step]:
    """A step for each variable in a value: where it is set on this machine."""
    return [_step(name, variables.get(name), hides(name, key, value)) for name in sorted(names_in(value))]


def names_in(value: Any) -> set[str]:
    """The names of the variables in a value."""
    return variables_of(_all_text(value))


def hides(name: str, key: str, value: Any) -> bool:
    """Whether the variable `name` stands where a secret does, so that a text in its place would be hidden."""
    names = names_in(value)
    there = _filled(value, dict.fromkeys(names, "x") | {name: _PROBE})
    return _PROBE in _all_text(there) and _PROBE not in secrecy.shown(key, there)


def _step(name: str, variable: Variable | None, secret: bool) -> Step:
    if variable is None:
        later = "; the first `up` makes it" if name.startswith(SECRET) else ""
        return Step("variable", f"{name} is not set on this machine{later}")
    what = f"{name}, set in {variable.source}"
    if name.startswith(PORT):
        what = f"{name}, the port on this machine, kept in {variable.source}"
    elif name.startswith(SECRET):
        what = f"{name}, made at random for this machine, kept in {variable.source}"
    said = secrecy.HIDDEN if secret and variable.value else secrecy.shown(name, variable.value)
    return Step("variable", what, said)


def _filled(value: Any, variables: Mapping[str, str]) -> Any:
    """Nested data with `variables` put into its texts."""
    if isinstance(value, dict):
        return {key: _filled(one, variables) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, variables) for one in value]
    return interpolate(value, variables) if isinstance(value, str) else value


def _all_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict | list) else as_text(value)
