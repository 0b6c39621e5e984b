"""A stack's folder on disk: the only module that opens project files."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from devenv.engine import dotenv, locks, remote_files, signatures, stack_lock
from devenv.engine.claims import Claims
from devenv.engine.digests import digest
from devenv.engine.unwritable import unwritable
from devenv.engine.user_folders import expanded
from devenv.errors import DevenvError

MANIFESTS = ("devenv.yaml", "devenv.yml")
FOLDER = ".devenv"

_LIMIT = 4 << 20
_SETTINGS = f"{FOLDER}/.env"
_STATE = f"{FOLDER}/state.json"
_HEADER = "Written by devenv for this machine: ports, secrets, images. Not for version control."
_OWN = ("DEVENV_", "COMPOSE_PROJECT_NAME")  # settings that an environment variable of the same name does not beat


class ProjectFolder:
    """One project: `root` holds the manifest, whose file name is `manifest`. Paths are relative to `root`.

    `environ` is the process's environment, for `environment` and for `.env` files that refer to it.
    """

    def __init__(self, root: Path, manifest: str = MANIFESTS[0], environ: Mapping[str, str] | None = None) -> None:
        self.root = root
        self.manifest = manifest
        self._claims = Claims()
        self._locked = False
        self._environ = os.environ if environ is None else environ

    @classmethod
    def find(cls, start: Path, file: str | None = None, environ: Mapping[str, str] | None = None) -> ProjectFolder:
        """The project at `start` or above it, up to the Git repository's top; or the one of the manifest `file`,
        relative to `start`. Raises DevenvError DE101 with the places that were looked at."""
        if file is not None:
            path = Path(os.path.normpath(start / expanded(file)))
            if not path.exists():
                raise DevenvError.of("DE101", f"there is no manifest {file} in {start.absolute()}")
            return cls(path.parent, path.name, environ)
        try:
            start = start.resolve(strict=True)
        except OSError as error:
            raise DevenvError.of("DE101", f"there is no folder {start}") from error
        for folder in (start, *start.parents):
            for name in MANIFESTS:
                if (folder / name).exists():
                    return cls(folder, name, environ)
            if (folder / ".git").exists():
                break
        where = str(start) if folder == start else f"{start} or above it, up to {folder}"
        hint = "`devenv init` writes a first one; `devenv -C DIR …` works in another folder"
        if (left := start / FOLDER / "compose.yaml").exists():
            hint += f"; `docker compose -f {left} down` ends what was brought up from here"
        raise DevenvError.of("DE101", f"there is no {' or '.join(MANIFESTS)} in {where}", hint=hint)

    def read(self, path: str, *, limit: int = _LIMIT, exact: bool = False) -> str:
        """Text of a regular file, of at most `limit` bytes; a byte order mark is taken off, unless `exact`. Never
        blocks. Raises DevenvError DE102 (not a regular file, not readable), DE103 (too large), DE104 (not UTF-8)."""
        data = self._bytes(path, limit)
        if len(data) > limit:
            raise DevenvError.of("DE103", f"{path} is larger than {_size(limit)}")
        try:
            return data.decode("utf-8" if exact else "utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            wrong = f"byte 0x{data[error.start]:02x} in line {line}"
            raise DevenvError.of("DE104", f"{path} is not UTF-8 text: {wrong}") from error

    def exists(self, path: str, kind: Literal["file", "directory"]) -> bool:
        """Whether a path is there, as a file of any sort or as a folder."""
        at = self._at(path)
        try:
            return at.is_dir() if kind == "directory" else at.exists() and not at.is_dir()
        except OSError:
            return False

    def folder(self, path: str) -> Path:
        """Where a folder is on this machine."""
        return self._at(path)

    def digest(self, pattern: str) -> str:
        """Stands for all files that a path or glob names; see `engine.digests`."""
        return digest(self.root, pattern)

    def signature(self, path: str) -> str:
        """Changes with a file's time, size or inode; see `engine.signatures`."""
        return signatures.signature(self._at(path))

    def tree(self, folder: str, ignore: signatures.Ignore) -> str:
        """Stands for what lies in a folder, by what the file system says; see `engine.signatures`."""
        return signatures.tree(self._at(folder), ignore)

    def weigh(self, folder: str, size: int, files: int) -> tuple[int, int]:
        """Bytes and number of the files in a folder, up to bounds; see `engine.signatures`."""
        return signatures.weigh(self._at(folder), size, files)

    def above(self) -> str:
        """The manifest's folder as seen from the top of the Git repository that it is in; '' without one."""
        root, top = self.root.resolve(), self._top()
        return "" if top == root else root.relative_to(top).as_posix()

    def idle(self) -> bool:
        """Whether no other command is changing this stack now, as far as that can be told at no cost."""
        return locks.free(self.root / FOLDER / "lock")

    def write(self, path: str, text: str, *, private: bool = False) -> bool:
        """Writes atomically, mode 0600 from the start when `private`; False when the file already was like that.
        What lies in `.devenv` stays there, and other files in the repository: a symbolic link out of it is refused.
        Raises DevenvError DE701."""
        try:
            target = self._target(path)
            if target.exists() and not target.is_dir() and not target.is_file():
                kind = _kind(target.stat().st_mode)
                raise DevenvError.of("DE701", f"cannot write {target}: it is {kind}, not a regular file")
            if _is(target, text.encode(), private):
                return False
            _replace(target, text.encode(), private)
        except OSError as error:
            raise unwritable(path, self._at(path), error) from error
        return True

    def append(self, path: str, text: str) -> None:
        """Adds lines to the end of a file in `.devenv`, in one write and without waiting for the disk: for what may
        be lost with the power. Raises DevenvError DE701."""
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        try:
            with os.fdopen(os.open(self._target(path), flags, 0o666), "ab", buffering=0) as file:
                file.write(text.encode())
        except OSError as error:
            raise unwritable(path, self._at(path), error) from error

    def adopt(self, folder: Path, path: str) -> None:
        """Puts a copy of a remote tree at `path` in `.devenv`, once. Raises DevenvError DE701."""
        try:
            remote_files.copy_once(folder, self._target(path))
        except OSError as error:
            raise unwritable(path, self._at(path), error) from error

    def settings(self) -> dict[str, str]:
        """`.devenv/.env` as variables; empty when there is none."""
        return dotenv.parse(self.read(_SETTINGS)) if self.exists(_SETTINGS, "file") else {}

    def save_settings(self, settings: Mapping[str, str]) -> None:
        """Makes `.devenv/.env` hold exactly `settings`, sorted, for this user's eyes only."""
        self.write(_SETTINGS, dotenv.dump(dict(sorted(settings.items())), _HEADER), private=True)

    def environment(self) -> dict[str, str]:
        """What Compose interpolates with: the person's `.env` under `.devenv/.env` under the process's environment.
        What devenv keeps for itself (`DEVENV_…`, the project's name) is never taken from the environment."""
        return {name: value for _, values in self.layers() for name, value in values.items()}

    def layers(self) -> list[tuple[str, Mapping[str, str]]]:
        """The sources of `environment` by what people call them, the weaker first."""
        settings = self.settings()
        own = dotenv.parse(self.read(".env"), self._environ.get) if self.exists(".env", "file") else {}
        kept = {name: value for name, value in settings.items() if name.startswith(_OWN)}
        return [(".env", own), (_SETTINGS, settings), ("the environment", self._environ), (_SETTINGS, kept)]

    def state(self) -> dict[str, object]:
        """`.devenv/state.json`; empty when missing or damaged."""
        try:
            state = json.loads(self.read(_STATE))
        except (DevenvError, ValueError, RecursionError):
            return {}
        return state if isinstance(state, dict) else {}

    def save_state(self, state: Mapping[str, object]) -> None:
        self.write(_STATE, json.dumps(state, indent=1, sort_keys=True) + "\n", private=True)

    @contextmanager
    def lock(self, wait: float = 0.0) -> Iterator[None]:
        """Held while a command changes this stack; `wait` is how many seconds to wait for another one to finish.
        Raises DevenvError DE702, naming the other one's process id and command, or DE701."""
        try:
            file = self._target(f"{FOLDER}/lock")
        except OSError as error:
            raise unwritable(f"{FOLDER}/lock", self._at(FOLDER), error) from error
        with stack_lock.held(file, wait):
            self._locked = True
            try:
                yield
            finally:
                self._locked = False
                self._claims.release()

    def claim(self, what: str) -> bool:
        """Claims a name or a port for this run, until the end of `lock`; False when another run on this machine has
        claimed it. Whoever does not hold the lock only asks."""
        if not self._locked:
            return not self._claims.taken(what)
        return self._claims.take(what) and self._claims.take(self._ours(what))

    def claimed(self, what: str) -> bool:
        """Whether the run that holds the lock of this project, and is not this one, has claimed a name or a port."""
        return not self._locked and self._claims.taken(self._ours(what))

    def _ours(self, what: str) -> str:
        return f"{what} for {self.root.resolve()}"

    def _at(self, path: str) -> Path:
        return self.root / expanded(path)

    def _bytes(self, path: str, limit: int) -> bytes:
        """At most one byte more than `limit` of a regular file."""
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
        try:
            at = self._at(path)
            if not stat.S_ISREG(at.stat().st_mode):  # asked before opening: to open a device may already do something
                raise DevenvError.of("DE102", f"{path} is {_kind(at.stat().st_mode)}, not a regular file")
            with os.fdopen(os.open(at, flags), "rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                if not stat.S_ISREG(mode):
                    raise DevenvError.of("DE102", f"{path} is {_kind(mode)}, not a regular file")
                return file.read(limit + 1)
        except OSError as error:
            hint = "`devenv up` writes it anew" if Path(path).parts[:1] == (FOLDER,) else None
            raise DevenvError.of("DE102", f"cannot read {path}: {error.strerror or error}", hint=hint) from error
        except ValueError as error:  # a NUL in the name
            raise DevenvError.of("DE102", f"cannot read {path!r}: {error}") from error

    def _top(self) -> Path:
        """The folder of the Git repository that the project is in; its own without one."""
        root = self.root.resolve()
        return next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)

    def _target(self, path: str) -> Path:
        """The real file that a write of `path` replaces; its folder exists."""
        at = self._at(path)
        if Path(path).parts[:1] != (FOLDER,):
            if at.is_symlink() and not at.resolve().is_relative_to(self._top()):
                hint = "name what it leads to, or put a file in its place"
                raise DevenvError.of("DE701", f"cannot write {path}: it is a link out of the repository", hint=hint)
            at = at.resolve()
            at.parent.mkdir(parents=True, exist_ok=True)
            return at
        home = self.root.resolve() / FOLDER
        inside = home.resolve() == home and at.parent.resolve().is_relative_to(home)
        if not inside:
            raise DevenvError.of("DE701", f"{path} is not inside the project: {FOLDER} is or holds a symbolic link")
        at.parent.mkdir(parents=True, exist_ok=True)
        ignore = home / ".gitignore"
        if not ignore.exists() and not ignore.is_symlink():
            with suppress(FileNotFoundError):  # a run that began at the same time swept it up, and has written its own
                _replace(ignore, b"*\n", private=False)
        return at


def _is(target: Path, data: bytes, private: bool) -> bool:
    """Whether `target` already is a regular file with these bytes, and no more open than it should be."""
    with suppress(OSError):
        found = target.lstat()
        if stat.S_ISREG(found.st_mode) and found.st_size == len(data) and target.read_bytes() == data:
            return not private or sys.platform == "win32" or stat.S_IMODE(found.st_mode) == 0o600
    return False


def _replace(target: Path, data: bytes, private: bool) -> None:
    """Puts a new file in `target`'s place, all of it or nothing; one that is not private keeps its mode."""
    staged = target.with_name(f".{target.name}.{os.getpid()}-{os.urandom(4).hex()}{stack_lock.STAGED}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(staged, flags, 0o600 if private else 0o666), "wb") as file:
            if not private and target.is_file() and not target.is_symlink():
                staged.chmod(stat.S_IMODE(target.stat().st_mode))
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        staged.replace(target)
    except BaseException:
        with suppress(OSError):
            staged.unlink()
        raise


def _kind(mode: int) -> str:
    names = {
        stat.S_IFDIR: "a folder",
        stat.S_IFIFO: "a named pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
    }
    return names.get(stat.S_IFMT(mode), "something else")


def _size(limit: int) -> str:
    return f"{limit >> 20} MiB" if limit >= 1 << 20 else f"{limit} bytes"
