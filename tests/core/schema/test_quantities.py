"""The patterns of whole numbers, sizes and durations, held to what `validate` takes."""

import re

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from devenv.core.schema.quantities import whole_number
from devenv.core.schema.templates import parameters_of
from devenv.core.templates.parameters import Mismatch, convert
from devenv.model.template import Parameter, ParameterType
from devenv.records import replace
from tests.core.schema.test_schema import TEMPLATES, loaded

TEMPLATE = replace(loaded(TEMPLATES[0]), secrets={})
UNITS = {"size": ("", "k", "KiB", " MB", "gb", "t"), "duration": ("", "ms", "s", "m", "h", "d", "w")}
BOUNDS = st.none() | st.integers(1, 5000) | st.sampled_from([1 << 20, 1 << 28, 3600, 86400, 100_000_000])
NUMBERS = st.integers(0, 200) | st.integers(0, 10**9)


@given(st.integers(-2, 3000), st.none() | st.integers(-2, 3000), st.integers(0, 4000))
def test_whole_numbers(lowest: int, highest: int | None, number: int) -> None:
    pattern = whole_number(lowest) if highest is None else whole_number(lowest, highest)
    within = lowest <= number and (highest is None or number <= highest)
    for written in (str(number), f"00{number}"):
        assert bool(pattern and re.fullmatch(pattern, written)) == within


@given(st.sampled_from(["size", "duration"]), BOUNDS, BOUNDS, NUMBERS, st.sampled_from(["", ".5", ".0"]), st.data())
def test_the_editor_marks_what_validate_refuses(
    kind: ParameterType, lowest: int | None, highest: int | None, number: int, fraction: str, data: st.DataObject
) -> None:
    unit = data.draw(st.sampled_from(UNITS[kind] if not fraction else UNITS[kind][1:]))
    parameter = Parameter(type=kind, min=lowest, max=highest)
    validator = Draft7Validator(parameters_of(replace(TEMPLATE, parameters={"x": parameter}))["then"])
    try:
        convert(parameter, f"{number}{fraction}{unit}")
        right = True
    except Mismatch:
        right = False
    taken = validator.is_valid({"with": {"x": f"{number}{fraction}{unit}"}})
    assert taken or not right
    if not fraction and unit != "ms":  # both are rounded
        assert taken is right
