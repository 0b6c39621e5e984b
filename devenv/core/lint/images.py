"""Rules about images: where they come from, and whether a name means the same bytes tomorrow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from devenv.core.lint.subject import Base, Option, Rule, Subject, filled, found
from devenv.model.data import text
from devenv.model.image_name import beginning, full, path_and_tag
from devenv.model.lint import Found, Severity
from devenv.model.stack import Service
from devenv.records import frozen, replace


@frozen
class _Used:
    """An image that somebody else made: a service runs it or, with `base`, is built on it."""

    service: Service
    image: str
    base: Base | None = None

    def found(self, message: str, hint: str | None = None) -> Found:
        if self.base is None:
            return found(self.service, message, "image", hint=hint)
        one = found(self.service, message, "build", hint=hint)
        return replace(one, mark=self.base.mark or one.mark)


def _images(subject: Subject) -> Iterator[_Used]:
    for service in subject.services:
        if service.image is not None and not service.build:
            yield _Used(service, filled(service.image))
        for base in subject.bases.get(service.name, ()):
            yield _Used(service, base.image, base)


def _registries(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    allowed = [beginning(entry) for entry in options["allow"]]
    for used in _images(subject):
        image = used.image
        name = full(image) if image else ""
        if not any(_begins(name, entry) for entry in allowed):
            hint = f"allowed are {', '.join(options['allow'])}"
            yield used.found(f"the image '{image}' comes from a registry that is not allowed", hint)


def _begins(name: str, entry: str) -> bool:
    return name.startswith(entry) and (entry.endswith("/") or name[len(entry) :][:1] in ("", "/", ":", "@"))


def _forbidden(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    for used in _images(subject):
        image = used.image
        names = (image, full(image)) if image else ()
        for pattern in options["forbid"]:
            if any(fnmatchcase(name, pattern) for name in names):
                yield used.found(f"the image '{image}' is forbidden ('{pattern}')")
                break


def _digests(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    for used in _images(subject):
        image, hint = used.image, "`devenv lock` writes the digests down"
        if used.base is None and "$" in (used.service.image or ""):
            image = filled(text(used.service.compose.get("image")), subject.variables)
            hint += ", of what a name stands for while nobody sets its variables"
        if "@sha256:" not in image and not (used.base and image in subject.stack.digests):
            yield used.found(f"the image '{image}' is not pinned by a digest", hint)


def _unpinned(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    for used in _images(subject):
        image = used.image
        if not image or ":" in (tag := path_and_tag(image)[1]) or tag != "latest":
            continue
        what = "has the tag 'latest'" if image.endswith(":latest") else "has no tag"
        message = f"the image '{image}' {what}: what it means changes without anybody's doing"
        yield used.found(message, "name the version that you have tested")


RULES = (
    Rule(
        "DL101",
        "registries",
        "Images come from allowed registries",
        "An image runs with what the service has; whoever publishes it is trusted with that.",
        "Use an image of an allowed registry, or ask for the registry to be allowed.",
        _registries,
        options={
            "allow": Option(
                "texts",
                "beginnings of images' names: `docker.io/library/` (the official images), `ghcr.io/acme/`, "
                "`registry.example/`",
                required=True,
            )
        },
    ),
    Rule(
        "DL102",
        "digests",
        "Images are pinned by digest",
        "A tag can be moved; a digest names the very bytes that were tested.",
        "Run `devenv lock`, or write `image: NAME@sha256:…`.",
        _digests,
    ),
    Rule(
        "DL103",
        "unpinned-tag",
        "An image's tag is `latest`, or missing",
        "Two laptops that pulled on different days run different servers, and a new major version arrives unasked.",
        "Name the version that you have tested: `redis:8` or `redis:8.2`.",
        _unpinned,
        severity=Severity.WARNING,
    ),
    Rule(
        "DL104",
        "forbidden-images",
        "Images that must not be used",
        "Some versions get no security fixes any more, some licences do not fit.",
        "Use another image or version.",
        _forbidden,
        options={
            "forbid": Option("texts", "names with `*`: `mysql:5.*`, `docker.io/bitnami/*`", required=True),
        },
    ),
)
