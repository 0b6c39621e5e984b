"""The policies that hold for a stack, from wherever they stand."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from devenv.engine.world import Catalog, World
from devenv.errors import DevenvError, Report
from devenv.ops.config import configuration

if TYPE_CHECKING:
    from devenv.model.lint import Policy

OWN_FILE = "devenv.policy.yaml"
"""The repository's own policy, beside the manifest."""


class Written(NamedTuple):
    """A policy's file; what people call it when it has no name, and whether it is the repository's own."""

    file: str
    text: str
    name: str
    own: bool


def read_policies(world: World, report: Report, catalog: Catalog | None = None) -> list[Policy]:
    """Those that the machine's configuration names and the repository's own, or those of a `catalog`. Problems go to
    `report`."""
    found = written(world, report) if catalog is None else of_catalog(world, catalog)
    return load_written(list(found), report)


def load_written(found: Sequence[Written], report: Report) -> list[Policy]:
    """Those of the files that make sense."""
    if not found:
        return []  # the rules need not be imported
    from devenv.core.policy.policy import load_policy
    from devenv.core.yaml.source import parse

    policies = []
    for one in found:
        before = len(report.errors)
        data = parse(one.text, one.file, report)
        if data is not None or len(report.errors) == before:
            policy = load_policy(data, one.file, report, own=one.own, name=one.name)
            policies += [policy] if policy is not None else []
    return policies


def legible(world: World, catalog: Catalog, report: Report, word: str = "") -> list[Policy]:
    """All that hold for a stack, if one of their files has the `word` in it. One that cannot be read is a warning in
    `report`: what it was to ask for nobody knows."""
    problems = Report()
    files = [*written(world, problems), *of_catalog(world, catalog)]
    policies = load_written(files, problems) if any(word in one.text for one in files) else []
    if problems.errors:
        names = ", ".join(dict.fromkeys(p.mark.file if p.mark else p.message for p in problems.errors))
        hint = "`devenv lint` shows what is wrong"
        report.add("DE801", f"a policy cannot be read, and is not enforced: {names}", hint=hint, warning=True)
    return policies


def written(world: World, report: Report) -> Iterator[Written]:
    """The files of machine and repository, as they are; what cannot be read goes to `report`."""
    try:
        shared = configuration(world).policies
    except DevenvError as error:
        report.problems += error.problems
        shared = ()
    for path in shared:
        try:
            yield Written(path, world.shared(path), "this machine's policy", False)
        except DevenvError as error:
            report.problems += error.problems
    if world.project.exists(OWN_FILE, "file"):
        yield Written(OWN_FILE, world.project.read(OWN_FILE), "this repository's policy", True)


def of_catalog(world: World, catalog: Catalog) -> Iterator[Written]:
    """The same of the catalogs that a stack names."""
    for file, text in dict.fromkeys(catalog.policies()):  # one that an included stack names as well is one
        beside = not posixpath.isabs(file) and not posixpath.normpath(file).startswith("..")
        own = beside and world.project.exists(file, "file")  # and not that of a remote catalog
        yield Written(file, text, f"the policy in {file}", own)
