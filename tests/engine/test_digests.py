"""Digests of a job's inputs: names and contents count, and nothing else."""

import os
from pathlib import Path

import pytest

from devenv.engine import digests
from devenv.engine.digests import digest
from devenv.errors import DevenvError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("sql/1.sql", "sql/deep/2.sql", "sql/readme", "one.seed"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


@pytest.mark.parametrize("pattern", ["sql", "sql/", "sql/*.sql", "sql/**/*.sql", "one.seed", "*.seed", "."])
def test_contents_and_names_count_and_times_do_not(root: Path, pattern: str) -> None:
    before = digest(root, pattern)
    assert len(before) == 16
    for path in root.rglob("*"):
        os.utime(path, (1, 1))
    assert digest(root, pattern) == before
    for name in ("sql/1.sql", "one.seed"):
        (root / name).write_text("changed")
    assert digest(root, pattern) != before


def test_new_renamed_and_removed_files_count(root: Path) -> None:
    seen = {digest(root, "sql")}
    (root / "sql/3.sql").write_text("3")
    seen.add(digest(root, "sql"))
    (root / "sql/3.sql").rename(root / "sql/4.sql")
    seen.add(digest(root, "sql"))
    (root / "sql/4.sql").unlink()
    assert len(seen) == 3
    assert digest(root, "sql") in seen


def test_what_is_not_there_is_nothing(root: Path) -> None:
    assert digest(root, "nope") == digest(root, "*.nope") == ""


def test_what_tools_leave_behind_does_not_count(root: Path) -> None:
    before = [digest(root, pattern) for pattern in ("sql", "sql/**/*")]
    for name in (".git/HEAD", "__pycache__/a.pyc", "node_modules/x/y.js"):
        path = root / "sql" / name
        path.parent.mkdir(parents=True)
        path.write_text("x")
    assert [digest(root, pattern) for pattern in ("sql", "sql/**/*")] == before


def test_links_count_as_what_they_say_and_pipes_are_not_read(root: Path) -> None:
    (root / "sql/link").symlink_to("/nowhere")
    (root / "sql/loop").symlink_to(root / "sql")
    os.mkfifo(root / "sql/pipe")
    before = digest(root, "sql")
    (root / "sql/link").unlink()
    (root / "sql/link").symlink_to("/elsewhere")
    assert digest(root, "sql") != before
    (root / "named").symlink_to(root / "one.seed")
    named = digest(root, "named")
    (root / "one.seed").write_text("changed")
    assert digest(root, "named") != named


def test_bounds(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "FILES", 2)
    with pytest.raises(DevenvError, match="DE725: inputs 'sql': more than 2 files"):
        digest(root, "sql")
    monkeypatch.setattr(digests, "FILES", 10)
    monkeypatch.setattr(digests, "BYTES", 5)
    with pytest.raises(DevenvError, match="DE725"):
        digest(root, "sql")
