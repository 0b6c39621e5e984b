"""What stands for a template's files in a lock."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping


def content_of(files: Mapping[str, str]) -> str:
    """`sha256:…` over names and texts; another one when any of them changes."""
    total = hashlib.sha256()
    for name, text in sorted(files.items()):
        data = text.encode()
        total.update(f"{len(name.encode())}:{name} {len(data)}:".encode())
        total.update(data)
    return f"sha256:{total.hexdigest()}"
