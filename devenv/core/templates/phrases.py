"""Command lines of Compose files that say what a template's parameters say."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from devenv.model.data import text

_HOLE = re.compile(r"\$\{([A-Za-z0-9_-]+)\}|(\*)")


def captured(phrase: str) -> list[str]:
    """The parameters whose values stand in a phrase (`--user ${user}`)."""
    return [one[1] for one in _HOLE.finditer(phrase) if one[1]]


def settings(command: Any, phrases: Mapping[str, Mapping[str, str]]) -> tuple[dict[str, str], str]:
    """What a command, which the phrases may make up in any order, sets: parameters and their values, what comes later
    in `phrases` winning; and the words of it that are none of them, empty when there are none."""
    try:
        words = list(_words(shlex.split(command) if isinstance(command, str) else [text(one) for one in command or ()]))
    except ValueError:  # a quotation that does not end
        return {}, text(command)
    known = {phrase: [_pattern(word) for word, _ in _words(phrase.split())] for phrase in phrases}
    longest_first = sorted(known, key=lambda phrase: (-len(known[phrase]), bool(_HOLE.search(phrase))))
    found: dict[str, dict[str, str]] = {}
    while words:
        phrase = next((one for one in longest_first if _begins(words, known[one])), None)
        if phrase is None:
            end = next((i for i, (word, _) in enumerate(words) if i and word.startswith("-")), len(words))
            return {}, " ".join(written for _, written in words[:end] if written)
        pattern = known[phrase]
        values = [value for one, (word, _) in zip(pattern, words, strict=False) for value in _values(one, word)]
        found[phrase] = {**phrases[phrase], **dict(zip(captured(phrase), values, strict=True))}
        del words[: len(pattern)]
    return {name: value for phrase in phrases for name, value in found.get(phrase, {}).items()}, ""


def _words(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Words so that `--name=value`, `-name=value` and `--name value` are the same, each with what is written for it."""
    for word in words:
        name, equals, value = word.partition("=") if word.startswith("-") else (word, "", "")
        yield (f"-{name.lstrip('-')}" if name.startswith("-") else name), word
        if equals:
            yield value, ""


def _pattern(word: str) -> re.Pattern[str]:
    pieces, at = "", 0
    for hole in _HOLE.finditer(word):
        pieces += re.escape(word[at : hole.start()]) + ("([^-].*)" if hole[1] else r"[^,\s]*")
        at = hole.end()
    return re.compile(pieces + re.escape(word[at:]), re.DOTALL)


def _begins(words: Sequence[tuple[str, str]], pattern: Sequence[re.Pattern[str]]) -> bool:
    return len(words) >= len(pattern) and all(one.fullmatch(words[i][0]) for i, one in enumerate(pattern))


def _values(pattern: re.Pattern[str], word: str) -> tuple[str, ...]:
    match = pattern.fullmatch(word)
    return match.groups() if match is not None else ()
