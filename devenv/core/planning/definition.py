"""A service's definition as a flat list of values, what is secret among them, and how two of them differ."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from devenv.core.compose.interpolate import interpolate, variables_of
from devenv.core.stack import replicas, resources
from devenv.model.data import text
from devenv.model.image_name import short_digests
from devenv.model.lock import LOCKED
from devenv.model.plan import Change, Leaf, Leaves, Resource
from devenv.model.secrecy import HIDDEN, in_url, is_secret, masked_words, shown
from devenv.model.stack import Service, Stack

_NAMED = ("environment.", "build.args.", "labels.", "configs.", "secrets.", "driver_opts.")
_LONG = 160
_SHOWN = 60
_WORDS = {"secret": HIDDEN, "long": "(content)"}


def leaves(stack: Stack, service: Service, variables: Mapping[str, str], files: Mapping[str, str]) -> dict[str, Leaf]:
    """Every value of the service's definition, its configs and secrets included, with `variables` put in.

    `files` maps the files of its `env_file` to digests of their contents. Secrets and long texts are there as digests
    only. Raises DevenvError DE260 for a variable that the definition demands and nobody set.
    """
    generated = {secret.variable for secret in stack.secrets}
    found = {key: _leaf(key, raw, variables, generated) for key, raw in _raw(stack, service)}
    return found | {f"env_file {path}": Leaf(content, "long") for path, content in files.items()}


def sources(stack: Stack, service: Service) -> dict[str, list[str]]:
    """The variables that each value of the definition refers to; keys as in `leaves`."""
    found = {}
    for key, raw in _raw(stack, service):
        if names := sorted({name for one in _texts(raw) for name in variables_of(one)} or _passed(key, raw)):
            found[key] = names
    return found


def env_files(service: Service) -> list[str]:
    """The paths of the service's `env_file`."""
    entries = service.compose.get("env_file") or []
    listed = entries if isinstance(entries, list) else [entries]
    return [text(entry.get("path", "") if isinstance(entry, dict) else entry) for entry in listed]


def volume_names(stack: Stack, service: Service, project: str, variables: Mapping[str, str]) -> dict[str, str]:
    """The named volumes that a service uses: their names in the manifest → their names on the engine."""
    declared = stack.top.get("volumes")
    found = {}
    for name, _ in resources.used(service.compose, "volumes"):
        entry = declared.get(name) if isinstance(declared, dict) else None
        entry = entry if isinstance(entry, dict) else {}
        given = interpolate(text(entry["name"]), variables) if entry.get("name") else ""
        found[name] = given or (name if entry.get("external") else f"{project}_{name}")
    return found


def networks(service: Service) -> list[str]:
    """The networks that a service is on, by their names in the manifest."""
    if "network_mode" in service.compose:
        return []
    return [name for name, _ in resources.used(service.compose, "networks")] or ["default"]


def shared(stack: Stack, variables: Mapping[str, str]) -> dict[Resource, dict[str, Leaf]]:
    """The values of every network and volume that the stack has, with `variables` put in, the default network's among
    them. Raises DevenvError as `leaves`."""
    generated = {secret.variable for secret in stack.secrets}
    found: dict[Resource, dict[str, Leaf]] = {("network", "default"): {}}
    kinds: tuple[tuple[Literal["network", "volume"], str], ...] = (("network", "networks"), ("volume", "volumes"))
    for kind, key in kinds:
        declared = stack.top.get(key)
        for name, entry in declared.items() if isinstance(declared, dict) else ():
            found[kind, name] = {at: _leaf(at, raw, variables, generated) for at, raw in _flat("", entry)}
    return found


def digest(values: Leaves) -> str:
    """Sixteen hexadecimal digits that stand for a whole definition."""
    return _short(json.dumps([[key, leaf.kind, leaf.text] for key, leaf in sorted(values.items())]))


def changes(old: Leaves, new: Leaves, named: Mapping[str, list[str]] | None = None) -> tuple[Change, ...]:
    """What differs, in the order of `new`, then what is gone. `named` maps keys to variables: where it is given, only
    variables can be what changed, and each change names its own."""
    found = []
    for key in [*new, *(key for key in old if key not in new)]:
        before, after = old.get(key), new.get(key)
        if _counts(before) != _counts(after):
            source = _source((named or {}).get(key, ()))
            found.append(Change(key, *_shown(before, after), source))
    return tuple(found)


def _raw(stack: Stack, service: Service) -> Iterator[tuple[str, Any]]:
    """Keys and values as they are written; a list is one value."""
    yield from _flat("", replicas.without_count(service.compose))
    for kind in ("configs", "secrets"):
        declared = stack.top.get(kind)
        for name, _ in resources.used(service.compose, kind) if kind in service.compose else ():
            if isinstance(declared, dict) and name in declared:
                yield from _flat(f"{kind}.{name}", declared[name])


def _flat(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    waiting = [(path, value)]
    while waiting:
        at, value = waiting.pop()
        if at in ("environment", "build.args") and isinstance(value, list):
            pairs = (text(entry).partition("=") for entry in value)
            value = {name: given if sign else None for name, sign, given in pairs}
        if isinstance(value, dict) and value:
            waiting += [(f"{at}.{key}" if at else key, one) for key, one in reversed(value.items())]
        elif at:
            yield at, value


def _leaf(key: str, raw: Any, variables: Mapping[str, str], generated: set[str]) -> Leaf:
    items = [_compact(item, variables) for item in raw] if isinstance(raw, list) else []
    if isinstance(raw, list):
        said = json.dumps(items, ensure_ascii=False)
    elif _passed(key, raw):
        said = variables.get(_passed(key, raw)[0], "")
    else:
        said = interpolate(text(raw), variables)
    last = key.rpartition(".")[2]
    named = key.startswith(_NAMED) and (is_secret(last) or (key.startswith("secrets.") and last != "file"))
    if key == "driver_opts.o":  # options of mount: `username=me,password=…`
        named = any(is_secret(option.partition("=")[0]) for option in said.split(","))
    kind = "secret" if named else _hidden(raw, said, generated)
    if kind is None:
        return Leaf(said, "list" if isinstance(raw, list) else "text")
    if kind == "secret" and not (named or isinstance(raw, list) or _passed(key, raw)):
        return Leaf(_digest(kind, key, said), kind, _seen(key, text(raw), variables, generated))
    told: list[object] = []
    for one, item, word in zip(raw, items, masked_words(items), strict=True) if items and not named else ():
        hidden = _hidden(one, item, generated) or ("secret" if word != item else None)
        told.append({hidden: _digest(hidden, key, item)} if hidden else item)
    return Leaf(_digest(kind, key, said), kind, json.dumps(told, ensure_ascii=False) if told else "")


def _seen(key: str, raw: str, variables: Mapping[str, str], generated: set[str]) -> str:
    """What people see of a text with a secret in it, in JSON; '' where that is nothing, or long."""
    secret = {name for name in variables_of(raw) if name in generated or is_secret(name)}
    said = shown(key, interpolate(raw, {**variables, **dict.fromkeys(secret, HIDDEN)}))
    return "" if said == HIDDEN or len(said) > _LONG or "\n" in said else json.dumps(said, ensure_ascii=False)


def _hidden(raw: Any, said: str, generated: set[str]) -> Literal["secret", "long"] | None:
    """Why only a digest of a value is kept; None where all of it is."""
    named = {name for one in _texts(raw) for name in variables_of(one)}
    if named & generated or any(is_secret(name) for name in named) or in_url(said):
        return "secret"
    return "long" if len(said) > _LONG or "\n" in said else None


def _digest(kind: str, key: str, said: str) -> str:
    return _short(f"{key}\0{said}" if kind == "secret" else said)


def _passed(key: str, raw: Any) -> list[str]:
    """The variable that a key without a value hands on (`environment: [HOME]`), or that a secret stands in."""
    kind, _, name = key.rpartition(".")
    if raw is None and kind == "environment":
        return [name]
    return [text(raw)] if name == "environment" and kind.startswith(("secrets.", "configs.")) and raw else []


def _compact(item: Any, variables: Mapping[str, str]) -> str:
    if isinstance(item, dict | list):
        parts = _flat("-", item) if isinstance(item, dict) else ((str(i), one) for i, one in enumerate(item))
        pairs = [f"{key.removeprefix('-.')}={interpolate(_nested(value), variables)}" for key, value in parts]
        return ",".join(pairs)
    return interpolate(text(item), variables)


def _nested(value: Any) -> str:
    """A value in a text: a nested list or mapping in JSON."""
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict | list) else text(value)


def _texts(data: Any) -> Iterator[str]:
    """Every text in nested data that may hold a variable."""
    waiting = [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str) and "$" in value:
            yield value
        elif isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def _counts(leaf: Leaf | None) -> tuple[str, str] | None:
    return None if leaf is None else (leaf.kind, leaf.text)


def _shown(before: Leaf | None, after: Leaf | None) -> tuple[str | None, str | None]:
    """Both values for people; of lists the items that differ."""
    old, new = _items(before), _items(after)
    if old is not None and new is not None:
        less = [word for one, word in zip(old, _words(old), strict=True) if one not in new]
        more = [word for one, word in zip(new, _words(new), strict=True) if one not in old]
        if less + more:
            alone = max(len(less), len(more)) == 1
            return _some(less, alone), _some(more, alone)
    if before and after and before.kind == after.kind == "secret" and not (before.items and after.items):
        return HIDDEN, HIDDEN
    return _one(before), _one(after)


def _items(leaf: Leaf | None) -> list[Any] | None:
    """The items of a list; None where they are not kept."""
    written = (leaf.text if leaf.kind == "list" else leaf.items) if leaf is not None else ""
    found = json.loads(written) if written else None
    return found if isinstance(found, list) else None


def _words(items: list[Any]) -> list[str]:
    """The items of a list for people."""
    return [one if isinstance(one, str) else _WORDS[next(iter(one))] for one in masked_words(items)]


def _some(words: list[str], alone: bool) -> str | None:
    """Words of a list for people, one `alone` as a value; None for none."""
    if not words:
        return None
    return _quoted(words[0]) if alone else _listed(words)


def _one(leaf: Leaf | None) -> str | None:
    if leaf is None:
        return None
    if leaf.kind in ("secret", "long"):
        seen = json.loads(leaf.items) if leaf.items else None
        return _quoted(seen) if isinstance(seen, str) else _WORDS[leaf.kind]
    return _listed(_words(json.loads(leaf.text))) if leaf.kind == "list" else _quoted(shown("", leaf.text))


def _listed(words: list[str]) -> str:
    return _cut(json.dumps(words, ensure_ascii=False))


def _quoted(value: str) -> str:
    return value if value in _WORDS.values() else json.dumps(_cut(value), ensure_ascii=False)


def _cut(value: str) -> str:
    value = short_digests(value)
    return value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…"


def _source(names: list[str] | tuple[str, ...]) -> str:
    names = [name for name in names if not name.startswith(LOCKED)]  # follows from the others
    if not names:
        return ""
    if any(name.startswith("DEVENV_PORT_") for name in names):
        return "the port moved on this machine"
    if any(name.startswith("DEVENV_SECRET_") for name in names):
        return "generated for this machine"
    if any(name.startswith("DEVENV_IMAGE_") for name in names):
        return "chosen for this machine"
    return f"from {', '.join(names)}"


def _short(said: str) -> str:
    return hashlib.sha256(said.encode()).hexdigest()[:16]
