"""A value of a file together with its place: what the checks of manifests, templates and locks walk over."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Set
from typing import Any, TypeVar

from devenv.core.suggest import suggest
from devenv.errors import Mark, Report
from devenv.model.data import Map, mark_of, meant, text, whole
from devenv.model.duration import ONE_DAY, seconds
from devenv.records import frozen

_PATIENCE = 100  # problems
_FEW = 8  # keys that a hint lists

T = TypeVar("T")


def kind_of(value: Any) -> str:
    """What a value is, in the words of a message."""
    value = meant(value)
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "text"
    return "a list" if isinstance(value, list) else "a mapping"


def quoted(word: str) -> str:
    """A word of the file in a message: in quotes, on one line, not longer than a line, without a secret in it."""
    word = without_secrets(word)
    short = word if len(word) <= 60 else word[:59] + "…"
    return f"'{short}'" if short.isprintable() else repr(short)


def without_secrets(word: str) -> str:
    """A text of the file for people, without the secrets in it."""
    from devenv.model.secrecy import masked  # only who has made a mistake needs it

    return masked(word)


@frozen
class Node:
    """`path` is dotted; `mark` where the value stands, `key_mark` where its key does. `code` is that of all problems,
    in a file where one stands for all.

    The methods that take a value report the problem and return None when the value is of another kind.
    """

    value: Any
    path: str
    report: Report
    mark: Mark | None = None
    key_mark: Mark | None = None
    code: str = ""

    @property
    def meant(self) -> Any:
        """The value as YAML reads it, in whatever spelling: `TRUE` is true."""
        return meant(self.value)

    def problem(
        self, code: str, message: str, hint: str | None = None, *, of_key: bool = False, warning: bool = False
    ) -> None:
        mark = self.key_mark if of_key else self.mark
        self.report.add(self.code or code, message, mark or self.mark, path=self.path, hint=hint, warning=warning)

    def suggest(self, word: str, candidates: Collection[str]) -> str | None:
        """As `core.suggest`; nothing after many problems, so that a file full of them is refused within a second."""
        return suggest(word, candidates) if len(self.report.problems) < _PATIENCE else None

    def wrong_kind(self, wanted: str, hint: str | None = None) -> None:
        if self.value is None:
            self.problem("DE204", f"has no value; it takes {wanted}", hint, of_key=True)
        else:
            self.problem("DE204", f"takes {wanted}, not {kind_of(self.value)}", hint)

    def child(self, key: str) -> Node:
        part = key if key.isprintable() else repr(key)
        path = f"{self.path}.{part}" if self.path else part
        mark, key_mark = mark_of(self.value, key), mark_of(self.value, key, of_key=True)
        return Node(self.value[key], path, self.report, mark or self.mark, key_mark or self.mark, self.code)

    def children(self) -> Iterator[tuple[str, Node]]:
        """The entries of a mapping."""
        for key in self.value:
            yield key, self.child(key)

    def items(self) -> Iterator[Node]:
        """The items of a list."""
        for i, item in enumerate(self.value):
            yield Node(item, f"{self.path}[{i}]", self.report, mark_of(self.value, i) or self.mark, None, self.code)

    def unknown(self, key: str, known: Collection[str], hint: str | None = None) -> None:
        """Reports the entry `key` of this mapping as none of `known`."""
        mark = mark_of(self.value, key, of_key=True) or self.mark
        hint = hint or self.suggest(key, known)
        if hint is None and 0 < len(known) <= _FEW:
            hint = f"the keys here: {', '.join(sorted(known) if isinstance(known, Set) else known)}"
        self.report.add(self.code or "DE203", f"unknown key {quoted(key)}", mark, path=self.path, hint=hint)

    def holds_only(self, known: Collection[str]) -> bool:
        """Whether every key is `known` or an extension: otherwise the unknown one is what is wrong."""
        return all(key in known or key.startswith("x-") for key in self.value)

    def missing(self, key: str) -> None:
        """Reports that this mapping lacks an entry."""
        self.report.add(
            self.code or "DE217", f"'{key}' is missing", self.mark, path=f"{self.path}.{key}" if self.path else key
        )

    def fields(self, readers: Mapping[str, Callable[[Node], Any]], required: Collection[str] = ()) -> dict[str, Any]:
        """What each reader makes of its entry; other entries, and `required` ones that are not there, are reported."""
        if self.mapping() is None:
            return {}
        for key in self.value:
            if key not in readers:
                self.unknown(key, readers)
        for key in required:
            if key not in self.value:
                self.missing(key)
        return {key: readers[key](child) for key, child in self.children() if key in readers}

    def entries(self, reader: Callable[[Node], T]) -> dict[str, T]:
        """What `reader` makes of each entry of a mapping."""
        return {} if self.mapping() is None else {key: reader(child) for key, child in self.children()}

    def each(self, reader: Callable[[Node], T]) -> tuple[T, ...]:
        """What `reader` makes of each item of a list."""
        if isinstance(self.value, list):
            return tuple(reader(item) for item in self.items())
        self.wrong_kind("a list")
        return ()

    def mapping(self, wanted: str = "a mapping", hint: str | None = None) -> Map | None:
        if isinstance(self.value, Map):
            return self.value
        self.wrong_kind(wanted, hint)
        return None

    def text(self, wanted: str = "text", hint: str | None = None) -> str | None:
        """Any scalar, as the text that was written; not empty."""
        if self.value is None or isinstance(self.value, dict | list):
            self.wrong_kind(wanted, hint)
            return None
        written = text(self.value)
        if not written.strip():
            self.problem("DE204", f"takes {wanted}, and is empty", hint)
            return None
        return written

    def word(self) -> str | None:
        """Any scalar, as the text that was written; unlike other text it may be empty."""
        if self.value is None or isinstance(self.value, dict | list):
            self.wrong_kind("text")
            return None
        return text(self.value)

    def boolean(self) -> bool | None:
        value = self.meant
        if isinstance(value, bool):
            return value
        hint = None
        if isinstance(value, str) and value.lower() in _SPOKEN:
            hint = f"write {_SPOKEN[value.lower()]}"
        self.wrong_kind("true or false", hint)
        return None

    def integer(self) -> int | None:
        """A whole number, in digits or as text of digits; no problem is reported."""
        value = self.meant
        if (number := whole(value)) is not None:
            return number
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
            return int(value)
        return None

    def duration(self) -> float | None:
        """A number of seconds or a Compose duration, above zero and at most a day."""
        value = self.meant
        number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
        if isinstance(value, str):
            number = seconds(value)
        if number is None:
            what = quoted(value) if isinstance(value, str) else kind_of(value)
            hint = "write seconds, or a duration such as 90s or 1m30s"
            self.problem("DE210", f"{what} is no duration", hint, of_key=value is None)
        elif not 0 < number <= ONE_DAY:
            self.problem("DE210", "a duration is more than 0 and at most 24h")
        else:
            return number
        return None

    def argv(self, what: str) -> tuple[str, ...] | None:
        """A list of words, not empty."""
        if not isinstance(self.value, list):
            self.wrong_kind(what)
            return None
        if not self.value:
            self.problem("DE204", f"takes {what}, and is empty")
            return None
        words = [item.word() for item in self.items()]
        return tuple(word for word in words if word is not None) if None not in words else None

    def names(self, what: str) -> list[tuple[str, Node]] | None:
        """A list of names, each named once."""
        if not isinstance(self.value, list):
            hint = None
            if isinstance(self.value, str) and self.value:
                hint = f"write [{', '.join(self.value.replace(',', ' ').split())}]"
            self.wrong_kind(what, hint)
            return None
        found: dict[str, Node] = {}
        for item in self.items():
            hint = None
            if isinstance(item.value, dict) and item.value:
                hint = "a list holds names only; write a mapping to say more"
            name = item.text("a name", hint)
            if name is not None and name in found:
                item.problem("DE211", f"{quoted(name)} is named twice", "remove one of the two")
            elif name is not None:
                found[name] = item
        return list(found.items())


_SPOKEN = {**dict.fromkeys(("yes", "on", "y", "true"), "true"), **dict.fromkeys(("no", "off", "n", "false"), "false")}
