"""Did you mean …?"""

from __future__ import annotations

from collections.abc import Iterable


def suggest(word: str, candidates: Iterable[str]) -> str | None:
    """The hint text "did you mean 'x'?" for the candidate nearest to `word`, or None when none is near."""
    import difflib

    by_folded: dict[str, str] = {}
    for candidate in candidates:
        by_folded.setdefault(_fold(candidate), candidate)
    near = difflib.get_close_matches(_fold(word), by_folded, n=1, cutoff=0.6)
    if not near:  # in a short word two letters the wrong way round are most of it
        near = [candidate for candidate in by_folded if sorted(candidate) == sorted(_fold(word))]
    if not near or by_folded[near[0]] == word:
        return None
    return f"did you mean '{by_folded[near[0]]}'?"


def _fold(word: str) -> str:
    return word[:80].lower().replace("-", "_")
