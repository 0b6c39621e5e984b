"""What the engine says while it pulls an image: bytes so far, and why it failed. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from devenv.errors import DevenvError
from devenv.model.image_name import host_of, path_and_tag

# Patterns, whatever the case; they are compiled when something has gone wrong.
_UNREACHABLE = (
    r"no such host|connection refused|connection reset|i/o timeout|handshake timeout|Client\.Timeout|deadline exceeded"
    r"|network is unreachable|no route to host|host is down|server misbehaving|name resolution|request canceled"
    r"|proxyconnect|EOF$|tls: |x509: |gave HTTP response to HTTPS|50[0234] |bad gateway|service unavailable"
    r"|cannot assign requested address|dial tcp"
)
_PASSING = (
    r"connection reset|broken pipe|unexpected EOF|EOF$|unexpected HTTP status: 5\d\d|50[0234] |bad gateway"
    r"|service unavailable|INTERNAL_ERROR"
)
_KINDS: tuple[tuple[str, str, str, str | None], ...] = (
    (
        r"no space left|not enough space|disk quota",
        "DE506",
        "no space is left for image {image}",
        None,
    ),
    (
        r"toomanyrequests|too many requests|rate limit|429 ",
        "DE504",
        "the registry's rate limit is reached, pulling {image}",
        "log in with `docker login` for a higher limit, or use a registry mirror",
    ),
    (_UNREACHABLE, "DE502", "the registry {host} cannot be reached, pulling {image}", None),
    (
        r"no matching manifest|does not provide the specified platform|no match for platform",
        "DE505",
        "image {image} is not made for this machine's platform",
        "choose another image or tag; with `platform: linux/amd64` it may run emulated",
    ),
    (
        r"pull access denied|repository does not exist|insufficient_scope",
        "DE501",
        "there is no image {image} that this user may pull",
        "check the name; if the image is private, `docker login {host}` first",
    ),
    (
        r"unauthorized|denied|forbidden|authentication required|no basic auth|401 |403 ",
        "DE503",
        "the registry {host} refuses to hand out {image}",
        "log in: `docker login {host}`",
    ),
    (
        r"@sha256:[0-9a-f]{64}:? not found",
        "DE501",
        "there is no image {image}",
        "the registry has these bytes no more; if the lock named them, `devenv upgrade` pins what the tag is now",
    ),
    (
        r"manifest unknown|not found|name unknown|invalid reference|does not exist|404 ",
        "DE501",
        "there is no image {image}",
        "check the name and the tag",
    ),
)


def passing(words: str) -> bool:
    """Whether the engine's words are about something that may be over in a moment."""
    return bool(re.search(_PASSING, words, re.IGNORECASE)) and not re.search(r"no such host|connection refused", words)


def failure(reference: str, words: str) -> DevenvError:
    """DE501–DE506 (or DE508 for words that are new to us) with the engine's words as evidence."""
    host = host_of(reference)
    for pattern, code, message, hint in _KINDS:
        if re.search(pattern, words, re.IGNORECASE):
            if code == "DE502" and path_and_tag(reference)[0] == "docker/dockerfile":
                hint = (
                    "the Dockerfile's `# syntax=` line asks for it: without that line the engine reads the file itself"
                )
            return DevenvError.of(
                code,
                message.format(image=reference, host=host),
                hint=hint and hint.format(host=host).replace(" docker.io", ""),
                evidence=[words],
            )
    return DevenvError.of("DE508", f"image {reference} cannot be pulled", evidence=[words])


def no_credentials(reference: str, words: str) -> DevenvError:
    """DE503: the helper that keeps the passwords of registries fails."""
    host = host_of(reference)
    message = f"the credentials for the registry {host} cannot be read, pulling {reference}"
    hint = f"check `credHelpers` and `credsStore` in ~/.docker/config.json, or log in again: `docker login {host}`"
    return DevenvError.of("DE503", message, hint=hint.replace(" docker.io", ""), evidence=[words])


class Tally:
    """Sums the bytes of an image's layers from the lines of the engine's pull stream."""

    def __init__(self) -> None:
        self._layers: dict[str, tuple[int, int]] = {}

    def add(self, line: Mapping[str, Any]) -> bool:
        """Takes one line; whether the sums changed."""
        layer, status, detail = line.get("id"), str(line.get("status") or ""), line.get("progressDetail") or {}
        if not isinstance(layer, str):
            return False
        before = self._layers.get(layer)
        if status == "Downloading" and detail.get("current"):
            current = int(detail["current"])
            self._layers[layer] = (current, max(current, int(detail.get("total") or 0)))
        elif status in ("Download complete", "Verifying Checksum", "Pull complete") and before:
            self._layers[layer] = (before[1], before[1])
        return self._layers.get(layer) != before

    @property
    def current(self) -> int:
        return sum(current for current, _ in self._layers.values())

    @property
    def total(self) -> int:
        """Bytes of all layers whose size is known so far."""
        return sum(total for _, total in self._layers.values())
