"""`${with.x}` and its kin: a template's placeholders, its `when:`, and what they stand for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from devenv.errors import Mark, Traced
from devenv.model.data import Map, Plain, Seq, Tagged, mark_of, meant, text
from devenv.records import field, frozen

_PLACEHOLDER = re.compile(r"\$(?:(\$)|\{([^{}]*)\})?")
_WHOLE = re.compile(r"\$\{([^{}]*)\}")
_ESCAPED = re.compile(r"(\$?)\$\{([A-Za-z0-9_.-]+)\}|\$")
_SUBJECT = r"(with\.[A-Za-z0-9_-]+|version)"
_CONDITION = re.compile(rf"(not\s+)?{_SUBJECT}|{_SUBJECT}\s*(==|!=)\s*(.*)", re.DOTALL)

_DROP = object()

MAX_EXPANDED = 4 * 1024 * 1024
"""Characters that a template's placeholders may become, all together: a small file cannot grow without end."""

_ITEM = 64  # what an item of a list counts for, beside its text


class Bad(ValueError):
    """A placeholder or condition that a template cannot have; the text says why."""


@frozen
class Condition:
    """`subject` is `with.x` or `version`; `operator` is '', 'not', '==' or '!='."""

    subject: str
    operator: str
    operand: str = ""

    @classmethod
    def parse(cls, written: str) -> Condition:
        """Reads `with.x`, `not with.x`, `with.x == text` and `with.x != text`. Raises Bad."""
        match = _CONDITION.fullmatch(written.strip())
        if match is None:
            raise Bad(f"'{written}' is not a condition: with.x, not with.x, with.x == text, with.x != text")
        if match[2]:
            return cls(match[2], "not" if match[1] else "")
        operand = match[5].strip()
        if len(operand) > 1 and operand[0] == operand[-1] and operand[0] in "'\"":
            operand = operand[1:-1]
        return cls(match[3], match[4], operand)

    def holds(self, scope: Mapping[str, Any]) -> bool:
        value = scope[self.subject]
        if self.operator in ("==", "!="):
            return (text(value) == self.operand) == (self.operator == "==")
        return bool(value) == (self.operator == "")


@frozen
class Fill:
    """Replaces placeholders in values: `scope` maps `with.x`, `version`, `host`, … to what they stand for.

    `marks` are the places of values that a person wrote, which a whole placeholder's value takes along. `keep` names
    the placeholders to leave for later. `bad` is told of a placeholder or condition that cannot be, with its place.
    `spent` counts what placeholders became; beyond MAX_EXPANDED they become nothing, which `bad` is told once.
    """

    scope: Mapping[str, Any]
    bad: Callable[[str, Mark | None, str], None]
    marks: Mapping[str, Mark]
    spent: list[int] = field(default_factory=lambda: [0])

    def value(self, value: Any, path: str = "", mark: Mark | None = None) -> Any:
        """A copy of `value` with placeholders replaced and what `when:` excludes left out (as None at the top)."""
        result = self._any(value, path, mark)
        return None if result is _DROP else result

    def text(self, written: str, path: str = "", mark: Mark | None = None) -> str:
        """`written` with its placeholders as text. What cannot be is escaped: Compose would read it as a variable of
        the host, and a later step as a reference."""

        def one(match: re.Match[str]) -> str:
            if match[1]:
                return match[0]
            name = match[2]
            if name is None:
                self.bad("a '$' for the container is written '$$' in a template", mark, path)
                return "$$"
            if name not in self.scope:
                self.bad(_unknown(name), mark, path)
                return "$" + match[0]
            return self._spend(as_text(self.scope[name]), mark, path)

        return _PLACEHOLDER.sub(one, written) if "$" in written else written

    def file(self, written: str) -> str:
        """A configuration file's text: known placeholders replaced, every other `$` doubled, as Compose wants it.

        `$${with.x}` is the text `${with.x}`. An unknown `${with.…}` or `${secret.…}` is told to `bad`.
        """

        def one(match: re.Match[str]) -> str:
            name = match[2]
            if name is None:
                return "$$"
            if match[1]:
                return "$$" + match[0][2:] if self._ours(name) else "$$$$" + match[0][2:]
            if name in self.scope:
                return self._spend(as_text(self.scope[name]), None, "")
            if self._ours(name):
                self.bad(_unknown(name), None, "")
            return "$" + match[0]

        return _ESCAPED.sub(one, written)

    def _spend(self, written: str, mark: Mark | None, path: str, items: int = 0) -> str:
        """`written`, or nothing when placeholders have become too much already."""
        before = self.spent[0]
        self.spent[0] += len(written) + items * _ITEM
        if self.spent[0] <= MAX_EXPANDED:
            return written
        if before <= MAX_EXPANDED:
            self.bad(f"the placeholders become more than {MAX_EXPANDED // 1024 // 1024} MiB of text", mark, path)
        return ""

    def _ours(self, name: str) -> bool:
        return name in self.scope or name.startswith(("with.", "secret."))

    def _any(self, value: Any, path: str, mark: Mark | None) -> Any:
        if isinstance(value, Plain):
            return value
        if isinstance(value, str):
            return self._string(value, path, mark)
        if isinstance(value, dict):
            return self._mapping(value, path)
        if isinstance(value, list):
            return self._list(value, path)
        if isinstance(value, Tagged):
            return Tagged(value.tag, self._any(value.value, path, mark))
        return value

    def _string(self, value: str, path: str, mark: Mark | None) -> Any:
        if "$" not in value:
            return value
        if self.spent[0] > MAX_EXPANDED:
            return ""
        whole = _WHOLE.fullmatch(value)
        if whole and whole[1] in self.scope:
            result = self.scope[whole[1]]
            if isinstance(result, str | list):
                self._spend(as_text(result), mark, path, len(result) if isinstance(result, list) else 0)
            return "" if result is None or self.spent[0] > MAX_EXPANDED else result
        return self.text(value, path, mark)

    def _mapping(self, value: dict[str, Any], path: str) -> Any:
        if "when" in value and not self._kept(value["when"], path, mark_of(value, "when")):
            return _DROP
        if set(value) == {"when", "value"}:
            return self._any(value["value"], path, mark_of(value, "value"))
        result = Map(mark=getattr(value, "mark", None))
        for key, item in value.items():
            if key == "when":
                continue
            mark = mark_of(value, key)
            filled = self._any(item, f"{path}.{key}", mark)
            if filled is not _DROP:
                result[key] = filled
                self._remember(result, key, value, item, mark)
        return result

    def _remember(self, result: Map, key: str, source: dict[str, Any], item: Any, mark: Mark | None) -> None:
        """Marks the value: at the place in `with:` where it is a person's, else at the template's."""
        if isinstance(source, Map) and key in source.keys_at:
            result.keys_at[key] = source.keys_at[key]
        mark = self._origin(item, mark)
        if mark is not None:
            result.values_at[key] = mark

    def _origin(self, item: Any, mark: Mark | None) -> Mark | None:
        """The place of what became of `item`, which stands at `mark`."""
        if not isinstance(item, str) or "$" not in item:
            return mark
        whole = _WHOLE.fullmatch(item)
        origin = (self.marks.get(whole[1]) if whole else None) or mark
        return Traced.of(origin, written=(item, mark)) if origin is not None else None

    def _list(self, value: list[Any], path: str) -> Any:
        result = Seq(mark=getattr(value, "mark", None))
        for i, item in enumerate(value):
            mark = mark_of(value, i)
            filled = self._any(item, f"{path}[{i}]", mark)
            if filled is _DROP:
                continue
            mark = self._origin(item, mark)
            if isinstance(item, str | dict) and isinstance(filled, bool | int | float):
                filled = text(filled)  # an argument: Compose takes nothing but text in its lists
            spliced = filled if isinstance(filled, list) and not isinstance(item, list) else [filled]
            result.extend(spliced)
            if mark is not None:
                result.items_at.extend([mark] * len(spliced))
        if len(result.items_at) != len(result):
            result.items_at = []
        return result if result or not value else _DROP  # nothing of it is wanted: the key goes too

    def _kept(self, written: Any, path: str, mark: Mark | None) -> bool:
        held = [self._holds(part, path, mark) for part in text(written).split(" or ")]
        return any(held)

    def _holds(self, written: str, path: str, mark: Mark | None) -> bool:
        try:
            condition = Condition.parse(written)
        except Bad as problem:
            self.bad(str(problem), mark, path)
            return True
        if condition.subject not in self.scope:
            self.bad(_unknown(condition.subject), mark, path)
            return True
        return condition.holds(self.scope)


def names(written: str) -> list[str]:
    """The placeholders in a text, in order."""
    return [m[2] for m in _PLACEHOLDER.finditer(written) if m[2] and not m[1]] if "$" in written else []


def as_text(value: Any) -> str:
    """What a value is inside a longer text: a list is joined by commas, a mapping is its JSON."""
    if isinstance(value, dict):
        return json.dumps(_plain(value), ensure_ascii=False)
    return ",".join(text(item) for item in value) if isinstance(value, list) else text(value)


def _unknown(name: str) -> str:
    if "." not in name and name.upper() == name and name:
        return f"'${{{name}}}': a template cannot read the host's environment; declare a parameter"
    return f"'${{{name}}}' stands for nothing here"


def _plain(value: Any) -> Any:
    """Data as JSON has it."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return meant(value)
