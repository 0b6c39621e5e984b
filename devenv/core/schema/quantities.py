"""Whole numbers, sizes and durations within bounds, as regular expressions that JSON Schema has, too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil, floor, inf


def quantity(units: Mapping[str, float], lowest: float, highest: float = inf) -> str:
    """A number and its unit, from `lowest` to `highest`; `units` are what each is written as, a regular expression, and
    how much it is.

    Matches whatever is within the bounds, and beyond them only what has a fraction and a bound's whole number.
    """
    return "|".join(
        f"{number}{unit}" for unit, factor in units.items() if (number := _number(lowest / factor, highest / factor))
    )


def _number(lowest: float, highest: float) -> str:
    without, with_fraction = whole_number(ceil(lowest), highest), whole_number(floor(lowest), highest)
    if without == with_fraction:
        return rf"{without}(?:\.\d+)?" if without else ""
    return rf"(?:{without}|{with_fraction}\.\d+)" if without else rf"{with_fraction}\.\d+"


def whole_number(lowest: int, highest: float = inf) -> str:
    """The numbers from `lowest` to `highest`, with any zeros before them; "" when there are none."""
    if highest < max(lowest, 0):
        return ""
    most = "" if highest == inf else rf"(?=0*(?:{_up_to(str(floor(highest)))})(?!\d))"
    return most + (r"\d+" if lowest <= 0 else f"0*(?:{_from(str(lowest))})")


def _from(bound: str) -> str:
    return "|".join([rf"[1-9]\d{{{len(bound)},}}", *_of_its_length(bound, larger=True), bound])


def _up_to(bound: str) -> str:
    return "|".join([rf"\d{{1,{len(bound) - 1}}}"] * (len(bound) > 1) + [*_of_its_length(bound, larger=False), bound])


def _of_its_length(bound: str, *, larger: bool) -> Iterator[str]:
    """The numbers with as many digits that are larger than the bound, or smaller."""
    for place, digit in enumerate(bound):
        others = range(int(digit) + 1, 10) if larger else range(int(digit))
        if others:
            yield rf"{bound[:place]}[{others[0]}-{others[-1]}]\d{{{len(bound) - place - 1}}}"
