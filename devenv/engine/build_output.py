"""BuildKit's plain output: which step of which service runs, and why a build failed. Pure."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection

from devenv.engine import pulling
from devenv.errors import DevenvError

_STEP = re.compile(r"#(\d+) \[(?:(\S+) )??(?:(\S+) )?(\d+)/(\d+)\] (.+)")
_METADATA = re.compile(
    r"#(\d+) \[(?:\S+ )?internal\] load metadata for (\S+)"
    r"|#(\d+) (?:\[\S+\] )?resolve image config for (?:docker-image://)?(\S+)"
)
_ERROR = re.compile(r"#(\d+) ERROR: (.+)")
_OUTPUT = re.compile(r"#(\d+) (?:\d+\.\d+ )?(.*)")
_SOLVE = re.compile(r"failed to solve: (.+)")
_WIDTH = 80  # characters of an instruction that are shown
_KEPT = 30  # lines of a failing step that are shown


class Step:
    """One instruction of a Dockerfile: `service` is whose it is ("" in a plain build); its text is short."""

    __slots__ = ("instruction", "number", "of", "service")

    def __init__(self, service: str, number: int, of: int, instruction: str) -> None:
        self.service = service
        self.number = number
        self.of = of
        self.instruction = instruction

    def __str__(self) -> str:
        instruction = " ".join(self.instruction.split())
        short = instruction if len(instruction) <= _WIDTH else f"{instruction[: _WIDTH - 1]}…"
        return f"step {self.number}/{self.of} {short}"


class BuildLog:
    """Takes the lines of a build as they come, and remembers what a failure needs. `services` are those that Compose
    builds, whose names it puts before their steps; none for a plain build."""

    def __init__(self, services: Collection[str] = ()) -> None:
        self._services = services
        self._steps: dict[str, Step] = {}
        self._bases: dict[str, str] = {}
        self._lines: dict[str, deque[str]] = {}
        self._last: deque[str] = deque(maxlen=_KEPT)
        self._failed: tuple[str, str] | None = None
        self._solve = ""

    def add(self, line: str) -> Step | None:
        """Takes a line; returns the step that it begins, if any."""
        if line.strip():
            self._last.append(line)
        if found := _STEP.fullmatch(line):
            vertex, first, second, number, of, instruction = found.groups()
            service = next((name for name in (first, second) if name in self._services), "")
            step = Step(service, int(number), int(of), instruction)
            self._steps[vertex] = step
            return step
        if found := _METADATA.fullmatch(line):
            self._bases[found[1] or found[3]] = (
                (found[2] or found[4]).removeprefix("docker.io/").removeprefix("library/")
            )
        elif found := _ERROR.fullmatch(line):
            self._failed = self._failed or (found[1], found[2])
        elif found := _SOLVE.search(line):
            self._solve = found[1]
        elif found := _OUTPUT.fullmatch(line):
            self._lines.setdefault(found[1], deque(maxlen=_KEPT)).append(found[2])
        return None

    @property
    def failed_step(self) -> Step | None:
        return self._steps.get(self._failed[0]) if self._failed else None

    def failure(self, what: str) -> DevenvError:
        """Why building `what` failed: DE510 with the failing step, its last lines and BuildKit's reason, or what
        `pulling.failure` says of a base image that cannot be had."""
        vertex, reason = self._failed or ("", self._solve or "see the last lines")
        if base := self._bases.get(vertex):
            return pulling.failure(base, reason)
        step = self._steps.get(vertex)
        if step is None:
            return DevenvError.of("DE510", f"building {what} failed: {reason}", evidence=self._last)
        lines = [*self._lines.get(vertex, ()), reason]
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
