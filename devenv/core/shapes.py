"""What pydantic says of a wrong shape, in our words and with the place in the file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from devenv.errors import Mark, Report
from devenv.model.data import Map, mark_of

if TYPE_CHECKING:
    from pydantic import ValidationError

_WORDS = {
    "extra_forbidden": "unknown key '{key}'",
    "missing": "'{key}' is missing",
    "dict_type": "takes a mapping",
    "tuple_type": "takes a list",
    "list_type": "takes a list",
    "string_type": "takes text",
    "int_type": "takes an integer",
    "int_parsing": "takes an integer",
    "bool_type": "takes true or false",
    "bool_parsing": "takes true or false",
}


def report_shape(
    error: ValidationError, data: Map, code: str, report: Report, *, renamed: Mapping[str, str] | None = None
) -> None:
    """Adds a problem per error of pydantic's, each at the nearest place in `data` that it speaks of.

    `renamed` maps a model's field names back to the file's keys.
    """
    for one in error.errors(include_url=False, include_context=False, include_input=False):
        loc = [(renamed or {}).get(str(part), part) for part in one["loc"]]
        key = str(loc[-1]) if loc else ""
        kind = one["type"]
        message = _WORDS[kind].format(key=key) if kind in _WORDS else one["msg"]
        if kind == "literal_error":
            message = message.replace("Input should be", "must be")
        mark = _place(data, loc, of_key=kind == "extra_forbidden")
        report.add(code, message, mark, path=".".join(str(part) for part in loc))


def _place(data: Any, loc: list[Any], *, of_key: bool) -> Mark | None:
    mark: Mark | None = getattr(data, "mark", None)
    at = data
    for i, part in enumerate(loc):
        last = i == len(loc) - 1
        in_list = isinstance(at, list) and isinstance(part, int) and part < len(at)
        if not in_list and not (isinstance(at, dict) and part in at):
            continue  # a part that stands for pydantic's choice in a union, or a missing key
        mark = mark_of(at, part, of_key=of_key and last) or mark
        at = at[part]
    return mark
