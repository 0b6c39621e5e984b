"""Comments of the files that were merged over the first one, put where what they speak of stands now."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from devenv.core.yaml.nodes import TextNode, read_nodes
from devenv.records import frozen

Path = tuple[str, ...]


@frozen
class Remark:
    """Lines above the entry at `path`, and what stands behind it on its own line."""

    path: Path
    above: tuple[str, ...]
    behind: str = ""


def carried(text: str, others: Sequence[str]) -> str:
    """`text` with the comments of `others`: each above its key or item or, where that is gone, what it was part of."""
    for other in others:
        root, _ = read_nodes(other)
        if root is not None:
            text = _with(text, list(_remarks(other, root)))
    return text


def _remarks(text: str, root: TextNode) -> Iterator[Remark]:
    lines, starts = _lines(text)
    entries = sorted(_entries(text, root, ()), key=lambda one: one[1])
    done = 0  # lines that something has said already
    for path, start, end in entries:
        line = _line(starts, start)
        above = tuple(one.strip() for one in lines[done:line] if one.lstrip().startswith("#"))
        rest = text[end : starts[_line(starts, end) + 1] - 1].lstrip(" \t:,")
        behind = rest if rest.startswith("#") else ""
        if line < done and not behind:
            continue
        done = max(done, _line(starts, end) + 1)
        if above or behind:
            yield Remark(path, above, behind)
    if last := tuple(one.strip() for one in lines[done:] if one.lstrip().startswith("#")):
        yield Remark((), last)


def _lines(text: str) -> tuple[list[str], list[int]]:
    """The lines of a text, and where each begins; the last number is behind them all."""
    lines = text.split("\n")
    return lines, list(accumulate((len(line) + 1 for line in lines), initial=0))


def _line(starts: Sequence[int], offset: int) -> int:
    return bisect_right(starts, offset, hi=len(starts) - 1) - 1


def _entries(text: str, node: TextNode, path: Path) -> Iterator[tuple[Path, int, int]]:
    """Keys and items in block style: the path, where it begins, and where its first line's own content ends."""
    for key, value in node.entries if node.block else ():
        here = (*path, text[key.start : key.end].strip("\"'"))
        yield here, key.start, key.end if value.block else value.end
        yield from _entries(text, value, here)
    for item in node.items if node.block else ():
        here = (*path, f"- {text[item.start : item.end]}")
        if not item.block:
            yield here, item.start, item.end
        yield from _entries(text, item, here)


def _with(text: str, remarks: Sequence[Remark]) -> str:
    root, _ = read_nodes(text)
    places = {path: (start, end) for path, start, end in _entries(text, root, ())} if root is not None else {}
    lines, starts = _lines(text)
    over: dict[int, list[str]] = {}
    beside: dict[int, str] = {}
    for remark in remarks:
        path = remark.path
        while path and path not in places:
            path = path[:-1]
        if not path:
            over.setdefault(len(lines) - (lines[-1] == ""), []).extend(_all(remark))
            continue
        start, end = places[path]
        line, last = _line(starts, start), _line(starts, end)
        above = _all(remark)
        behind = text[end : starts[last + 1] - 1].lstrip(" \t:,")
        if path == remark.path and remark.behind and (not behind.startswith("#") or behind == remark.behind):
            beside[last] = "" if behind else f"  {remark.behind}"
            above = remark.above
        if above and list(above) != [one.strip() for one in lines[max(0, line - len(above)) : line]]:
            pad = lines[line][: len(lines[line]) - len(lines[line].lstrip())]
            over.setdefault(line, []).extend(pad + one for one in above)
    whole = [part for n, line in enumerate(lines) for part in (*over.get(n, ()), line + beside.get(n, ""))]
    return "\n".join([*whole, *over.get(len(lines), ())])


def _all(remark: Remark) -> tuple[str, ...]:
    return (*remark.above, remark.behind) if remark.behind else remark.above
