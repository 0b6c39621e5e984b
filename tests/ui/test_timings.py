import json
from datetime import UTC
from html.parser import HTMLParser

from devenv.model.timings import Change, Comparison, Idle, Kind, Leg, Record, Span, Timeline, Timings
from devenv.ui.timings import format_history, format_timings, ticks
from devenv.ui.timings_json import history_as_json, timings_as_json
from devenv.ui.timings_page import timings_page

DB = (Span(Kind.PULL, 0.2, 4.0), Span(Kind.CREATE, 4.0, 4.5), Span(Kind.START, 4.5, 7.0))
SEED = (Span(Kind.BUILD, 0.2, 2.0), Span(Kind.WAIT, 2.0, 4.0), Span(Kind.CREATE, 4.0, 4.5), Span(Kind.WAIT, 4.5, 7.0))
RECORD = Record(
    3,
    1_700_000_000.0,
    "shop",
    "ready",
    9.8,
    "",
    (
        Timeline("db", (), DB, "ready"),
        Timeline("seed", ("db",), (*SEED, Span(Kind.START, 7.0, 9.6)), "completed"),
        Timeline("cache", (), (), "kept"),
    ),
)
PATH = (*(Leg("db", span) for span in DB), Leg("seed", Span(Kind.START, 7.0, 9.6)))
SLOWER = Comparison(
    4,
    Change(None, (), 9.8, 7.0, 4, True),
    (Change(Kind.PULL, ("db",), 3.8, 1.0, 4, True), Change(Kind.START, ("db",), 2.5, 2.6, 4, False)),
)
TIMINGS = Timings(RECORD, PATH, (Idle(1_700_000_100.0, "shop", "ready", 0.02, ""),), SLOWER)

CHART = """\
shop, run 3 of 2023-11-14 22:13: ready in 9.8 s
since then once there was nothing to do

        0         2          4         6          8 s
* db     ▼▼▼▼▼▼▼▼▼▼▼▼▼▼▼▼▼▼▼▼++█████████████                 ready 7.0 s
* seed   ▒▒▒▒▒▒▒▒▒···········++·············██████████████    done 9.6 s
  cache                                                        unchanged

▼ pull  ▒ build  + create  · wait  █ start-up  * on the longest path

longest path: db pull 3.8 s > db create 0.5 s > db start-up 2.5 s
              > seed start-up 2.6 s
the rest:     0.4 s
total:        9.8 s

in all 9.8 s; the median of 4 earlier runs like it took 7.0 s
before: the median of so many earlier runs in which there was the same to do
SLOWER  TOOK   BEFORE  LOSS    RUNS  SERVICE
pull    3.8 s  1.0 s   +2.8 s  4     db"""


def chart(timings=TIMINGS, **options):
    return format_timings(timings, **({"colour": False, "width": 72, "zone": UTC} | options))


def test_the_chart_has_a_line_a_service_and_a_character_a_phase() -> None:
    assert chart() == CHART


def test_lines_fit_the_terminal() -> None:
    for width in (60, 80, 120, 200):
        assert max(map(len, chart(width=width).splitlines()[3:10])) <= width
        assert max(map(len, chart(width=width, colour=False, unicode=False).splitlines()[3:8])) <= width


def test_a_terminal_without_unicode_gets_ascii() -> None:
    text = chart(unicode=False)
    assert text.isascii()
    assert "vvvv" in text
    assert "%%%%" in text


def test_colour_is_never_alone() -> None:
    import re

    assert re.sub(r"\x1b\[[0-9;]*m", "", chart(colour=True)) == CHART


def test_names_cannot_disturb_a_terminal_or_a_page() -> None:
    bad = Record(1, 0.0, "<b>&", "failed", 0.0, "DE620", (Timeline("\x1b[2J<script>", (), (), "failed"),))
    assert "\x1b" not in chart(Timings(bad, ()))
    page = timings_page(Timings(bad, ()), UTC)
    assert "\x1b" not in page
    assert "<script" not in page
    assert "&lt;b&gt;&amp;: failed after 0.0 s (DE620)" in page


def test_a_phase_too_short_to_see_is_still_there() -> None:
    short = Record(1, 0, "s", "ready", 100, "", (Timeline("a", (), (Span(Kind.START, 99.99, 100),), "ready"),))
    assert "█" in chart(Timings(short, ())).splitlines()[3]


def test_the_scale_is_round() -> None:
    assert ticks(9.8, 6) == [0, 2, 4, 6, 8]
    assert ticks(0, 6) == [0]
    assert len(ticks(100_000, 5)) >= 1


def test_the_list_shows_the_newest_first() -> None:
    failed = Idle(1_700_000_100.0, "shop", "failed", 0.5, "DE401")
    assert format_history([RECORD, failed], colour=False, zone=UTC).splitlines() == [
        "RUN  WHEN              OUTCOME         TOOK   SERVICES",
        "-    2023-11-14 22:15  failed (DE401)  0.5 s  nothing begun",
        "3    2023-11-14 22:13  ready           9.8 s  2 services, 1 unchanged",
    ]


def test_json_holds_what_the_chart_shows() -> None:
    data = json.loads(timings_as_json(TIMINGS))
    assert (data["run"], data["time"], data["seconds"]) == (3, "2023-11-14T22:13:20.000Z", 9.8)
    assert data["services"][0]["spans"][0] == {"kind": "pull", "start": 0.2, "end": 4.0}
    assert [leg["service"] for leg in data["path"]] == ["db", "db", "db", "seed"]
    assert data["comparison"]["changes"][0]["slower"]
    runs = json.loads(history_as_json([RECORD, *TIMINGS.idle]))["runs"]
    assert [run["run"] for run in runs] == [3, None]


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        assert not {"src", "href", "onclick", "onload"} & {name for name, _ in attrs}
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_is_whole_and_needs_nothing_else() -> None:
    text = timings_page(TIMINGS, UTC)
    page = Page(text)
    assert page.open == []
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert page.tags.count("table") == 2
    assert page.tags.count("rect") == len(DB) + len(SEED) + 1
    assert "url(http" not in text
    assert "prefers-color-scheme: dark" in text
    for words in ("Slower: db (pull)", "<title>db: pull 3.8 s, from 0.2 s on</title>", "4 earlier runs"):
        assert words in text
