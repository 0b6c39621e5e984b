"""What is secret in a definition, by its name or its form, and how it is shown to people."""

from __future__ import annotations

import re

HIDDEN = "(secret)"

_NAME = re.compile(r"passw|passphrase|secret|token|api_?key|private|credential|_key$|_pass$|_pwd$|_auth$|dsn$", re.I)
_IN_URL = re.compile(r"(://[^/\s:@]*:)([^/\s@]+)(?=@)")
_DEFAULT = re.compile(r"\$\{([A-Za-z_]\w*)(:?-)([^{}]+)\}")
_OWN = "DEVENV_SECRET_"  # whose default in the generated file is plainly named and never used


def is_secret(name: str) -> bool:
    """Whether a variable or key of this name holds a secret."""
    return bool(_NAME.search(name))


def in_url(text: str) -> bool:
    """Whether a text holds a URL with a password in it."""
    return bool(_IN_URL.search(text))


def masked(text: str) -> str:
    """`text` with the passwords in its URLs and the defaults of secret variables hidden; variables stay."""

    def default(match: re.Match[str]) -> str:
        kept = match[1].startswith(_OWN) or not is_secret(match[1])
        return match[0] if kept else f"${{{match[1]}{match[2]}{HIDDEN}}}"

    def password(match: re.Match[str]) -> str:
        return match[0] if match[2].startswith("$") else match[1] + HIDDEN

    return _IN_URL.sub(password, _DEFAULT.sub(default, text))


def shown(key: str, text: str) -> str:
    """A value for people: all of it hidden where its key says that it is a secret and no variable stands in it."""
    name = key.rpartition(".")[2]
    if text and "$" not in text and is_secret(name) and not name.lower().endswith("file"):
        return HIDDEN
    return masked(text)


def mask(text: str, hidden: set[str]) -> str:
    """`text` with stars for every value of `hidden` in it, the longest first; of one that is written in another way
    (escaped), nothing can be found."""
    for value in sorted(hidden, key=len, reverse=True):
        text = text.replace(value, "********")
    return text
