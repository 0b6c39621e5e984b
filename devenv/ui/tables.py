"""Aligned columns of text, wide characters included; no lines around them, so that they can be read aloud and cut."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import NamedTuple

from devenv.ui.console import paint
from devenv.ui.text import cells, padded, visible


class Cell(NamedTuple):
    """A text and how it looks where there is colour."""

    text: str
    style: str = ""


def table(
    head: Sequence[str],
    rows: Sequence[Sequence[Cell | str]],
    *,
    colour: bool = False,
    width: int | None = None,
) -> str:
    """Columns as wide as their widest text, two spaces apart; the last one is wrapped when `width` is given."""
    texts = [[Cell(visible(c.text), c.style) if isinstance(c, Cell) else Cell(visible(c)) for c in row] for row in rows]
    heads = [Cell(h.upper(), "bold") for h in head]
    widths = [max(cells(row[i].text) for row in [heads, *texts]) for i in range(len(head))]
    lines = []
    for row in [heads, *texts] if any(head) else texts:
        lines += _row(row, widths, colour, width)
    return "\n".join(lines)


def _row(row: Sequence[Cell], widths: Sequence[int], colour: bool, width: int | None) -> list[str]:
    start = sum(widths[:-1]) + 2 * (len(widths) - 1)
    *firsts, last = row
    wrapped = [last.text]
    if width is not None and width - start >= 24 and cells(last.text) > width - start:
        wrapped = textwrap.wrap(last.text, width - start, break_long_words=False, break_on_hyphens=False)
    line = ""
    for cell, size in zip(firsts, widths, strict=False):
        line += (paint(cell.text, cell.style, colour) if cell.style else cell.text) + " " * (
            size - cells(cell.text) + 2
        )
    lines = [line + (paint(wrapped[0], last.style, colour) if last.style else wrapped[0])]
    lines += [padded("", start) + (paint(more, last.style, colour) if last.style else more) for more in wrapped[1:]]
    return [line.rstrip() for line in lines]
