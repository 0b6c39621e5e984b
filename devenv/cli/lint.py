"""Check the stack against policies, and give advice."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from devenv.cli.completion import complete_rules
from devenv.cli.options import File, Json, Quiet
from devenv.cli.session import Session, session_of
from devenv.errors import DevenvError, ExitCode

if TYPE_CHECKING:
    from devenv.engine.world import World
    from devenv.model.lint import Finding
    from devenv.ops.lint import Linted

EXAMPLE = (
    "devenv lint\n"
    "devenv lint --fix --dry-run                # what would be mended\n"
    "devenv lint --strict --format github       # marks beside changed lines\n"
    "devenv lint --format sarif > devenv.sarif  # for code scanning"
)


class Format(StrEnum):
    """How the findings are written."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


def command(
    ctx: typer.Context,
    rules: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="RULE", help="Only these rules, by name or code (DL201).", autocompletion=complete_rules
        ),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings fail, too.")] = False,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what can be mended with certainty, and show how.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --fix: show the changes, and write nothing.")
    ] = False,
    format: Annotated[
        Format, typer.Option("--format", metavar="FORMAT", help="text, json, sarif or github.")
    ] = Format.TEXT,
    list_rules: Annotated[bool, typer.Option("--list", help="List the rules that there are.")] = False,
    file: File = None,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Check the stack against policies, and give advice.

    Policies stand in catalogs, in devenv.policy.yaml beside the manifest, and where the machine's configuration says.
    Exit code 1 when there is an error, with --strict also when there is a warning.
    """
    from devenv.errors import Report
    from devenv.ops.lint import lint

    format = Format.JSON if json else format
    session = session_of(ctx, file=file, json=format is Format.JSON, quiet=quiet)
    if list_rules:
        return _list(session)
    if dry_run and not fix:
        raise DevenvError.of("DE710", "devenv lint: --dry-run says what --fix would do", hint="add --fix")
    report, world = Report(), None
    try:
        world = session.world()
        if fix:
            _mend(session, world, rules or (), dry_run)
        found = lint(world, report, only=rules or ())
    except DevenvError as error:
        _show_problems(session, world, error, format)
        raise
    session.warn(report)
    failed = [
        one for one in found.verdict.findings if one.severity == "error" or (strict and one.severity == "warning")
    ]
    _show(session, found, format, failed)
    return ExitCode.FAILED if failed else ExitCode.OK


def _show(session: Session, found: Linted, format: Format, failed: Sequence[Finding]) -> None:
    from devenv.ui.text import visible

    console, verdict = session.console, found.verdict
    if format is Format.JSON:
        from devenv.ui.lint import verdict_as_json

        console.print(verdict_as_json(found.stack, verdict, not failed))
    elif format is Format.SARIF:
        from devenv.ops.lint import rule_words
        from devenv.ui.annotations import as_sarif

        console.print(as_sarif(verdict, found.manifest, found.above, found.local, rule_words()))
    elif format is Format.GITHUB:
        from devenv.ui.annotations import as_github

        if lines := as_github(verdict, found.above, found.local):
            console.out.write(lines + "\n")
    else:
        from devenv.ui.lint import format_verdict

        only = failed if session.quiet else None
        text = format_verdict(verdict, colour=console.colour_out, width=console.width_out, only=only)
        if text or not session.quiet:
            console.print(text or f"{visible(found.manifest)}: nothing to object to")


def _show_problems(session: Session, world: World | None, error: DevenvError, format: Format) -> None:
    """What keeps the stack from being looked at, in a CI's form: JSON is written where all errors are."""
    if format not in (Format.GITHUB, Format.SARIF):
        return
    from devenv.ops.lint import local_files
    from devenv.ui.annotations import problems_as_github, problems_as_sarif

    above, local, manifest = "", frozenset[str](), session.file or "devenv.yaml"
    if world is not None:
        project = world.project
        above, manifest = project.above(), project.manifest
        local = local_files(project, (problem.mark for problem in error.problems))
    if format is Format.GITHUB:
        session.console.out.write(problems_as_github(error.problems, above, local) + "\n")
    else:
        session.console.print(problems_as_sarif(error.problems, error.exit_code, manifest, above, local))


def _mend(session: Session, world: World, rules: Sequence[str], dry: bool) -> None:
    """Mends, and shows how on stderr: the findings that are left are the result."""
    from devenv.ops.lint_fix import mend
    from devenv.ui.edit import format_diff
    from devenv.ui.problems import tell
    from devenv.ui.text import plural

    mended, console = mend(world, only=rules, dry=dry), session.console
    if session.json or session.quiet:
        return
    if mended.diff:
        console.say(format_diff(mended.diff, colour=console.colour_err) + "\n")
    if mended.problems:
        tell(console, mended.problems)
    done = plural(len(mended.made), "finding") if mended.made else "nothing"
    console.say(f"{done} {'would be' if dry else 'is' if len(mended.made) < 2 else 'are'} mended")


def _list(session: Session) -> int:
    from devenv.ops.lint import rule_rows
    from devenv.ui.lint import format_rules, rules_as_json

    console = session.console
    if session.json:
        console.print(rules_as_json(rule_rows()))
    else:
        console.print(format_rules(rule_rows(), colour=console.colour_out, width=console.width_out))
    return 0
