"""Show the templates that services can use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from devenv.cli.lazy import PlainCommand
from devenv.cli.options import File, Json, Quiet, Template
from devenv.cli.session import Session, catalog_at_hand, session_of

if TYPE_CHECKING:
    from devenv.model.template import Listed
    from devenv.ops.catalogs import Found

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    epilog="\b\nExample:\n  devenv catalog show postgres\n"
    "  devenv catalog search queue\n"
    "  devenv catalog add https://git.example/platform/catalog.git --ref v1",
)


@app.callback(invoke_without_command=True)
def command(ctx: typer.Context, json: Json = False) -> int:
    """Show the templates that services can use."""
    if ctx.invoked_subcommand is not None:
        return 0
    return list_command(ctx, json=json)


@app.command("list", cls=PlainCommand)
def list_command(ctx: typer.Context, file: File = None, json: Json = False) -> int:
    """List every template with its versions."""
    from devenv.ops.catalog import entries

    session = session_of(ctx, file=file, json=json)
    found = catalog_at_hand(session)
    return _show(session, found, entries(found.catalog, found.report))


@app.command("search", cls=PlainCommand)
def search_command(
    ctx: typer.Context,
    word: Annotated[str, typer.Argument(metavar="WORD", help="What to look for.")],
    file: File = None,
    json: Json = False,
) -> int:
    """List the templates that have to do with a word.

    It is looked for in their names, summaries, keywords, parameters and outputs.
    """
    from devenv.ops.catalog import search

    session = session_of(ctx, file=file, json=json)
    found = catalog_at_hand(session)
    return _show(session, found, search(found.catalog, word, found.report))


@app.command("show", cls=PlainCommand)
def show_command(ctx: typer.Context, template: Template, file: File = None, json: Json = False) -> int:
    """Show one template: parameters, outputs, and an example to paste."""
    from devenv.ops.catalog import entry, example
    from devenv.ui.catalog import format_template, template_as_json

    session = session_of(ctx, file=file, json=json)
    found = catalog_at_hand(session)
    shown = entry(found.catalog, template)
    console = session.console
    if json:
        console.print(template_as_json(shown, example(shown.template)))
    else:
        text = format_template(shown, example(shown.template), colour=console.colour_out, width=console.width_out)
        console.print(text)
    return _problems(session, found)


@app.command("add", cls=PlainCommand)
def add_command(
    ctx: typer.Context,
    where: Annotated[str, typer.Argument(metavar="WHERE", help="A folder, or the address of a Git repository.")],
    ref: Annotated[str, typer.Option("--ref", metavar="REF", help="The branch, tag or commit of a repository.")] = "",
    folder: Annotated[
        str, typer.Option("--folder", metavar="PATH", help="The folder of the repository that holds the templates.")
    ] = "",
    file: File = None,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Add a catalog of templates to the manifest.

    They count before the built-in ones. A repository is pinned to its commit in devenv.lock at once; naming it here is
    the agreement to use it. What the manifest says besides stays as it is.
    """
    from devenv.cli.editing import show_edit
    from devenv.ops.editing.catalogs import add_catalog

    session = session_of(ctx, file=file, json=json, quiet=quiet)
    edited = add_catalog(session.world(), where, ref, folder, at=session.directory)
    return show_edit(session, edited, dry=False)


def _show(session: Session, found: Found, listed: Sequence[Listed]) -> int:
    from devenv.ui.catalog import format_templates, templates_as_json

    console = session.console
    if session.json:
        console.print(templates_as_json(listed))
    else:
        console.print(format_templates(listed, colour=console.colour_out, width=console.width_out))
    return _problems(session, found)


def _problems(session: Session, found: Found) -> int:
    """Tells what was wrong with a part of the catalog, after all that could be shown."""
    from devenv.errors import ExitCode
    from devenv.ui.problems import tell

    if not found.report.problems:
        return ExitCode.OK
    tell(session.console, found.report.problems)
    return found.report.errors[0].exit_code if found.report.errors else ExitCode.OK
