import os
import subprocess
import sys
from pathlib import Path

from devenv.engine import locks

HOLD = """
import pathlib, sys
from devenv.engine import locks
print(locks.take(pathlib.Path(sys.argv[1])), flush=True)
input()
"""


def test_a_lock_is_one_processs_until_that_has_ended(tmp_path: Path) -> None:
    at = tmp_path / "lock"
    assert locks.free(at) and not at.exists()
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(at)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        assert other.stdout.readline() != "None\n"
        opened = len([*Path("/dev/fd").iterdir()])
        assert locks.take(at) is None and not locks.free(at)
        assert len([*Path("/dev/fd").iterdir()]) == opened
        other.kill()
    assert locks.free(at)
    held = locks.take(at)
    assert held is not None and locks.take(at) is None
    os.close(held)
    assert locks.free(at)


def test_a_link_in_a_locks_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")
    assert not locks.free(tmp_path / "lock")
    assert not (tmp_path / "elsewhere").exists()
