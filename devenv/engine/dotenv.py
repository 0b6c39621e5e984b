"""The text of `.env` files, read and written the way Compose reads them. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

Lookup = Callable[[str], str | None]
"""Gives the value of a variable of the environment, or None."""

_SPACE = " \t\v\f\r\x85\xa0"
_BLANK = re.compile(rf"[{_SPACE}\n]*")
_BRACE = re.compile(r"[{}]")
_MAX_DEPTH = 50
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-\[\]]*")
_SETS = re.compile(rf"[{_SPACE}]*(?:export\s+)?({_KEY.pattern})[{_SPACE}]*(?:[=:]|$)")
_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,=-]*")
_ESCAPE = re.compile(r"\\([abcfnrtv$\"\\]|0\d{0,3})")
_CONTROL = {"a": "\a", "b": "\b", "c": "\\c", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def dump(values: Mapping[str, str], header: str = "") -> str:
    """The file's text: `header` as comment lines, then a line for each value, quoted where it must be."""
    lines = [f"# {line}\n" for line in header.splitlines()]
    return "".join([*lines, *(f"{name}={_quoted(value)}\n" for name, value in values.items())])


def _quoted(value: str) -> str:
    if _PLAIN.fullmatch(value):
        return value
    if not re.search(r"['\n\r]|\\$", value):
        return f"'{value}'"
    escaped = re.sub(r'([\\"$])', r"\\\1", value)
    return '"' + escaped.replace("\n", "\\n").replace("\r", "\\r") + '"'


def parse(text: str, lookup: Lookup = lambda name: None) -> dict[str, str]:
    """The variables of a file. `lookup` answers for `$NAME` in values (before the file's own earlier lines) and
    for a name that stands alone. Lines that Compose would refuse are passed over: it will say so itself."""
    values: dict[str, str] = {}
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    at = 0
    while (start := _past_blanks(text, at)) < len(text):
        end = _line_end(text, start)
        line, at = text[start:end], end + 1
        statement = re.sub(r"^export\s+", "", line)
        key = _KEY.match(statement)
        left = statement[key.end() :].lstrip(_SPACE) if key else ""
        if line.startswith("#") or key is None or (left and left[0] not in "=:"):
            continue
        if not left:
            if (inherited := lookup(key[0])) is not None:
                values[key[0]] = inherited
        else:
            begin = end - len(left) + 1
            values[key[0]], at = _value(text, min(_past_blanks(text, begin), end), values, lookup)
    return values


def lines(text: str) -> dict[str, int]:
    """The line, counted from 1, that sets each variable of a file; of several, the last."""
    found = ((number, _SETS.match(line)) for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1))
    return {match[1]: number for number, match in found if match}


def _past_blanks(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _value(text: str, at: int, values: Mapping[str, str], lookup: Lookup) -> tuple[str, int]:
    """The value that begins at `at`, and where reading goes on."""

    def find(name: str) -> str | None:
        found = lookup(name)
        return values.get(name) if found is None else found

    quote = text[at : at + 1]
    if quote in ("'", '"'):
        closing = re.compile(rf"(?:[^{quote}\\]|\\.|\\\n)*{quote}", re.DOTALL).match(text, at + 1)
        if closing is not None:
            inner = closing[0][:-1].replace(f"\\{quote}", quote) if quote == "'" else closing[0][:-1]
            return (inner if quote == "'" else expand(_unescaped(inner), find)), closing.end()
    end = _line_end(text, at)
    return expand(text[at:end].partition(" #")[0].rstrip(), find), end


def _unescaped(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        code = match[1]
        if code == "$":
            return "$$"  # which the expansion that follows reads as one dollar
        if code[0] == "0":
            return chr(int(code, 8)) if len(code) == 4 and code < "0400" else match[0]
        return _CONTROL.get(code, code)

    return _ESCAPE.sub(one, text)


def expand(text: str, find: Lookup, depth: int = 0) -> str:
    """`text` with `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME:+other}` and their kin replaced, `$$` a dollar.

    A variable that is required (`:?`) or unknown is empty; what is no variable is left as it is, and so is what stands
    deeper in braces than anybody writes.
    """
    closings = _closings(text) if "${" in text and depth < _MAX_DEPTH else {}
    parts: list[str] = []
    at = 0
    while (dollar := text.find("$", at)) >= 0:
        parts.append(text[at:dollar])
        at = dollar + 1
        if text.startswith("$", at):
            parts.append("$")
            at += 1
        elif name := _NAME.match(text, at):
            parts.append(find(name[0]) or "")
            at = name.end()
        elif (end := closings.get(at, -1)) > 0:
            parts.append(_braced(text[at + 1 : end], find, depth + 1))
            at = end + 1
        else:
            parts.append("$")
    return "".join([*parts, text[at:]])


def _closings(text: str) -> dict[int, int]:
    """Where each brace that opens is closed."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for match in _BRACE.finditer(text):
        if match[0] == "{":
            opened.append(match.start())
        elif opened:
            found[opened.pop()] = match.start()
    return found


def _braced(inner: str, find: Lookup, depth: int) -> str:
    name = _NAME.match(inner)
    if name is None:
        return f"${{{inner}}}"
    value, operation = find(name[0]), inner[name.end() :]
    strict = operation.startswith(":")
    kind, word = operation[strict : strict + 1], operation[strict + 1 :]
    is_set = value is not None and not (strict and value == "")
    if kind == "+":
        return expand(word, find, depth) if is_set else ""
    if kind == "-" and not is_set:
        return expand(word, find, depth)
    return value or ""
