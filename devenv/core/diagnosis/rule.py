"""What a known cause of a failure is made of."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Rule(NamedTuple):
    """One cause. It holds when one of `patterns` is found in a line of the log or in the engine's words, and the exit
    code is one of `codes` (either may be empty: any will do).

    `words` and `steps` may name `{service}`, `{template}`, `{image}`, `{user}`, the pattern's groups and, where a group
    `path` lies in something that is mounted, what `causes` knows of that; a step that names what is not known is left
    out. With `within` the rule holds only where that is known: what is mounted from this machine (`source`), a volume.
    """

    name: str
    patterns: tuple[str, ...]
    words: str
    steps: tuple[str, ...]
    codes: frozenset[int] = frozenset()
    within: Literal["", "source", "volume"] = ""
