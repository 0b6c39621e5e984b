"""The only place that starts other programs: no shell, an explicit environment, an orderly end on Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from time import monotonic
from types import FrameType
from typing import IO, Any, Literal

from devenv.engine.answers import Completed
from devenv.engine.protocols import OnLine
from devenv.errors import DevenvError

TIMED_OUT = 124
"""The exit code of a run that was ended because its time was over, as timeout(1) has it."""

MOST = 64 << 20
"""Bytes of either stream after which a program is ended; each line counts for some more, as it does in memory."""

_LINE = 64  # what a line takes besides its characters
_LONGEST = 16 << 20  # bytes that are read at once of a line that does not end
_LEFT_OPEN = 1.0  # how long a pipe is read after its program ended (something it left behind may hold it)
_TICK = 0.5  # an unbounded wait cannot be interrupted everywhere

_Step = Literal["interrupt", "terminate", "kill"]
_GRACE: tuple[tuple[_Step, float], ...] = (("interrupt", 3.0), ("terminate", 2.0), ("kill", 1.0))
_Line = tuple[bool, str | None]  # (is stderr, line without its end; None at the end of the stream)


class LocalProcesses:
    """Starts programs on this machine; `environment` is what they get unless a call hands another one."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = dict(os.environ if environment is None else environment)
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()

    def find(self, program: str) -> Path | None:
        """Where this environment's PATH has a program."""
        found = _on_path(program, self._environment)
        return Path(found) if found else None

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        input: str | None = None,
        on_line: OnLine | None = None,
        timeout: float | None = None,
    ) -> Completed:
        """Runs `argv` to its end, in a session of its own, without a terminal.

        `on_line` is called in this thread with each line of stdout and stderr as it comes; what is returned is
        whole all the same. After `timeout` seconds, or more than MOST bytes, the program and its children are
        ended and the code is TIMED_OUT. On KeyboardInterrupt (or any error of `on_line`) they are ended before it is
        passed on.
        Raises DevenvError DE703 when the program cannot be started.
        """
        process = self._start(argv, cwd, env, input)
        with self._lock:
            self._running.add(process)
        try:
            return _Reading(process, input, on_line).to_the_end(timeout)
        except BaseException:
            _end(process)
            raise
        finally:
            with self._lock:
                self._running.discard(process)

    def replace(self, argv: Sequence[str], env: Mapping[str, str] | None = None) -> int:
        """Runs with this terminal's own input and output and returns the exit code (128 + the signal's number
        after a signal). Ctrl-C reaches the program, which decides; it is waited for. Raises DevenvError DE703."""
        before = signal.getsignal(signal.SIGINT)
        ours = threading.current_thread() is threading.main_thread()
        if ours:
            signal.signal(signal.SIGINT, _not_for_us)
        try:
            code = self._popen(argv, None, env).wait()
        finally:
            if ours:
                signal.signal(signal.SIGINT, before or signal.SIG_DFL)
        return 128 - code if code < 0 else code

    def stop_all(self) -> None:
        """Ends every program that `run` is waiting for in other threads: interrupt, then terminate, then kill."""
        with self._lock:
            running = list(self._running)
        for process in running:
            _signal(process, "interrupt")
        for process in running:
            _end(process)

    def _start(
        self, argv: Sequence[str], cwd: Path | None, env: Mapping[str, str] | None, input: str | None
    ) -> subprocess.Popen[bytes]:
        options: dict[str, Any] = {
            "stdin": subprocess.DEVNULL if input is None else subprocess.PIPE,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
        }
        if sys.platform == "win32":
            options["creationflags"] = subprocess.CREATE_NEW_PROCESS_GROUP
        else:
            options["start_new_session"] = True
        return self._popen(argv, cwd, env, **options)

    def _popen(
        self, argv: Sequence[str], cwd: Path | None, env: Mapping[str, str] | None, **options: Any
    ) -> subprocess.Popen[bytes]:
        if not argv:
            raise ValueError("a command line has at least a program")
        if cwd is not None and not cwd.is_dir():
            raise DevenvError.of("DE703", f"cannot run {argv[0]}: there is no folder {cwd}")
        environment = dict(self._environment if env is None else env)
        found = argv[0] if Path(argv[0]).is_absolute() else _on_path(argv[0], environment)
        if found is None:
            raise DevenvError.of("DE703", f"there is no program '{argv[0]}' on PATH")
        try:
            return subprocess.Popen([found, *argv[1:]], cwd=cwd, env=environment, **options)  # noqa: S603  # no shell
        except (OSError, ValueError) as error:
            raise DevenvError.of("DE703", f"cannot run {argv[0]}: {error}") from error


def _on_path(program: str, environment: Mapping[str, str]) -> str | None:
    from shutil import which  # takes 2 ms, and Compose's plugin is named by its whole path

    return which(program, path=environment.get("PATH"))


class _Reading:
    """Reads both streams of a process in threads of their own and hands the lines over in the caller's."""

    def __init__(self, process: subprocess.Popen[bytes], input: str | None, on_line: OnLine | None) -> None:
        self._process = process
        self._on_line = on_line
        self._lines: SimpleQueue[_Line] = SimpleQueue()
        self._endless = False
        self._texts: tuple[list[str], list[str]] = ([], [])
        self._open = 2
        assert process.stdout is not None and process.stderr is not None
        for errors, stream in ((False, process.stdout), (True, process.stderr)):
            threading.Thread(target=self._read, args=(errors, stream), daemon=True).start()
        if input is not None and process.stdin is not None:
            threading.Thread(target=_feed, args=(process.stdin, input), daemon=True).start()

    def to_the_end(self, timeout: float | None) -> Completed:
        deadline = None if timeout is None else monotonic() + timeout
        closing: float | None = None
        while self._open and not self._endless:
            now = monotonic()
            if deadline is not None and now >= deadline:
                _end(self._process)
                return self._completed(TIMED_OUT, f"ended after {timeout:g} s: it took too long")
            if closing is None and self._process.poll() is not None:
                closing = now + _LEFT_OPEN
            if closing is not None and now >= closing:
                break
            until = min(t for t in (now + _TICK, deadline, closing) if t is not None)
            with suppress(Empty):
                self._take(self._lines.get(timeout=max(0.0, until - now)))
        if self._endless:
            _end(self._process)
            return self._completed(TIMED_OUT, f"ended after {MOST >> 20} MiB: it printed too much")
        return self._completed(self._wait(deadline))

    def _wait(self, deadline: float | None) -> int:
        try:
            code = self._process.wait(None if deadline is None else max(0.0, deadline - monotonic()))
        except subprocess.TimeoutExpired:
            _end(self._process)
            return TIMED_OUT
        return 128 - code if code < 0 else code

    def _completed(self, code: int, *errors: str) -> Completed:
        while not self._lines.empty():
            self._take(self._lines.get())
        output, printed = self._texts
        return Completed(code, _joined(output), _joined([*printed, *errors]))

    def _take(self, line: _Line) -> None:
        errors, text = line
        if text is None:
            self._open -= 1
            return
        self._texts[errors].append(text)
        if self._on_line is not None:
            self._on_line(text)

    def _read(self, errors: bool, stream: IO[bytes]) -> None:
        room = MOST
        try:
            with stream:
                while not self._endless and (line := stream.readline(_LONGEST)):
                    room -= len(line) + _LINE
                    if room < 0:
                        self._endless = True
                    self._lines.put((errors, line.decode("utf-8", "replace").rstrip("\r\n")))
        finally:
            self._lines.put((errors, None))


def _not_for_us(number: int, frame: FrameType | None) -> None:
    """Takes a Ctrl-C that is another program's; unlike SIG_IGN this is not handed down to that program."""


def _joined(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _feed(stream: IO[bytes], text: str) -> None:
    with suppress(OSError, ValueError):  # the program may end without reading it all
        stream.write(text.encode())
    with suppress(OSError, ValueError):
        stream.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    """Interrupt, wait, terminate, wait, kill: the program, and what is left of its group after it."""
    if process.poll() is not None:
        return
    for step, seconds in _GRACE:
        _signal(process, step)
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
            break
    _signal(process, "terminate")  # shells let their background jobs ignore an interrupt


def _signal(process: subprocess.Popen[bytes], step: _Step) -> None:
    if sys.platform == "win32":
        with suppress(OSError):
            if process.poll() is not None:
                return
            if step == "interrupt":
                process.send_signal(signal.CTRL_BREAK_EVENT)
            else:
                process.kill()
    else:
        signals = {"interrupt": signal.SIGINT, "terminate": signal.SIGTERM, "kill": signal.SIGKILL}
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signals[step])
