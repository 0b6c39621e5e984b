"""libyaml's syntax errors in plain words, at the place where a person has to look."""

from __future__ import annotations

import re
from typing import NamedTuple

from yaml.error import MarkedYAMLError, YAMLError

_CONFLICT = re.compile(r"(?:<{7}|>{7})(?: |$)")
_GLUED = re.compile(r"\s*(?:- )?[A-Za-z_][\w.-]*(:)[^\s:/]\S*\s*$")


class Explained(NamedTuple):
    """`line` and `column` are 1-based; `hint` says what usually mends it."""

    line: int
    column: int
    message: str
    hint: str | None


def explain(error: YAMLError, lines: list[str]) -> Explained:
    """What is wrong and where, for an error of the parser on the text made of `lines`."""
    for row, line in enumerate(lines):
        if _CONFLICT.match(line):
            return Explained(row + 1, 1, "a merge conflict is not resolved here", "keep one of the two sides")
    if not isinstance(error, MarkedYAMLError):
        return Explained(1, 1, f"the YAML cannot be read: {error}", None)
    at = error.problem_mark or error.context_mark
    if at is None:
        return Explained(1, 1, f"the YAML cannot be read: {error.problem}", None)
    row = min(at.line, max(len(lines) - 1, 0))
    column = at.column if row == at.line else 0
    return _lines_fault(lines, row, column, error) or _grammar(error, lines, row, column)


def _lines_fault(lines: list[str], row: int, column: int, error: MarkedYAMLError) -> Explained | None:
    """Faults that the line itself shows better than the parser's words do: tabs, and a colon without a space."""
    tabbed = re.match(r"[ ]*\t", lines[row])
    if tabbed and column <= tabbed.end() + 1:
        message = "a tab indents this line; YAML is indented with spaces"
        return Explained(row + 1, tabbed.end(), message, "replace the tab by spaces, two for each level")
    if "expected ':'" in (error.problem or "") or "mapping values" in (error.problem or ""):
        began = error.context_mark.line if error.context_mark is not None else row
        for near in dict.fromkeys((row - 1, began, row)):
            if 0 <= near < len(lines) and (glued := _GLUED.match(lines[near])):
                return Explained(near + 1, glued.end(1), "a space is missing after this ':'", "write 'key: value'")
    return None


def _grammar(error: MarkedYAMLError, lines: list[str], row: int, column: int) -> Explained:
    problem, context, line = error.problem or "", error.context or "", lines[row]
    here = (row + 1, column + 1)
    opened = here
    if error.context_mark is not None:
        opened = (error.context_mark.line + 1, error.context_mark.column + 1)
    if "quoted scalar" in context and ("end of stream" in problem or "unexpected document" in problem):
        return Explained(*opened, "a quote is opened here and not closed", "close the quote")
    for bracket, closing in (("[", "]"), ("{", "}")):
        if f"',' or '{closing}'" in problem:
            if opened[0] == here[0] and column < len(line):
                return Explained(
                    *here, f"',' or '{closing}' is expected here", "put values with special signs in quotes"
                )
            return Explained(*opened, f"'{bracket}' is opened here and not closed", f"close it with '{closing}'")
    if "could not find expected ':'" in problem:
        return Explained(*opened, "this line has no ':' after the key", "write 'key: value'")
    if "cannot start any token" in problem:
        return Explained(*here, f"a value cannot start with {line[column : column + 1]!r}", "put the value in quotes")
    if "alphabetic or numeric" in problem or "while scanning an a" in context:
        sign = lines[opened[0] - 1][opened[1] - 1 : opened[1]]
        return Explained(*opened, f"a name must follow '{sign}'", f"put a value that starts with '{sign}' in quotes")
    if "did not find expected key" in problem:
        return Explained(*here, *_unexpected(line, column))
    for part, message, hint in _SIMPLE:
        if part in problem or part in context:
            return Explained(*here, message, hint)
    return Explained(*here, f"the YAML cannot be read: {problem}", None)


def _unexpected(line: str, column: int) -> tuple[str, str]:
    if line[:column].strip():
        return "this cannot follow the value before it", "put the whole value in quotes"
    if line[column : column + 2] in ("- ", "-"):
        return "a list item stands among keys", "check the indentation, or remove the '- '"
    if line[column : column + 1] == ":":
        return "the key before ':' is missing", "write 'key: value'"
    return "this line fits no level of indentation above it", "align it with the keys it belongs to"


_SIMPLE: tuple[tuple[str, str, str | None], ...] = (
    (
        "mapping values are not allowed",
        "a ':' cannot stand here",
        "put a value that contains ': ' in quotes, and compare the indentation with the line before",
    ),
    (
        "'-' indicator",
        "this line does not continue the list above it",
        "check the indentation, or start it with '- '",
    ),
    ("block sequence entries are not allowed", "a list item cannot start here", "start each '- ' on its own line"),
    ("mapping keys are not allowed", "a '? ' cannot stand here", "put the value in quotes"),
    ("tab character", "a tab indents this line; YAML is indented with spaces", "replace the tab by spaces"),
    ("unknown escape character", "an unknown escape follows the backslash", r"write '\\', or use single quotes"),
    ("hexdecimal number", "an escape lacks its hexadecimal digits", r"write '\\', or use single quotes"),
    ("invalid Unicode character escape", "an escape names no character", r"write '\\', or use single quotes"),
    ("document start", "something follows the end of the data", "check the indentation of this line"),
    ("node content", "a value is missing here", None),
    ("comment or line break", "the text must start on the line after '|' or '>'", None),
    ("indentation indicator", "the digit after '|' or '>' must be 1 to 9", None),
    ("leading space", "a line of the text block is indented further than its first", None),
    ("while scanning a directive", "a directive cannot be read", "put a value that starts with '%' in quotes"),
    ("%TAG", "a directive stands twice", None),
    ("%YAML", "the %YAML directive cannot be read", "remove the line"),
    ("incompatible YAML document", "the %YAML directive names a version that is not read", "remove the line"),
    ("while scanning a tag", "a tag cannot be read", "put a value that starts with '!' in quotes"),
    ("while parsing a tag", "a tag cannot be read", "put a value that starts with '!' in quotes"),
    ("while parsing a node", "a tag cannot be read", "put a value that starts with '!' in quotes"),
)
