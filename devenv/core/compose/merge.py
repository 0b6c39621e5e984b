"""Compose's merge rules: an override over a manifest, a manifest's service over its template's.

Mappings merge by key, lists are appended, scalars are replaced; the exceptions are in `_RULES`, by path. The rules are
those of the Compose specification and of what Compose does where the specification is silent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from devenv.core.compose import mountpoints
from devenv.errors import Mark, Traced
from devenv.model.data import Data, Map, Seq, Tagged, mark_of, text

_Rule = Callable[[Any, Any, str], Any]
_GONE = object()


def merge(base: Map, override: Map) -> Map:
    """A whole manifest with an override merged over it; neither argument is changed.

    `!reset` removes what it stands at, `!override` replaces it; no tag is left in the result. Values keep their marks.
    """
    return _mapping(_as_map(settle(base)), override, "")


def merge_service(base: Map, override: Map) -> Map:
    """One service's definition merged over another, by the same rules as `merge`."""
    return _mapping(_as_map(settle(base)), override, "services.*")


def settle(value: Data) -> Data:
    """`value` with Compose's tags acted on where there is nothing to merge with: what `!reset` marks is left out."""
    settled = _settle(value)
    return None if settled is _GONE else settled


def _settle(value: Any) -> Any:
    if isinstance(value, Tagged):
        return _GONE if value.tag == "!reset" else _settle(value.value)
    if isinstance(value, dict):
        entries = {key: _settle(one) for key, one in value.items()}
        if all(entries[key] is value[key] for key in value):
            return value
        built = Map(mark=getattr(value, "mark", None))
        for key, one in entries.items():
            if one is not _GONE:
                _put(built, key, one, value)
        return built
    if isinstance(value, list):
        items = [_settle(one) for one in value]
        if all(new is old for new, old in zip(items, value, strict=True)):
            return value
        return _sequence([(one, mark_of(value, i)) for i, one in enumerate(items) if one is not _GONE], value)
    return value


def _as_map(value: Any) -> Map:
    return value if isinstance(value, Map) else Map(value if isinstance(value, dict) else ())


def _put(into: Map, key: str, value: Any, source: Any) -> None:
    """Sets `into[key]`, with the marks that `source` has for the key."""
    into[key] = value
    key_mark, value_mark = mark_of(source, key, of_key=True), mark_of(source, key)
    if key_mark is not None:
        into.keys_at[key] = key_mark
    if value_mark is not None:
        into.values_at[key] = value_mark


def _sequence(items: list[tuple[Any, Mark | None]], like: Any) -> Seq:
    marks = [mark for _, mark in items if mark is not None]
    items_at = marks if len(marks) == len(items) else []
    return Seq((item for item, _ in items), mark=getattr(like, "mark", None), items_at=items_at)


def _mapping(base: Any, override: Any, path: str) -> Map:
    merged = Map(mark=base.mark or getattr(override, "mark", None)) if isinstance(base, Map) else Map()
    superseded = _superseded(override) if path == "services.*" else ()
    for key, value in base.items():
        if key not in superseded:
            _put(merged, key, value, base)
    for key, value in override.items():
        if isinstance(value, Tagged):
            settled = _settle(value)
            if settled is not _GONE:
                _put(merged, key, settled, override)
                _remember(merged, key, base)
            elif merged.pop(key, _GONE) is not _GONE:
                merged.keys_at.pop(key, None)
                if (mark := mark_of(override, key)) is not None:  # of a key that is not there: what took it away
                    merged.values_at[key] = mark
                    _remember(merged, key, base)
        elif key not in merged:
            _put(merged, key, settle(value), override)
        else:
            result = _value(base[key], value, _below(path, key))
            replaced = result is value or (result is not base[key] and not isinstance(result, dict | list))
            _put(merged, key, result, override if replaced else base)
            if replaced:
                _remember(merged, key, base)
    return merged


def _remember(merged: Map, key: str, base: Any) -> None:
    """Lets the mark of a value know which one it replaced."""
    if key in base and (mark := merged.values_at.get(key)) is not None:
        merged.values_at[key] = Traced.of(mark, over=(base[key], mark_of(base, key)))


def _superseded(service: Any) -> tuple[str, ...]:
    """`ready` and `healthcheck` say the same thing, so that the one of an override takes the place of the other."""
    check = service.get("healthcheck")
    if isinstance(check, dict) and ("test" in check or "disable" in check):
        return ("ready",)
    return ("healthcheck",) if service.get("ready") is not None else ()


def _below(path: str, key: str) -> str:
    if path in _NAMED:
        return f"{path}.*"
    return f"{path}.{key}" if path else key


def _value(base: Any, override: Any, path: str) -> Any:
    rule = _RULES.get(path)
    if rule is not None:
        return rule(base, override, path)
    if override is None:
        return base
    if isinstance(base, dict) and isinstance(override, dict):
        return _mapping(base, override, path)
    if isinstance(base, list) and isinstance(override, list):
        return _append(base, override, path)
    return settle(override)


def _replace(base: Any, override: Any, path: str) -> Any:
    return settle(override)


def _ready(base: Any, override: Any, path: str) -> Any:
    """What is asked is replaced; a `ready` that only says how long to wait leaves it as it is."""
    if isinstance(base, dict) and only_budget(override):
        return _mapping(base, override, path)
    return _replace(base, override, path)


def only_budget(ready: object) -> bool:
    """Whether a `ready` only says how long to wait: a template's service with that is asked as the template says."""
    return isinstance(ready, dict) and {key for key in ready if not key.startswith("x-")} == {"within"}


def _append(base: Any, override: Any, path: str) -> Any:
    settled = settle(override)
    items = [(one, mark_of(base, i)) for i, one in enumerate(base)]
    return _sequence(items + [(one, mark_of(settled, i)) for i, one in enumerate(settled)], base)


def _unique(identity: Callable[[Any], object]) -> _Rule:
    """Appended; an item that is the same thing as an earlier one takes its place. One string is a list of one."""

    def rule(base: Any, override: Any, path: str) -> Any:
        if override is None:
            return base
        one, other = _as_list(base), _as_list(override)
        if one is None or other is None:
            return settle(override)
        both = _append(one, other, path)
        kept: dict[object, tuple[Any, Mark | None]] = {}
        for i, item in enumerate(both):
            name, mark = identity(item), both.items_at[i] if both.items_at else None
            if name in kept and mark is not None and i >= len(one):
                mark = Traced.of(mark, over=kept[name])
            kept[name] = (item, mark)
        return _sequence(list(kept.values()), both)

    return rule


def _as_list(value: Any) -> Any:
    if isinstance(value, list):
        return value
    return Seq([value]) if isinstance(value, str | int | float) else None


def _assignments(base: Any, override: Any, path: str) -> Any:
    """`KEY: value` mappings and `KEY=value` lists: by key; a list stays a list when both are lists."""
    if override is None:
        return base
    if isinstance(base, list) and isinstance(override, list):
        return _unique(lambda item: text(item).partition("=")[0])(base, override, path)
    one, other = _from_assignments(base), _from_assignments(override)
    if one is None or other is None:
        return settle(override)
    merged = _mapping(one, other, path)
    for key, value in other.items():
        if value is None:  # a variable without a value is passed through from the caller's environment
            merged[key] = None
    return merged


def _from_assignments(value: Any) -> Any:
    if isinstance(value, dict):
        return value
    if not isinstance(value, list):
        return None
    built = Map(mark=getattr(value, "mark", None))
    for i, item in enumerate(value):
        name, equals, content = text(item).partition("=")
        _place(built, name, content if equals else None, mark_of(value, i))
    return built


def _place(into: Map, key: str, value: Any, at: Mark | None) -> None:
    into[key] = value
    if at is not None:
        into.keys_at[key] = into.values_at[key] = at


def _names(default: Callable[[], Any]) -> _Rule:
    """Lists of names and mappings by name; a name in a list stands for `default()`."""

    def convert(value: Any) -> Any:
        if not isinstance(value, list):
            return value if isinstance(value, dict) else None
        built = Map(mark=getattr(value, "mark", None))
        for i, item in enumerate(value):
            _place(built, text(item), default(), mark_of(value, i))
        return built

    def rule(base: Any, override: Any, path: str) -> Any:
        if override is None:
            return base
        if isinstance(base, list) and isinstance(override, list):
            return _unique(_itself)(base, override, path)
        one, other = convert(base), convert(override)
        return settle(override) if one is None or other is None else _mapping(one, other, path)

    return rule


def _itself(item: Any) -> object:
    return text(item) if isinstance(item, str | int | float) else repr(item)


def _hosts(base: Any, override: Any, path: str) -> Any:
    """Compose lets one host name have several addresses, so both are kept; the same line twice is one."""
    if isinstance(base, dict) and isinstance(override, dict) and not set(base) & set(override):
        return _mapping(base, override, path)
    one, other = _host_lines(base), _host_lines(settle(override))
    return settle(override) if one is None or other is None else _unique(_itself)(one, other, path)


def _host_lines(value: Any) -> Any:
    if not isinstance(value, dict):
        return value if isinstance(value, list) else None
    lines = []
    for name, addresses in value.items():
        for address in addresses if isinstance(addresses, list) else [addresses]:
            lines.append((f"{name}={text(address)}", mark_of(value, name)))
    return _sequence(lines, value)


def _short_for(key: str) -> _Rule:
    """A mapping, or the scalar that is short for a mapping with nothing but `key` (`build: .`, `http: 8000`)."""

    def rule(base: Any, override: Any, path: str) -> Any:
        if isinstance(base, dict) or isinstance(override, dict):
            one, other = (Map({key: v}) if isinstance(v, str | int) else v for v in (base, override))
            if isinstance(one, dict) and isinstance(other, dict):
                return _mapping(one, other, path)
        return _plain_or(base, override)

    return rule


def _plain_or(base: Any, override: Any) -> Any:
    return base if override is None else settle(override)


def _ports(base: Any, override: Any, path: str) -> Any:
    if isinstance(base, dict) and isinstance(override, dict):
        return _mapping(base, override, path)
    return _unique(mountpoints.port)(base, override, path)


def _logging(base: Any, override: Any, path: str) -> Any:
    if not isinstance(base, dict) or not isinstance(override, dict):
        return _plain_or(base, override)
    same = "driver" not in base or "driver" not in override or base["driver"] == override["driver"]
    return _mapping(base, override, path) if same else settle(override)


def _subnets(base: Any, override: Any, path: str) -> Any:
    def identity(item: Any) -> object:
        return text(item.get("subnet")) if isinstance(item, dict) else _itself(item)

    return _unique(identity)(base, override, path)


_NAMED = frozenset((
    "services", "networks", "volumes", "modes", "checks", "services.*.ulimits", "services.*.networks",
    "services.*.ports", "services.*.with", "services.*.build.ulimits",
))  # fmt: skip
"""Mappings whose keys are names that somebody chose."""


def _rules() -> dict[str, _Rule]:
    service: dict[str, _Rule] = {
        **dict.fromkeys(("command", "entrypoint", "healthcheck.test", "ulimits.*", "build.ulimits.*"), _replace),
        **dict.fromkeys(("use", "with.*", "setup", "provision", "job", "open"), _replace),
        "ready": _ready,
        **dict.fromkeys(("annotations", "environment", "labels", "sysctls", "deploy.labels"), _assignments),
        **dict.fromkeys(("build.args", "build.additional_contexts", "build.labels"), _assignments),
        **dict.fromkeys(("extra_hosts", "build.extra_hosts"), _hosts),
        **dict.fromkeys(("networks", "models", "needs"), _names(lambda: None)),
        "depends_on": _names(lambda: Map({"condition": "service_started", "required": True})),
        **dict.fromkeys(("dns", "dns_opt", "dns_search", "env_file", "label_file", "tmpfs"), _unique(mountpoints.path)),
        **dict.fromkeys(("cap_add", "cap_drop", "device_cgroup_rules", "expose", "external_links"), _unique(_itself)),
        **dict.fromkeys(("group_add", "inputs", "links", "profiles", "security_opt", "volumes_from"), _unique(_itself)),
        **dict.fromkeys(("networks.*.aliases", "networks.*.link_local_ips"), _unique(_itself)),
        **dict.fromkeys(("build.platforms", "build.tags"), _unique(_itself)),
        "build": _short_for("context"),
        "configs": _unique(mountpoints.mounted_file("")),
        "secrets": _unique(mountpoints.mounted_file("/run/secrets")),
        "devices": _unique(mountpoints.device),
        "volumes": _unique(mountpoints.volume),
        "ports": _ports,
        "ports.*": _short_for("port"),
        "logging": _logging,
    }
    return {
        **{f"services.*.{key}": rule for key, rule in service.items()},
        **dict.fromkeys(("networks.*.labels", "volumes.*.labels"), _assignments),
        "networks.*.ipam.config": _subnets,
        "modes.*": _replace,
        "checks.*.run": _replace,
    }


_RULES = _rules()
