"""Progress in place on a terminal: one line a service, in start order, redrawn ten times a second."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock
from time import monotonic
from types import TracebackType

from rich.console import Console as RichConsole
from rich.console import ConsoleOptions, Group, RenderResult
from rich.live import Live
from rich.text import Text

from devenv.events import Event, Note, Output, Phase
from devenv.ui.board import GOOD, Board, Row
from devenv.ui.console import Console
from devenv.ui.failures import format_failure
from devenv.ui.progress_end import end_text, urls_table
from devenv.ui.text import cells, cut, duration, listed, padded, plural, printable_lines, visible

_STYLES = {
    Phase.READY: "green",
    Phase.COMPLETED: "green",
    Phase.KEPT: "green",
    Phase.FAILED: "bold red",
    Phase.SKIPPED: "yellow",
    Phase.WAITING: "dim",
    Phase.STOPPED: "dim",
    Phase.REMOVED: "dim",
}
_SYMBOLS = {
    Phase.WAITING: "·",
    Phase.READY: "✓",
    Phase.COMPLETED: "✓",
    Phase.KEPT: "=",
    Phase.FAILED: "✗",
    Phase.SKIPPED: "-",
    Phase.STOPPED: "✓",
    Phase.REMOVED: "✓",
}
_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_ASCII = {"·": ".", "✓": "+", "✗": "x", "…": "~", "◂": "<"} | dict(zip(_SPINNER, "-\\|/-\\|/-\\", strict=True))
_LONGEST = "  ◂ on the longest path"
_PER_SECOND = 10


class LiveProgress:
    """Draws the board on stderr while entered; afterwards failures, and the URLs on stdout."""

    def __init__(self, console: Console, *, verbose: bool = False) -> None:
        self._console = console
        self._verbose = verbose
        self._lock = RLock()
        self._board = Board()
        self._final = False
        self._rich = RichConsole(
            file=console.err,
            no_color=not console.colour_err,
            highlight=False,
            markup=False,
            emoji=False,
            force_terminal=True,
        )
        self._live = self._drawing()

    def _drawing(self) -> Live:
        return Live(
            self, console=self._rich, refresh_per_second=_PER_SECOND, redirect_stdout=False, redirect_stderr=False
        )

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Takes the lines off the screen, and draws them anew afterwards."""
        self._live.transient = True
        self._live.stop()
        try:
            yield
        finally:
            self._live = self._drawing()
            self._live.start()

    def __enter__(self) -> LiveProgress:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._final = True
            # What failed, or was not wanted, before anything began leaves no list of services that wait for nothing.
            end = self._board.finished
            failed = kind is not None or (end is not None and not end.ok)
            self._live.transient = failed and all(r.phase is Phase.WAITING for r in self._board.rows.values())
        self._live.stop()
        self._after()

    def __call__(self, event: Event) -> None:
        with self._lock:
            self._board.apply(event)
        if isinstance(event, Note):
            label = "warning" if event.level == "warning" else "note"
            self._above(
                Text.assemble((label, "bold yellow" if label == "warning" else "bold"), ": ", visible(event.text))
            )
        elif isinstance(event, Output) and self._verbose:
            for line in printable_lines(event.text):
                self._above(Text(f"{visible(event.source)} | {line}", style="dim"))

    def __rich_console__(self, console: RichConsole, options: ConsoleOptions) -> RenderResult:
        height = 10_000 if self._final else max(4, options.size.height - 1)
        with self._lock:
            lines = draw(self._board, width=options.max_width - 1, height=height, now=monotonic(), ended=self._final)
        if not self._console.unicode_err:
            lines = [[("".join(_ASCII.get(c, c) for c in text), style) for text, style in line] for line in lines]
        yield Group(*(Text.assemble(*line, no_wrap=True, overflow="crop") for line in lines))

    def _above(self, text: Text) -> None:
        self._rich.print(text, soft_wrap=False)

    def _after(self) -> None:
        for failure in self._board.failures:
            story = format_failure(failure, colour=self._console.colour_err, width=self._console.width_err)
            self._console.say("\n" + story)
        end = self._board.finished
        if end is None:
            return
        self._console.say(("\n" if self._board.failures else "") + end_text(end, colour=self._console.colour_err))
        if end.urls:
            self._console.print(urls_table(end, colour=self._console.colour_out))


Line = list[tuple[str, str]]
"""Pieces of a line with their styles."""


def draw(board: Board, *, width: int, height: int, now: float, ended: bool = False) -> list[Line]:
    """The board as at most `height` lines of at most `width` columns.

    When there are more services than lines, first those that are done become one line, then those that wait; the
    others keep their order. Beneath stands why services failed, in at least half of the lines if it needs them.
    `ended` draws the final state: every service, no spinner, no footer, and no failures, which are told after it.
    """
    rows = list(board.rows.values())
    names = min(max((cells(visible(row.service)) for row in rows), default=0), max(8, width // 3))
    if ended:
        return [_line(board, row, names, width, now, still=True) for row in rows]
    story = [line for one in board.failures for line in ("", *format_failure(one, width=width).split("\n"))]
    room = max(3, height - 1 - min(len(story), height // 2))
    done, waiting = _folded(rows, room)
    lines: list[Line] = []
    if done:
        lines.append([(cut(f"✓ {plural(len(done), 'service')} ready or done", width), "green")])
    shown = [row for row in rows if row not in done and row not in waiting]
    over = len(shown) + bool(done) + bool(waiting) - room
    hidden = shown[len(shown) - over - 1 :] if over > 0 else []
    lines += [_line(board, row, names, width, now) for row in shown[: len(shown) - len(hidden)]]
    if hidden:
        lines.append([(cut(f"  {len(hidden)} more: {listed(row.service for row in hidden)}", width), "")])
    if waiting:
        lines.append([(cut(f"· {len(waiting)} waiting: {listed(row.service for row in waiting)}", width), "dim")])
    lines.append(_footer(board, width, now))
    space = max(0, height - len(lines))
    if len(story) > space > 0:  # the empty line before it goes first
        story = [*story[1:space], f"  … {plural(len(story) - space, 'more line')}, told in full at the end"]
    return lines + [[(cut(line, width), "bold red" if line.startswith("error[") else "")] for line in story[:space]]


def _folded(rows: list[Row], room: int) -> tuple[list[Row], list[Row]]:
    """Which rows give up their own line: as many as must, done ones from the top, then waiting ones from the end."""
    over = len(rows) - room
    done = [row for row in rows if row.phase in GOOD]
    done = done[: over + 1] if over > 0 and len(done) > 1 else []
    if done:
        over -= len(done) - 1
    waiting = [row for row in rows if row.phase is Phase.WAITING]
    waiting = waiting[-over - 1 :] if over > 0 and len(waiting) > 1 else []
    return done, waiting


def _line(board: Board, row: Row, names: int, width: int, now: float, still: bool = False) -> Line:
    style = _STYLES.get(row.phase, "cyan")
    symbol = _SYMBOLS.get(row.phase) or ("·" if still or row.got else _SPINNER[int(now * _PER_SECOND) % len(_SPINNER)])
    name = padded(cut(visible(row.service), names), names)
    elapsed = row.elapsed(now)
    phase = padded(row.word, 9)
    room = width - len(symbol) - 1 - cells(name) - 2 - len(phase) - 2 - (len(elapsed) + 2 if elapsed else 0)
    about = cut(visible(board.about(row)), room) if room > 3 else ""
    longest = board.finished is not None and row.service in board.finished.longest
    mark = _LONGEST if longest and room >= cells(about) + cells(_LONGEST) else ""
    gap = "◂ " if longest and not mark else "  "  # without room for words, the sign alone, where there always is
    pieces: Line = [(symbol, style), (f" {name}{gap}", ""), (phase, style)]
    if elapsed and row.ended:
        pieces += [("  " + elapsed, ""), (mark, "dim"), ("  " + about if about else "", "dim")]
    elif elapsed:
        pieces += [("  " + padded(about, room), "dim"), ("  " + elapsed, "")]
    elif about:
        pieces.append(("  " + about, "dim" if row.phase is not Phase.FAILED else ""))
    return pieces


def _footer(board: Board, width: int, now: float) -> Line:
    if not board.rows:
        text = f"{board.operation} {board.stack}".strip()
    else:
        text = f"{board.good()} of {len(board.rows)} {'down' if board.operation == 'down' else 'ready'}"
    since = duration(max(0.0, now - board.began)) if board.began is not None else ""
    return [(cut(f"  {text}  {since}".rstrip(), width), "bold")]
