"""What is secret in a definition, by its name or its form, and how it is shown to people: one recogniser for `lint`,
which finds secrets, and for whatever shows values or source lines."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

from devenv.model import command_secrets, known_settings, private_keys
from devenv.model.data import text as as_text
from devenv.model.secret_forms import hashes, known, looks_random
from devenv.model.secret_variables import DEFAULT, OWN, beside, has_variable

HIDDEN = "(secret)"
_STARS = "********"
_Cover = Callable[[str], str]  # makes what people see of a secret
_NEAR = 64  # characters of a name, and of the word before it
_LETTERS = re.compile(r"[A-Za-z]{1,7}")

_NAME = re.compile(
    r"passw|passphrase|secret|token|api_?key|private|credential|_key$|_pass$|_pwd$|_auth$|authorization$|dsn$", re.I
)
_SURE = re.compile(
    r"(?:(?<!no)passw(?:or)?d|passphrase|requirepass|masterauth|(?:store|key)pass)$|"
    r"(?:^|[_.-]|(?-i:(?<=[a-z0-9])(?=[A-Z])))(?:pass|pwd|pw|secret|token|credentials?|"
    r"(?:api|secret|private|access|account|encryption|signing|master|fernet)[_-]?key)$",
    re.IGNORECASE,
)
_HARMLESS = frozenset(("", "true", "false", "yes", "no", "on", "off", "null", "none", "0", "1"))
_PATHS = ("/", "./", "../", "~/")
_OPTION = r"--?[A-Za-z][\w.-]{0,63}|requirepass|masterauth"
# What stands in the header `Authorization`, or in SQL; a name and its value: of an option or a variable, in JSON, YAML
# or an address's query, in a connection string, where a value ends at the semicolon. Compiled when a text has a sign
# of it.
_INSIDE = (
    r"""
    (?: (?P<header>
          \b authorization (?: \\?["'] )? [ \t]* [:=] [ \t]* (?: \\?["'] )? (?: [a-z]{3,10} (?: [ \t]+ | %20 ) )?
        | \b (?: password | identified [ \t]+ (?: with [ \t]+ \S{1,64} [ \t]+ )? by ) [ \t]+ (?= \\?' )
        | \b bearer [ \t]+ (?= [\w.~+/-]{0,400}\d ) (?= [\w.~+/-]{8} ) )
      | (?P<name> (?<![\w.-]) [\w.-]{1,64} ) (?: \\?["'][ \t]*[:=][ \t]* | [ \t]*=[ \t]* | :[ \t]+ )
      | (?P<option> (?<![\w.-]) (?: """
    + _OPTION
    + r""" ) ) [ \t]+ (?!--)
    )
    (?P<quote> \\?["'] )?
    (?P<value> (?! [{\[] | \(secret\) )
      (?(quote) (?: (?! (?P=quote) ) (?: \\. | [^\\\n] ) )+
      | (?: (?: (?<==) | (?<==[ ]) ) [^\s;"'$][^;"'$\n]{0,200} (?= ; )
          | (?: \$\{ (?: [^{}] | \$\{[^{}]*\} )* \} | [^\s"',;&}\]] )+ ) ) )
    """
)
_SIGNS = ("pass", "pwd", "_pw", "secret", "token", "key", "auth", "bearer", "credential", "identified", "cookie",
          "salt", "_users", "_hosts")  # fmt: skip
# In an address, or in what Go's drivers take: `user:password@tcp(host:3306)/shop`.
_IN_URL = re.compile(
    r"((?:://[^/\s:@]*|(?<![\w/:@.-])[A-Za-z_][\w.-]*(?=:[^/\s:@]+@(?:tcp6?|udp)?\()):)([^/\s]+)(?=@)", re.ASCII
)
_TOKEN_IN_URL = re.compile(r"(https?://)([^/\s:@$]+)(?=@)")
_LIST = re.compile(r"\[([^\[\]\n]*)\]")
_ITEM = re.compile(r"""[ \t]*("(?:\\.|[^"\\])*"|'[^']*'|[^\s,"'][^,]*)[ \t]*(?:,|$)""")
_ASSIGNED = re.compile(r"""^([ \t]*(?:-[ \t]+)?(?:export[ \t]+)?["']?([\w.-]+)["']?[ \t]*[:=][ \t]*)(\S.*)$""", re.M)
_PROSE = re.compile(r"(?<![-\w])\w+[ \t]+[\w.-]+:[ \t]+$")  # "your password: twice"
_SPOKEN = re.compile(r"(?:is|are|was|were|must|should|cannot|not|needs?|requires?|flag|option|and|or|for|to|in)$")
_GOES_ON = re.compile(r"[.,)!]?[ \t]+[\w/('\"]")
_WORD = re.compile(r"(?<![^\s\"'=:\[({,])[A-Za-z0-9+/_=-]{24,}(?![^\s\"',;})\]])")


class Masked(str):
    """What people see of a text with a secret in it. `whole` is the text itself: to be compared, and never shown."""

    __slots__ = ("whole",)

    def __new__(cls, shown: str, whole: str) -> Masked:
        self = super().__new__(cls, shown)
        self.whole = whole
        return self

    whole: str


def is_secret(name: str) -> bool:
    """Whether a variable or key of this name may hold a secret: rather too many than one too few."""
    return bool(_NAME.search(name))


def is_surely_secret(name: str, value: str) -> bool:
    """Whether `value` under this name is a secret, and no switch and no path."""
    return secret_of(name, value) is not None


def secret_of(name: str, value: str) -> tuple[int, int] | None:
    """From where to where `value` under this name is surely secret: a switch and a path are not."""
    if not may_be_secret(value):
        return None
    return (0, len(value)) if _SURE.search(name) else known_settings.secret_in(name, value)


def may_be_secret(value: str) -> bool:
    """Whether a value is more than a switch, and no path."""
    return value.lower() not in _HARMLESS and not value.startswith(_PATHS)


def in_url(text: str) -> bool:
    """Whether a text holds a URL with a password in it."""
    return bool(_IN_URL.search(text))


def inside(text: str) -> list[tuple[str, int]]:
    """The secrets that a text gives names to (`--password …`, `"token": "…"`, `Password=…;`, `Authorization: …`), or
    that a program takes (`mysql -p…`, `[redis-cli, -a, …]`), and where they begin."""
    commands = [one for one in command_secrets.in_text(text) if may_be_secret(one[0])]
    found: list[tuple[str, int]] = []
    free = 0
    for secret, at in sorted((*commands, *_named(text), *_listed(text)), key=lambda one: one[1]):
        if at >= free:
            found.append((secret, at))
            free = at + len(secret)
    return found


def in_prose(text: str, secret: str, at: int) -> bool:
    """Whether what `inside` found at a place is a word of a sentence (`your password: twice`)."""
    return secret.isalpha() and bool(_PROSE.search(text[max(0, at - 2 * _NEAR) : at]))


def _spoken(text: str, secret: str, at: int) -> bool:
    """The same of a message, which says `token: invalid signature`, or `--password is required`."""
    word = secret.rstrip(".,)!")
    if not word.isalpha():
        return False
    said = _GOES_ON.match(text, at + len(word)) if text[:at].rstrip(" \t").endswith(":") else _SPOKEN.match(word)
    return said is not None or in_prose(text, word, at)


def _named(text: str) -> Iterator[tuple[str, int]]:
    lowered = text.lower()
    if not any(sign in lowered for sign in _SIGNS):
        return
    pattern = re.compile(_INSIDE, re.IGNORECASE | re.VERBOSE)
    match = pattern.search(text)
    while match is not None:
        name, at = match["name"] or (match["option"] or "").lstrip("-"), match.start("value")
        part = (0, len(match["value"])) if match["header"] else secret_of(name, match["value"])
        if part is not None:
            yield match["value"][slice(*part)], at + part[0]
            at = match.end()
        match = pattern.search(text, at)


def _listed(text: str) -> Iterator[tuple[str, int]]:
    """The secrets in lists of words that a text holds."""
    for match in _LIST.finditer(text) if "," in text else ():
        items = [(one[1].rstrip(), match.start(1) + one.start(1)) for one in _ITEM.finditer(match[1])]
        words = [(word[1:-1], at + 1) if word[0] in "\"'" else (word, at) for word, at in items]
        for number, start, end in in_words([word for word, _ in words]):
            word, at = words[number]
            yield word[start:end], at + start


def in_words(words: Sequence[Any]) -> Iterator[tuple[int, int, int]]:
    """The secrets in a list of words: the word's number, and from where to where in it."""
    for number, (last, word) in enumerate(pairwise(words), start=1):
        if isinstance(word, str) and _takes_secret(last, word):
            yield number, 0, len(word)
    for number, start, end in command_secrets.in_words(words):
        if may_be_secret(words[number][start:end]):
            yield number, start, end


def _with_word(_: str) -> str:
    return HIDDEN


def with_stars(_: str) -> str:
    """What people see of a secret in a text of their own, or of a program's."""
    return _STARS


def _with_as_many_stars(secret: str) -> str:
    return "*" * len(secret)


def masked(text: str, cover: _Cover = _with_word, *, spoken: bool = False) -> str:
    """`text` with the secrets in it hidden: passwords in URLs, what the text gives a name to, defaults of secret
    variables, and what has a known form; variables stay. What a program has `spoken` has none, but sentences, whose
    words stay."""
    for found in (*(one for _, one in known(text)), *(one for one, _ in hashes(text))):
        text = text.replace(found, cover(found))
    text = _without_defaults(text, False, cover)
    hide = cover if spoken else lambda secret: _hidden(secret, cover)
    text = _IN_URL.sub(lambda match: match[1] + hide(match[2]), text)
    parts, end = [], 0
    for secret, at in inside(text):
        if not (spoken and _spoken(text, secret, at)):
            parts += [text[end:at], hide(secret)]
            end = at + len(secret)
    return "".join([*parts, text[end:]])


@lru_cache(maxsize=16)  # a file that is one line may be shown a thousand times
def excerpt(line: str) -> str:
    """A source line with a star for each character of the secrets in it, so that every other one keeps its place."""
    line = masked(line, _with_as_many_stars)
    line = _TOKEN_IN_URL.sub(lambda match: match[1] + _with_as_many_stars(match[2]), line)
    return _WORD.sub(lambda match: _with_as_many_stars(match[0]) if looks_random(match[0]) else match[0], line)


def _hidden(secret: str, cover: _Cover = _with_word) -> str:
    """A secret for people: variables stay, but neither their defaults nor what stands `beside` them."""
    if not has_variable(secret):
        return cover(secret)
    for word, at in reversed(beside(secret)):
        secret = secret[:at] + cover(word) + secret[at + len(word) :]
    return _without_defaults(secret, True, cover)


def _without_defaults(text: str, secret: bool, cover: _Cover) -> str:
    """`text` without the defaults of secret variables, or of all where the text is a secret as a whole."""

    def default(match: re.Match[str]) -> str:
        name, operator, written = match.groups()
        if name.startswith(OWN):
            return match[0]
        hide = secret or is_secret(name)
        inner = _without_defaults(written, hide, cover) if "${" in written else cover(written) if hide else written
        return f"${{{name}{operator}{inner}}}"

    return DEFAULT.sub(default, text)


def shown(key: str, value: Any) -> str:
    """A value for people, as text: where its key says that it is a secret, all of it but variables is hidden; of a text
    of several lines what follows such a name in its line. What hides something is `Masked`."""
    if isinstance(value, dict | list):
        written, said = (json.dumps(one, ensure_ascii=False, default=str) for one in (value, _masked_data(value)))
        said = HIDDEN if _tells(key, said) and not has_variable(said) else said
    else:
        said = _shown_text(key, written := as_text(value), _with_word)
    return said if said == written else Masked(said, written)


def secrets_of(key: str, text: str) -> list[str]:
    """What `shown` hides of a text."""
    found: list[str] = []

    def note(secret: str) -> str:
        found.append(secret)
        return secret

    _shown_text(key, text, note)
    return found


def _shown_text(key: str, text: str, cover: _Cover) -> str:
    if looks_random(text):
        return cover(text)
    return _masked_text(_hidden_of(key, text, cover) if text and _tells(key, text) else text, cover)


def _masked_text(text: str, cover: _Cover = _with_word) -> str:
    """`text` as `masked` has it, and of several lines without what follows the name of a secret in its line."""

    def assigned(match: re.Match[str]) -> str:
        return match[1] + _hidden_of(match[2], match[3], cover) if _tells(match[2], match[3]) else match[0]

    said = masked(text, cover)
    return _ASSIGNED.sub(assigned, said) if "\n" in said else said


def _hidden_of(key: str, value: str, cover: _Cover) -> str:
    """The value of a key that tells of a secret, hidden; of one with variables, the part that surely is the secret."""
    start, end = (has_variable(value) and secret_of(key.rpartition(".")[2], value)) or (0, len(value))
    return value[:start] + _hidden(value[start:end], cover) + value[end:]


def _tells(key: str, value: str) -> bool:
    name = key.rpartition(".")[2]
    return (is_secret(name) or is_surely_secret(name, value)) and not name.lower().endswith("file")


def _masked_data(value: Any) -> Any:
    """Nested data with the secrets in it hidden."""
    if isinstance(value, dict):
        return {key: shown(key, one) if isinstance(one, str) else _masked_data(one) for key, one in value.items()}
    if isinstance(value, list):
        return masked_words(value)
    return _masked_text(value) if isinstance(value, str) else value


def masked_words(words: list[Any]) -> list[Any]:
    """A list with the secrets in it hidden; the value of an option may be the next word."""
    said = [_masked_data(one) for one in words]
    for number, start, end in in_words(words):
        word = words[number]
        said[number] = word[:start] + _hidden(word[start:end]) + word[end:]
    return said


def _takes_secret(option: Any, word: str) -> bool:
    if not isinstance(option, str) or not re.fullmatch(_OPTION, option, re.IGNORECASE) or word.startswith("--"):
        return False
    return is_surely_secret(option.lstrip("-"), word)


def mask(text: str, hidden: set[str]) -> str:
    """What a program has said, with stars for every value of `hidden`, see `without`, for each line of a private key,
    and for what `masked` finds. Every line stays a line."""
    lines = without(text, hidden).split("\n")
    for number, start, end in private_keys.parts(lines):
        lines[number] = lines[number][:start] + _STARS + lines[number][end:]
    return masked("\n".join(lines), with_stars, spoken=True)


def without(text: str, hidden: Collection[str], *, as_long: bool = False) -> str:
    """`text` with stars, where it is to stay `as_long` as it is as many, for every value of `hidden` in it, the longest
    first, and for passwords in URLs; of a value that is written in another way (escaped), nothing can be found. A few
    letters may be a part of any word, and are looked for as a word, or behind an option's letter."""
    cover = _with_as_many_stars if as_long else with_stars
    for value in sorted(hidden, key=len, reverse=True):
        if not _LETTERS.fullmatch(value):
            text = text.replace(value, cover(value))
        elif value in text:
            pattern = rf"(?:(?<![\w-])|(?<![\w-]-[A-Za-z])(?<=-[A-Za-z])){value}(?![\w-])"
            text = re.sub(pattern, cover(value), text)
    return _IN_URL.sub(lambda match: match[1] + cover(match[2]), text)
