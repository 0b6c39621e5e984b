"""Data for programs: the one way in which every command writes JSON."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from devenv.records import asdict, fields


def json_text(data: object, indent: int | None = None) -> str:
    r"""`data` as JSON, records as objects and times as RFC 3339 in UTC. It is ASCII, with `\u…` for all else and for
    control characters, and shows as what it is on every terminal; no CI takes a part of it for a command (`##[…]`)."""
    return json.dumps(data, default=_plain, indent=indent).replace("\x7f", r"\u007f").replace("##", r"#\u0023")


def _plain(value: Any) -> Any:
    if fields(value):
        return asdict(value)
    return value.isoformat() if isinstance(value, datetime) else str(value)
