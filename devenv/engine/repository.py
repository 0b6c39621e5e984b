"""A repository that has no manifest yet: what `devenv init` may look at, and the files that it adds."""

from __future__ import annotations

import os
from pathlib import Path

from devenv.engine.files import ProjectFolder
from devenv.engine.unwritable import unwritable
from devenv.errors import DevenvError

_PASSED_OVER = frozenset({"node_modules", "vendor", "venv", "dist", "build", "target", "__pycache__"})
_DEPTH = 3
_LARGEST = 1 << 20  # bytes of a file that is read


class Repository:
    """The folder in which a stack is about to be described."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.root.name

    @property
    def project(self) -> ProjectFolder:
        """The same folder, as that of a stack."""
        return ProjectFolder(self.root)

    @property
    def above(self) -> str:
        """The manifest that is found from here, in a folder above, relative to this one; empty where there is none."""
        try:
            found = ProjectFolder.find(self.root)
        except DevenvError:
            return ""
        return (
            "" if found.root == self.root else Path(os.path.relpath(found.root / found.manifest, self.root)).as_posix()
        )

    def wrapper(self) -> dict[str, str]:
        """`devenvw` and its lock: from the installed package, or from the checkout that this code runs in."""
        package = Path(__file__).resolve().parent.parent
        inside = package / "wrapper"
        if inside.is_dir():
            sources = {"devenvw": inside / "devenvw", "devenvw.lock": inside / "devenvw.lock"}
        else:
            sources = {"devenvw": package.parent / "devenvw", "devenvw.lock": package.parent / "requirements.lock"}
        return {name: path.read_text("utf-8") for name, path in sources.items()}

    def texts(self, names: frozenset[str]) -> dict[str, str]:
        """Texts of the files with these names, by path relative to the root with `/`.

        Looks three folders deep, passes over hidden and vendored folders, links, and files over 1 MiB.
        """
        found: dict[str, str] = {}
        for folder, folders, files in os.walk(self.root):
            at = Path(folder).relative_to(self.root)
            keep = [name for name in folders if not name.startswith(".") and name not in _PASSED_OVER]
            folders[:] = sorted(keep) if len(at.parts) < _DEPTH else []
            for name in sorted(names.intersection(files)):
                path = Path(folder, name)
                if path.is_symlink() or not path.is_file() or path.stat().st_size > _LARGEST:
                    continue
                found[(at / name).as_posix()] = path.read_text("utf-8", errors="replace")
        return found

    def exists(self, name: str) -> bool:
        return os.path.lexists(self.root / name)

    def add(self, name: str, text: str, *, executable: bool = False) -> None:
        """Writes a new file, in a new folder if need be. Raises DevenvError DE701 when it cannot, DE704 when there is
        one already."""
        path = self.root / name
        if not path.parent.resolve().is_relative_to(self.root):
            raise DevenvError.of("DE701", f"cannot write {path}: a link leads out of the repository")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o755 if executable else 0o644)
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
        except FileExistsError as error:
            raise DevenvError.of("DE704", f"{path} is there already", hint="move it away first") from error
        except OSError as error:
            raise unwritable(path, path, error) from error
