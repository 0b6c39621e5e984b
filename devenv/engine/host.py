"""This machine as an operation sees it: looks, asks the net, and carries out the steps of an installation."""

from __future__ import annotations

import os
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile

from devenv.engine import machine
from devenv.engine.http import request
from devenv.engine.protocols import OnLine, Processes
from devenv.errors import DevenvError
from devenv.model.machine import Download, Machine, Run, Start, Step, Write
from devenv.model.observed import EngineInfo

_APT_WAITS = {"DEBIAN_FRONTEND": "noninteractive", "APT_LISTCHANGES_FRONTEND": "none"}
_START_LIMIT = 60.0  # seconds that an engine gets to answer
_KEY_LIMIT = 1 << 20  # bytes
_TAIL = 15  # lines of a failed program that are shown


class LocalHost:
    """The machine that this runs on. `info` asks the engine about itself and raises DevenvError when there is none."""

    def __init__(self, processes: Processes, info: Callable[[], EngineInfo]) -> None:
        self._processes = processes
        self._info = info

    def look(self) -> Machine:
        """The facts of this machine now."""
        return machine.look(self._processes)

    def info(self) -> EngineInfo | None:
        """What the engine says of itself; None when it does not answer."""
        try:
            return self._info()
        except DevenvError:
            return None

    def reaches(self, url: str) -> bool:
        """Whether `url` answers within 4 s. What is fetched from it later is fetched with its certificate checked."""
        return request(url, method="HEAD", timeout=4.0).status == 200

    def perform(self, step: Step, *, sudo: bool = False, on_line: OnLine | None = None) -> None:
        """Carries out one step. Raises DevenvError DE404 or, for the engine's start, DE405."""
        if isinstance(step, Run):
            self._run(step.argv, sudo, on_line, f"this failed: {step.does}")
        elif isinstance(step, Write):
            self._write(step.path, step.text, sudo)
        elif isinstance(step, Download):
            self._write(step.path, _fetch(step.url), sudo)
        else:
            self._start(step, sudo, on_line)

    def _run(self, argv: tuple[str, ...], sudo: bool, on_line: OnLine | None, failure: str) -> None:
        settings = [f"{name}={value}" for name, value in _APT_WAITS.items()]
        if sudo:  # asks for the password on the terminal, so it gets the terminal
            code, evidence = self._processes.replace(["sudo", "env", *settings, *argv]), []
        else:
            done = self._processes.run(argv, env={**os.environ, **_APT_WAITS}, on_line=on_line)
            code, evidence = done.code, [*done.output.splitlines(), *done.errors.splitlines()]
        if code != 0:
            raise DevenvError.of("DE404", failure, hint=_hint(evidence), evidence=evidence[-_TAIL:])

    def _write(self, path: str, text: str, sudo: bool) -> None:
        file = Path(path)
        if file.exists():
            if _same(file, text):
                return
            raise DevenvError.of("DE404", f"{path} is there with other content, and is left as it is")
        if sudo:
            with NamedTemporaryFile("w", encoding="utf-8", prefix="devenv-") as staged:
                staged.write(text)
                staged.flush()
                self._run(("install", "-D", "-m", "0644", staged.name, path), sudo, None, f"cannot write {path}")
            return
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            staged_file = file.with_name(file.name + ".devenv-new")
            staged_file.write_text(text, "utf-8")
            staged_file.chmod(0o644)
            staged_file.replace(file)
        except OSError as error:
            raise DevenvError.of("DE404", f"cannot write {path}: {error.strerror}") from error

    def _start(self, step: Start, sudo: bool, on_line: OnLine | None) -> None:
        log = Path(step.log) if step.log else None
        before = log.stat().st_size if log and log.exists() else 0
        try:
            self._run(step.argv, sudo, on_line, "the engine cannot be started")
        except DevenvError as error:
            raise DevenvError.of(
                "DE405", "the engine cannot be started", evidence=error.problems[0].evidence
            ) from error
        deadline = time.monotonic() + _START_LIMIT
        while time.monotonic() < deadline:
            client = self.look().client
            if client and client.engine:
                return
            if client and not client.permitted:
                hint = "membership of the group docker counts from the next login on; `newgrp docker` takes it at once"
                raise DevenvError.of("DE405", "the engine runs, but this user may not use its socket yet", hint=hint)
            if log and _gave_up(log, before):
                break
            time.sleep(0.3)
        evidence = _tail(log, before) if log else ["journalctl -u docker shows what it said"]
        in_container = None
        if (inside := self.look().inside) and inside != "WSL":
            in_container = (
                f"this machine is {inside}: an engine in it needs --privileged, or hand in the outer engine's socket"
            )
        raise DevenvError.of(
            "DE405", "the engine was started and does not answer", hint=in_container, evidence=evidence
        )


def _same(file: Path, text: str) -> bool:
    try:
        return file.read_text("utf-8", "replace") == text
    except OSError:
        return False


def _fetch(url: str) -> str:
    """The text at an HTTPS address, its certificate checked."""
    try:
        with urllib.request.urlopen(url, timeout=20, context=ssl.create_default_context()) as answer:  # noqa: S310 - https
            return str(answer.read(_KEY_LIMIT).decode("ascii"))
    except (OSError, urllib.error.URLError, ValueError) as error:
        raise DevenvError.of("DE404", f"cannot fetch {url}: {error}") from error


def _tail(log: Path, start: int) -> list[str]:
    try:
        with log.open("rb") as stream:
            stream.seek(start)
            return stream.read().decode("utf-8", "replace").splitlines()[-_TAIL:]
    except OSError:
        return []


def _gave_up(log: Path, start: int) -> bool:
    """Whether dockerd said its last word: it prints that without its log's usual form."""
    return any(line.startswith(("failed to", "unable to", "invalid")) for line in _tail(log, start))


_HINTS: Mapping[str, str] = {
    "Could not get lock": "another program installs packages at this moment; wait for it and try again",
    "Unable to locate package": "the sources of apt lack the package; see the files in /etc/apt/sources.list.d",
    "Temporary failure resolving": "the package archive cannot be reached from this machine",
    "Could not connect": "the package archive cannot be reached from this machine",
    "No space left": "the disk is full",
}


def _hint(evidence: list[str]) -> str | None:
    text = "\n".join(evidence)
    return next((hint for words, hint in _HINTS.items() if words in text), None)
