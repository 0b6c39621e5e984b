"""What a lock says against what the stack asks for: missing, changed, and no longer used."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from zlib import crc32

from devenv.core.compose.interpolate import ending, interpolate, variables_of
from devenv.core.lock.releases import range_of, within
from devenv.errors import DevenvError, Problem
from devenv.model.image_name import canonical, is_name
from devenv.model.lock import KINDS, LOCK_FILE, LOCKED, Lock, Wanted
from devenv.records import replace

_LOCKED = re.compile(rf"\$\{{({LOCKED}\w+):-(.*)\}}", re.DOTALL)


def release_problem(lock: Lock, version: str) -> Problem | None:
    """Why this release may not work with the lock, if so."""
    if not lock.devenv:
        return None
    try:
        if within(version, lock.devenv):
            return None
        message = f"{LOCK_FILE} is for devenv {lock.devenv}; this is {version}"
        hint = "use such a release (`./devenvw` does), or run `devenv upgrade devenv` for this one"
    except ValueError as error:
        message, hint = str(error), f"write '{range_of(version)}', or remove the line and run `devenv lock`"
    return Problem("DE783", message, path=f"{LOCK_FILE}: devenv", hint=hint)


def problems_of(lock: Lock, wanted: Wanted, version: str) -> list[Problem]:
    """Everything for which `devenv lock --check` fails: DE781 (other content), DE782 (missing, or not used any more),
    DE783 (another release)."""
    return [*_release(lock, version), *_sources(lock, wanted), *_templates(lock, wanted), *_images(lock, wanted)]


def pruned(lock: Lock, wanted: Wanted) -> Lock:
    """The lock without what the stack does not use any more."""
    sources = {kind: [p for p in lock.pins(kind) if p.source in wanted.sources(kind)] for kind in KINDS}
    used = {source.git for kind in KINDS for source in wanted.sources(kind)}
    return replace(
        lock,
        **{kind: tuple(pins) for kind, pins in sources.items()},
        trusted=tuple(url for url in lock.trusted if url in used),
        templates={n: t for n, t in lock.templates.items() if n in wanted.templates},
        images={name: image for name, image in lock.images.items() if name in wanted.images},
    )


def _release(lock: Lock, version: str) -> Iterator[Problem]:
    if not lock.devenv:
        yield _problem("DE782", "devenv", "no range of devenv's releases", "`devenv lock` adds it")
    elif problem := release_problem(lock, version):
        yield problem


def _sources(lock: Lock, wanted: Wanted) -> Iterator[Problem]:
    for kind in KINDS:
        asked = wanted.sources(kind)
        for source in asked:
            if lock.pin(kind, source) is None:
                yield _problem("DE782", kind, f"{source} is not pinned", "`devenv lock` pins it")
        for pin in lock.pins(kind):
            if pin.source not in asked:
                yield _problem("DE782", kind, f"{pin.source} is not used any more", "`devenv lock` removes it")


def _templates(lock: Lock, wanted: Wanted) -> Iterator[Problem]:
    for name, now in wanted.templates.items():
        locked = lock.templates.get(name)
        if locked is None:
            yield _problem("DE782", "templates", f"'{name}' is not pinned", "`devenv lock` pins it")
        elif locked != now:
            origin = f"from {locked.catalog} to {now.catalog}" if locked.catalog != now.catalog else "its files"
            message = f"template '{name}' is another one than the lock says ({origin})"
            yield _problem("DE781", "templates", message, f"`devenv upgrade {name}` shows and takes the change")
    for name in lock.templates.keys() - wanted.templates.keys():
        yield _problem("DE782", "templates", f"'{name}' is not used any more", "`devenv lock` removes it")


def images_missing(lock: Lock, wanted: Wanted) -> Iterator[Problem]:
    """DE782 for each image that the lock lacks."""
    for name in wanted.images:
        if name not in lock.images:
            yield _problem("DE782", "images", f"{name} is not pinned", "`devenv lock` pins it")


def _images(lock: Lock, wanted: Wanted) -> Iterator[Problem]:
    yield from images_missing(lock, wanted)
    for name in sorted(lock.images.keys() - set(wanted.images)):
        yield _problem("DE782", "images", f"{name} is not used any more", "`devenv lock` removes it")


def _problem(code: str, section: str, message: str, hint: str) -> Problem:
    return Problem(code, message, path=f"{LOCK_FILE}: {section}", hint=hint)


def pinned_name(name: str, lock: Lock) -> str:
    """An image's name with the digest that the lock has for it; as it is when there is none. In a name that holds
    variables that digest counts while nobody sets them, and a variable of ours before it for what they are set to:
    see `locked_variables`."""
    if "@" in name or not lock.images:
        return name
    image = lock.images.get(default_name(name) or "")
    pinned = name if image is None else ending(name, f"@{image.digest}") or name
    return f"${{{LOCKED}{crc32(name.encode()):08X}:-{pinned}}}" if variables_of(name) else pinned


def unlocked_name(name: str) -> str:
    """An image's name without the variable that `pinned_name` puts before it."""
    match = _LOCKED.fullmatch(name)
    return match[2] if match else name


def locked_variables(images: Iterable[str], digests: Mapping[str, str], variables: Mapping[str, str]) -> dict[str, str]:
    """What the variables that `pinned_name` puts before names are to be: for each name in `images` that is one of the
    lock now that `variables` are set, that name with its digest."""
    found = {}
    for written in images:
        if match := _LOCKED.fullmatch(written):
            name = filled_name(match[2], variables)
            if name is not None and name in digests:
                found[match[1]] = f"{name}@{digests[name]}"
    return found


def filled_name(written: str, variables: Mapping[str, str]) -> str | None:
    """The name of an image once `variables` are put in; None where one that it demands is missing, or it is none."""
    try:
        name = interpolate(written, variables)
    except DevenvError:
        return None
    return name if is_name(name) else None


def default_name(written: str) -> str | None:
    """The name by which a lock has an image: without a digest, and with the defaults of its variables. None where a
    variable has no default, or what they make is no name."""
    if "$" not in written:
        return written.partition("@")[0]
    name = interpolate(written, {}).partition("@")[0] if ending(written, "") is not None else ""
    return name if is_name(name) else None


def same_image(one: str, other: str) -> bool:
    """Whether two names mean the same image."""
    return canonical(one) == canonical(other)
