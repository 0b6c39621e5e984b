"""Candidates for shell completion, read from the manifest cheaply; whatever goes wrong, there are none. What a shell
could take for more than a word is none either: zsh evaluates what it is offered."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from devenv.engine.world import World

_WORD = re.compile(r"[\w.@/:+=,%\[\] -]+")


def complete_services(ctx: typer.Context, incomplete: str) -> list[str]:
    """Names of the manifest's services that are not on the line yet."""
    given = ctx.params.get("services") or ()
    return [name for name in _candidates(ctx, _services) if name.startswith(incomplete) and name not in given]


def complete_setups(ctx: typer.Context, incomplete: str) -> list[str]:
    """Names of the manifest's services, for `--setup`."""
    given = ctx.params.get("setup") or ()
    return [name for name in _candidates(ctx, _services) if name.startswith(incomplete) and name not in given]


def complete_modes(ctx: typer.Context, incomplete: str) -> list[str]:
    """Names of the manifest's modes."""
    return [name for name in _candidates(ctx, _modes) if name.startswith(incomplete)]


def complete_templates(ctx: typer.Context, incomplete: str) -> list[str]:
    """Names of the catalog's templates."""
    return [name for name in _candidates(ctx, _templates) if name.startswith(incomplete)]


def complete_locked(ctx: typer.Context, incomplete: str) -> list[str]:
    """What the lock pins, by the names that `upgrade` takes."""
    given = ctx.params.get("names") or ()
    return [name for name in _candidates(ctx, _locked) if name.startswith(incomplete) and name not in given]


def complete_paths(ctx: typer.Context, incomplete: str) -> list[str]:
    """Paths of the manifest's values, one step further than what is on the line."""
    above = incomplete.rpartition(".")[0]

    def find(world: World) -> list[str]:
        from devenv.ops.editing.values import keys_below

        return keys_below(world, above)

    return [path for path in _candidates(ctx, find) if path.startswith(incomplete)]


def complete_parameters(ctx: typer.Context, incomplete: str) -> list[str]:
    """`KEY=` for the parameters of the template that is on the line."""

    def find(world: World) -> list[str]:
        from devenv.ops.catalog import template
        from devenv.ops.catalogs import project_catalog

        named = ctx.params.get("template") or ctx.args[0]  # the option that is being typed keeps the rest unparsed
        return list(template(project_catalog(world).catalog, named).parameters)

    return [f"{name}=" for name in _candidates(ctx, find) if f"{name}=".startswith(incomplete)]


def complete_explained(ctx: typer.Context, incomplete: str) -> list[str]:
    """Paths that `devenv explain` takes."""

    def find(world: World) -> list[str]:
        from devenv.ops.explain import candidates

        return candidates(world, incomplete)

    return _candidates(ctx, find)


def complete_rules(ctx: typer.Context, incomplete: str) -> list[str]:
    """Names of the rules that are not on the line yet, or their codes for who begins one."""
    from devenv.ops.lint import rule_rows

    given = ctx.params.get("rules") or ()
    known = [row[0 if incomplete[:1].isupper() else 1] for row in rule_rows()]
    return [name for name in known if name.startswith(incomplete) and name not in given]


def _candidates(ctx: typer.Context, find: Callable[[World], list[str]]) -> list[str]:
    from devenv.cli.world import open_world

    directory = ctx.find_root().params.get("directory")
    try:
        found = find(open_world(Path(directory or os.curdir), ctx.params.get("file")))
    except Exception:
        return []  # someone is in the middle of a line: a missing or broken manifest must not print there
    return [name for name in found if _WORD.fullmatch(name)]


def _locked(world: World) -> list[str]:
    from devenv.errors import Report
    from devenv.ops.locking.names import locked_names

    return locked_names(world.project, Report())


def _templates(world: World) -> list[str]:
    from devenv.ops.catalogs import project_catalog

    return project_catalog(world).catalog.names()


def _services(world: World) -> list[str]:
    from devenv.errors import Report
    from devenv.ops.load import read_manifest

    manifest = read_manifest(world, Report())
    return [] if manifest is None else list(manifest.services)


def _modes(world: World) -> list[str]:
    from devenv.errors import Report
    from devenv.ops.load import read_manifest

    manifest = read_manifest(world, Report())
    return [] if manifest is None else list(manifest.modes)
