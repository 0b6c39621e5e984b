from hypothesis import given
from hypothesis import strategies as st

from devenv.core.edit import fit
from devenv.core.yaml.emit import dump
from devenv.core.yaml.source import parse
from devenv.errors import Report
from devenv.model.data import Map, Seq, same

TEXT = """\
# head
x-a: &a   # anchored
  k: 1
  e: [a, b]

services:
  # one
  one:
    <<: *a
    image: x  # an image
    ports:
      - "80:80"   # a port

  two:
    <<: [*a]
    image: "y"
    environment: {A: 1, B: "2"}
    command: |
      first
      second
volumes:
  data:
"""


def read(text):
    report = Report()
    data = parse(text, "", report)
    assert not report.problems
    return data


def test_what_does_not_change_keeps_every_byte():
    assert fit(TEXT, read(TEXT)) == TEXT


def test_changes_leave_their_surroundings_alone():
    target = read(TEXT)
    target["services"]["one"]["ports"].append("81:81")
    target["services"]["one"]["k"] = 2
    del target["services"]["two"]["image"]
    target["services"]["two"]["environment"]["A"] = "x, y"
    target["services"]["two"]["command"] = "third"
    target["services"]["three"] = Map({"image": "z", "ports": Seq(["1:1"])})
    target["volumes"]["data"] = Map({"name": "far"})
    expected = (
        TEXT.replace('"80:80"   # a port\n', '"80:80"   # a port\n      - "81:81"\n    k: 2\n')
        .replace('    image: "y"\n', "")
        .replace("A: 1,", 'A: "x, y",')
        .replace("|\n      first\n      second", 'third\n\n  three:\n    image: z\n    ports:\n      - "1:1"')
        .replace("  data:\n", "  data:\n    name: far\n")
    )
    assert fit(TEXT, target) == expected


def test_an_anchor_that_changes_changes_only_what_is_meant_to():
    target = read(TEXT)
    target["x-a"]["k"] = 5
    assert "k: 5\n" in fit(TEXT, target)
    assert same(read(fit(TEXT, target)), target)
    for name in ("one", "two"):
        assert target["services"][name]["k"] == 1


def test_an_inherited_key_that_goes_takes_the_merge_with_it():
    target = read(TEXT)
    del target["services"]["one"]["k"]
    edited = fit(TEXT, target)
    assert edited is not None
    assert same(read(edited), target)
    assert "<<: [*a]" in edited


def test_what_is_no_mapping_cannot_be_edited():
    assert fit("- a\n", Map({"a": 1})) is None


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.sampled_from(["", "a", "x: y", "0123", "no", "# c", "- d", "l\nm\n"]),
    lambda inner: (
        st.lists(inner, max_size=3).map(Seq) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3).map(Map)
    ),
    max_leaves=8,
)
MAPPINGS = st.dictionaries(st.sampled_from("abcd"), VALUES, min_size=1, max_size=4).map(Map)


@given(MAPPINGS, MAPPINGS)
def test_an_edit_says_what_it_should_or_nothing(before, after):
    edited = fit(dump(before), after)
    assert edited is None or same(read(edited), after)
