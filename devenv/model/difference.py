"""What a change means for a stack: service by service and key by key, with what caused it."""

from __future__ import annotations

from typing import Literal

from devenv.errors import Mark
from devenv.records import frozen

Kind = Literal["added", "removed", "changed"]


@frozen
class Why:
    """What caused a difference: words, and the place (None where nobody wrote it). `old` says that it is a place in the
    older of the two."""

    what: str
    mark: Mark | None = None
    old: bool = False


@frozen
class Difference:
    """A key whose value is another now: both in words for people, None where there was or is none; secrets are
    hidden. `lines` are the changed ones of texts of several lines, as a unified diff has them.
    `services` are those that use what is shared; `within` are the keys that hold a variable which is another now."""

    key: str
    old: str | None
    new: str | None
    whys: tuple[Why, ...] = ()
    lines: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    within: tuple[str, ...] = ()


@frozen
class ServiceDifference:
    """What becomes of one service. `about` says in words what it is (or why it must change), `data` what happens to
    its data, in sentences. `like` names the service of which it is the setup, where it only shares that one's changes.
    """

    service: str
    kind: Kind
    about: str = ""
    mark: Mark | None = None
    changes: tuple[Difference, ...] = ()
    data: tuple[str, ...] = ()
    like: str = ""


@frozen
class StackDifference:
    """`old` and `new` name the two that were compared. `shared` is what belongs to no service: the name, modes, checks,
    volumes, networks, configs and secrets. `data` and `notes` concern the whole stack."""

    stack: str
    old: str
    new: str
    services: tuple[ServiceDifference, ...] = ()
    shared: tuple[Difference, ...] = ()
    data: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether both mean the same."""
        return not (self.services or self.shared)
