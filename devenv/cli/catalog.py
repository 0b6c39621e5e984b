"""Show the templates that services can use."""

from __future__ import annotations

import typer

from devenv.cli.lazy import PlainCommand
from devenv.cli.options import Json, Template
from devenv.cli.session import session_of

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    epilog="\b\nExample:\n  devenv catalog show postgres",
)


@app.callback(invoke_without_command=True)
def command(ctx: typer.Context, json: Json = False) -> int:
    """Show the templates that services can use."""
    if ctx.invoked_subcommand is not None:
        return 0
    return _list(ctx, json)


@app.command("list")
def list_command(ctx: typer.Context, json: Json = False) -> int:
    """List every template with its versions."""
    return _list(ctx, json)


@app.command("show", cls=PlainCommand)
def show_command(ctx: typer.Context, template: Template, json: Json = False) -> int:
    """Show one template: parameters, outputs, an example to paste."""
    from devenv.ops.catalog import example
    from devenv.ops.catalog import template as find
    from devenv.ui.catalog import format_template, template_as_json

    session = session_of(ctx, json=json)
    found = find(session.outside.catalog(), template)
    console = session.console
    if json:
        console.print(template_as_json(found, example(found)))
    else:
        console.print(format_template(found, example(found), colour=console.colour_out, width=console.width_out))
    return 0


def _list(ctx: typer.Context, json: bool) -> int:
    from devenv.ops.catalog import templates
    from devenv.ui.catalog import format_templates, templates_as_json

    session = session_of(ctx, json=json)
    found = templates(session.outside.catalog())
    console = session.console
    if json:
        console.print(templates_as_json(found))
    else:
        console.print(format_templates(found, colour=console.colour_out, width=console.width_out))
    return 0
