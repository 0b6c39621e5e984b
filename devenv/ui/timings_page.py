"""How long a bring-up took, as one self-contained page: a picture, and the same as tables."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import tzinfo
from html import escape

from devenv.model.timings import Comparison, Kind, Record, Span, Timings
from devenv.ui.text import cells, cut, duration, plural, visible
from devenv.ui.timings import (
    ENDINGS,
    LOOKS,
    ending,
    legs_text,
    rest_of,
    services_of,
    tick_text,
    ticks,
    when,
)

_WIDTH, _ROW, _TOP, _RIGHT = 1000, 26, 30, 170
_LETTER = 7.6
"""Width of a letter of the picture's text, in its own units, roughly."""

_STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1c1e21; --soft: #5c636b; --line: #d5d9de;
  --pull: #2f6fd0; --build: #8a4fc0; --create: #b06a00; --wait: #9aa1a9; --start: #23803f; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --paper: #16181b; --ink: #e6e8ea; --soft: #a3abb3; --line: #3a4047;
  --pull: #6ea3f2; --build: #bd8ceb; --create: #e0a040; --wait: #737b84; --start: #55b872; --bad: #f2887f; } }
body { background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; max-width: 64rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
p { margin: .3rem 0 } .soft { color: var(--soft) } .bad { color: var(--bad); font-weight: 600 }
figure { margin: 1.5rem 0; overflow-x: auto } svg { width: 100%; min-width: 40rem; height: auto; display: block }
svg text { fill: var(--ink); font: 13px ui-monospace, monospace } svg .soft { fill: var(--soft) }
svg .grid { stroke: var(--line) } svg .longest { stroke: var(--ink); stroke-width: 2 }
svg .bold { font-weight: 700 } svg .failed { fill: var(--bad) }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.5rem; list-style: none; padding: 0; margin: .5rem 0 }
.legend svg { width: 28px; min-width: 0; height: 14px; display: inline-block; vertical-align: -1px;
  margin-right: .4rem }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
caption { text-align: left; color: var(--soft) }
th, td { padding: .25rem .6rem; border-bottom: 1px solid var(--line); text-align: right }
th:first-child, td:first-child, .text { text-align: left } thead th { color: var(--soft); font-weight: 600 }
.scroll { overflow-x: auto }
"""

# A texture for each phase beside its colour: for eyes and printers that do not tell colours apart.
_TEXTURES = {
    Kind.PULL: '<path d="M0 0h8v8H0z" fill="{c}"/><path d="M0 6h8" stroke="var(--paper)" stroke-width="1.5"/>',
    Kind.BUILD: '<path d="M0 0h8v8H0z" fill="{c}"/>'
    '<path d="M-2 2l4-4M0 8l8-8M6 10l4-4" stroke="var(--paper)" stroke-width="1.5"/>',
    Kind.CREATE: '<path d="M0 0h8v8H0z" fill="{c}"/><path d="M6 0v8" stroke="var(--paper)" stroke-width="1.5"/>',
    Kind.WAIT: '<circle cx="4" cy="4" r="1.3" fill="{c}"/>',
    Kind.START: '<path d="M0 0h8v8H0z" fill="{c}"/>',
}


def timings_page(timings: Timings, zone: tzinfo | None = None) -> str:
    """The page's HTML. It loads nothing, runs no script, and says all of the picture in tables too."""
    record = timings.record
    title = _text(f"{record.stack}: {ending(record)}")
    body = [
        "<header>",
        f"<h1>{title}</h1>",
        f'<p class="soft">Run {record.number} of <code>devenv up</code>, {_text(when(record.at, zone))}</p>',
        "</header>",
        "<main>",
        *_figure(timings),
        "<h2>Longest path</h2>",
        *_longest(timings),
        "<h2>Services</h2>",
        *_services(timings),
        *([] if timings.comparison is None else _compared(timings.comparison)),
        "</main>",
    ]
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            f"<title>{title}</title><style>{_STYLE}</style></head>",
            "<body>",
            *body,
            "</body>",
            "</html>",
            "",
        ]
    )


def _text(text: str) -> str:
    return escape(visible(text))


def _figure(timings: Timings) -> list[str]:
    record = timings.record
    longest = max((cells(visible(t.service)) for t in record.services), default=0)
    left = min(longest, 28) * _LETTER + 28
    height = _TOP + _ROW * len(record.services) + 8
    scale = (_WIDTH - left - _RIGHT) / (record.seconds or 1.0)
    used = [kind for kind in LOOKS if any(s.kind is kind for t in record.services for s in t.spans)]
    return [
        "<figure>",
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-labelledby="chart">',
        '<title id="chart">When each service was pulled, built, created, waiting and starting; '
        "the tables below say the same</title>",
        f"<defs>{''.join(_pattern(kind) for kind in LOOKS)}</defs>",
        *_grid(record, left, scale, height),
        *(line for row in range(len(record.services)) for line in _lane(timings, row, left, scale)),
        "</svg>",
        f'<figcaption><ul class="legend">{"".join(map(_key, used))}'
        '<li><svg aria-hidden="true" viewBox="0 0 28 14"><path class="longest" d="M1 1h26v12H1z" fill="none"/></svg>'
        "on the longest path (also *)</li></ul></figcaption>",
        "</figure>",
    ]


def _pattern(kind: Kind) -> str:
    texture = _TEXTURES[kind].format(c=f"var(--{kind.value})")
    return f'<pattern id="{kind.value}" width="8" height="8" patternUnits="userSpaceOnUse">{texture}</pattern>'


def _key(kind: Kind) -> str:
    shape = f'<path d="M0 0h28v14H0z" fill="url(#{kind.value})"/>'
    return f'<li><svg aria-hidden="true" viewBox="0 0 28 14">{shape}</svg>{LOOKS[kind].name}</li>'


def _grid(record: Record, left: float, scale: float, height: int) -> list[str]:
    lines = []
    for mark in ticks(record.seconds, 10):
        x = left + mark * scale
        label = tick_text(mark) + (" s" if mark < 60 else "")
        lines.append(f'<path class="grid" d="M{x:.1f} {_TOP - 6}V{height - 4}"/>')
        lines.append(f'<text class="soft" x="{x:.1f}" y="{_TOP - 12}" text-anchor="middle">{label}</text>')
    return lines


def _lane(timings: Timings, row: int, left: float, scale: float) -> list[str]:
    timeline = timings.record.services[row]
    y = _TOP + row * _ROW
    own = {leg.span.start for leg in timings.path if leg.service == timeline.service}
    mark = '<tspan class="bold">* </tspan>' if own else ""
    name = _text(cut(visible(timeline.service), 28))
    lines = [f'<text x="{left - 10:.1f}" y="{y + 17}" text-anchor="end">{mark}{name}</text>']
    for span in timeline.spans:
        longest = span.kind is not Kind.WAIT and span.start in own
        lines.append(_block(timeline.service, span, longest, left + span.start * scale, y, scale))
    word = ENDINGS[timeline.ending] + (f" {duration(timeline.end)}" if timeline.spans else "")
    tone = "failed" if timeline.ending == "failed" else "soft"
    x = left + timeline.end * scale + 8
    return [*lines, f'<text class="{tone}" x="{x:.1f}" y="{y + 17}">{word}</text>']


def _block(service: str, span: Span, longest: bool, x: float, y: int, scale: float) -> str:
    words = _text(f"{service}: {LOOKS[span.kind].name} {duration(span.seconds)}, from {duration(span.start)} on")
    width = max(2.0, span.seconds * scale)
    edge = ' class="longest"' if longest else ""
    return (
        f'<rect{edge} x="{x:.1f}" y="{y + 4}" width="{width:.1f}" height="{_ROW - 8}" fill="url(#{span.kind.value})">'
        f"<title>{words}</title></rect>"
    )


def _longest(timings: Timings) -> list[str]:
    if not timings.path:
        return ["<p>Nothing was pulled, built, created or started.</p>"]
    items = "".join(f"<li>{escape(text)}</li>" for text in legs_text(timings.path))
    rest, total = duration(rest_of(timings)), duration(timings.record.seconds)
    return [
        f"<ol>{items}</ol>",
        f"<p>The rest, such as reading files and asking the engine: {rest}. In all <strong>{total}</strong>.</p>",
    ]


def _services(timings: Timings) -> list[str]:
    marked = {leg.service for leg in timings.path}
    heads = ("service", *(LOOKS[kind].name for kind in LOOKS), "ended", "how", "longest path")
    rows = []
    for t in timings.record.services:
        took = [duration(t.took(kind)) if any(s.kind is kind for s in t.spans) else "" for kind in LOOKS]
        at = duration(t.end) if t.spans else ""
        rows.append([t.service, *took, at, ENDINGS[t.ending], "yes" if t.service in marked else ""])
    return _table("How long each service was in each phase, and when it ended", heads, rows)


def _compared(comparison: Comparison) -> list[str]:
    total = comparison.total
    lines = ["<h2>Against earlier runs</h2>"]
    if total.before is not None:
        runs = plural(total.runs, "earlier run")
        lines.append(f"<p>In all {duration(total.seconds)}; median of {runs} like it {duration(total.before)}.</p>")
    known = [change for change in comparison.changes if change.before is not None]
    if not known:
        return [*lines, "<p>No phase of an earlier run can be compared with this one.</p>"]
    names = ", ".join(f"{services_of(c)} ({LOOKS[c.kind].name})" for c in comparison.slower if c.kind)
    lines.append(f'<p class="bad">Slower: {_text(names)}</p>' if names else "<p>No phase became slower.</p>")
    rows = [
        [
            services_of(c),
            LOOKS[c.kind].name if c.kind else "",
            duration(c.seconds),
            duration(c.before or 0.0),
            f"{c.loss:+.1f} s",
            str(c.runs),
            "yes" if c.slower else "",
        ]
        for c in known
    ]
    heads = ("service", "phase", "took", "before", "difference", "runs", "slower")
    return [*lines, *_table("This run against the median of earlier ones", heads, rows)]


def _table(caption: str, heads: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    lines = [f'<div class="scroll"><table><caption>{caption}</caption>', "<thead><tr>"]
    lines += [f'<th scope="col">{head}</th>' for head in heads]
    lines.append("</tr></thead><tbody>")
    for first, *others in rows:
        cells_of_row = "".join(f"<td>{_text(text)}</td>" for text in others)
        lines.append(f'<tr><th scope="row">{_text(first)}</th>{cells_of_row}</tr>')
    return [*lines, "</tbody></table></div>"]
