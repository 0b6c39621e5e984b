"""Shows what an edit of the manifest did: shared by `add`, `remove` and `set`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from devenv.cli.session import Session

if TYPE_CHECKING:
    from devenv.ops.editing.manifest import Edited

DryRun = Annotated[bool, typer.Option("--dry-run", "-n", help="Show the change as a diff, and write nothing.")]


def show_edit(session: Session, edited: Edited, *, dry: bool) -> int:
    """Prints it; the new text's warnings go to stderr."""
    from devenv.ui.edit import edit_as_json, format_edit
    from devenv.ui.problems import tell

    console = session.console
    diff = edited.diff() if dry or session.json else ""
    if session.json:
        console.print(edit_as_json(edited.file, edited.line, edited.says, written=edited.written, diff=diff))
        return 0
    if session.quiet and not dry:
        return 0
    if edited.warnings:
        tell(console, edited.warnings)
    shown = diff if dry else None
    console.print(format_edit(edited.file, edited.line, edited.says, diff=shown, colour=console.colour_out))
    return 0
