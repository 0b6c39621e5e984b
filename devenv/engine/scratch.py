"""A folder for a stack that is made to be tried and thrown away."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scratch(files: Mapping[str, str], folders: tuple[str, ...] = ()) -> Iterator[Path]:
    """A new folder with these files and folders by relative path; gone afterwards, whatever happens inside."""
    root = Path(tempfile.mkdtemp(prefix="devenv-template-test-"))
    try:
        for name in folders:
            (root / name).mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, "utf-8")
        yield root
    finally:
        shutil.rmtree(root, ignore_errors=True)
