"""What the proofs of a template work with, and what they find."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from devenv.core.templates import edges
from devenv.core.templates.instance import Use
from devenv.core.yaml.source import dump
from devenv.engine.world import Catalog, World, random_text
from devenv.errors import ExitCode, Problem, Report
from devenv.ops.load import read_template
from devenv.records import frozen, replace

MANIFEST = "devenv.yaml"


class State(StrEnum):
    """How a check ended. What cannot be checked is skipped, with a reason; nothing is what there is none of."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"
    NOTHING = "nothing"


@frozen
class Proved:
    """One result: `detail` in a few words, `problems` and `evidence` (other programs' words) of a failure."""

    template: str
    check: str
    state: State
    detail: str = ""
    problems: tuple[Problem, ...] = ()
    evidence: tuple[str, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        if self.state is not State.FAILED:
            return ExitCode.OK
        return ExitCode.INVALID if self.problems else ExitCode.FAILED


class Scratch(Protocol):
    """Makes a folder with files and folders that is gone afterwards: `engine.scratch.scratch`."""

    def __call__(self, files: Mapping[str, str], folders: tuple[str, ...] = ()) -> AbstractContextManager[Path]: ...


@frozen
class Bench:
    """What a proof works with: folders to throw away, and worlds in these."""

    scratch: Scratch
    open_world: Callable[[Path], World]
    random: Callable[[int], str] = random_text

    def world(self, folder: Path, catalog: Catalog) -> World:
        """The world of the manifest in `folder`, with the templates of `catalog`."""
        return replace(self.open_world(folder), catalog=catalog)


def manifest(name: str, services: Mapping[str, object]) -> str:
    """The text of a manifest of these services."""
    return dump({"devenv": 1, "name": name, "services": dict(services)})


def tried(catalog: Catalog, use: str, name: str) -> dict[str, object]:
    """The services of a stack that tries a template: the one called `name` that uses it, and those beside it."""
    template = read_template(catalog, Use.parse(use).name, Report())
    if template is None:
        return {name: {"use": use}}
    beside = {neighbour: {"use": its} for neighbour, its in template.test.beside.items()}
    return {**beside, name: service(use, "", edges.values(template, "required") | template.test.with_)}


def service(name: str, version: str, with_: Mapping[str, object]) -> dict[str, object]:
    """A service of a manifest that uses a template."""
    use = f"{name}@{version}" if version else name
    return {"use": use, **({"with": dict(with_)} if with_ else {})}
