"""By what Compose recognises two items of a service's list as the same thing: ports, mounts, devices, files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from devenv.model.data import text


def port(item: Any) -> tuple[str, str, str, str]:
    """Address, host port, container port and protocol of an item of `ports`, in either form."""
    if isinstance(item, dict):
        host = text(item.get("host_ip")) or "0.0.0.0"  # noqa: S104 - what Compose takes when none is named
        published, target = text(item.get("published")), text(item.get("target"))
        return host, published, target, text(item.get("protocol")) or "tcp"
    line, _, protocol = text(item).partition("/")
    parts = split_colons(line)
    host = ":".join(parts[:-2]) or "0.0.0.0"  # noqa: S104 - as above
    return host, parts[-2] if len(parts) > 1 else "", parts[-1], protocol or "tcp"


def volume(item: Any) -> object:
    """Where in the container an item of `volumes` is mounted."""
    if isinstance(item, dict):
        return text(item.get("target"))
    parts = split_colons(text(item))
    return parts[1] if len(parts) > 1 else parts[0]


def tmpfs(item: Any) -> object:
    """Where in the container an item of `tmpfs` is mounted; its options come behind a colon."""
    return split_colons(text(item))[0]


def device(item: Any) -> object:
    """Where in the container an item of `devices` appears."""
    if isinstance(item, dict):
        return text(item.get("target")) or text(item.get("source"))
    parts = split_colons(text(item))
    return parts[1] if len(parts) > 1 else parts[0]


def path(item: Any) -> object:
    """The path of an item of `env_file` and the like."""
    return text(item.get("path")) if isinstance(item, dict) else text(item)


def mounted_file(folder: str) -> Callable[[Any], object]:
    """The target of an item of `configs` or `secrets`, which lies in `folder` unless it says otherwise."""

    def target(item: Any) -> object:
        if not isinstance(item, dict):
            return f"{folder}/{text(item)}"
        name = text(item.get("target")) or text(item.get("source"))
        return name if name.startswith("/") else f"{folder}/{name}"

    return target


def split_colons(line: str) -> list[str]:
    """The parts between colons; those inside `${…}` and `[…]` (IPv6) are not separators."""
    parts, depth, at = [""], 0, 0
    while at < len(line):
        character = line[at]
        if line.startswith("${", at) or character == "[":
            depth += 1
        elif character in "}]" and depth:
            depth -= 1
        if character == ":" and not depth:
            parts.append("")
        else:
            parts[-1] += character
        at += 1
    return parts
