import io
import json

import pytest

from devenv.events import Finished, Output, Phase, ServiceChanged, ServiceFailed, Started
from devenv.ui.board import Board
from devenv.ui.console import Console
from devenv.ui.failures import format_failure
from devenv.ui.progress import choose, progress
from devenv.ui.progress_live import draw
from tests.ui.stories import BAD, BEGIN, GOOD, phase


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True


def console(terminal=False, **environ):
    kind = Terminal if terminal else io.StringIO
    return Console(kind(), kind(), kind(), environ)


def shown(kind, events, **flags):
    where = console()
    with progress(where, kind, **flags) as sink:
        for event in events:
            sink(event)
    return where.out.getvalue(), where.err.getvalue()


def test_plain_is_one_line_an_event_and_the_urls_on_stdout():
    out, err = shown("plain", GOOD)
    assert err.splitlines() == [
        "up shop: 4 services",
        "orders: waiting for db, broker",
        "web: waiting for orders",
        "note: port 8080 is taken; web is published on 8081",
        "db: pulling postgres:17",
        "broker: building",
        "postgres:17: 40.0/40.0 MB 5.5 MB/s",
        "db: starting",
        "db: ready after 2.1 s",
        "broker: unchanged, running",
        "orders: starting",
        "orders: done after 0.6 s",
        "web: starting",
        "web: ready after 2.0 s",
        "ready in 12.3 s",
    ]
    assert out == "web  http  http://127.0.0.1:8081\n"


FAILURE = [
    "error[DE601]: db: exited with code 1 after 0.8 s",
    "  last output:",
    "    | starting",
    "    | no space left",
    "  its probe said:",
    "    | connection refused",
    "  waiting for it: orders, web",
    "  next:",
    "    devenv logs db",
]


def test_plain_tells_a_failure_once_with_its_evidence():
    out, err = shown("plain", BAD)
    assert err.splitlines()[-11:] == ["orders: skipped, needs db", *FAILURE, "up failed after 3.5 s"]
    assert out == ""


def test_quiet_shows_only_failures():
    assert shown("quiet", GOOD) == ("", "")
    assert shown("quiet", BAD)[1].splitlines() == FAILURE


def test_verbose_adds_other_programs_lines():
    assert "broker | #7 1.23 step 3/7 RUN make" in shown("plain", BEGIN, verbose=True)[1]


def test_json_is_one_object_a_line_on_stdout():
    out, err = shown("json", BAD)
    lines = [json.loads(line) for line in out.splitlines()]
    assert err == ""
    assert [line["event"] for line in lines[:4]] == ["started", "service", "service", "note"]
    assert lines[0] == {
        "event": "started",
        "time": "2023-11-14T22:13:20.000Z",
        "operation": "up",
        "stack": "shop",
        "services": [
            {"service": "db", "needs": []},
            {"service": "broker", "needs": []},
            {"service": "orders", "needs": ["db", "broker"]},
            {"service": "web", "needs": ["orders"]},
        ],
    }
    assert lines[-2]["event"] == "failed"
    assert lines[-2]["blocked"] == ["orders", "web"]
    assert lines[-1] == {
        "event": "finished",
        "time": "2023-11-14T22:13:23.500Z",
        "operation": "up",
        "ok": False,
        "seconds": 3.5,
        "urls": [],
        "longest_path": [],
    }


@pytest.mark.parametrize(
    ("terminal", "environ", "flags", "kind"),
    [
        (True, {"TERM": "xterm"}, {}, "live"),
        (True, {"TERM": "xterm", "NO_COLOR": "1"}, {}, "live"),
        (True, {"TERM": "dumb"}, {}, "plain"),
        (True, {"CI": "true"}, {}, "plain"),
        (True, {"CI": "false"}, {}, "live"),
        (False, {}, {}, "plain"),
        (True, {}, {"plain": True}, "plain"),
        (True, {}, {"quiet": True}, "quiet"),
        (True, {}, {"json": True, "quiet": True}, "json"),
    ],
)
def test_the_view_fits_the_terminal_and_the_flags(terminal, environ, flags, kind):
    assert choose(console(terminal, **environ), **flags) == kind


def board(events):
    board = Board()
    for event in events:
        board.apply(event)
    return board


def drawn(board, **size):
    options = {"width": 79, "height": 24, "now": 102.5} | size
    return ["".join(text for text, _ in line).rstrip() for line in draw(board, **options)]


def test_live_shows_every_service_in_start_order():
    lines = drawn(board(BEGIN))
    assert [line[2:8].strip() for line in lines[:4]] == ["db", "broker", "orders", "web"]
    assert lines[0].split()[1:] == ["db", "pulling", "12.3/40.0", "MB", "6.2", "MB/s", "2.4", "s"]
    assert lines[1].split()[1:] == ["broker", "building", "step", "3/7", "RUN", "make", "0.2", "s"]
    assert lines[2] == "· orders  waiting    for db, broker"
    assert lines[-1] == "  0 of 4 ready  2.5 s"
    assert all(len(line) <= 79 for line in lines)


def test_live_names_only_the_needs_that_are_still_open():
    lines = drawn(board([*BEGIN, phase(3, "db", Phase.READY, "", 1.0)]))
    assert lines[2] == "· orders  waiting    for broker"


def test_the_final_state_stays_without_spinner_and_footer():
    assert drawn(board(GOOD), ended=True) == [
        "✓ db      ready      2.1 s",
        "= broker  unchanged  running",
        "✓ orders  done       0.6 s",
        "✓ web     ready      2.0 s",
    ]
    assert drawn(board(BAD), ended=True)[0] == "✗ db      failed     exited with code 1 after 0.8 s"


def test_why_a_service_failed_stands_beneath_while_others_are_still_coming_up():
    so_far = [event for event in BAD if not isinstance(event, Finished)]
    lines = drawn(board(so_far))
    assert lines[4:7] == ["  0 of 4 ready  2.5 s", "", FAILURE[0]]
    assert lines[6:] == FAILURE
    assert drawn(board(so_far), ended=True)[-1].startswith("· web")


@pytest.mark.parametrize("height", [4, 6, 9, 14, 30])
def test_a_failure_takes_at_most_the_room_that_there_is(height):
    names = [f"s{i:02}" for i in range(40)]
    events = [phase(0, n, Phase.STARTING) for n in names[:30]] + [phase(0, n, Phase.WAITING) for n in names[30:]]
    failed = ServiceFailed(service="s00", code="DE621", reason="r" * 99, log=("x" * 200,) * 9, clock=101)
    lines = drawn(board([*events, failed]), height=height, width=39)
    assert len(lines) == height
    assert all(len(line) <= 39 for line in lines)
    assert (height < 6) or any(line.startswith("error[DE621]") for line in lines)
    assert lines[-1].startswith("  … ") == (height not in (4, 30))


def test_a_log_line_is_shown_up_to_a_point():
    failed = ServiceFailed(service="s", code="DE621", reason="r", log=("x" * 50_000,), probe="y" * 50_000)
    assert [len(line) for line in format_failure(failed).split("\n")[2::2]] == [1006, 1006]


def test_a_log_line_that_takes_no_columns_is_shown_up_to_a_point_as_well():
    failed = ServiceFailed(service="s", code="DE621", reason="r", log=("\u0301" * 50_000,), probe="\x1b[m" * 50_000)
    assert max(map(len, format_failure(failed).split("\n"))) < 2010


def test_more_services_than_lines_fold_done_ones_first_then_waiting_ones():
    names = [f"s{i:02}" for i in range(40)]
    events = [Started(operation="up", stack="big", services=tuple((n, ()) for n in names), clock=100)]
    events += [phase(1, n, Phase.READY, "", 0.1) for n in names[:10]]
    events += [phase(1, n, Phase.STARTING) for n in names[10:15]]
    lines = drawn(board(events), height=12)
    assert len(lines) == 12
    assert lines[0] == "✓ 10 services ready or done"
    assert [line.split()[1] for line in lines[1:6]] == names[10:15]
    assert lines[-2].startswith("· 21 waiting: s19, s20")
    assert lines[-1].startswith("  10 of 40 ready")


def test_even_more_active_ones_than_lines_still_fit():
    names = [f"s{i:02}" for i in range(40)]
    events = [phase(0, n, Phase.STARTING) for n in names]
    lines = drawn(board(events), height=6, width=39)
    assert len(lines) == 6
    assert lines[-2].startswith("  36 more: s04")
    assert all(len(line) <= 39 for line in lines)


def test_live_leaves_failures_and_urls_behind():
    where = console(terminal=True, TERM="xterm", NO_COLOR="1")
    with progress(where, "live", verbose=True) as sink:
        for event in [*BAD, Output(source="db", text="late\x1b[2J")]:
            sink(event)
    err = where.err.getvalue()
    assert "\n".join(FAILURE) in err
    assert "db | late\x1b[0m\n" in err
    assert err.rstrip().endswith("up failed after 3.5 s")
    assert "\x1b[31m" not in err


def test_an_image_that_is_there_is_told_of_while_others_are_still_pulled():
    got = [
        phase(3.0, "db", Phase.PULLING, "postgres:17", 2.9),
        phase(3.1, "broker", Phase.BUILDING, "", 0.8),
    ]
    lines = shown("plain", [*BEGIN, *got])[1].splitlines()
    assert lines[-2:] == ["db: pulled postgres:17 in 2.9 s", "broker: built in 0.8 s"]
    board = Board()
    for event in [*BEGIN, *got]:
        board.apply(event)
    first = "".join(text for text, _ in draw(board, width=60, height=20, now=110.0)[0])
    assert first.startswith("· db      pulled")
    assert "2.9 s" in first


@pytest.mark.parametrize("width", [80, 55, 50, 30])
def test_the_longest_path_is_marked_in_words_too_where_there_is_room(width):
    events = [
        Started(operation="up", stack="s", services=(("db", ()), ("web", ("db",)), ("cache", ()))),
        *(ServiceChanged(service=name, phase=Phase.READY, seconds=1.0) for name in ("db", "web", "cache")),
        Finished(operation="up", ok=True, seconds=2.0, longest=("db", "web")),
    ]
    board = Board()
    for event in events:
        board.apply(event)
    lines = drawn(board, width=width - 1, ended=True)
    assert [line for line in lines if "◂" in line] == lines[:2]
    assert [line for line in lines if "◂ on the longest path" in line] == (lines[:2] if width >= 55 else [])
    assert all(len(line) < width for line in lines)
