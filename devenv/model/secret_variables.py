"""Variables in texts with secrets, and what of such a text stands there itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

OWN = "DEVENV_SECRET_"  # whose default in the generated file is plainly named and never used
DEFAULT = re.compile(r"\$\{([A-Za-z_]\w*)(:?[-+])((?:[^{}]|\$\{[^{}]*\})+)\}")
# A variable, of a shell too, and what a shell runs, up to the end; a word of letters and digits that is neither the
# name of what is behind it nor a part of a path; a longer one of letters where there is nothing but it and variables.
_BESIDE = re.compile(
    r"\$\$?(?:\{(?:[^{}]|\$\{[^{}]*\})*\}|[{(].*|\w+|.?)|`.*|"
    r"(?<![A-Za-z0-9/])(?P<word>(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{6,})(?![A-Za-z0-9/:= ])|"
    r"(?:^|(?<=\}))(?P<letters>[A-Za-z]{8,})(?=\$|\Z)|[A-Za-z0-9]+",
    re.DOTALL,
)
_REFERENCE = re.compile(r"\$\$(?:\{[^{}]*\}|[A-Z_][A-Z0-9_]*)")


def has_variable(text: str) -> bool:
    """Whether something is put in the place of a part of the text; `$$` is a dollar."""
    return "$" in text.replace("$$", "")


def is_reference(value: str) -> bool:
    """Whether a value is but the name of a variable that something else puts a value in the place of: `$${NAME}`."""
    return bool(_REFERENCE.fullmatch(value))


def beside(secret: str) -> list[tuple[str, int]]:
    """The words of a secret that stand beside its variables in plain text, and where they begin: those of letters and
    digits, and longer ones of letters where there is nothing but variables and them; any other may say what the
    variable is of. None of structured data and of addresses, in which a secret has a name or a place of its own."""
    if secret.startswith(("{", "[")) or "://" in secret:
        return []
    found = ((match["word"] or match["letters"], match.start()) for match in _BESIDE.finditer(secret))
    return [(word, at) for word, at in found if word]


def defaults(text: str) -> Iterator[tuple[str, str]]:
    """The variables of a text that have a default, with it."""
    for match in DEFAULT.finditer(text):
        if not match[1].startswith(OWN):
            yield match[1], match[3]
            yield from defaults(match[3])
