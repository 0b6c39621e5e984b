"""Candidates for shell completion, read from the manifest cheaply; whatever goes wrong, there are none."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from devenv.engine.world import World


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
    return [name for name in _candidates(ctx, lambda world: world.catalog.names()) if name.startswith(incomplete)]


def _candidates(ctx: typer.Context, find: Callable[[World], list[str]]) -> list[str]:
    from devenv.cli.world import open_world

    directory = ctx.find_root().params.get("directory")
    try:
        return find(open_world(Path(directory or os.curdir), ctx.params.get("file")))
    except Exception:
        return []  # someone is in the middle of a line: a missing or broken manifest must not print there


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
