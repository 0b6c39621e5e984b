"""Is a registry there, and does a mirror have an image: asked from here, when the engine leaves it open."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from devenv.model.image_name import host_of, path_and_tag

_MANIFESTS = ", ".join(
    f"application/{kind}+json"
    for kind in (
        "vnd.oci.image.index.v1",
        "vnd.oci.image.manifest.v1",
        "vnd.docker.distribution.manifest.list.v2",
        "vnd.docker.distribution.manifest.v2",
    )
)


def answers(host: str, timeout: float = 4.0) -> bool:
    """Whether anything at `host` (as in an image's name) answers HTTP within `timeout` seconds, whatever it says."""
    from devenv.engine import http  # costs more to import than an `up` with nothing to do has time for

    at = "registry-1.docker.io" if host == "docker.io" else host
    schemes = ("http", "https") if _local(at) else ("https",)
    return any(http.request(f"{scheme}://{at}/v2/", timeout=timeout).status for scheme in schemes)


def lacks(mirror: str, reference: str, timeout: float = 4.0) -> bool:
    """Whether the mirror (its URL) answers and says that it does not have this image."""
    if host_of(reference) != "docker.io":
        return False
    from devenv.engine import http

    path, tag = path_and_tag(reference)
    url = f"{mirror.rstrip('/')}/v2/{path}/manifests/{tag}"
    return http.request(url, headers={"Accept": _MANIFESTS}, timeout=timeout).status == 404


def index(reference: str, digest: str, mirrors: Sequence[str] = (), timeout: float = 4.0) -> Any:
    """What a registry, or a mirror of it, has under a digest, as data; None when none hands it out to anybody. It is
    what the digest stands for, whoever it came from: that is checked."""
    from devenv.engine import http

    host = host_of(reference)
    at = "registry-1.docker.io" if host == "docker.io" else host
    schemes = ("http", "https") if _local(at) else ("https",)
    for base in (*mirrors, *(f"{scheme}://{at}" for scheme in schemes)):
        url = f"{base.rstrip('/')}/v2/{path_and_tag(reference)[0]}/manifests/{digest}"
        answer = http.request(url, headers={"Accept": _MANIFESTS}, timeout=timeout, limit=4 << 20)
        if answer.status == 200 and f"sha256:{hashlib.sha256(answer.body.encode()).hexdigest()}" == digest:
            with suppress(ValueError):
                return json.loads(answer.body)
    return None


def _local(host: str) -> bool:
    name = host.rpartition(":")[0] or host
    return name == "localhost" or name.startswith("127.") or name == "[::1]"
