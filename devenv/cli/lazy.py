"""Typer's group of commands, each imported only when it is run, asked for help, or completed."""

from __future__ import annotations

import os
import re
from difflib import get_close_matches
from importlib import import_module
from keyword import iskeyword
from typing import Annotated, Any

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup
from typer.main import get_command

from devenv.cli.commands import COMMANDS
from devenv.cli.session import Session
from devenv.engine.user_folders import expanded
from devenv.errors import DevenvError

# Typer may carry click inside itself: these bases are reached through a name that Typer exports.
_USAGE_ERROR: type[Exception] = typer.BadParameter.__mro__[1]
_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def run(args: list[str], session: Session) -> int:
    """Parses and runs one command line. Raises DevenvError, DE710 for what cannot be understood."""
    group = get_command(_application())
    if "_DEVENV_COMPLETE" in os.environ:
        group.main(args=args, prog_name="devenv")
    try:
        with group.make_context("devenv", args, obj=session) as ctx:
            return int(group.invoke(ctx) or 0)
    except typer.Exit as end:
        return end.exit_code
    except SystemExit as end:  # --install-completion ends like this
        return end.code if isinstance(end.code, int) else 0
    except _USAGE_ERROR as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # a group alone tells its commands, as `devenv` alone does
            session.console.print(error.ctx.get_help())  # type: ignore[attr-defined]
            return 0
        raise _usage(error) from error


class LazyGroup(TyperGroup):
    """Knows its commands' names and helps from a table, and imports one only to run it."""

    _listing = False

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        return list(COMMANDS)

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Any:  # type: ignore[override]
        if cmd_name not in COMMANDS:
            return None
        if self._listing:
            return PlainCommand(cmd_name, help=COMMANDS[cmd_name])
        return load(cmd_name)

    def resolve_command(self, ctx: typer.Context, args: list[str]) -> Any:  # type: ignore[override]
        if args[0] not in COMMANDS and not ctx.resilient_parsing:
            hint = _did_you_mean(args[0], list(COMMANDS)) or "`devenv --help` lists the commands"
            raise DevenvError.of("DE710", f"there is no command '{args[0]}'", hint=hint)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: typer.Context, formatter: Any) -> None:  # type: ignore[override]
        self._listing = True
        try:
            super().format_commands(ctx, formatter)
        finally:
            self._listing = False

    def shell_complete(self, ctx: typer.Context, incomplete: str) -> Any:  # type: ignore[override]
        self._listing = True
        try:
            return super().shell_complete(ctx, incomplete)
        finally:
            self._listing = False


def load(name: str) -> Any:
    """The command of that name, ready to run; imports its module."""
    module = import_module(module_name(name))
    app = getattr(module, "app", None)
    if app is None:
        app = _typer()
        settings = {**_SETTINGS, **getattr(module, "SETTINGS", {})}
        app.command(name, cls=PlainCommand, epilog=_epilog(module), context_settings=settings)(module.command)
    return get_command(app)


def module_name(command: str) -> str:
    """Where a command is: the module of its name, with `_` where Python has a use for the name itself."""
    return f"devenv.cli.{command}_" if iskeyword(command) else f"devenv.cli.{command}"


class PlainCommand(TyperCommand):
    """A command whose help writes arguments as people type them: no Python types, no braces."""

    def collect_usage_pieces(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        arguments = [param for param in self.params if isinstance(param, TyperArgument)]
        return ["[OPTIONS]", *map(_argument, arguments)]

    def get_short_help_str(self, limit: int = 45) -> str:
        """The first sentence, whole: click would cut it off."""
        return " ".join((self.help or "").partition("\n\n")[0].split())


def _argument(param: TyperArgument) -> str:
    name = str(param.metavar or param.name)
    return (name if param.required else f"[{name}]") + ("..." if param.nargs != 1 else "")


def _epilog(module: Any) -> str | None:
    # \b keeps click from joining the lines of an example.
    example = getattr(module, "EXAMPLE", None)
    return "\b\n" + "\n".join(["Example:", *("  " + line for line in example.splitlines())]) if example else None


def _typer() -> typer.Typer:
    return typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


def _application() -> typer.Typer:
    app = typer.Typer(
        cls=LazyGroup,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings=_SETTINGS,
        epilog="`devenv COMMAND --help` tells more about one.",
    )
    app.callback()(_root)
    return app


def _print_version(ctx: typer.Context, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from devenv import __version__

        ctx.find_root().obj.console.print(f"devenv {__version__}")
        raise typer.Exit


def _root(
    ctx: typer.Context,
    directory: Annotated[
        str | None, typer.Option("-C", metavar="DIR", help="Work as if started in this folder.")
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Show the version and exit.")
    ] = False,
) -> None:
    """One command from a manifest to a healthy stack of containers."""
    if directory is None:
        return
    folder = expanded(directory)
    if not folder.is_dir():
        raise DevenvError.of("DE710", f"-C: there is no folder '{directory}'")
    ctx.obj.directory = folder


def _usage(error: Exception) -> DevenvError:
    """The parser's complaint in our words, with a suggestion where one is near."""
    ctx = getattr(error, "ctx", None)
    path = ctx.command_path if ctx else "devenv"
    hint = f"`{path} --help` tells what it takes"
    option = getattr(error, "option_name", None)
    if type(error).__name__ == "NoSuchOption" and option and ctx:
        return DevenvError.of("DE710", f"{path}: there is no option '{option}'", hint=_option_hint(ctx, option) or hint)
    found = re.match(r"No such command '(.+?)'", str(error))
    if ctx and found:
        hint = _did_you_mean(found[1], list(ctx.command.commands)) or hint
        return DevenvError.of("DE710", f"{path}: there is no command '{found[1]}'", hint=hint)
    message = error.format_message() if hasattr(error, "format_message") else str(error)
    message = re.sub(r"a valid int(eger)?( range)?\b", "a whole number", message.strip().rstrip("."))
    return DevenvError.of("DE710", f"{path}: {message[:1].lower()}{message[1:]}", hint=hint)


def _option_hint(ctx: typer.Context, option: str) -> str | None:
    names = [name for param in ctx.command.get_params(ctx) for name in (*param.opts, *param.secondary_opts)]
    names = [name for name in names if name.startswith("-")]
    if ctx.parent is None and option in ("--json", "--file", "-f", "--yes", "-y", "--quiet", "--plain", "--verbose"):
        return f"write it after the command: `devenv COMMAND {option}`"
    if ctx.parent is not None and option in ("-C", "--version"):
        return f"write it before the command: `devenv {option}{' DIR' if option == '-C' else ''} {ctx.info_name}`"
    return _did_you_mean(option, names)


def _did_you_mean(word: str, candidates: list[str]) -> str | None:
    near = get_close_matches(word, candidates, n=1, cutoff=0.5)
    return f"did you mean '{near[0]}'?" if near else None
