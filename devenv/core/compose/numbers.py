"""What Compose makes of an unquoted value where text is wanted: its YAML reader takes `0123` for 83 and a date for a
point in time, and writes them in its own way. A manifest keeps what the person wrote, so an import spells it out.

The rules are those of Go's yaml.v3 and of its way to print numbers, which Compose uses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from devenv.core.yaml.places import Place
from devenv.core.yaml.scalars import read_plain
from devenv.model.data import text

_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_DATE = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:(?:[Tt]| )(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](?P<fraction>\d+))?(?P<zone>Z|[-+]\d\d:\d\d)?)?"
)
_BASES = (("0x", 16), ("0o", 8), ("0b", 2), ("0", 8))
_TAKE_NUMBERS = """
    mode cpus cpu_count cpu_percent cpu_shares cpu_period cpu_quota cpu_rt_period cpu_rt_runtime scale replicas retries
    weight mem_limit mem_reservation mem_swappiness memswap_limit shm_size pids_limit pids oom_score_adj soft hard size
    published target
"""
_NUMBERS = frozenset(_TAKE_NUMBERS.split())


def spelled(written: str) -> str:
    """The text that Compose takes an unquoted scalar for."""
    if not written or written[0] not in "+-.0123456789":
        value = read_plain(written)
        return written if value is None else text(value).lower() if isinstance(_value(value), bool) else written
    if (when := _date(written)) is not None:
        return when
    plain = written.replace("_", "")
    if written[0] != "." and (whole := _integer(plain)) is not None:
        return str(whole)
    if _FLOAT.fullmatch(plain if written[0] != "." else written):
        number = float(plain)
        return written if number in (float("inf"), float("-inf")) else _printed(number)
    return written


def misread(document: str, root: Place) -> Iterator[tuple[int, int, str, str]]:
    """Places of unquoted values that Compose takes for another text than devenv does: start, end, the key that it
    stands at, and how to write what Compose means. Keys that take numbers are passed over, but for `1_000`: there both
    read the same.
    """
    todo: list[tuple[Place, str]] = [(root, "")]
    while todo:
        node, key = todo.pop()
        todo.extend((value, name.name) for name, value in node.entries)
        if node.kind == "seq":
            todo.extend((item, key) for item in node.values)
        written = document[node.start : node.end]
        if node.kind != "scalar" or node.body != node.start or not written or node.quote:
            continue
        said = spelled(written)
        if (key not in _NUMBERS or "_" in written) and said != _ours(written):
            value = read_plain(said)
            canonical = isinstance(value, bool | int | float) and text(value) == said
            yield node.start, node.end, key, said if canonical else f'"{said}"'


def _ours(written: str) -> str:
    return text(read_plain(written)) if read_plain(written) is not None else written


def _value(value: object) -> object:
    return getattr(value, "value", value)


def _integer(plain: str) -> int | None:
    """Go's ParseInt with base 0, within 64 bits."""
    sign = -1 if plain.startswith("-") else 1
    digits = plain[1:] if plain[0] in "+-" else plain
    number = None
    for prefix, base in _BASES:
        if digits.lower().startswith(prefix) and digits != "0":
            rest = digits[len(prefix) :]
            number = _digits(rest, base)
            break
    else:
        number = _digits(digits, 10)
    if number is None:
        return None
    number *= sign
    return number if -(2**63) <= number < 2**64 else None


def _digits(digits: str, base: int) -> int | None:
    if len(digits.lstrip("0")) > 64:  # more than 64 bits
        return None
    alphabet = "0123456789abcdef"[:base]
    return int(digits, base) if digits and all(one in alphabet for one in digits.lower()) else None


def _printed(number: float) -> str:
    """Go's `%v` of a float: the shortest digits, with an exponent from a million on."""
    if number == 0:
        return "-0" if str(number)[0] == "-" else "0"
    sign = "-" if number < 0 else ""
    mantissa, _, exponent = f"{abs(number)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    digits = (whole + fraction).lstrip("0")
    point = len(whole.lstrip("0")) if whole.strip("0") else -(len(fraction) - len(fraction.lstrip("0")))
    point += int(exponent or 0)
    digits = digits.rstrip("0")
    power = point - 1
    if not -4 <= power < 6:
        body = digits[0] + (f".{digits[1:]}" if len(digits) > 1 else "")
        return f"{sign}{body}e{'-' if power < 0 else '+'}{abs(power):02d}"
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    if len(digits) <= point:
        return sign + digits + "0" * (point - len(digits))
    return f"{sign}{digits[:point]}.{digits[point:]}"


def _date(written: str) -> str | None:
    match = _DATE.fullmatch(written)
    if match is None or (match["zone"] is None and "t" in written.lower()) or (match["zone"] and " " in written):
        return None
    zone = match["zone"]
    try:
        numbers = [int(part or 0) for part in match.groups()[:6]]
        when = datetime(*numbers, tzinfo=datetime.strptime(zone, "%z").tzinfo if zone else UTC)  # type: ignore[arg-type,misc]
    except ValueError:
        return None
    fraction = f".{(match['fraction'] or '')[:9]}".rstrip("0").rstrip(".")
    offset = f"{when:%z}"
    return f"{when:%Y-%m-%d %H:%M:%S}{fraction} {offset} {'UTC' if zone in (None, 'Z') else offset}"
