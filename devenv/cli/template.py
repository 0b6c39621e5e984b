"""Write, prove and document templates of one's own."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from devenv.cli.completion import complete_templates
from devenv.cli.lazy import PlainCommand
from devenv.cli.options import Json, Quiet, Verbose, Yes
from devenv.cli.session import Session, catalog_at_hand, session_of
from devenv.errors import DevenvError

if TYPE_CHECKING:
    from devenv.engine.world import World
    from devenv.ops.authoring.finding import Meant

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    epilog="\b\nExample:\n  devenv template new my-store\n  devenv template test my-store",
)

Names = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="NAME",
        help="Templates: names, with a version if need be, or folders. Without any, those of this folder.",
        autocompletion=complete_templates,
    ),
]


@app.callback()
def command() -> None:
    """Write, prove and document templates of one's own."""


@app.command("new", cls=PlainCommand)
def new_command(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What `use:` will name.")],
    folder: Annotated[
        str | None,
        typer.Option(
            "--in", metavar="DIR", help="The folder of the catalog; else the first one of the project, or catalog/."
        ),
    ] = None,
    like: Annotated[
        str | None,
        typer.Option(
            "--like", metavar="TEMPLATE", help="Start from a copy of this template.", autocompletion=complete_templates
        ),
    ] = None,
    yes: Yes = False,
    quiet: Quiet = False,
) -> int:
    """Make a small template that works, to be changed into one's own.

    In a project and without --in, the catalog that it goes to is added to the manifest, after asking.
    """
    from devenv.ops.authoring.new import new_template
    from devenv.ui.consent import consent
    from devenv.ui.text import wrapped

    session = session_of(ctx, yes=yes, quiet=quiet)
    console = session.console
    world = _world(session)
    made = new_template(
        session.directory,
        name,
        catalog_at_hand(session).catalog,
        world=world,
        folder=folder,
        like=like,
        consent=lambda question: consent(console, question, yes=yes),
    )
    if quiet:
        return 0
    for path in made.written:
        console.print(f"{path}: written")
    if made.edited is not None and made.edited.changed:
        console.print(f"{made.edited.file}:{made.edited.line}: {made.edited.says[0]}")
    told = f"next: change {made.written[0]}, and prove it with `devenv template test {made.folder}`"
    console.print(wrapped(told, console.width_out))
    return 0


@app.command("test", cls=PlainCommand)
def test_command(
    ctx: typer.Context,
    names: Names = None,
    no_engine: Annotated[bool, typer.Option("--no-engine", help="Only what needs no engine.")] = False,
    yes: Yes = False,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Prove that templates work, up to a server that keeps its data.

    Their files are checked, values at every edge are tried, and servers are started and asked. Everything is done in a
    stack of its own, which is removed afterwards, data included.
    """
    from devenv.engine.scratch import scratch
    from devenv.ops.authoring.bench import Bench
    from devenv.ops.authoring.proof import prove
    from devenv.ui.authoring import Result, format_end, format_result, results_as_json
    from devenv.ui.consent import consent
    from devenv.ui.progress import progress

    session = session_of(ctx, json=json, yes=yes, quiet=quiet, verbose=verbose)
    console = session.console
    found = _find(session, names or ())
    width = max(len(one.use) for one in found)
    results, codes = list[Result](), list[int]()
    bench = Bench(scratch, lambda folder: session.outside.world(folder, None))
    sink = progress(console, "plain", verbose=True) if verbose and not json else lambda event: None
    for proved in prove(found, bench, sink, lambda asked: consent(console, asked, yes=yes), engine=not no_engine):
        state = proved.state.value
        result = Result(proved.template, proved.check, state, proved.detail, proved.problems, proved.evidence)
        results.append(result)
        codes.append(proved.exit_code)
        if not json and (state == "failed" or not quiet):
            shown = format_result(result, width=width, colour=console.colour_out, columns=console.width_out)
            console.print(shown)
            console.out.flush()
    if json:
        console.print(results_as_json(results))
    elif not quiet:
        console.print(format_end(results, colour=console.colour_out))
    return max(codes, default=0)


@app.command("docs", cls=PlainCommand)
def docs_command(
    ctx: typer.Context,
    names: Names = None,
    write: Annotated[
        bool, typer.Option("--write", "-w", help="Write it as README.md into the folder of the template.")
    ] = False,
) -> int:
    """Print the reference page of a template, as Markdown."""
    from devenv.ops.authoring.page import page_of, write_page
    from devenv.ui.text import visible, visible_lines

    session = session_of(ctx)
    for meant in _find(session, names or ()):
        if write:
            path, changed = write_page(meant)
            shown = os.path.relpath(path, session.directory.resolve())
            session.console.print(f"{visible(shown)}: {'written' if changed else 'up to date'}")
        else:
            session.console.print(visible_lines(page_of(meant).rstrip("\n")))
    return 0


def _world(session: Session) -> World | None:
    """The project at hand, if there is one."""
    try:
        return session.world()
    except DevenvError as error:
        if error.problems[0].code != "DE101":
            raise
        return None


def _find(session: Session, names: Iterable[str]) -> list[Meant]:
    from devenv.ops.authoring.finding import find_templates

    found = catalog_at_hand(session)
    try:
        return find_templates(session.directory, list(names), found.catalog)
    except DevenvError as error:  # it may be in a catalog that could not be had
        raise DevenvError(*found.report.errors, *error.problems) from error
