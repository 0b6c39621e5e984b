"""The built-in templates on disk: `templates/` in the package, or beside it in a checkout."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from devenv.engine.world import BUILT_IN, Catalog, Origin
from devenv.model.manifest import of_catalog, template_name

_LIMIT = 1 << 20
_FILES = 1000
_FILE = "template.yaml"
_POLICY = "policy.yaml"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")  # what `use:` can name


def built_in_folder() -> Path:
    """Where the templates are: inside an installed package, else in the checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent / "templates"


class FolderCatalog:
    """Templates as sub-folders of one folder; implements `world.Catalog`. `name` is what its files are called after."""

    def __init__(self, root: Path | None = None, name: str = BUILT_IN, *, remote: bool = False) -> None:
        self._root = (root or built_in_folder()).resolve()
        self._origin = Origin(name, str(self._root), remote)

    def names(self) -> list[str]:
        """Names of all templates, sorted."""
        if not self._root.is_dir():
            return []
        return sorted(entry.name for entry in self._root.iterdir() if self._has(entry.name))

    def folder(self, name: str) -> str | None:
        """Where a template's files are; None when there is no such template."""
        return str(self._root / name) if self._has(name) else None

    def files(self, name: str) -> Mapping[str, str]:
        """The template's text files of up to 1 MiB by relative path. Links that lead out of its folder are left out,
        and so is what is not UTF-8 text, and all but the first thousand files."""
        if not self._has(name):
            return {}
        folder = self._root / name
        found = {}
        for path in sorted(folder.rglob("*"))[:_FILES]:
            text = self._text(path, folder)
            if text is not None:
                found[path.relative_to(folder).as_posix()] = text
        return found

    def policies(self) -> list[tuple[str, str]]:
        """The catalog's `policy.yaml`, when it has one that is a text file of its own."""
        path = self._root / _POLICY
        text = self._text(path, self._root)
        return [] if text is None else [(self._origin.shown(_POLICY), text)]

    def origin(self, name: str) -> Origin:
        """This catalog, whatever the template."""
        return self._origin

    def origins(self) -> list[Origin]:
        return [self._origin]

    def hidden(self, name: str) -> list[Origin]:
        return []

    def _has(self, name: str) -> bool:
        folder = self._root / name
        if not _NAME.fullmatch(name) or _real(folder / _FILE, folder) is None:
            return False
        return folder.resolve().is_relative_to(self._root)  # and is no link to a folder elsewhere

    @staticmethod
    def _text(path: Path, folder: Path) -> str | None:
        real = _real(path, folder)
        try:
            return None if real is None else real.read_text(encoding="utf-8")
        except (UnicodeDecodeError, OSError):
            return None


def _real(path: Path, folder: Path) -> Path | None:
    """The regular file at `path`, if it lies in `folder` and is not larger than a text that is read."""
    try:
        real = path.resolve()
        inside = real.is_relative_to(folder.resolve())
        return real if inside and real.is_file() and real.stat().st_size <= _LIMIT else None
    except (OSError, RuntimeError, ValueError):  # a circle of links, or no name of a file
        return None


class LayeredCatalog:
    """Several catalogs as one, in order of precedence; implements `world.Catalog`. Of templates with the same name the
    first one counts; the others are had by name and catalog (`model.manifest.of_catalog`)."""

    def __init__(self, layers: Sequence[Catalog]) -> None:
        self._layers = tuple(layers)
        self._of: dict[str, Catalog] = {}
        self._hidden: dict[str, Catalog] = {}
        for layer in layers:
            for name in layer.names():
                if self._of.setdefault(name, layer) is not layer:
                    self._hidden.setdefault(of_catalog(name, layer.origin(name).name), layer)

    def names(self) -> list[str]:
        return sorted(self._of)

    def folder(self, name: str) -> str | None:
        layer = self._layer(name)
        return layer.folder(template_name(name)) if layer is not None else None

    def files(self, name: str) -> Mapping[str, str]:
        layer = self._layer(name)
        return layer.files(template_name(name)) if layer is not None else {}

    def origin(self, name: str) -> Origin:
        return (self._layer(name) or self._of[name]).origin(template_name(name))

    def _layer(self, name: str) -> Catalog | None:
        return self._of.get(name) or self._hidden.get(name)

    def origins(self) -> list[Origin]:
        return [origin for layer in self._layers for origin in layer.origins()]

    def hidden(self, name: str) -> list[Origin]:
        having = [layer for layer in self._layers if name in layer.names()]
        return [layer.origin(name) for layer in having[1:]]

    def policies(self) -> list[tuple[str, str]]:
        return [policy for layer in self._layers for policy in layer.policies()]
