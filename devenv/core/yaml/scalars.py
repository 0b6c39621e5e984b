"""What a plain YAML scalar means (YAML 1.2 core schema), and which texts must be quoted when written."""

from __future__ import annotations

import math
import re
from functools import lru_cache

from devenv.model.data import Plain

_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_TEXT_START = frozenset("-+.0123456789~nNtTfF")
_MAX_DIGITS = 100  # longer digit strings are text: no number of a manifest has so many

_WORDS: dict[str, bool | float | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((sign + inf for sign in ("", "+") for inf in (".inf", ".Inf", ".INF")), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}

# Texts that a YAML 1.1 reader takes for booleans or nulls, in lower case; "=" and "<<" have a meaning there too.
_AMBIGUOUS = frozenset(
    ("", "~", "null", "true", "false", "yes", "no", "y", "n", "on", "off", "=", "<<", ".inf", ".nan")
)
_LOOKS_NUMERIC = re.compile(r"[0-9][0-9a-fA-FxXoO_:.,+\-TtZz ]*")
_PLAIN = re.compile(r"(?:[A-Za-z0-9_/$]|\.{1,2}/|\.[A-Za-z]|--?[A-Za-z])[^\n\t]*")
_UNSAFE_INSIDE = re.compile(r": | #|[: ]\Z")
# The few characters that may not stand as they are, and those that show the text around them in another order; a set of
# all others takes 10 ms to compile.
_ESCAPED = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]")
_UNFIT_FOR_BLOCK = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
_NAMED_ESCAPES = {"\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0", "\x1b": "\\e", "\x85": "\\N"}


def read_plain(text: str) -> str | bool | int | float | None:
    """The value of an unquoted scalar; a number or boolean in unusual spelling is a Plain that keeps its text."""
    if text and text[0] not in _NOT_TEXT_START:
        return text
    if text in _WORDS:
        word = _WORDS[text]
        if word is None or text in ("true", "false", ".inf", "-.inf", ".nan"):
            return word
        return Plain(text, word)
    number: int | float
    if len(text) <= _MAX_DIGITS:
        if _INTEGER.fullmatch(text):
            number = int(text)
            return number if str(number) == text else Plain(text, number)
        if _FLOAT.fullmatch(text):
            number = float(text)
            return number if float_text(number) == text else Plain(text, number)
        if _OCTAL.fullmatch(text) or _HEXADECIMAL.fullmatch(text):
            return Plain(text, int(text, 0))
    return text


def float_text(number: float) -> str:
    """A float as every YAML reader takes it for one: with a point even before an exponent."""
    if math.isnan(number):
        return ".nan"
    if math.isinf(number):
        return ".inf" if number > 0 else "-.inf"
    text = repr(number)
    mantissa, e, exponent = text.partition("e")
    return f"{mantissa}.0e{exponent}" if e and "." not in mantissa else text


@lru_cache(maxsize=4096)
def write_text(text: str) -> str:
    """A string on one line: bare where every YAML reader takes it for this text, else in double quotes."""
    if (
        _PLAIN.fullmatch(text)
        and text.lower() not in _AMBIGUOUS
        and not _LOOKS_NUMERIC.fullmatch(text)
        and not (text[0].isdigit() and ":" in text)
        and not _UNSAFE_INSIDE.search(text)
        and not _ESCAPED.search(text)
    ):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{_ESCAPED.sub(_escape, escaped)}"'


def fits_literal_block(text: str) -> bool:
    """Whether a text of several lines can be written as a literal block (`|`) that no reader misreads."""
    if "\n" not in text or text[0] in "\n \t" or _UNFIT_FOR_BLOCK.search(text):
        return False
    return all(not line or not line.isspace() for line in text.split("\n"))


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    if character in _NAMED_ESCAPES:
        return _NAMED_ESCAPES[character]
    number = ord(character)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
