"""Which files of a build context Docker leaves out: `.dockerignore`, by the rules of BuildKit's own matcher.

Neither the Docker SDK's matcher (its import takes longer than an `up` with nothing to do) nor one for `.gitignore`
(other rules) would do.
"""

from __future__ import annotations

import posixpath
import re
from typing import Literal

from devenv.records import frozen

_META = frozenset("*?[]\\")

Above = tuple[bool, ...]
"""Which patterns matched a folder or one above it; () at the top."""


@frozen
class _Pattern:
    text: str
    excepts: bool
    kind: Literal["exact", "prefix", "suffix", "regular"]
    regular: re.Pattern[str] | None = None

    def matches(self, path: str) -> bool:
        if self.kind == "exact":
            return path == self.text
        if self.kind == "prefix":
            return path.startswith(self.text)
        if self.kind == "suffix":
            return path.endswith(self.text) or (self.text[:1] == "/" and path == self.text[1:])
        return self.regular is not None and self.regular.match(path) is not None


class Ignore:
    """The patterns of one `.dockerignore`. What Docker could not read as a pattern leaves nothing out."""

    def __init__(self, text: str = "") -> None:
        self._patterns = [_compiled(line) for line in lines(text)]
        self._exceptions = [p.text for p in self._patterns if p.excepts]
        self._wild = any(p.excepts and p.kind != "exact" for p in self._patterns)

    def look(self, path: str, above: Above = ()) -> tuple[bool, Above]:
        """Whether `path` (relative to the context, with `/`) is left out, and what to pass on for what lies in it.

        The last pattern that matches a path or a folder above it decides.
        """
        matched, out = [], False
        for at, pattern in enumerate(self._patterns):
            hit = bool(above and above[at]) or pattern.matches(path)
            matched.append(hit)
            if hit:
                out = not pattern.excepts
        return out, tuple(matched)

    def hides(self, folder: str) -> bool:
        """Whether nothing in a folder that is left out can be wanted after all."""
        return not self._wild and not any(text.startswith(f"{folder}/") for text in self._exceptions)


def lines(text: str) -> list[str]:
    """The patterns of a file, cleaned; exceptions start with `!`. Comments have their `#` in the first column."""
    found = []
    for line in text.removeprefix("\ufeff").splitlines():
        pattern = "" if line.startswith("#") else line.strip()
        excepts = pattern.startswith("!")
        pattern = pattern.removeprefix("!").strip() if excepts else pattern
        if pattern:
            clean = posixpath.normpath(pattern)
            clean = clean.lstrip("/") if len(clean) > 1 else clean
            found.append(("!" if excepts else "") + clean)
    return found


def _compiled(line: str) -> _Pattern:
    excepts = line.startswith("!")
    text = line.removeprefix("!")
    body = text.removesuffix("**")
    if not _META & set(text):
        return _Pattern(text, excepts, "exact")
    if text.endswith("**") and not _META & set(body):
        return _Pattern(body, excepts, "prefix")
    if text.startswith("**") and not _META & set(text[2:]):
        return _Pattern(text[2:], excepts, "suffix")
    try:
        return _Pattern(text, excepts, "regular", re.compile(_regular(text)))
    except re.error:
        return _Pattern(text, excepts, "regular")


def _regular(pattern: str) -> str:
    """A pattern as a regular expression over a whole path: `**` crosses folders, `*` and `?` do not."""
    out, at = [], 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "*" and pattern.startswith("*", at):
            at += 1
            if at == len(pattern):
                out.append(".*")
            else:
                at += pattern.startswith("/", at)
                out.append("(?:.*/)?")
        elif char == "*":
            out.append("[^/]*")
        elif char == "?":
            out.append("[^/]")
        elif char == "\\" and at < len(pattern):
            out.append(re.escape(pattern[at]))
            at += 1
        else:  # brackets are a regular expression's own, as in BuildKit
            out.append(char if char in "[]-^" and _bracketed(pattern, at - 1) else re.escape(char))
    return "".join(out) + r"\Z"


def _bracketed(pattern: str, at: int) -> bool:
    """Whether the character at `at` belongs to a set in brackets."""
    opened = pattern.rfind("[", 0, at + 1)
    closed = pattern.find("]", opened + 2) if opened >= 0 else -1
    return opened >= 0 and closed >= at
