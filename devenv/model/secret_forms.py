"""Secrets that show by their form alone, whatever name they have."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

# The forms that those who issue them document, so that they can be found.
KNOWN: dict[str, str] = {
    "an AWS access key": r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    "a GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})",
    "a GitLab token": r"\bglpat-[A-Za-z0-9_-]{20,}",
    "a Slack token": r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}",
    "a Stripe key": r"\b[rs]k_live_[A-Za-z0-9]{16,}",
    "a Google API key": r"\bAIza[A-Za-z0-9_-]{35}",
    "an npm token": r"\bnpm_[A-Za-z0-9]{36}",
    "a PyPI token": r"\bpypi-AgE[A-Za-z0-9_-]{50,}",
    "a Docker token": r"\bdckr_pat_[A-Za-z0-9_-]{20,}",
    "a Vault token": r"\bhvs\.[A-Za-z0-9_-]{20,}",
    "a SendGrid key": r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",
    "an API key": r"\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{32,}",
    "a private key": r"(?s:-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----.*?(?:-----END (?:[A-Z]+ )*PRIVATE KEY-----|\Z))",
}
_SIGNS_OF_KNOWN = re.compile("A[KS]IA|AIza|BEGIN|SG\\.|_live_|dckr|g(?:h|lpat)|hvs\\.|npm_|pypi-|sk-|xox")
# What `htpasswd` and its like make of a password; a dollar may be doubled, as Compose wants it.
_HASH = re.compile(
    r"(?<![\w$])(\$\$?)(?:apr1|[156]|2[abxy]|argon2(?:id?|d))\1[\w./$+=,-]{20,}|\{SHA\}[A-Za-z0-9+/]{27}=", re.ASCII
)
_TOKEN = re.compile(r"(?!sha\d{3}-)[A-Za-z0-9+/_=-]{24,}")
_RANDOM = 4.0  # bits a character, of what looks random


def known(text: str) -> Iterator[tuple[str, str]]:
    """What stands in a text in a form that is known, in words and itself."""
    if len(text) >= 16 and _SIGNS_OF_KNOWN.search(text):
        for match in _any_known().finditer(text):
            if "EXAMPLE" not in match[0]:
                yield list(KNOWN)[int((match.lastgroup or "k0")[1:])], match[0]


@cache
def _any_known() -> re.Pattern[str]:
    return re.compile("|".join(f"(?P<k{n}>{pattern})" for n, pattern in enumerate(KNOWN.values())))


def hashes(text: str) -> Iterator[tuple[str, int]]:
    """The hashes of passwords in a text, and where they begin: whoever has one can try out passwords at leisure."""
    for match in _HASH.finditer(text) if "$" in text or "{SHA}" in text else ():
        yield match[0], match.start()


def looks_random(value: str) -> bool:
    """Whether the whole of a value looks as if it were made at random, from digits and letters of both cases."""
    kinds = (str.isdigit, str.islower, str.isupper)
    if not _TOKEN.fullmatch(value) or value.count("/") > 2:
        return False
    if not all(any(kind(char) for char in value) for kind in kinds):
        return False
    counts = Counter(value)
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values()) >= _RANDOM
