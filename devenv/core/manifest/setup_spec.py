"""`setup` and `provision` of a service and `inputs` of a job: commands, and the files that make them run again."""

from __future__ import annotations

from posixpath import normpath

from devenv.core.manifest.node import Node, quoted
from devenv.core.manifest.readiness import read_command

Commands = tuple[str | tuple[str, ...], ...]

_KEYS = ("run", "inputs")


def read_setup(node: Node) -> tuple[Commands, tuple[str, ...]]:
    """The commands and inputs of a `setup` or `provision`: a command, a list of them, or `{run, inputs}`."""
    if not isinstance(node.value, dict):
        return _commands(node), ()
    inputs: tuple[str, ...] = ()
    commands: Commands = ()
    for key, child in node.children():
        if key == "run":
            commands = _commands(child)
        elif key == "inputs":
            inputs = read_inputs(child)
        elif not key.startswith("x-"):
            node.unknown(key, _KEYS, "commands stand under 'run'" if key in ("command", "commands") else None)
    if "run" not in node.value and node.holds_only(_KEYS):
        node.problem("DE217", "'run' is missing: the commands", "write {run: […], inputs: […]}", of_key=True)
    return commands, inputs


def read_inputs(node: Node) -> tuple[str, ...]:
    """Paths and globs, relative to the manifest's folder."""
    found = node.names("a list of paths") or []
    paths = [_path(name, item) for name, item in found]
    return tuple(path for path in paths if path is not None)


def _path(written: str, node: Node) -> str | None:
    hint = "paths are relative to the manifest's folder"
    if written.startswith(("/", "~")) or "\\" in written or written[1:2] == ":":
        node.problem("DE214", f"{quoted(written)} is no path below or beside the manifest's folder", hint)
    elif "$" in written or "\0" in written:
        node.problem("DE214", f"{quoted(written)}: a path of 'inputs' holds no variables", hint)
    elif "**" in written and any("**" in part and part != "**" for part in written.split("/")):
        node.problem("DE214", f"{quoted(written)}: '**' stands alone between two slashes", "write folder/**/*.sql")
    else:
        return normpath(written) + ("/" if written.endswith("/") and normpath(written) != "." else "")
    return None


def _commands(node: Node) -> Commands:
    if isinstance(node.value, list):
        commands = [read_command(item) for item in node.items()]
        return tuple(command for command in commands if command is not None)
    if isinstance(node.value, dict | None):
        node.wrong_kind("a list of commands", "write one command per line, each after '- '")
        return ()
    command = node.text("a command")
    return () if command is None else (command,)
