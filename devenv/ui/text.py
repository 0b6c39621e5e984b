"""Small words and measures: widths on a terminal, visible control characters, durations, sizes, ages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime

# What may not reach a terminal from a file or another program: C0 and C1 controls, DEL, line and paragraph
# separators, and the bidirectional controls with which text can show other than it is.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_SEQUENCE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor movements
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|$)"  # OSC and other strings, up to their end
    r"|\x1b[ -/]*[0-~]"  # two-character and longer escapes
)
_WORDS = re.compile(r"(\s*)((?:`[^`]*`|\S)+)")
_COLOUR = re.compile(r"\x1b\[[0-9;:]*m")


def _escaped(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def visible(text: str) -> str:
    r"""`text` in one line, with its control characters as `\x1b`, tabs as spaces."""
    return _CONTROL.sub(_escaped, text.replace("\t", "    "))


def visible_lines(text: str) -> str:
    """`text` with its lines as they are, and each of them `visible`."""
    return "\n".join(map(visible, text.split("\n")))


def printable_lines(text: str, most: int | None = None) -> list[str]:
    """The lines of what another program printed, without its control sequences, safe for a terminal; with `most`, only
    that many characters of each are looked at."""
    return [visible(without_sequences(line, most)) for line in text.removesuffix("\n").split("\n")] if text else []


def without_sequences(text: str, most: int | None = None) -> str:
    """`text` without terminal control sequences, and only what stands after the last carriage return; of that, at most
    the first `most` characters."""
    return _SEQUENCE.sub("", text.rstrip("\r").rsplit("\r", 1)[-1][:most])


def only_colours(text: str) -> str:
    """A line of another program for a terminal: its colours stay, all else is made harmless."""
    text = text.rstrip("\r").rsplit("\r", 1)[-1]
    colours = _COLOUR.findall(text)
    if not colours:
        return visible(without_sequences(text))
    rest = _COLOUR.split(text)
    parts = [visible(_SEQUENCE.sub("", part)) for part in rest]
    return parts[0] + "".join(c + p for c, p in zip(colours, parts[1:], strict=True)) + "\x1b[0m"


def cells(text: str) -> int:
    """How many columns of a terminal `text` takes."""
    if text.isascii():
        return len(text)
    return sum(_cells(char) for char in text)


def _cells(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def padded(text: str, width: int) -> str:
    """`text` with spaces up to `width` columns."""
    return text + " " * max(0, width - cells(text))


def cut(text: str, width: int) -> str:
    """`text` in at most `width` columns, its end replaced by `…` when it is longer."""
    if cells(text) <= width:
        return text
    kept, used = [], 1
    for char in text:
        used += _cells(char)
        if used > width:
            break
        kept.append(char)
    return "".join(kept) + "…" if width > 0 else ""


def wrapped(text: str, width: int | None, indent: str = "") -> str:
    """`text` broken at spaces where it is wider than `width`, but never within a command in backquotes: that is to be
    copied. Further lines begin with `indent`."""
    if width is None or cells(text) <= width:
        return text
    lines, line = [], ""
    for space, word in _WORDS.findall(text):
        if line and cells(line + space + word) > width:
            lines.append(line)
            line = indent + word
        else:
            line += space + word
    return "\n".join([*lines, line])


def duration(seconds: float) -> str:
    """Seconds for people: `0.4 s`, `12.3 s`, `2 min 5 s`, `1 h 3 min`."""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def age(since: datetime, now: datetime) -> str:
    """How long ago, roughly: `5 s`, `3 min`, `4 h`, `2 d`."""
    seconds = max(0, int((now - since).total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def size(count: float) -> str:
    """Bytes for people, in decimal units: `512 B`, `12.3 MB`."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" or count >= 100 else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def plural(count: int, word: str) -> str:
    """`1 service`, `3 services`."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def listed(names: Iterable[str], limit: int = 8) -> str:
    """`db, broker`; a long list ends with `and 5 more`."""
    every = list(names)
    if len(every) <= limit:
        return ", ".join(every)
    return ", ".join(every[:limit]) + f" and {len(every) - limit} more"
