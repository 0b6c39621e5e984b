"""Compose's own interpolation (`${NAME:-default}` and its kin), with variables from a mapping."""

from __future__ import annotations

import re
from collections.abc import Mapping

from devenv.errors import DevenvError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERATORS = (":-", ":?", ":+", "-", "?", "+")
_DEFAULT = re.compile(rf"\$\{{({_NAME.pattern})(:?-)")
_BRACES = re.compile(r"\$\$|\$\{|\}")
_OUTPUT = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+")
_DEFAULTED = re.compile(rf"\$\{{{_NAME.pattern}:?-([^${{}}]*)\}}")
_MAX_DEPTH = 50
_MARK = "\0"


def defaulted(pattern: str) -> str:
    """A pattern for one variable with a plain default that matches `pattern`: see `default_of`."""
    return rf"\$\{{{_NAME.pattern}:?-(?:{pattern})\}}"


HOLDS_ANOTHER = rf"^(?!{defaulted('[^${}]*')}$)(?:[\s\S]*[^$])?(?:\$\$)*\$(?:[A-Za-z_]|\{{{_NAME.pattern}[}}:?+-])"
"""What `variables_of` finds something in, and `default_of` nothing, as a pattern that JSON Schema has, too."""


def default_of(text: str) -> str:
    """What a text that is one variable with a plain default says when nobody sets it; any other text as it is."""
    whole = _DEFAULTED.fullmatch(text)
    return whole[1] if whole else text


def interpolate(text: str, variables: Mapping[str, str]) -> str:
    """`text` with `$NAME`, `${NAME}` and the forms with `-`, `?` and `+` (with or without `:`) replaced.

    Defaults may hold further variables; `$$` is a dollar; a variable that is not set is empty. What is none of these
    forms, `${name.output}` among it, is left as it stands. Raises DevenvError (DE260) for a variable that `?` demands
    and nobody set.
    """
    return _Reader(text, variables).all()


def variables_of(text: str) -> set[str]:
    """The names of the variables that `interpolate` could look up in `text`, those in defaults included."""
    reader = _Reader(text, None)
    reader.all()
    return reader.seen


def solve(text: str, value: str) -> tuple[str, str] | None:
    """The one variable that `text` refers to, and what it was when `interpolate` gave `value`; None where that cannot
    be told: of several variables, of one that stands there twice, or when `value` was made from another text."""
    names = variables_of(text)
    if len(names) != 1:
        return None
    [name] = names
    before, mark, after = interpolate(text, {name: _MARK}).partition(_MARK)
    found = value[len(before) : len(value) - len(after)]
    return (name, found) if mark and _MARK not in after and before + found + after == value else None


class _Reader:
    """Reads once from left to right; `variables` None means that only names are collected."""

    def __init__(self, text: str, variables: Mapping[str, str] | None, depth: int = 0) -> None:
        self.text = text
        self.variables = variables
        self.seen: set[str] = set()
        self.depth = depth
        self.closings: dict[int, int] | None = None

    def all(self) -> str:
        out: list[str] = []
        at = 0
        while (dollar := self.text.find("$", at)) >= 0:
            out.append(self.text[at:dollar])
            replaced, at = self.variable(dollar)
            out.append(replaced)
        out.append(self.text[at:])
        return "".join(out)

    def variable(self, dollar: int) -> tuple[str, int]:
        """What the `$` at `dollar` stands for, and where reading goes on."""
        after = dollar + 1
        if self.text.startswith("$", after):
            return "$", after + 1
        braced = self.text.startswith("{", after)
        name = _NAME.match(self.text, after + braced)
        if name is None:
            return "$", after
        if not braced:
            return self.value(name[0]), name.end()
        if self.text.startswith("}", name.end()):
            return self.value(name[0]), name.end() + 1
        operator = next((one for one in _OPERATORS if self.text.startswith(one, name.end())), None)
        if operator is None or self.depth >= _MAX_DEPTH:
            return "$", after
        if self.closings is None:
            self.closings = _closings(self.text)
        end = self.closings.get(dollar, -1)
        if end < 0:
            return "$", after
        return self.formula(name[0], operator, self.text[name.end() + len(operator) : end]), end + 1

    def value(self, name: str) -> str:
        self.seen.add(name)
        return "" if self.variables is None else self.variables.get(name, "")

    def formula(self, name: str, operator: str, operand: str) -> str:
        self.seen.add(name)
        inner = _Reader(operand, self.variables, self.depth + 1)
        if self.variables is None:
            inner.all()
            self.seen |= inner.seen
            return ""
        value = self.variables.get(name)
        given = bool(value) if operator.startswith(":") else value is not None
        if operator.endswith("+"):
            return inner.all() if given else ""
        if given:
            return value or ""
        if operator.endswith("?"):
            reason = inner.all()
            message = f"the variable {name} must be set" + (f": {reason}" if reason else "")
            raise DevenvError.of("DE260", message, hint=f"set {name} in the environment or in the file .env")
        return inner.all()


def _closings(text: str) -> dict[int, int]:
    """Where the brace is that closes each `${`, by the place of its dollar."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for match in _BRACES.finditer(text):
        if match[0] == "${":
            opened.append(match.start())
        elif match[0] == "}" and opened:
            found[opened.pop()] = match.start()
    return found


def with_defaults(text: str, defaults: Mapping[str, str]) -> str:
    """`text`, still to be interpolated, with the value of each variable in `defaults` as what it is when nobody sets
    it. `$$` and what is no variable stay, and so does a text without those variables."""
    return text if defaults.keys().isdisjoint(variables_of(text)) else _Defaults(text, defaults).all()


def closed(text: str, variables: Mapping[str, str]) -> str:
    """`text` with `variables` put in, and no others left in it; what interpolation would read as something else stays
    escaped. Raises DevenvError (DE260) as `interpolate` does."""
    return _Closed(text, variables).all()


def ending(text: str, end: str, depth: int = 0) -> str | None:
    """`text`, still to be interpolated, with `end` behind it for as long as nobody sets one of its variables. None
    where nothing can say that: a variable has no default, or the text is escaped."""
    dollar = text.find("$")
    if dollar < 0:
        return text + end
    begun, brace = _DEFAULT.match(text, dollar), _closings(text).get(dollar, -1)
    if begun is None or brace < 0 or depth >= _MAX_DEPTH:
        return None
    name, operator = begun.groups()
    operand, behind = text[begun.end() : brace], text[brace + 1 :]
    unset = None if _is_reference(name, operator, operand) else ending(operand + behind, end, depth + 1)
    if unset is None:
        return None
    given = f"${{{name}{operator.replace('-', '+')}{behind}}}" if behind else ""
    return f"{text[:dollar]}${{{name}{operator}{unset}}}{given}"


def _is_reference(name: str, operator: str, operand: str) -> bool:
    """Whether it is devenv's `${orders-db.url}`, and not Compose's `${TAG-v1.2}`."""
    return operator == "-" and name.upper() != name and _OUTPUT.fullmatch(operand) is not None


def _literal(value: str) -> str:
    return value.replace("$", "$$")


class _Closed(_Reader):
    def variable(self, dollar: int) -> tuple[str, int]:
        found, at = super().variable(dollar)
        return ("$$", at) if self.text.startswith("$$", dollar) else (found, at)

    def value(self, name: str) -> str:
        return _literal(super().value(name))

    def formula(self, name: str, operator: str, operand: str) -> str:
        if _is_reference(name, operator, operand):
            return f"${{{name}{operator}{operand}}}"
        value = (self.variables or {}).get(name)
        given = bool(value) if operator.startswith(":") else value is not None
        if given and not operator.endswith("+"):
            return _literal(value or "")
        if given or operator.endswith("-"):
            return type(self)(operand, self.variables, self.depth + 1).all()
        return super().formula(name, operator, operand)


class _Defaults(_Closed):
    def value(self, name: str) -> str:
        value = (self.variables or {}).get(name)
        return f"${{{name}}}" if value is None else self._or(name, "-", value)

    def formula(self, name: str, operator: str, operand: str) -> str:
        if _is_reference(name, operator, operand):
            return f"${{{name}{operator}{operand}}}"
        inner = type(self)(operand, self.variables, self.depth + 1).all()
        value = (self.variables or {}).get(name)
        strict = operator.startswith(":")
        if value is None or (strict and not value):
            return f"${{{name}{operator}{inner}}}"
        if operator.endswith("+"):
            return inner
        return self._or(name, ":-" if strict else "-", value)

    @staticmethod
    def _or(name: str, operator: str, value: str) -> str:
        """A default ends at the first brace, so that a value with one stands for itself."""
        return _literal(value) if set("{}") & set(value) else f"${{{name}{operator}{_literal(value)}}}"
