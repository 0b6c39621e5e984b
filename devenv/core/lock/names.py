"""What a person means by a name that is given to `upgrade`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from devenv.core.lock.state import same_image
from devenv.core.suggest import suggest
from devenv.errors import DevenvError, Problem
from devenv.model.lock import KINDS, Lock, Source, Wanted
from devenv.model.manifest import template_name
from devenv.records import frozen


@frozen
class Choice:
    """The parts of a lock that are to be renewed. `drawn` are those of the `sources` that come with a template:
    a catalog is at one commit, with all that is in it."""

    devenv: bool
    sources: frozenset[Source]
    templates: frozenset[str]
    images: frozenset[str]
    drawn: frozenset[Source] = frozenset()


def choose(names: Sequence[str], lock: Lock, wanted: Wanted, services: Mapping[str, Sequence[str]]) -> Choice:
    """The parts that `names` name: `devenv`, images, templates, sources (their address, or its last part), or services
    (then their images, by `services`); everything when there are no names. A remote template brings its catalog. Raises
    DevenvError DE784 for other names."""
    sources = [source for kind in KINDS for source in wanted.sources(kind)]
    if not names:
        return Choice(True, frozenset(sources), frozenset(wanted.templates), frozenset(wanted.images))
    found: dict[str, list[str | Source]] = {name: list(_meant(name, sources, wanted, services)) for name in names}
    known = ["devenv", *wanted.images, *wanted.templates, *services, *map(short_name, sources)]
    problems = [
        Problem("DE784", f"nothing in the lock is called '{name}'", hint=suggest(name, known) or _HINT)
        for name, meant in found.items()
        if not meant and name != "devenv"
    ]
    if problems:
        raise DevenvError(*problems)
    meant = [one for several in found.values() for one in several]
    named = frozenset(one for one in meant if isinstance(one, Source))
    templates = frozenset(one for one in meant if isinstance(one, str) and one in wanted.templates)
    catalogs = {wanted.templates[name].catalog for name in templates}
    drawn = frozenset(source for source in wanted.catalogs if str(source) in catalogs) - named
    return Choice(
        "devenv" in names,
        named | drawn,
        templates,
        frozenset(one for one in meant if isinstance(one, str) and one in wanted.images),
        drawn,
    )


_HINT = "name an image, a template, a service, a catalog's address, or 'devenv'"


def short_name(source: Source) -> str:
    """The last part of a source's address: `platform` of `https://host/team/platform.git`."""
    return source.git.rstrip("/").replace(":", "/").rpartition("/")[2].removesuffix(".git")


def _meant(
    name: str, sources: Sequence[Source], wanted: Wanted, services: Mapping[str, Sequence[str]]
) -> Iterator[str | Source]:
    yield from (source for source in sources if name in (source.git, str(source), short_name(source)))
    yield from (called for called in wanted.templates if name in (called, template_name(called)))
    yield from (image for image in wanted.images if image == name or (_tagged(name) and same_image(image, name)))
    yield from (image for image in services.get(name, ()) if image in wanted.images)


def _tagged(name: str) -> bool:
    return ":" in name or "/" in name
