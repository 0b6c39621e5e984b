"""Choosing how an operation's events are shown: live, plain, JSON, or only failures."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Literal, Protocol

from devenv.events import Event
from devenv.ui.console import Console

Kind = Literal["live", "plain", "json", "quiet"]


class Progress(AbstractContextManager["Progress"], Protocol):
    """A sink of events that owns a part of the screen while it is entered. Takes events from any thread."""

    def __call__(self, event: Event) -> None: ...
    def suspended(self) -> AbstractContextManager[None]:
        """Gives the screen away for as long as it is entered, for a question to a person."""
        ...


def choose(console: Console, *, json: bool = False, quiet: bool = False, plain: bool = False) -> Kind:
    """Which view fits the flags and the terminal. `json` wins over `quiet`, `quiet` over `plain`."""
    if json:
        return "json"
    if quiet:
        return "quiet"
    return "plain" if plain or not console.live else "live"


def progress(console: Console, kind: Kind, *, verbose: bool = False) -> Progress:
    """The view; imports only the one that is asked for."""
    if kind == "live":
        from devenv.ui.progress_live import LiveProgress

        return LiveProgress(console, verbose=verbose)
    if kind == "json":
        from devenv.ui.progress_json import JsonProgress

        return JsonProgress(console)
    from devenv.ui.progress_plain import PlainProgress

    return PlainProgress(console, verbose=verbose, quiet=kind == "quiet")
