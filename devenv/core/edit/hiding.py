"""A manifest's text as people see it: where a value has a secret, stars; every line stays a line."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from devenv.core.yaml.places import Place, places
from devenv.model import secrecy


def without_secrets(text: str) -> list[str]:
    """The lines of a YAML text that can be read, with stars for what `devenv diff` hides of its values, and for what is
    a secret by its form in comments."""
    root, parts, end = places(text), [], 0
    for place, secrets in _secrets(root) if root is not None else ():
        parts += [text[end : place.start], _hidden(text[place.start : place.end], secrets)]
        end = place.end
    return [secrecy.masked(line, secrecy.with_stars) for line in "".join([*parts, text[end:]]).splitlines()]


def _secrets(root: Place) -> Iterator[tuple[Place, Collection[str]]]:
    """The scalars that hold secrets, with these, in the order of the text."""
    waiting = [("", root, "")]  # with a secret that is known already
    while waiting:
        key, place, known = waiting.pop()
        if place.kind == "map":
            waiting += reversed([(name.name, value, "") for name, value in place.entries])
        elif place.kind == "seq":
            words = [one.name if one.kind == "scalar" else "" for one in place.values]
            told = {number: words[number][start:end] for number, start, end in secrecy.in_words(words)}
            waiting += reversed([("", one, told.get(n, "")) for n, one in enumerate(place.values)])
        elif place.kind == "scalar" and (found := {known, *secrecy.secrets_of(key, place.name)} - {""}):
            yield place, found


def _hidden(written: str, secrets: Collection[str]) -> str:
    """What is written for a scalar without its secrets; where one is written in another way (escaped, folded), stars
    alone."""
    lines = {line.strip() for secret in secrets for line in secret.splitlines()} - {""}
    if any(line not in written for line in lines):
        both = zip(written.splitlines(keepends=True), written.splitlines(), strict=True)
        return "".join(secrecy.with_stars(line) + whole[len(line) :] for whole, line in both)
    for line in sorted(lines, key=len, reverse=True):
        written = written.replace(line, secrecy.with_stars(line))
    return written
