"""Names of services, of modes, and of the stack: what they may hold, and what comes near to one that may not."""

from __future__ import annotations

import re
import unicodedata

from devenv.core.manifest.node import Node, quoted

SERVICE = re.compile(r"\.*[a-zA-Z0-9_][a-zA-Z0-9._-]*")
LONGEST = 63  # a service's name is a host name on the stack's network


def service_name(name: str, node: Node, *, of_key: bool = True) -> bool:
    """Whether `name`, the key or else the value of `node`, can be a service's; reports it otherwise."""
    if SERVICE.fullmatch(name) and len(name) <= LONGEST:
        return True
    wanted = "letters, digits, '.', '-' and '_'"
    if len(name) > LONGEST:
        wanted = f"at most {LONGEST} characters"
    elif name.startswith("-"):
        wanted = "commands would take it for an option"
    near = re.sub(r"[^a-zA-Z0-9._-]+", "-", ascii_of(name)).strip("-._")[:LONGEST]
    hint = f"write '{near}'" if near else None
    node.problem("DE205", f"{quoted(name)} is no name of a service: {wanted}", hint, of_key=of_key)
    return False


def ascii_of(name: str) -> str:
    """A name without its accents."""
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
