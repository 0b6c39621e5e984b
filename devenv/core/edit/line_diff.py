"""What differs between a text before and after an edit, as a unified diff, in no square of the text's length."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import Match, SequenceMatcher
from itertools import pairwise

_AROUND = 2
"""Lines that are shown before and after what differs."""


def unified(old: Sequence[str], new: Sequence[str], name: str) -> Iterator[str]:
    """The lines of a unified diff of a file's lines, which keep their ends; none where nothing differs."""
    for number, group in enumerate(_Matcher(old, new).get_grouped_opcodes(_AROUND)):
        if not number:
            yield from (f"--- {name}\n", f"+++ {name}\n")
        (_, i, _, j, _), (_, _, i_end, _, j_end) = group[0], group[-1]
        yield f"@@ -{_range(i, i_end)} +{_range(j, j_end)} @@\n"
        for kind, i, i_end, j, j_end in group:
            yield from (f"{' ' if kind == 'equal' else '-'}{line}" for line in old[i:i_end])
            yield from (f"+{line}" for line in new[j:j_end] if kind != "equal")


def _range(start: int, end: int) -> str:
    count = end - start
    return f"{start + bool(count)}" + (f",{count}" if count != 1 else "")


class _Matcher(SequenceMatcher[str]):
    """Looks for what is the same only between the lines that are there once, before and after: over the whole of a long
    text, the way of the standard library takes the square of its changes."""

    def __init__(self, old: Sequence[str], new: Sequence[str]) -> None:
        super().__init__()
        self._old, self._new = old, new

    def get_matching_blocks(self) -> list[Match]:
        """As the standard library has them."""
        old, new = self._old, self._new
        blocks = [Match(0, 0, 0)]
        for (i, j), (i_end, j_end) in pairwise([(-1, -1), *_anchors(old, new), (len(old), len(new))]):
            between = SequenceMatcher(None, old[i + 1 : i_end], new[j + 1 : j_end]).get_matching_blocks()[:-1]
            for a, b, size in (*((i + 1 + a, j + 1 + b, size) for a, b, size in between), (i_end, j_end, 1)):
                last = blocks[-1]
                if (last.a + last.size, last.b + last.size) == (a, b):
                    blocks[-1] = last._replace(size=last.size + size)
                else:
                    blocks.append(Match(a, b, size))
        end = blocks.pop()  # beside the one line too many, which neither has
        return [*blocks, end._replace(size=end.size - 1), Match(len(old), len(new), 0)]


def _anchors(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The places of the lines that are there once in both, and in the same order."""
    counts = [Counter(lines) for lines in (old, new)]
    once = {line: j for j, line in enumerate(new) if all(count[line] == 1 for count in counts)}
    last = -1
    for i, line in enumerate(old):
        if (j := once.get(line, -1)) > last:
            last = j
            yield i, j
