"""The parts of an image's name."""

from __future__ import annotations

import re

_DIGEST = re.compile(r"(@sha256:[0-9a-f]{12})[0-9a-f]{52}")

_NAME = re.compile(r"(?:[\w.-]+(?::\d+)?/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*(?::\w[\w.-]*)?(?:@sha256:[0-9a-f]{64})?")


def is_name(text: str) -> bool:
    """Whether the engine could take a text for the name of an image."""
    return _NAME.fullmatch(text) is not None


def host_of(reference: str) -> str:
    """The registry that a reference names: its first part when that looks like a host, else docker.io."""
    first, slash, _ = reference.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        return "docker.io" if first == "index.docker.io" else first
    return "docker.io"


def path_and_tag(reference: str) -> tuple[str, str]:
    """The repository's path on its registry, and the tag or digest: `postgres:17` → (`library/postgres`, `17`)."""
    path, at, digest = _path(reference).partition("@")
    name, colon, tag = path.rpartition(":")
    path, tag = (name, tag) if colon else (path, "latest")
    return path, digest if at else tag


def full(reference: str) -> str:
    """The name with its registry and path, and with the tag or digest if it has one: `postgres:17` →
    `docker.io/library/postgres:17`."""
    return f"{host_of(reference)}/{_path(reference)}"


def canonical(reference: str) -> str:
    """The name by which two references to the same image are equal: whole, and with a tag or digest."""
    path, tag = path_and_tag(reference)
    return f"{host_of(reference)}/{path}{'@' if ':' in tag else ':'}{tag}"


def short_digests(text: str) -> str:
    """A text with the digests of images in it cut to the twelve digits that people compare."""
    return _DIGEST.sub(r"\1", text)


def beginning(name: str) -> str:
    """The beginning of whole names that a person means: `postgres` → `docker.io/library/postgres`, `acme/` →
    `docker.io/acme/`."""
    if not name.endswith("/"):
        return full(name)
    host = host_of(name)
    return f"{host}/" if name in (f"{host}/", "index.docker.io/") else full(name + "x")[:-1]


def _path(reference: str) -> str:
    """What follows the registry: `postgres:17` → `library/postgres:17`."""
    host = host_of(reference)
    first, slash, rest = reference.partition("/")
    path = rest if slash and host_of(first + "/") == host and first in (host, "index.docker.io") else reference
    return f"library/{path}" if host == "docker.io" and "/" not in path else path
