"""A registry's index of an image: which manifest each platform has."""

from __future__ import annotations

from typing import Any


def platform_digests(index: Any) -> dict[str, str]:
    """`linux/arm64` → digest, from an OCI index or a Docker manifest list; empty for anything else.

    Attestations, which call themselves `unknown/unknown`, are no platforms. `linux/arm64/v8` is called `linux/arm64`,
    as the engines do.
    """
    found: dict[str, str] = {}
    manifests = index.get("manifests") if isinstance(index, dict) else None
    for one in manifests if isinstance(manifests, list) else ():
        platform, digest = one.get("platform"), one.get("digest")
        if not isinstance(platform, dict) or not isinstance(digest, str):
            continue
        parts = [str(platform.get(key) or "") for key in ("os", "architecture", "variant")]
        if parts[0] in ("", "unknown") or parts[1] in ("", "unknown"):
            continue
        found.setdefault(platform_name("/".join(part for part in parts if part)), digest)
    return found


def platform_name(written: str) -> str:
    """A platform's usual name: of 64-bit ARM there is one variant, which nobody writes."""
    return "linux/arm64" if written == "linux/arm64/v8" else written
