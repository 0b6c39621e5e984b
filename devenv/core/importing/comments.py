"""Comments of Compose files, put where what they speak of stands now."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

from devenv.core.yaml.places import Place, places
from devenv.core.yaml.source import parse
from devenv.errors import Report
from devenv.model.data import same
from devenv.records import frozen, replace

Path = tuple[str, ...]

_COMMENT = re.compile(r"(?<=\s)#[^\n]*")
_LINE = re.compile(
    r"\s*(?:-(?:--)?[ \t]+)*(?:[&!]\S*[ \t]+)*(#.*)"
)  # nothing before a comment but what begins behind it
_BEHIND = re.compile(r"[ \t:,]*(?:[&!]\S*[ \t]+)*(#.*)")


@frozen
class Remark:
    """Lines above the entry at `path`, and what stands behind it on its own line; or, with `inside`, lines that end the
    collection at `path`."""

    path: Path
    above: tuple[str, ...]
    behind: str = ""
    inside: bool = False


def carried(text: str, others: Sequence[str]) -> str:
    """`text` with the comments of `others`: each above its key or item or, where that is gone, what it was part of."""
    for other in others:
        root = places(other)
        if root is not None and (remarks := list(_remarks(other, root))):
            text = _with(text, remarks)
    return text


def kept(text: str, before: str) -> str:
    """`text`, which was made from `before`, with the comments of that which went with what they stood at: as `carried`
    places them."""
    root = places(before)
    now = places(text)
    if root is None or now is None or text == before:
        return text
    remarks = list(_remarks(before, root))
    said = Counter((one.path, words) for one in remarks for words in _all(one))
    says = Counter((one.path, words) for one in _remarks(text, now) for words in _all(one))
    moved = Counter(words for _, words in (says - said).elements())  # said of something else now
    gone = said - says

    def lost(path: Path, words: str) -> bool:
        return _taken(gone, (path, words)) and not _taken(moved, words)

    left = []
    for one in remarks:
        above = tuple(words for words in one.above if lost(one.path, words))
        behind = one.behind if one.behind and lost(one.path, one.behind) else ""
        if above or behind:
            left.append(replace(one, above=above, behind=behind))
    return _with(text, left)


def _by_name(path: Path) -> Path:
    """A path that is the same for `- NAME=value`, `- NAME` and `NAME: value`, which say the same of most lists."""
    return (*path[:-1], path[-1].removeprefix("- ").partition("=")[0]) if path else path


def _taken(counter: Counter[Any], what: Any) -> bool:
    """Whether there is one left, and takes it."""
    counter[what] -= 1
    return counter[what] >= 0


def _remarks(text: str, root: Place) -> Iterator[Remark]:
    lines, starts = _lines(text)
    entries = sorted(_entries(text, root, ()), key=lambda one: one[1])
    done = 0  # lines that something has said already
    blocks: list[tuple[int, Path]] = []  # the columns of the collections that are open, and their paths
    for path, start, end, within in entries:
        if path == ("version",):  # which is left out, and heads what it says of the file
            continue
        line = _line(starts, start)
        column = _column(lines[line])
        said = range(done, line)
        tail = (
            0 if line < done else next((n for n in said if _is_comment(lines[n]) and _column(lines[n]) <= column), line)
        )
        yield from _endings(lines[done:tail], blocks)
        above = (*_comments(lines[max(done, tail) : line]), *within)
        last = _line(starts, end - (text[end - 1] == "\n"))
        rest = _BEHIND.fullmatch(text, end, starts[last + 1] - 1)
        behind = rest[1] if rest else ""
        while blocks and blocks[-1][0] >= column:
            blocks.pop()
        blocks.append((column, path[:-1]))
        if line < done and not behind:
            continue
        done = max(done, last + 1)
        if above or behind:
            yield Remark(path, above, behind)
    last = next((n for n, one in enumerate(lines) if n >= done and _is_comment(one) and not _column(one)), len(lines))
    yield from _endings(lines[done:last], blocks)
    if end_of_file := tuple(_comments(lines[last:])):
        yield Remark((), end_of_file)


def _endings(lines: Sequence[str], blocks: Sequence[tuple[int, Path]]) -> Iterator[Remark]:
    """Comments that end collections: each belongs to the innermost one that is not further in than it."""
    for line in filter(_is_comment, lines):
        path = next((path for column, path in reversed(blocks) if column <= _column(line)), ())
        yield Remark(path, tuple(_comments([line])), inside=True)


def _is_comment(line: str) -> bool:
    return _LINE.fullmatch(line) is not None


def _comments(lines: Sequence[str]) -> list[str]:
    return [match[1].rstrip() for line in lines if (match := _LINE.fullmatch(line))]


def _column(line: str) -> int:
    return len(line) - len(line.lstrip())


def _lines(text: str) -> tuple[list[str], list[int]]:
    """The lines of a text, and where each begins; the last number is behind them all."""
    lines = text.split("\n")
    return lines, list(accumulate((len(line) + 1 for line in lines), initial=0))


def _line(starts: Sequence[int], offset: int) -> int:
    return bisect_right(starts, offset, hi=len(starts) - 1) - 1


def _entries(text: str, node: Place, path: Path) -> Iterator[tuple[Path, int, int, tuple[str, ...]]]:
    """Keys and items in block style: the path, where it begins, and where its first line's own content ends; then the
    comments before a value that is no collection in block style, and within it."""
    for key, value in node.entries if node.block else ():
        here = (*path, key.name)
        before = () if value.block else _COMMENT.findall(text[key.end : value.start])
        yield here, key.start, key.end if value.block else value.end, (*before, *_within(text, value))
        yield from _entries(text, value, here)
    for item in node.values if node.kind == "seq" and node.block else ():
        here = (*path, f"- {item.name if item.kind == 'scalar' else text[item.start : item.end]}")
        if not item.block:
            yield here, item.start, item.end, _within(text, item)
        yield from _entries(text, item, here)


def _within(text: str, node: Place) -> tuple[str, ...]:
    """The comments in a collection in flow style, or behind the `|` of a text."""
    if node.quote and node.quote in "|>":
        return tuple(_COMMENT.findall(text[node.body : node.end].partition("\n")[0]))
    if not node.flow:
        return ()
    between, at = "", node.start
    for start, end in _leaves(node):
        between, at = f"{between}{text[at:start]}x", end
    return tuple(one.strip() for one in _COMMENT.findall(between + text[at : node.end]))


def _leaves(node: Place) -> Iterator[tuple[int, int]]:
    if node.kind in ("scalar", "alias"):
        yield node.start, node.end
    for below in node.below:
        yield from _leaves(below)


def _ends(
    text: str, node: Place, path: Path, lines: Sequence[str], starts: Sequence[int]
) -> Iterator[tuple[Path, int, int]]:
    """Collections in block style: the path, the last line, and the column that its entries begin in."""
    if node.block:
        first = node.below[0]
        yield path, _line(starts, node.end), _column(lines[_line(starts, first.start)])
    for key, value in node.entries:
        yield from _ends(text, value, (*path, key.name), lines, starts)


def _with(text: str, remarks: Sequence[Remark]) -> str:
    root = places(text)
    if root is None:
        return text
    found = {path: (start, end) for path, start, end, *_ in _entries(text, root, ())}
    named = {_by_name(path): path for path in reversed(found)}
    lines, starts = _lines(text)
    ends = {(): (len(lines) - 1, 0)} | {
        path: (last, column) for path, last, column in _ends(text, root, (), lines, starts)
    }
    over: dict[int, list[str]] = {}
    beside: dict[int, str] = {}
    for remark in remarks:
        path = remark.path
        if remark.inside:
            while path not in ends:
                path = path[:-1]
            last, column = ends[path]
            after = last + 1
            while after < len(lines) and _is_comment(lines[after]) and _column(lines[after]) >= column:
                after += 1
            if remark.above[0] not in map(str.strip, lines[last + 1 : after]):
                over.setdefault(after, []).extend(" " * column + one for one in remark.above)
            continue
        if path not in found:
            path = named.get(_by_name(path), path)
        exactly = path in found
        while path and path not in found:
            path = path[:-1]
        if not path:
            over.setdefault(len(lines) - (lines[-1] == ""), []).extend(_all(remark))
            continue
        start, end = found[path]
        line, last = _line(starts, start), _line(starts, end)
        above = _all(remark)
        behind = text[end : starts[last + 1] - 1].lstrip(" \t:,")
        there = behind == remark.behind
        if exactly and remark.behind and (there or (line == last and not behind.startswith("#"))):
            beside[last] = "" if behind else f"  {remark.behind}"
            above = remark.above
        if above and list(above) != [one.strip() for one in lines[max(0, line - len(above)) : line]]:
            pad = lines[line][: len(lines[line]) - len(lines[line].lstrip())]
            over.setdefault(line, []).extend(pad + one for one in above)
    whole = [part for n, line in enumerate(lines) for part in (*over.get(n, ()), line + beside.get(n, ""))]
    result = "\n".join([*whole, *over.get(len(lines), ())])
    return result if same(parse(result, "", Report()), parse(text, "", Report())) else text


def _all(remark: Remark) -> tuple[str, ...]:
    return (*remark.above, remark.behind) if remark.behind else remark.above
