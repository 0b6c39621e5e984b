"""libyaml's syntax errors in plain words, at the place where a person has to look."""

from __future__ import annotations

import re
from typing import NamedTuple

from yaml.error import Mark as YamlMark
from yaml.error import MarkedYAMLError, YAMLError

_UNSEEN_END = "a quote is opened here and not closed"


class Explained(NamedTuple):
    """`line` and `column` are 1-based; `hint` says what usually mends it."""

    line: int
    column: int
    message: str
    hint: str | None


def explain(error: YAMLError, lines: list[str]) -> Explained:
    """What is wrong and where, for an error of the parser on the text made of `lines`."""
    if not isinstance(error, MarkedYAMLError):
        return Explained(1, 1, f"the YAML cannot be read: {error}", None)
    at = error.problem_mark or error.context_mark
    opened = error.context_mark or at
    problem, context = error.problem or "", error.context or ""
    line = lines[at.line] if at is not None and at.line < len(lines) else ""
    tabbed = re.match(r"[ ]*\t", line)
    if at is not None and tabbed and at.column <= tabbed.end() + 1:
        message = "a tab indents this line; YAML is indented with spaces"
        return Explained(at.line + 1, tabbed.end(), message, "replace the tab by spaces, two for each level")
    message, hint, where = _words(problem, context, line, at, opened)
    if where is None:
        return Explained(1, 1, message, hint)
    row = min(where.line, max(len(lines) - 1, 0))
    return Explained(row + 1, where.column + 1 if row == where.line else 1, message, hint)


_Words = tuple[str, "str | None", "YamlMark | None"]


def _words(problem: str, context: str, line: str, at: YamlMark | None, opened: YamlMark | None) -> _Words:
    if "quoted scalar" in context and ("end of stream" in problem or "document indicator" in problem):
        return _UNSEEN_END, "close the quote", opened
    if "',' or ']'" in problem:
        return "'[' is opened here, and neither ',' nor ']' follows its items", "close it with ']'", opened
    if "',' or '}'" in problem:
        return "'{' is opened here, and neither ',' nor '}' follows its entries", "close it with '}'", opened
    if "could not find expected ':'" in problem:
        return "this line has no ':' after the key", "write 'key: value', with a space after the colon", opened
    if "mapping values are not allowed" in problem:
        return (
            "a ':' cannot stand here",
            "put a value that contains ': ' in quotes, and check the indentation of this line and the one before",
            at,
        )
    if "cannot start any token" in problem:
        character = line[at.column : at.column + 1] if at is not None else ""
        return f"a value cannot start with {character!r}", "put the value in quotes", at
    if "'-' indicator" in problem:
        return "this line does not continue the list above it", "check the indentation, or start it with '- '", at
    if "did not find expected key" in problem:
        return "this line fits no level of indentation above it", "align it with the keys it belongs to", at
    for part, message, hint in _SIMPLE:
        if part in problem or part in context:
            return message, hint, at
    return f"the YAML cannot be read: {problem}", None, at


_SIMPLE: tuple[tuple[str, str, str | None], ...] = (
    ("block sequence entries are not allowed", "a list item cannot start here", "start each '- ' on its own line"),
    ("mapping keys are not allowed", "a '? ' cannot stand here", "put the value in quotes"),
    ("tab character", "a tab indents this line; YAML is indented with spaces", "replace the tab by spaces"),
    ("unknown escape character", "an unknown escape follows the backslash", r"write '\\', or use single quotes"),
    ("hexdecimal number", "an escape lacks its hexadecimal digits", r"write '\\', or use single quotes"),
    ("invalid Unicode character escape", "an escape names no character", r"write '\\', or use single quotes"),
    ("expected alphabetic or numeric", "a name must follow '&' or '*'", "put a value that starts with '*' in quotes"),
    ("while scanning an a", "a name must follow '&' or '*'", "put a value that starts with '*' in quotes"),
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
