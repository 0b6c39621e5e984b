"""Which templates an author means: by the path of a folder, by name, or those of the folder at hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from devenv.core.suggest import suggest
from devenv.engine.catalog import FolderCatalog, LayeredCatalog
from devenv.engine.world import Catalog
from devenv.errors import DevenvError
from devenv.records import frozen

_USUAL = (".", "catalog", "templates")


@frozen
class Meant:
    """A template as `use:` names it, and the catalog that it is found in; `folder` is None for one that is not on
    disk as a folder of one's own."""

    use: str
    catalog: Catalog
    folder: Path | None


def find_templates(root: Path, names: Sequence[str], catalog: Catalog) -> list[Meant]:
    """The templates that `names` mean, seen from the folder `root`: paths of folders, or names (with a version).

    Without names, the one that `root` is, or all those in it, in `catalog/` or in `templates/`. Raises DevenvError
    DE301.
    """
    finder = _Finder(root, catalog)
    if names:
        return [finder.one(name) for name in names]
    if (root / "template.yaml").is_file():
        return [finder.at(root.resolve(), "")]
    for usual in _USUAL:
        if found := FolderCatalog(root / usual).names():
            return [finder.at((root / usual / name).resolve(), "") for name in found]
    hint = "name one, or a folder, as in `devenv template test ./catalog/my-store`"
    raise DevenvError.of(
        "DE301", f"there is no template in {root.resolve()}, its catalog/ or its templates/", hint=hint
    )


class _Finder:
    """Looks below one folder; templates of one folder share its catalog, and so a stack on the engine."""

    def __init__(self, root: Path, catalog: Catalog) -> None:
        self.root, self.catalog = root.resolve(), catalog
        self.folders: dict[Path, Catalog] = {}

    def one(self, written: str) -> Meant:
        name, at, version = written.partition("@")
        for usual in _USUAL:
            if (self.root / usual / name / "template.yaml").is_file():
                return self.at((self.root / usual / name).resolve(), at + version)
        if name not in self.catalog.names():
            hint = suggest(name, self.catalog.names()) or "name a folder, or a template that `devenv catalog` lists"
            raise DevenvError.of("DE301", f"there is no template '{name}'", hint=hint)
        return Meant(written, self.catalog, None)

    def at(self, folder: Path, version: str) -> Meant:
        above = folder.parent
        within = above.relative_to(self.root) if above.is_relative_to(self.root) else above
        if above not in self.folders:
            self.folders[above] = LayeredCatalog([FolderCatalog(above, str(within)), self.catalog])
        return Meant(f"{folder.name}{version}", self.folders[above], folder)
