"""What `devenv upgrade` says of services that it does not change."""

import pytest

from devenv.model.lock import LockChange
from devenv.ui.lock import format_upgrade


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("builtin sha256:1", "builtin sha256:2", "no service changes"),
        (
            "https://git.example/c at v1 sha256:1",
            "https://git.example/c at v2 sha256:2",
            "no service changes with the upgrade; what the manifest's other sources change: `devenv diff`",
        ),
    ],
)
def test_of_a_source_that_the_manifest_has_replaced_it_names_who_tells_what_changes(before, after, said):
    text = format_upgrade([LockChange("template", "greeter", before, after)], (), (), colour=False)
    assert text.splitlines()[-1] == f"  {said}"
