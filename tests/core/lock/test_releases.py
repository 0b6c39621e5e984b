from __future__ import annotations

import pytest

from devenv.core.lock.releases import range_of, within


@pytest.mark.parametrize(
    ("version", "wanted"),
    [("0.1.0", ">=0.1, <0.2"), ("0.12.3", ">=0.12, <0.13"), ("1.4.2", ">=1.4, <2"), ("2.0.0rc1", ">=2.0, <3")],
)
def test_a_release_writes_the_range_that_it_is_in(version, wanted):
    assert range_of(version) == wanted
    assert within(version, wanted)


@pytest.mark.parametrize("version", ["0.2.0", "0.2", "1.0.0", "0.0.9"])
def test_others_are_not_in_it(version):
    assert not within(version, ">=0.1, <0.2")


@pytest.mark.parametrize("wanted", ["", "0.1", "~=0.1", ">=a"])
def test_what_is_no_range_is_said(wanted):
    with pytest.raises(ValueError, match="no range"):
        within("0.1.0", wanted)
