"""The tree of included files: which there are, and what each of their services is called in the whole stack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from devenv.core.inclusion.entries import Entry
from devenv.core.inclusion.variables import FromFile, VariablesOf
from devenv.errors import Mark
from devenv.model.data import Map
from devenv.model.git_address import of_this_machine
from devenv.records import field, frozen, mutable

SEPARATOR = "-"


@mutable
class Fetched:
    """What an entry names, read: `texts` are names (for people) and contents of its files, later ones are merged over
    earlier ones. `identity` is the same however the first file is named; `source` is the address of its repository,
    `host/path` or an absolute path.

    `folder` is what its relative paths are relative to, itself relative to the stack's folder; `tree` the folder that
    a remote file's paths stay in, None for files of one's own. `variables` are those of its `.env`; `variables_of`
    reads another file of a remote tree.
    """

    identity: str
    texts: tuple[tuple[str, str], ...]
    folder: str
    tree: str | None = None
    source: str = ""
    variables: Mapping[str, FromFile] = field(default_factory=dict)
    variables_of: VariablesOf = lambda path: None


def may_not_name(git: str, base: Fetched) -> bool:
    """Whether `git` is a repository of this machine, and `base` a file that came over the network."""
    return base.tree is not None and not base.source.startswith("/") and of_this_machine(git)


@mutable
class Node:
    """One included file (or the stack's own, at the top) with what it includes itself.

    `prefix` is that of all the entries that lead here; `name` stands for the file where it shares a server without one.
    """

    fetched: Fetched
    data: Map
    entry: Entry | None = None
    above: Node | None = None
    prefix: str = ""
    name: str = ""
    compose: bool = False
    children: list[Node] = field(default_factory=list)
    backs: list[Back] = field(default_factory=list)

    @property
    def label(self) -> str:
        """The file's name for people."""
        return self.fetched.texts[0][0]

    @property
    def included_at(self) -> Mark | None:
        """Where the stack's own file includes what leads here."""
        if self.above is None or self.entry is None:
            return None
        return self.above.included_at or self.entry.mark

    def own(self) -> list[str]:
        """The names of its services, as it calls them."""
        services = self.data.get("services")
        return list(services) if isinstance(services, dict) else []

    def full(self, name: str) -> str:
        """What something that this file declares is called in the whole stack."""
        return joined(self.prefix, name)

    def service(self, name: str) -> str:
        """The same for a service: one that stands for a part of a shared server keeps out of the way of the server."""
        if self.entry is not None and name in self.entry.share and not self.entry.prefix:
            return self.full(joined(self.name, name))
        return self.full(name)

    def exports(self) -> dict[str, str]:
        """Every service that comes from here: what this file calls it → what the stack calls it."""
        names = {name: self.service(name) for name in self.own()}
        for child in self.children:
            prefix = child.entry.prefix if child.entry is not None else ""
            for name, full in child.exports().items():
                names.setdefault(joined(prefix, name), full)
        return names

    def names(self) -> dict[str, str]:
        """Every service that this file may name, those of files further up that it includes back among them."""
        names = self.exports()
        for back in self.backs:
            for name, full in back.to.exports().items():
                names.setdefault(joined(back.prefix, name), full)
        return names

    def chain(self) -> list[Node]:
        """From the top to this one."""
        return [*(self.above.chain() if self.above is not None else ()), self]

    def walk(self) -> Iterator[Node]:
        """This one and all below, each after those that it includes."""
        for child in self.children:
            yield from child.walk()
        yield self


@frozen
class Back:
    """An include of a file that is being included: it means the services that are already there."""

    to: Node
    prefix: str


def joined(prefix: str, name: str) -> str:
    """A name with a prefix before it, if there is one."""
    return f"{prefix}{SEPARATOR}{name}" if prefix and name else prefix or name


def before(prefix: str) -> str:
    """What stands before each name with this prefix."""
    return f"{prefix}{SEPARATOR}" if prefix else ""
