"""What a change means for data."""

from __future__ import annotations

import pytest

from devenv.core.comparison.data import Volumes
from tests.core.stacks import postgres, stack

VOLUMES = "volumes: { db-data: {} }\n"
MOUNTED = ", volumes: ['db-data:/data']"


def told(one: str, other: str) -> list[str]:
    """The first half of each sentence about a service that becomes another one."""
    old, new = (stack(f"db: {{ {written} }}\n", postgres(), more=VOLUMES) for written in (one, other))
    kept = Volumes(old, new).kept(old.services["db"], new.services["db"])
    return [sentence.partition(":")[0] for sentence in kept]


@pytest.mark.parametrize(
    ("one", "other", "writer", "reader"),
    [
        ("use: postgres@16", "use: postgres@17", "version 16", "version 17"),
        ("use: postgres@16", f"image: mariadb:11.8{MOUNTED}", "postgres 16", "mariadb 11.8"),
        (f"image: mysql:8{MOUNTED}", f"image: mirror.io:5000/mariadb{MOUNTED}", "mysql 8", "mariadb"),
        (
            f"image: postgres:16{MOUNTED}",
            f"image: mirror.io:5000/postgres:17-alpine{MOUNTED}",
            "version 16",
            "version 17",
        ),
    ],
)
def test_data_of_another_server_or_version_may_be_unreadable(one: str, other: str, writer: str, reader: str) -> None:
    assert told(one, other) == [f"volume shop_db-data was written by {writer}; {reader} may not read it"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("use: postgres@16", f"image: docker.io/library/postgres:16.2{MOUNTED}"),
        (f"image: postgres:16{MOUNTED}", f"image: mirror.io:5000/postgres:16{MOUNTED}"),
        (f"image: 'app:${{TAG:-1}}'{MOUNTED}", f"image: 'app:${{TAG:-2}}'{MOUNTED}"),
        ("image: postgres:16", "image: mariadb:11"),
    ],
)
def test_the_same_server_reads_its_data_and_without_data_there_is_nothing_to_read(one: str, other: str) -> None:
    assert told(one, other) == []
