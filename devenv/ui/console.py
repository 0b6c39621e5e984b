"""The terminal as this process has it: streams, colour, width. One object, so that tests can replace it."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

_STYLES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
}

_OBEYING = ("GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION")
"""Variables of CI servers that read a job's log and carry out what looks like a command there."""
_COMMAND = re.compile(r"^([^\S\n]*):(?=:[a-z-]+(?: .*)?::)|#(?=#\w*\[)", re.MULTILINE | re.IGNORECASE)


class Console:
    """Where results (`out`), progress and problems (`err`) go, and what these places can show.

    Streams are looked up when the object is made; `environ` stands for the process's environment. What is printed and
    said is for people: in a CI whose server takes commands out of the log, nothing in it is one. Data and commands
    that are meant go to `out` itself.
    """

    def __init__(
        self,
        out: TextIO | None = None,
        err: TextIO | None = None,
        input: TextIO | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.out = sys.stdout if out is None else out
        self.err = sys.stderr if err is None else err
        self.input = sys.stdin if input is None else input
        self.environ: Mapping[str, str] = os.environ if environ is None else environ

    @property
    def colour_out(self) -> bool:
        """Whether results may be coloured."""
        return self._colour(self.out)

    @property
    def colour_err(self) -> bool:
        """Whether problems and progress may be coloured."""
        return self._colour(self.err)

    @property
    def interactive(self) -> bool:
        """Whether someone can be asked: questions go to `err`, answers come from `input`."""
        return _is_terminal(self.input) and _is_terminal(self.err)

    @property
    def has_terminal(self) -> bool:
        """Whether a program that is started can have the terminal: both its input and its output."""
        return _is_terminal(self.input) and _is_terminal(self.out)

    @property
    def has_input(self) -> bool:
        """Whether there may be something to read: not from /dev/null."""
        try:
            return not os.path.samestat(os.fstat(self.input.fileno()), Path(os.devnull).stat())
        except (AttributeError, OSError, ValueError):  # a closed or missing stream
            return False

    @property
    def live(self) -> bool:
        """Whether progress can be redrawn in place: a terminal that moves its cursor, and no CI log."""
        return _is_terminal(self.err) and not self._dumb and self.environ.get("CI", "").lower() in ("", "0", "false")

    @property
    def width_out(self) -> int | None:
        """Columns for results; None where there is no terminal, so that nothing needs to be wrapped."""
        return self._width(self.out)

    @property
    def width_err(self) -> int | None:
        """Columns for problems; None where there is no terminal."""
        return self._width(self.err)

    @property
    def unicode_out(self) -> bool:
        """Whether `out` can show more than ASCII."""
        return _unicode(self.out)

    @property
    def unicode_err(self) -> bool:
        """Whether `err` can show more than ASCII."""
        return _unicode(self.err)

    @property
    def _dumb(self) -> bool:
        return self.environ.get("TERM", "") == "dumb"

    def _colour(self, stream: TextIO) -> bool:
        return _is_terminal(stream) and not self.environ.get("NO_COLOR") and not self._dumb

    def _width(self, stream: TextIO) -> int | None:
        if not _is_terminal(stream):
            return None
        try:
            columns = int(self.environ.get("COLUMNS") or os.get_terminal_size(stream.fileno()).columns)
        except (OSError, ValueError):  # no real terminal, or no number
            columns = 0
        return max(20, columns or 80)

    def print(self, text: str) -> None:
        """A result, on `out`, with a line end."""
        self.out.write(self._told(text) + "\n")

    def say(self, text: str) -> None:
        """Something beside the result, on `err`, with a line end; what was printed on `out` before comes first."""
        self.out.flush()
        self.err.write(self._told(text) + "\n")
        self.err.flush()

    def _told(self, text: str) -> str:
        return _COMMAND.sub(_as_text, text) if any(map(self.environ.get, _OBEYING)) else text


def _as_text(match: re.Match[str]) -> str:
    return "\\x23" if match[1] is None else match[1] + "\\x3a"


def paint(text: str, style: str, colour: bool) -> str:
    """`text` in a style (`bold red`) when there is colour, else as it is."""
    if not colour or not text:
        return text
    return f"\x1b[{';'.join(_STYLES[word] for word in style.split())}m{text}\x1b[0m"


def _unicode(stream: TextIO) -> bool:
    return (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "") in ("utf8", "utf16", "utf8sig")


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except (AttributeError, ValueError):  # a closed or missing stream
        return False
