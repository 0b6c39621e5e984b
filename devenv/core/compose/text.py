"""Where Compose takes text, and the text that a person wrote there (`true`, `0123`, `1.50`) instead of its value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from devenv.core.compose.keys import like, like_list
from devenv.model.data import Map, text


def with_text(service: Map) -> Map:
    """A service of a Compose file in which every value that Compose takes as text is text."""
    result = like(service, service.items())
    for key, value in service.items():
        if key in _CONVERSIONS:
            result[key] = _CONVERSIONS[key](value)
    return result


def _scalar(value: Any) -> Any:
    return text(value) if isinstance(value, str | bool | int | float) else value


def _inside(value: Any) -> Any:
    """The values of a mapping and the scalar items of a list, too."""
    if isinstance(value, dict):
        return like(value, ((key, _inside(one)) for key, one in value.items()))
    if isinstance(value, list):
        return like_list(value, (item if isinstance(item, dict) else _scalar(item) for item in value))
    return _scalar(value)


def _below(scalars: str, inside: str) -> Callable[[Any], Any]:
    conversions = {**dict.fromkeys(scalars.split(), _scalar), **dict.fromkeys(inside.split(), _inside)}

    def convert(value: Any) -> Any:
        if not isinstance(value, dict):
            return _scalar(value)
        items = ((key, conversions[key](one) if key in conversions else one) for key, one in value.items())
        return like(value, items)

    return convert


_SCALARS = """
    cpuset cgroup cgroup_parent container_name domainname hostname image ipc isolation mac_address network_mode pid
    platform pull_policy pull_refresh_after restart runtime stop_grace_period stop_signal user userns_mode uts
    working_dir
"""
_INSIDE = """
    annotations cap_add cap_drop command device_cgroup_rules dns dns_opt dns_search driver_opts entrypoint
    env_file environment external_links extra_hosts label_file labels links profiles security_opt storage_opt sysctls
    tmpfs volumes_from
"""
_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(_SCALARS.split(), _scalar),
    **dict.fromkeys(_INSIDE.split(), _inside),
    "build": _below(
        "context dockerfile dockerfile_inline isolation network target",
        "additional_contexts args cache_from cache_to entitlements extra_hosts labels platforms tags",
    ),
    "healthcheck": _below("interval timeout start_period start_interval", "test"),
    "deploy": _below("", "labels"),
    "logging": _below("driver", "options"),
}
