"""How long a service may take to become ready, and whether the engine starts it again when it ends. Pure."""

from __future__ import annotations

import re
from typing import Any

from devenv.model.stack import Service

DEFAULT = 60.0
"""Seconds that a service may take when nothing says otherwise."""

_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def budget(service: Service, *, job: bool) -> float | None:
    """Seconds from a container's start until it counts as failed; None for a job, which may take its time."""
    if service.ready is not None:
        return service.ready.within
    if job:
        return None
    check = service.compose.get("healthcheck")
    if not isinstance(check, dict):
        return DEFAULT
    # The engine itself calls it unhealthy after this long: no use in giving up before.
    retries = check.get("retries", 3)
    tries = int(retries) if str(retries).isdigit() else 3
    patience = _seconds(check.get("start_period"), 0.0)
    patience += tries * (_seconds(check.get("interval"), 30.0) + _seconds(check.get("timeout"), 30.0))
    own = "start_period" in check or "interval" in check or "retries" in check
    return max(DEFAULT, patience) if own else DEFAULT


def _seconds(value: Any, default: float) -> float:
    """A Compose duration (`1m30s`) in seconds."""
    parts = re.findall(r"([0-9.]+)(us|ms|s|m|h)", str(value)) if value is not None else []
    try:
        return sum(float(number) * _UNITS[unit] for number, unit in parts) if parts else default
    except ValueError:
        return default


def restarts(service: Service, exit_code: int) -> bool:
    """Whether the service's restart policy starts a container again that ended with `exit_code`."""
    policy = str(service.compose.get("restart") or "")
    deploy = service.compose.get("deploy")
    if not policy and isinstance(deploy, dict) and isinstance(deploy.get("restart_policy"), dict):
        policy = {"any": "always", "on-failure": "on-failure"}.get(
            str(deploy["restart_policy"].get("condition", "any")), ""
        )
    if policy.startswith("on-failure"):
        return exit_code != 0
    return policy in ("always", "unless-stopped")
