"""The live view on a real terminal: what stands on the screen at the end."""

import re
import sys
from pathlib import Path

import pexpect

PLAY = """
import time
from devenv.ui.console import Console
from devenv.ui.progress import choose, progress
from tests.ui.stories import {story}
console = Console()
with progress(console, choose(console)) as sink:
    for event in {story}:
        sink(event)
        time.sleep(0.03)
"""


def play(story, **environ):
    env = {"PATH": "/usr/bin:/bin", "TERM": "xterm", "LANG": "C.UTF-8"} | environ
    child = pexpect.spawn(
        sys.executable,
        ["-c", PLAY.format(story=story)],
        env=env,
        dimensions=(24, 80),
        encoding="utf-8",
        cwd=str(Path(__file__).parents[2]),
        timeout=20,
    )
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    return child.before


def screen(printed, width=80):
    """A terminal small enough for what Rich sends: text, line ends, cursor up, erase line, colours."""
    lines, row, column = [""], 0, 0
    for piece in re.findall(r"\x1b\[[0-9;?]*[a-zA-Z]|\r|\n|[^\x1b\r\n]+", printed):
        if piece == "\r":
            column = 0
        elif piece == "\n":
            row += 1
            if row == len(lines):
                lines.append("")
        elif up := re.fullmatch(r"\x1b\[(\d*)A", piece):
            row -= int(up[1] or 1)
        elif piece == "\x1b[2K":
            lines[row] = ""
        elif not piece.startswith("\x1b"):
            assert column + len(piece) <= width
            lines[row] = lines[row][:column].ljust(column) + piece + lines[row][column + len(piece) :]
            column += len(piece)
    return [line.rstrip() for line in lines]


def test_the_final_state_stays_once_in_start_order():
    printed = play("GOOD")
    assert "\x1b[?25h" in printed.rpartition("\x1b[?25l")[2], "the cursor comes back"
    assert "\x1b[32m" in printed
    assert screen(printed) == [
        "note: port 8080 is taken; web is published on 8081",
        "✓ db      ready      2.1 s",
        "= broker  unchanged  running",
        "✓ orders  done       0.6 s",
        "✓ web     ready      2.0 s",
        "ready in 12.3 s",
        "web  http  http://127.0.0.1:8081",
        "",
    ]


def test_what_was_not_wanted_leaves_no_list_of_services_that_wait():
    shown = [line for line in screen(play("REFUSED")) if line]
    assert shown == ["note: nothing was changed", "down failed after 1.0 s"]


def test_failures_stand_beneath_without_colour_where_none_is_wanted():
    printed = play("BAD", NO_COLOR="1")
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", printed)
    shown = screen(printed)
    assert shown[1] == "✗ db      failed     exited with code 1 after 0.8 s"
    assert shown[5:8] == ["", "error[DE601]: db: exited with code 1 after 0.8 s", "  last output:"]
    assert shown[-2:] == ["up failed after 3.5 s", ""]


def test_a_dumb_terminal_gets_plain_lines():
    printed = play("GOOD", TERM="dumb")
    assert "\x1b" not in printed
    assert "db: ready after 2.1 s\r\n" in printed
