"""Where a value comes from, as data: the steps by which it came about, each with its place."""

from __future__ import annotations

from typing import Literal

from devenv.errors import Mark
from devenv.model.lint import Finding, Waived
from devenv.records import frozen

Kind = Literal[
    "manifest",  # the person wrote it
    "override",  # the person's own devenv.local.yaml
    "include",  # another manifest or Compose file that is included
    "template",  # a template's text
    "parameter",  # a template's parameter, set or by default
    "lock",  # devenv.lock says which bytes a name stands for
    "reference",  # `${db.url}`
    "output",  # what another service tells
    "need",  # variables and order from `needs`
    "devenv",  # devenv makes it so
    "variable",  # Compose puts it in on this machine
]


@frozen
class Step:
    """One step on the way of a value: what happens, the text that comes of it (None where that says nothing), where it
    is written, and what it was made from. `replaced` says that another value counts in its place: it has no effect."""

    kind: Kind
    what: str
    value: str | None = None
    mark: Mark | None = None
    parts: tuple[Step, ...] = ()
    replaced: bool = False

    def all(self) -> list[Step]:
        """This step and every one below it."""
        return [self, *(one for part in self.parts for one in part.all())]


@frozen
class Explanation:
    """One value of the generated file (or a key of devenv's own, which is `own`).

    `value` is its text there, `here` the text that Compose makes of it on this machine (None where that is the same);
    neither shows a secret. `makes` are the paths that a key of devenv's own has an effect on; `objections` is what
    policies have against the value, `waived` what they would have without a waiver.
    """

    path: str
    value: str
    here: str | None
    steps: tuple[Step, ...]
    own: bool = False
    makes: tuple[str, ...] = ()
    objections: tuple[Finding, ...] = ()
    waived: tuple[Waived, ...] = ()


@frozen
class Variable:
    """A variable that Compose puts in: its value, and where it is set (`.env`, `the environment`)."""

    value: str
    source: str
