"""What stands for the contents of files and folders: whether a job's inputs are still those it ran with."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from devenv.errors import DevenvError

FILES = 10_000
BYTES = 256 << 20

_SKIPPED = frozenset({".git", ".devenv", "__pycache__", "node_modules"})
_GLOB = frozenset("*?[")


def digest(root: Path, pattern: str) -> str:
    """Sixteen hexadecimal digits over the names and contents of all files that `pattern` (a path or glob relative to
    `root`) names; '' when there is none. Times, owners and modes do not count; symbolic links count as what they say.

    Raises DevenvError: DE102 a file cannot be read, DE725 more than `FILES` files or `BYTES` bytes.
    """
    total, read = hashlib.sha256(), 0
    count = 0
    try:
        for name, path in sorted(_files(root, pattern).items()):
            count += 1
            content, size = _content(path)
            read += size
            if read > BYTES:
                raise DevenvError.of("DE725", f"inputs '{pattern}': more than {BYTES >> 20} MiB")
            total.update(f"{len(name.encode())}:{name}:{content}\n".encode())
    except OSError as error:
        raise DevenvError.of("DE102", f"cannot read {error.filename or pattern}: {error.strerror or error}") from error
    return total.hexdigest()[:16] if count else ""


def _files(root: Path, pattern: str) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for at in _named(root, pattern):
        for path in _below(at):
            found[Path(os.path.relpath(path, root)).as_posix()] = path
            if len(found) > FILES:
                raise DevenvError.of("DE725", f"inputs '{pattern}': more than {FILES} files")
    return found


def _named(root: Path, pattern: str) -> Iterator[Path]:
    parts = Path(pattern).parts
    fixed = next((i for i, part in enumerate(parts) if _GLOB & set(part)), len(parts))
    start = root.joinpath(*parts[:fixed])
    if fixed == len(parts):
        if start.exists():
            yield start.resolve()
    else:
        matches = start.glob("/".join(parts[fixed:]))
        yield from (path for path in matches if not _SKIPPED & set(path.relative_to(start).parts))


def _below(at: Path) -> Iterator[Path]:
    if not at.is_dir():
        yield at
        return
    for folder, folders, names in os.walk(at, onerror=_raise):
        links = [name for name in folders if Path(folder, name).is_symlink()]
        folders[:] = [name for name in folders if name not in _SKIPPED and name not in links]
        yield from (Path(folder, name) for name in [*names, *links])


def _content(path: Path) -> tuple[str, int]:
    """What stands for a file's content, and its size; devices and pipes count as nothing."""
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        return f"-> {path.readlink()}", 0
    if not stat.S_ISREG(mode):
        return "", 0
    with path.open("rb") as file:
        if (size := os.fstat(file.fileno()).st_size) > BYTES:
            return "", size
        return hashlib.file_digest(file, "sha256").hexdigest(), size


def _raise(error: OSError) -> None:
    raise error
