"""`devenv template docs`: the reference page of a template."""

from __future__ import annotations

from pathlib import Path

from devenv.core.templates.page import page
from devenv.engine.files import ProjectFolder
from devenv.errors import DevenvError
from devenv.ops.authoring.finding import Meant
from devenv.ops.catalog import template

PAGE = "README.md"


def page_of(meant: Meant) -> str:
    """Markdown. Raises DevenvError with the problems of a template that is not valid."""
    return page(template(meant.catalog, meant.use))


def write_page(meant: Meant) -> tuple[Path, bool]:
    """Writes the page beside the template: its path, and whether it is another one than before. Raises DevenvError
    DE701 where it cannot be written, or the template is not a folder of one's own."""
    if meant.folder is None:
        raise DevenvError.of(
            "DE701", f"'{meant.use}' is not a folder of yours", hint="print the page: leave out --write"
        )
    text = page_of(meant)
    return meant.folder / PAGE, ProjectFolder(meant.folder).write(PAGE, text)
