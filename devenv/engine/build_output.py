"""BuildKit's plain output: which step of which service runs, and why a build failed. Pure."""

from __future__ import annotations

import re
from collections import deque

from devenv.errors import DevenvError

_STEP = re.compile(r"#(\d+) \[(?:(\S+) )??(?:(\S+) )?(\d+)/(\d+)\] (.+)")
_ERROR = re.compile(r"#(\d+) ERROR: (.+)")
_OUTPUT = re.compile(r"#(\d+) (?:\d+\.\d+ )?(.*)")
_SOLVE = re.compile(r"failed to solve: (.+)")
_KEPT = 30  # lines of a failing step that are shown


class Step:
    """One instruction of a Dockerfile: `service` is Compose's name for what is built ("" in a plain build)."""

    __slots__ = ("instruction", "number", "of", "service")

    def __init__(self, service: str, number: int, of: int, instruction: str) -> None:
        self.service = service
        self.number = number
        self.of = of
        self.instruction = instruction

    def __str__(self) -> str:
        return f"step {self.number}/{self.of} {self.instruction}"


class BuildLog:
    """Takes the lines of a build as they come, and remembers what a failure needs."""

    def __init__(self) -> None:
        self._steps: dict[str, Step] = {}
        self._lines: dict[str, deque[str]] = {}
        self._last: deque[str] = deque(maxlen=_KEPT)
        self._failed: tuple[str, str] | None = None
        self._solve = ""

    def add(self, line: str) -> Step | None:
        """Takes a line; returns the step that it begins, if any."""
        if line.strip():
            self._last.append(line)
        if found := _STEP.fullmatch(line):
            vertex, service, stage, number, of, instruction = found.groups()
            step = Step(service or stage or "", int(number), int(of), instruction)
            self._steps[vertex] = step
            return step
        if found := _ERROR.fullmatch(line):
            self._failed = (found[1], found[2])
        elif found := _SOLVE.search(line):
            self._solve = found[1]
        elif found := _OUTPUT.fullmatch(line):
            self._lines.setdefault(found[1], deque(maxlen=_KEPT)).append(found[2])
        return None

    @property
    def failed_step(self) -> Step | None:
        return self._steps.get(self._failed[0]) if self._failed else None

    def failure(self, what: str) -> DevenvError:
        """DE510 for the build of `what`: the failing step, its last lines, BuildKit's reason."""
        step = self.failed_step
        reason = (self._failed[1] if self._failed else "") or self._solve or "see the last lines"
        if step is None:
            return DevenvError.of("DE510", f"building {what} failed: {reason}", evidence=self._last)
        lines = [*self._lines.get(self._failed[0] if self._failed else "", ()), reason]
        return DevenvError.of("DE510", f"building {step.service or what} failed in {step}", evidence=lines)


def line_of(dockerfile: str, instruction: str) -> int | None:
    """The 1-based line of a Dockerfile where BuildKit's `instruction` (continuation lines joined) begins."""
    wanted = "".join(instruction.split())
    lines = dockerfile.splitlines()
    for start in range(len(lines)):
        joined = ""
        for line in lines[start:]:
            if line.lstrip().startswith("#"):
                continue
            joined += "".join(line.rstrip().removesuffix("\\").split())
            if not line.rstrip().endswith("\\"):
                break
        if joined and joined.casefold() == wanted.casefold():
            return start + 1
    return None
