"""The passwords that well-known programs take where no name tells of them: `mysql -pSECRET`, `curl -u user:SECRET`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice

from devenv.records import frozen


@frozen
class _Way:
    """How a program takes a password: its `option`, which has the password as `value`, or in the next word; `verbs` are
    words that come first, `place` says that it is the so-many-th plain word behind them instead, or the last one."""

    program: str
    option: str = ""
    verbs: str = ""
    place: int = 0
    user: bool = False
    first: bool = False
    """`user`: the password stands behind a user's name and a colon; `first`: the options before any other word count,
    behind them another program's begin."""


_LAST = -1
_BOTH = "-p(?P<value>.+)?"
_WAYS = (
    _Way(r"(?:mysql|mariadb)(?:-?(?:admin|dump|check|import|show|slap|binlog|upgrade|sh))?", "-p(?P<value>.+)"),
    _Way(r"(?:redis|valkey|keydb)-(?:cli|benchmark)", "-a"),
    _Way(r"mongo(?:sh|dump|restore|export|import|files|stat|top)?|cqlsh|cypher-shell|rabbitmqadmin", _BOTH),
    _Way(r"sshpass", _BOTH, first=True),
    _Way(r"curl", "-[fsSkLvigGN#]*u(?P<value>.+)?|-U(?P<proxy>.+)?|--(?:proxy-)?user", user=True),
    _Way(r"etcdctl", "--user(?:=(?P<value>.+))?", user=True),
    _Way(r"docker|podman|nerdctl|buildah|skopeo|crane|helm|oras|oc|az", _BOTH, verbs="login"),
    _Way(r"sqlcmd|bcp|osql|mssql-cli", "-P(?P<value>.+)?"),
    _Way(r"mosquitto_(?:pub|sub|rr)", "-P"),
    _Way(r"ldap(?:search|add|modify|delete|whoami|passwd|compare)", "-w(?P<value>.+)?"),
    _Way(r"rabbitmqctl", verbs="add_user|change_password|authenticate_user", place=2),
    _Way(r"mc", verbs="alias|host", place=5),  # set NAME URL KEY SECRET
    _Way(r"htpasswd", verbs="-[BCcdimnprsv25]*b[BCcdimnprsv25]*", place=_LAST),  # [COST] [FILE] USER PASSWORD
)
_SIGNS = re.compile(
    r"mysql|mariadb|-cli|benchmark|mongo|cqlsh|cypher|rabbitmq|sshpass|curl|etcdctl|login|sqlcmd|bcp|osql|mosq|ldap|mc "
    r"|htpasswd"
)
_MOST, _MOST_WORDS = 1000, 64  # characters before a program and words behind it: who wrote more wrote no command
_NO_WORD = re.compile(r"\d?[<>]|[|;&]")  # but of the shell
_USER = re.compile(r"(?:\$\{(?:[^{}]|\$\{[^{}]*\})*\}|[^:])*:")
# A word of a shell, or what parts two; a quotation that has begun before the program ends with its command.
_WORD = r"""(?:\\"[^"\\\n]*\\"|{quoted}|\\[^\n]|\$\([^()\n]*\)|\$\{{[^{{}}\n]*\}}|[^\s;|&()"'\\])+"""
_QUOTED = {'"': r'"(?:\\[^\n]|[^"\\]){0,4000}"', "'": "'[^']{0,4000}'"}
_CLOSED = re.compile("|".join((r"\\[^\n]", *_QUOTED.values())))
_IN_QUOTES = re.compile(r"""(\\?["'])(.*)\1""", re.DOTALL)


def in_text(text: str) -> Iterator[tuple[str, int]]:
    """The passwords in commands that a text holds, and where they begin."""
    if not _SIGNS.search(text):
        return
    for program in _programs().finditer(text):
        before = text[max(0, program.start() - _MOST) : program.start()].rpartition("\n")[2]
        words = [_unquoted(*word) for word in islice(_words(text, program.end(), _open_quote(before)), _MOST_WORDS)]
        for number, start, end in _passwords(program[0], [word for word, _ in words]):
            word, at = words[number]
            yield word[start:end], at + start


def in_words(words: Sequence[object]) -> Iterator[tuple[int, int, int]]:
    """The same of a list of words: the word's number, and from where to where in it."""
    texts = [word if isinstance(word, str) else "" for word in words]
    if not _SIGNS.search(" ".join(texts)):
        return
    for number, word in enumerate(texts):
        if _programs().fullmatch(name := word.rpartition("/")[2]):
            for at, start, end in _passwords(name, texts[number + 1 :]):
                yield number + 1 + at, start, end


_SPACE = re.compile(r"(?:[ \t]|\\\n)+")


@cache
def _programs() -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.-])(?:{'|'.join(way.program for way in _WAYS)})(?![\w.:/=-])")


@cache
def _pattern(quote: str) -> re.Pattern[str]:
    quoted = "|".join(pattern for kind, pattern in _QUOTED.items() if kind != quote)
    return re.compile(_WORD.format(quoted=quoted))


def _open_quote(before: str) -> str:
    """The quotation that has begun and not ended in `before`."""
    found = re.search("[\"']", _CLOSED.sub("", before))
    return found[0] if found else ""


def _words(text: str, at: int, quote: str) -> Iterator[tuple[str, int]]:
    """The words from `at` on until the command ends, and where they begin."""
    while (space := _SPACE.match(text, at)) and (word := _pattern(quote).match(text, space.end())):
        yield word[0], word.start()
        at = word.end()


def _unquoted(word: str, at: int) -> tuple[str, int]:
    match = _IN_QUOTES.fullmatch(word)
    return (match[2], at + match.start(2)) if match else (word, at)


def _passwords(program: str, words: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    way = next(one for one in _WAYS if re.fullmatch(one.program, program))
    number = 0
    if way.verbs:
        verb = next((n for n, word in enumerate(words) if re.fullmatch(way.verbs, word)), None)
        if verb is None:
            return
        number = verb + 1
    if way.place:
        end = next((n for n in range(number, len(words)) if _NO_WORD.match(words[n])), len(words))
        plain = [n for n in range(number, end) if not words[n].startswith("-")]
        least, place = (2, -1) if way.place == _LAST else (way.place, way.place - 1)
        if len(plain) >= least:
            yield from _value(way, words, plain[place], 0)
        return
    while number < len(words):
        match = re.fullmatch(way.option, words[number])
        if match is not None and match.lastgroup:
            yield from _value(way, words, number, match.start(match.lastgroup))
        elif match is not None and number + 1 < len(words) and not words[number + 1].startswith("-"):
            number += 1
            yield from _value(way, words, number, 0)
        elif way.first and not words[number].startswith("-"):
            return
        number += 1


def _value(way: _Way, words: Sequence[str], number: int, start: int) -> Iterator[tuple[int, int, int]]:
    word, at = _unquoted(words[number][start:], start)
    if way.user:
        user = _USER.match(word)
        if user is None:
            return
        word, at = word[user.end() :], at + user.end()
    if word:
        yield number, at, at + len(word)
