import os
from collections.abc import Callable
from pathlib import Path

import pytest

from devenv.core.compose.dockerignore import Ignore
from devenv.engine.files import ProjectFolder
from devenv.engine.signatures import signature, tree


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/a.py").write_text("a")
    (tmp_path / "notes.md").write_text("n")
    (tmp_path / "link").symlink_to("src/a.py")
    return tmp_path


def _touch(path: Path) -> None:
    os.utime(path, ns=(1, 1))


def _unseen(path: Path) -> None:
    """Another content, of the same size and time."""
    found = path.stat()
    path.write_text("".join(chr(ord(one) + 1) for one in path.read_text()))
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


@pytest.mark.parametrize(
    "change",
    [
        lambda at: (at / "src/a.py").write_text("longer"),
        lambda at: _touch(at / "src/a.py"),
        lambda at: _unseen(at / "src/a.py"),
        lambda at: (at / "src/a.py").chmod(0o755),
        lambda at: (at / "src/b.py").write_text(""),
        lambda at: (at / "src/a.py").rename(at / "src/c.py"),
        lambda at: (at / "empty").mkdir(),
        lambda at: ((at / "link").unlink(), (at / "link").symlink_to("notes.md")),
    ],
)
def test_a_tree_changes_with_what_a_build_would_see(folder: Path, change: Callable[[Path], object]) -> None:
    before = tree(folder, Ignore("*.md"))
    assert before == tree(folder, Ignore("*.md"))
    change(folder)
    assert tree(folder, Ignore("*.md")) != before


def test_a_tree_does_not_change_with_what_is_left_out(folder: Path) -> None:
    before = tree(folder, Ignore("*.md\nnode_modules"))
    (folder / "notes.md").write_text("other notes")
    (folder / "node_modules/x").mkdir(parents=True)
    assert tree(folder, Ignore("*.md\nnode_modules")) == before


def test_what_an_exception_brings_back_counts(folder: Path) -> None:
    before = tree(folder, Ignore("src\n!src/a.py"))
    (folder / "src/b.py").write_text("left out")
    assert tree(folder, Ignore("src\n!src/a.py")) == before
    (folder / "src/a.py").write_text("brought back")
    assert tree(folder, Ignore("src\n!src/a.py")) != before


def test_no_folder_has_no_tree(folder: Path) -> None:
    assert tree(folder / "missing", Ignore()) == ""
    assert tree(folder / "notes.md", Ignore()) == ""


def test_a_file_has_another_signature_after_a_change(folder: Path) -> None:
    file = folder / "notes.md"
    before = signature(file)
    _touch(file)
    touched = signature(file)
    new = folder / "new"
    new.write_text("n")
    _touch(new)
    new.replace(file)  # as editors do it: the same time and size, another inode
    replaced = signature(file)
    _unseen(file)
    assert len({before, touched, replaced, signature(file), signature(folder), ""}) == 6
    assert signature(folder / "missing") == ""
    assert signature(folder) == "folder"


def test_whether_a_stack_is_idle(folder: Path) -> None:
    project = ProjectFolder(folder)
    assert project.idle()
    with project.lock():
        assert not project.idle()
    assert project.idle()
    assert project.tree("src", Ignore()) == tree(folder / "src", Ignore())
    assert project.signature("src") == "folder"
