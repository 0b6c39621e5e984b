"""The built-in templates on disk: `templates/` in the package, or beside it in a checkout."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

_LIMIT = 1 << 20
_FILE = "template.yaml"


def built_in_folder() -> Path:
    """Where the templates are: inside an installed package, else in the checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent / "templates"


class FolderCatalog:
    """Templates as sub-folders of one folder; implements `world.Catalog`."""

    def __init__(self, root: Path | None = None) -> None:
        self._root = (root or built_in_folder()).resolve()

    def names(self) -> list[str]:
        """Names of all templates, sorted."""
        if not self._root.is_dir():
            return []
        return sorted(entry.name for entry in self._root.iterdir() if (entry / _FILE).is_file())

    def folder(self, name: str) -> str | None:
        """Where a template's files are; None when there is no such template."""
        return str(self._root / name) if name in self.names() else None

    def files(self, name: str) -> Mapping[str, str]:
        """The template's text files of up to 1 MiB by relative path. Links that lead out of its folder are left out,
        and so is what is not UTF-8 text."""
        if name not in self.names():
            return {}
        folder = self._root / name
        found = {}
        for path in sorted(folder.rglob("*")):
            text = self._text(path, folder)
            if text is not None:
                found[path.relative_to(folder).as_posix()] = text
        return found

    @staticmethod
    def _text(path: Path, folder: Path) -> str | None:
        real = path.resolve()
        if not real.is_relative_to(folder.resolve()) or not real.is_file() or real.stat().st_size > _LIMIT:
            return None
        try:
            return real.read_text(encoding="utf-8")
        except (UnicodeDecodeError, OSError):
            return None
