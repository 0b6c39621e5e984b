"""Asking before something is changed that a person did not name."""

from __future__ import annotations

from devenv.ui.console import Console
from devenv.ui.text import visible, wrapped


def consent(console: Console, question: str, *, yes: bool) -> bool:
    """Whether to go on: `--yes` says so, or the person at the terminal; the default is no.

    Without a terminal the answer is no, and one line on stderr says which flag would say yes.
    """
    if yes:
        return True
    if not console.interactive:
        told = f"{visible(question)} Nobody can be asked here; pass --yes to agree."
        console.say(wrapped(told, console.width_err))
        return False
    console.out.flush()
    while True:
        console.err.write(wrapped(f"{visible(question)} [y/N] ", console.width_err))
        console.err.flush()
        answer = console.input.readline()
        if not answer:
            console.say("")
            return False
        word = answer.strip().lower()
        if word in ("y", "yes"):
            return True
        if word in ("", "n", "no"):
            return False
        console.say("Please answer y or n.")
