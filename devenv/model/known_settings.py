"""The settings of widely used images that hold a secret though their name does not say so: `NEO4J_AUTH=neo4j/SECRET`.

Facts of the images' own documentation; only what is certain is here.
"""

from __future__ import annotations

import re
from functools import lru_cache

_WHOLE = (
    r"(?:.*_)?(?:ERLANG_COOKIE|RELEASE_COOKIE|NODE_+COOKIE|DISTRIBUTED_COOKIE|SECRET_KEY_BASE|ROOT_TOKEN_ID|"
    r"(?:API|TRANSFER)_TOKEN_SALT|(?:CLIENT|SERVER|LDAP)_PASSWORDS)|WORDPRESS_\w+_(?:KEY|SALT)"
)
_NAME = r"(?:\$\{(?:[^{}]|\$\{[^{}]*\})*\}|[^\s:/$])+"  # of a user: a word, with variables in it
_FORMS = tuple(
    (re.compile(names), re.compile(value, re.DOTALL))
    for names, value in (
        (_WHOLE, "(.+)"),
        (r"NEO4J_AUTH", rf"{_NAME}/(.+)"),
        (
            r"(?:.*_)?(?:(?:BASIC|DIGEST|STATS)_?AUTH(?:_USERS?|_CREDENTIALS)?|HTPASSWD(?:_USERS?)?)",
            rf"{_NAME}:(?!//)(.+)",
        ),
        (r"(?:.*_)?(?:HTTP|PROXY)_?AUTH", rf"{_NAME}:(?!//|\d+(?:/|$))(.+)"),  # the number is a port
        (r"SFTP_USERS", rf"{_NAME}:([^\s:]+).*"),
        (r"REDIS_HOSTS", r"[^:,]*:[^:,]+:\d+:\d+:([^,]+).*"),  # of redis-commander: label, host, port, database
        (r"LIVEKIT_KEYS", r"[^\s:]+:\s*(\S+)\s*"),
        (r"APP_KEY", r"base64:(.+)"),  # of Laravel
    )
)
_SEPARATORS = str.maketrans(".-", "__")


def secret_in(name: str, value: str) -> tuple[int, int] | None:
    """From where to where a setting's value is a secret; None where it is none, as far as can be told."""
    form = _form(name)
    match = form.fullmatch(value) if form is not None else None
    return match.span(1) if match else None


@lru_cache(maxsize=4096)  # services share their settings' names
def _form(name: str) -> re.Pattern[str] | None:
    name = name.translate(_SEPARATORS).strip("_").upper()
    return next((form for names, form in _FORMS if names.fullmatch(name)), None)
