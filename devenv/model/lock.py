"""What `devenv.lock` says: which bytes stand behind the names that a manifest writes."""

from __future__ import annotations

from typing import Literal

from devenv.model.plan import Change
from devenv.records import field, frozen, replace

LOCK_FILE = "devenv.lock"
LOCK_FORMAT = 1

LOCKED = "DEVENV_LOCKED_"
"""Begins the variables that hold what images are whose names hold variables."""

Kind = Literal["catalogs", "includes"]
"""The two sorts of remote sources, as the lock's sections are called."""

KINDS: tuple[Kind, ...] = ("catalogs", "includes")


@frozen
class Source:
    """A remote source as a manifest names it: a Git address, a ref (empty: the default branch), a folder in it."""

    git: str
    ref: str = ""
    path: str = ""

    def __str__(self) -> str:
        ref = f" at {self.ref}" if self.ref else ""
        return f"{self.git}{ref}{f' ({self.path})' if self.path else ''}"


@frozen(kw_only=True)
class Pin:
    """What a remote source is: the commit that its ref named, and what stands for the files of its folder there."""

    git: str
    ref: str = ""
    path: str = ""
    commit: str
    content: str

    @property
    def source(self) -> Source:
        return Source(git=self.git, ref=self.ref, path=self.path)


@frozen
class LockedImage:
    """An image's name is this digest: of the registry's index of all platforms where it has one, else of the image
    itself. `platforms` holds the digest of each platform's own manifest, by name (`linux/amd64`)."""

    digest: str
    platforms: dict[str, str] = field(default_factory=dict)


@frozen
class LockedTemplate:
    """A template in use: the catalog that it came from (`built-in`, or a Git address) and what stands for its files."""

    catalog: str
    content: str


@frozen
class Lock:
    """The whole lock. `devenv` is the range of releases that generate the same from it; `trusted` are the addresses
    whose first use a person has agreed to; `images` go by the name that the stack asks for."""

    format: Literal[1] = 1
    devenv: str = ""
    trusted: tuple[str, ...] = ()
    catalogs: tuple[Pin, ...] = ()
    includes: tuple[Pin, ...] = ()
    templates: dict[str, LockedTemplate] = field(default_factory=dict)
    images: dict[str, LockedImage] = field(default_factory=dict)

    def pins(self, kind: Kind) -> tuple[Pin, ...]:
        return self.catalogs if kind == "catalogs" else self.includes

    def pin(self, kind: Kind, source: Source) -> Pin | None:
        """What a source is pinned to; None when the lock does not have it."""
        return next((pin for pin in self.pins(kind) if pin.source == source), None)

    def with_pin(self, kind: Kind, pin: Pin) -> Lock:
        """This lock, with a source pinned (anew), and its address trusted."""
        others = tuple(p for p in self.pins(kind) if p.source != pin.source)
        return replace(self, **{kind: (*others, pin)}, trusted=tuple(sorted({*self.trusted, pin.git})))


@frozen
class Wanted:
    """What a stack asks for that a lock pins: names of images, remote sources, and templates as they are now."""

    images: tuple[str, ...] = ()
    catalogs: tuple[Source, ...] = ()
    includes: tuple[Source, ...] = ()
    templates: dict[str, LockedTemplate] = field(default_factory=dict)

    def sources(self, kind: Kind) -> tuple[Source, ...]:
        return self.catalogs if kind == "catalogs" else self.includes


ChangeKind = Literal["devenv", "catalog", "include", "template", "image", "version"]


@frozen
class LockChange:
    """One entry of a lock that differs: None where there was or is none. Of what another file than the manifest would
    have to name anew, `file` is that one."""

    kind: ChangeKind
    name: str
    before: str | None = None
    after: str | None = None
    file: str | None = None


@frozen
class FileDiff:
    """How a template's file differs: lines of a unified difference, and how many more there are."""

    file: str
    lines: tuple[str, ...]
    more: int = 0


@frozen
class StackChange:
    """What a change of the lock means for a service, key by key when it is changed."""

    service: str
    kind: Literal["added", "removed", "changed"]
    changes: tuple[Change, ...] = ()
