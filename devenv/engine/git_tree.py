"""The files of a Git tree on disk: what a hostile tree could do is left out or refused, and every byte is checked."""

from __future__ import annotations

import hashlib
import os
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from devenv.errors import DevenvError
from devenv.records import frozen

FILES = 50_000
BYTES = 512 << 20
DEPTH = 64

_FILE, _PROGRAM, _LINK = "100644", "100755", "120000"
_NOT_IN_NAMES = frozenset('\\:*?"<>|')  # Windows cannot have these
_REPLACED = "\ufffd"  # what stands for bytes that are not UTF-8


@frozen
class Entry:
    """A line of `git ls-tree -r -l`: a file, a link or a submodule, with the id of its content."""

    mode: str
    id: str
    size: int
    path: str

    @property
    def link(self) -> bool:
        return self.mode == _LINK


def read_listing(text: str, what: str) -> list[Entry]:
    """The entries of a tree, in order. Raises DevenvError DE774 for one that is too large or too deep to unpack."""
    entries: list[Entry] = []
    total = 0
    for line in text.split("\n"):  # a name may hold what else ends a line
        head, tab, path = line.partition("\t")
        if not tab:
            continue
        mode, _, oid, size = head.split()
        entry = Entry(mode, oid, int(size) if size.isdigit() else 0, path)
        total += entry.size
        if len(entries) >= FILES:
            raise _refused(what, f"it has more than {FILES:,} files")
        if total > BYTES:
            raise _refused(what, f"it has more than {BYTES >> 20} MiB")
        if path.count("/") > DEPTH:
            raise _refused(what, f"its folders are more than {DEPTH} deep")
        entries.append(entry)
    return entries


def unpack(tar: Path, entries: Iterable[Entry], folder: Path, what: str) -> tuple[str, tuple[str, ...]]:
    """Writes the files of `tar` (`git archive`) that `entries` lists into the new `folder`, read-only, links last.

    Returns what stands for all of them, and the names of what was left out: links that lead out of the folder,
    submodules, and names that are odd. Raises DevenvError DE774 when a file is not the one that its id promises.
    """
    listed = {entry.path: entry for entry in entries}
    usual = {path: entry for path, entry in listed.items() if _usual(entry)}
    folder.mkdir()
    links: dict[str, str] = {}
    seen: dict[str, str] = {}
    try:
        with tarfile.open(tar, "r:") as archive:
            for member in archive:
                entry = usual.get(member.name)
                if entry is None or member.isdir():
                    continue
                data = _data(archive, member)
                if _id(data, len(entry.id)) != entry.id:
                    raise _refused(what, f"{entry.path} is not what the commit says")
                seen[entry.path] = hashlib.sha256(data).hexdigest()
                if entry.link:
                    links[entry.path] = os.fsdecode(data)
                else:
                    _write(folder, entry, data)
    except (OSError, tarfile.TarError, ValueError) as error:
        raise _refused(what, str(error)) from error
    if missing := usual.keys() - seen.keys():
        raise _refused(what, f"{min(missing)} is missing")
    left_out = _link(folder, links, what) | (listed.keys() - usual.keys())
    return _content(listed.values(), seen), tuple(sorted(left_out))


def _usual(entry: Entry) -> bool:
    """Whether an entry is a file or link, and has a name that every system can have."""
    parts = entry.path.split("/")
    return entry.mode in (_FILE, _PROGRAM, _LINK, "100664") and not any(
        part in ("", ".", "..")
        or part.lower().rstrip(". ") in (".git", "git~1")
        or part != part.rstrip(". ")
        or not part.isprintable()
        or _REPLACED in part
        or _NOT_IN_NAMES & set(part)
        for part in parts
    )


def _data(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    if member.issym():
        return os.fsencode(member.linkname)
    file = archive.extractfile(member) if member.isreg() else None
    return file.read() if file is not None else b""


def _id(data: bytes, digits: int) -> str:
    """What Git calls a file of this content."""
    total = hashlib.sha1(usedforsecurity=False) if digits == 40 else hashlib.sha256()
    total.update(b"blob %d\0" % len(data))
    total.update(data)
    return total.hexdigest()


def _write(folder: Path, entry: Entry, data: bytes) -> None:
    target = folder / PurePosixPath(entry.path)
    target.parent.mkdir(parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
    with os.fdopen(os.open(target, flags, 0o555 if entry.mode == _PROGRAM else 0o444), "wb") as file:
        file.write(data)


def _link(folder: Path, links: dict[str, str], what: str) -> set[str]:
    """Makes the symbolic links, and takes out again those that lead out of the folder, be it through each other."""
    made: dict[str, Path] = {}
    for path, target in links.items():
        at = folder / PurePosixPath(path)
        try:
            at.parent.mkdir(parents=True, exist_ok=True)
            at.symlink_to(target)
        except (OSError, ValueError) as error:
            raise _refused(what, f"{path}: {error}") from error
        made[path] = at
    home = folder.resolve()
    left_out: set[str] = set()
    while out := [path for path, at in made.items() if not _stays(at, home)]:
        for path in out:
            made.pop(path).unlink()
        left_out.update(out)
    return left_out


def _stays(link: Path, home: Path) -> bool:
    """Whether a link leads to something in the folder, and not to an absolute path even there."""
    try:
        return not link.readlink().is_absolute() and link.resolve(strict=True).is_relative_to(home)
    except (OSError, RuntimeError):  # to nothing, or in a circle
        return False


def _content(entries: Iterable[Entry], seen: dict[str, str]) -> str:
    total = hashlib.sha256()
    for line in _lines(entries, seen):
        total.update(line.encode("utf-8", "surrogateescape"))
    return f"sha256:{total.hexdigest()}"


def _lines(entries: Iterable[Entry], seen: dict[str, str]) -> Iterator[str]:
    for entry in sorted(entries, key=lambda e: e.path):
        yield f"{len(entry.path)}:{entry.path} {entry.mode} {seen.get(entry.path, entry.id)}\n"


def _refused(what: str, why: str) -> DevenvError:
    return DevenvError.of("DE774", f"the files of {what} are not taken: {why}")
