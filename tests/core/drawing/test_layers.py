"""Layers, the longest path and places: with plain graphs."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from devenv.core.drawing.layers import arrange, depths, heaviest, in_order
from devenv.core.drawing.places import place

SHOP = {"db": [], "cache": [], "setup": ["db"], "orders": ["db", "setup"], "web": ["orders", "cache"]}


@st.composite
def graphs(draw):
    count = draw(st.integers(1, 14))
    return {str(i): [str(j) for j in sorted(draw(st.sets(st.integers(0, i - 1))))] if i else [] for i in range(count)}


def crossings(found):
    total = 0
    for layer in found.layers[1:]:
        above = {item: i for i, item in enumerate(found.layers[found.layers.index(layer) - 1])}
        ends = [(above[one], i) for i, item in enumerate(layer) for one in found.before.get(item, ())]
        total += sum((a - c) * (b - d) < 0 for n, (a, b) in enumerate(ends) for c, d in ends[:n])
    return total


def test_a_node_is_one_layer_behind_the_last_of_its_needs():
    assert depths(SHOP) == {"db": 0, "cache": 0, "setup": 1, "orders": 2, "web": 3}
    assert in_order({"b": ["a"], "a": []}) == ["a", "b"]


def test_the_longest_path_by_weight_and_then_by_number():
    assert heaviest(SHOP, {}) == ["db", "setup", "orders", "web"]
    assert heaviest(SHOP, {"cache": 9.0, "web": 1.0}) == ["cache", "web"]
    assert heaviest({}, {}) == []


def test_long_chains_do_not_recurse():
    chain = {str(i): [str(i - 1)] if i else [] for i in range(5000)}
    assert heaviest(chain, {}) == list(chain)


def test_lines_that_need_not_cross_do_not():
    two = {"a": [], "b": [], "c": [], "x": ["c"], "y": ["b"], "z": ["a"]}
    assert crossings(arrange(two)) == 0
    assert crossings(arrange(SHOP)) == 0


@given(graphs())
def test_every_edge_goes_through_the_layers_between(needs):
    found = arrange(needs)
    for (need, name), route in found.routes.items():
        assert found.layer_of[name] - found.layer_of[need] == len(route) + 1
    assert sorted(item for layer in found.layers for item in layer if isinstance(item, str)) == sorted(needs)


@given(graphs())
def test_nothing_overlaps(needs):
    found = arrange(needs)
    places = place(found, dict.fromkeys(needs, 100.0), gap=50.0, row=60.0, lane=10.0)
    right = -50.0
    for layer in found.layers:
        heights = [60.0 if isinstance(item, str) else 10.0 for item in layer]
        middles = [places.middles[item] for item in layer]
        for (one, other), (height, below) in zip(pairwise(middles), pairwise(heights), strict=True):
            assert other[1] - one[1] >= (height + below) / 2 - 1e-6
        assert all(x - 50.0 >= right for x, _ in middles)
        right = max(x for x, _ in middles) + 50.0 + 50.0 - 1e-6
        assert all(
            y - h / 2 + 1e-6 >= 0 and y + h / 2 <= places.size[1] + 1e-6
            for (_, y), h in zip(middles, heights, strict=True)
        )
