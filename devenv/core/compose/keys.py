"""What the Compose specification says of keys: which there are, in which order, of which kind, and which take text.

Facts of the specification's JSON schema and of the order of its reference pages; for what is not here,
`docker compose config` has the last word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from devenv.model.data import Map, Seq, mark_of, text

ORDER: dict[str, tuple[str, ...]] = {
    "": ("name", "include", "services", "models", "networks", "volumes", "configs", "secrets"),
    "service": (
        "annotations", "attach", "build", "blkio_config", "cpu_count", "cpu_percent", "cpu_shares", "cpu_period",
        "cpu_quota", "cpu_rt_runtime", "cpu_rt_period", "cpus", "cpuset", "cap_add", "cap_drop", "cgroup",
        "cgroup_parent", "command", "configs", "container_name", "credential_spec", "depends_on", "deploy", "develop",
        "device_cgroup_rules", "devices", "dns", "dns_opt", "dns_search", "domainname", "driver_opts", "entrypoint",
        "env_file", "environment", "expose", "extends", "external_links", "extra_hosts", "gpus", "group_add",
        "healthcheck", "hostname", "image", "init", "ipc", "isolation", "labels", "label_file", "links", "logging",
        "mac_address", "mem_limit", "mem_reservation", "mem_swappiness", "memswap_limit", "models", "network_mode",
        "networks", "oom_kill_disable", "oom_score_adj", "pid", "pids_limit", "platform", "ports", "post_start",
        "pre_stop", "privileged", "profiles", "provider", "pull_policy", "pull_refresh_after", "read_only", "restart",
        "runtime", "scale", "secrets", "security_opt", "shm_size", "stdin_open", "stop_grace_period", "stop_signal",
        "storage_opt", "sysctls", "tmpfs", "tty", "ulimits", "use_api_socket", "user", "userns_mode", "uts", "volumes",
        "volumes_from", "working_dir",
    ),
    "service.build": (
        "context", "dockerfile", "dockerfile_inline", "additional_contexts", "args", "cache_from", "cache_to",
        "entitlements", "extra_hosts", "isolation", "labels", "network", "no_cache", "platforms", "privileged",
        "provenance", "pull", "sbom", "secrets", "shm_size", "ssh", "tags", "target", "ulimits",
    ),
    "service.healthcheck": (
        "test", "interval", "timeout", "retries", "start_period", "start_interval", "disable",
    ),
    "service.deploy": (
        "endpoint_mode", "labels", "mode", "placement", "replicas", "resources", "restart_policy", "rollback_config",
        "update_config",
    ),
    "service.develop": ("watch",),
    "service.logging": ("driver", "options"),
    "service.credential_spec": ("config", "file", "registry"),
    "service.blkio_config": (
        "device_read_bps", "device_read_iops", "device_write_bps", "device_write_iops", "weight", "weight_device",
    ),
    "service.provider": ("type", "options"),
    "service.depends_on.*": ("condition", "restart", "required"),
    "service.networks.*": (
        "aliases", "interface_name", "ipv4_address", "ipv6_address", "link_local_ips", "mac_address", "driver_opts",
        "gw_priority", "priority",
    ),
    "service.volumes.*": (
        "type", "source", "target", "read_only", "bind", "volume", "tmpfs", "image", "consistency",
    ),
    "service.configs.*": ("source", "target", "uid", "gid", "mode"),
    "service.secrets.*": ("source", "target", "uid", "gid", "mode"),
    "service.ports.*": ("name", "target", "published", "host_ip", "protocol", "app_protocol", "mode"),
    "networks.*": (
        "name", "attachable", "driver", "driver_opts", "enable_ipv4", "enable_ipv6", "external", "internal", "ipam",
        "labels",
    ),
    "volumes.*": ("name", "driver", "driver_opts", "external", "labels"),
    "configs.*": ("name", "file", "environment", "content", "external", "labels", "template_driver"),
    "secrets.*": (
        "name", "file", "environment", "external", "labels", "driver", "driver_opts", "template_driver",
    ),
    "models.*": ("name", "model", "context_size", "runtime_flags"),
}  # fmt: skip
"""The keys of each mapping, in the order of the documentation (those of `build` with the context first)."""

_PLACES = {kind: {key: place for place, key in enumerate(keys)} for kind, keys in ORDER.items()}
SERVICE_KEYS = frozenset(ORDER["service"])
TOP_KEYS = frozenset(ORDER[""])


def _kinds() -> dict[str, frozenset[str]]:
    table = {
        "scalar": """
            attach cpu_count cpu_percent cpu_shares cpu_period cpu_quota cpu_rt_runtime cpu_rt_period cpus cpuset
            cgroup cgroup_parent container_name domainname hostname image init ipc isolation mac_address mem_limit
            mem_reservation mem_swappiness memswap_limit network_mode oom_kill_disable oom_score_adj pid pids_limit
            platform privileged pull_policy pull_refresh_after read_only restart runtime scale shm_size stdin_open
            stop_grace_period stop_signal tty use_api_socket user userns_mode uts working_dir
        """,
        "list": """
            cap_add cap_drop configs device_cgroup_rules devices dns_opt expose external_links group_add links ports
            post_start pre_stop profiles secrets security_opt volumes volumes_from
        """,
        "mapping": """
            blkio_config credential_spec deploy develop driver_opts healthcheck logging provider storage_opt ulimits
        """,
        "list mapping": "annotations depends_on environment extra_hosts labels models networks sysctls",
        "scalar list": "command dns dns_search entrypoint env_file gpus label_file tmpfs",
        "scalar mapping": "build extends",
    }
    return {key: frozenset(kinds.split()) for kinds, keys in table.items() for key in keys.split()}


KINDS: dict[str, frozenset[str]] = _kinds()
"""For each key of a service: which of `scalar`, `list` and `mapping` its value may be."""


NULL_MEANS_SOMETHING = frozenset(("command", "entrypoint", "deploy", "develop", "pid"))
"""Keys of a service that Compose lets stand without a value."""

MAPPING_ITEMS = frozenset(
    ("configs", "secrets", "devices", "ports", "volumes", "env_file", "gpus", "post_start", "pre_stop")
)
"""Keys of a service whose lists may hold mappings; the items of all others are scalars."""

SCALAR_VALUES = frozenset(("annotations", "environment", "labels", "sysctls", "driver_opts", "storage_opt"))
"""Keys of a service whose mappings hold scalars."""


def in_order(data: Map, kind: str = "service") -> Map:
    """`data` with its keys, and those of the mappings in it, in the order of ORDER; unknown keys follow as written.

    `kind` is a key of ORDER: "service" for a service, "" for a whole file, `networks.*` for an entry of `networks`.
    """
    below = f"{kind}." if kind else ""
    return like(data, [(key, _below(data[key], below + key)) for key in _sorted(data, kind)])


def keys_in_order(data: Map, kind: str = "service") -> Map:
    """As `in_order`, for data in which all is in order but the keys of the outermost mapping."""
    return like(data, [(key, data[key]) for key in _sorted(data, kind)])


def _sorted(data: dict[str, Any], kind: str) -> list[str]:
    places = _PLACES.get(kind, {})
    return sorted(data, key=lambda key: places.get(key, len(places)))


def _below(value: Any, kind: str) -> Any:
    if not isinstance(value, dict | list):
        return value
    if kind == "services" and isinstance(value, dict):
        return like(value, [(key, _below(one, "service")) for key, one in value.items()])
    entries = f"{kind}.*"
    if entries in ORDER:
        if isinstance(value, dict):
            return like(value, [(key, _below(one, entries)) for key, one in value.items()])
        return like_list(value, [_below(one, entries) for one in value])
    if kind in ORDER and isinstance(value, dict):
        return in_order(value if isinstance(value, Map) else Map(value), kind)
    return value


def like(value: dict[str, Any], items: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> Map:
    """A mapping of `items`, with the marks of `value`."""
    if isinstance(value, Map):
        return Map(items, mark=value.mark, keys_at=dict(value.keys_at), values_at=dict(value.values_at))
    return Map(items)


def like_list(value: list[Any], items: Iterable[Any]) -> Seq:
    """A list of `items`, with the marks of `value`."""
    return Seq(items, mark=getattr(value, "mark", None), items_at=list(getattr(value, "items_at", ())))


def as_mapping(environment: object) -> Map:
    """`environment` as a mapping, from either of Compose's forms; a new one."""
    if isinstance(environment, Map):
        return Map(environment, mark=environment.mark, keys_at=environment.keys_at, values_at=environment.values_at)
    result = Map()
    if isinstance(environment, Seq | list):
        for i, entry in enumerate(environment):
            name, equals, value = text(entry).partition("=")
            result[name] = value if equals else None
            if (mark := mark_of(environment, i)) is not None:
                result.keys_at[name] = result.values_at[name] = mark
    return result
