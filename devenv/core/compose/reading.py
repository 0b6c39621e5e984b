"""A Compose file as Compose reads it: unquoted numbers and dates are what its YAML reader makes of them."""

from __future__ import annotations

import re

from devenv.core.compose.numbers import misread
from devenv.core.yaml.places import places
from devenv.core.yaml.source import parse
from devenv.errors import Report
from devenv.model.data import Data, Map

_DOCUMENT = re.compile(r"^---(?=[ \t\n]|\Z)", re.MULTILINE)
_CONTENT = re.compile(r"^[ \t]*[^\s#%]", re.MULTILINE)


def parse_compose(text: str, file: str, report: Report) -> Data:
    """`yaml.source.parse`, with what Compose reads otherwise than it looks spelled out; a manifest stays as it is."""
    data = parse(text, file, report)
    if not isinstance(data, Map) or "devenv" in data:
        return data
    spelled, changes = spelled_out(text)
    if not changes:
        return data
    again = parse(spelled, file, Report())
    return data if again is None else again


def documents(text: str) -> list[str]:
    """The YAML documents of a file, which Compose merges as if each were a file. All keep their line numbers."""
    text = plain_text(text)
    starts = [one.start() for one in _DOCUMENT.finditer(text)]
    if starts and not _CONTENT.search(text, 0, starts[0]):
        del starts[0]
    ends = zip([0, *starts], [*starts, len(text)], strict=True)
    return ["\n" * text.count("\n", 0, start) + text[start:end] for start, end in ends]


def plain_text(text: str) -> str:
    """A file's text without a byte order mark, and with newlines as `parse` takes them."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def spelled_out(text: str) -> tuple[str, list[tuple[int, str, str, str]]]:
    """The text with such values written as what Compose takes them for, and what was changed, last first: the line,
    the key, what stood there, and what stands there now. What cannot be read comes back as it is."""
    text = plain_text(text)
    try:
        root = places(text)
    except Exception:  # `parse` tells what it is, with its place
        return text, []
    changes = []
    for start, end, key, written in sorted(misread(text, root), reverse=True) if root is not None else []:
        changes.append((text.count("\n", 0, start) + 1, key, text[start:end], written))
        text = text[:start] + written + text[end:]
    return text, changes
