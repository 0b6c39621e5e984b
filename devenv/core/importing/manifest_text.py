"""The text of a manifest from Compose files: the first file with as few changes as there can be."""

from __future__ import annotations

import re
from collections.abc import Sequence

from devenv.core.compose.extends import Read
from devenv.core.compose.keys import TOP_KEYS
from devenv.core.edit import fit
from devenv.core.importing.comments import carried, kept
from devenv.core.importing.layers import ComposeFile, layered
from devenv.core.manifest.manifest import compose_name
from devenv.core.starter.starter import FIRST_LINE
from devenv.core.yaml.emit import dump
from devenv.core.yaml.places import content, places
from devenv.core.yaml.scalars import write_text
from devenv.core.yaml.source import parse
from devenv.errors import Report
from devenv.model.data import Map, same
from devenv.records import frozen

_MODELINE = re.compile(r"^# yaml-language-server:.*\n", re.MULTILINE)
_LEADING = re.compile(r"\A(?:[ \t]*\n)+")
_VERSION = re.compile(r"""^(version[ \t]*:[ \t]*(?:"[^"\n]*"|'[^'\n]*'|[^\s"'#]+))[ \t]+(#[^\n]*)$""", re.MULTILINE)
_NAMED = re.compile(r"[a-zA-Z0-9]")


@frozen
class Imported:
    """`text` is the manifest's, `data` what it says, with places in the Compose files. `notes` tell what is written
    differently there, and why; `defaulted` are the variables that have a default there and had none."""

    text: str
    data: Map
    notes: tuple[str, ...] = ()
    defaulted: frozenset[str] = frozenset()


def manifest_text(
    files: Sequence[ComposeFile], report: Report, *, name: str | None = None, read: Read = lambda path: None
) -> Imported | None:
    """The manifest that says what `files` say to Compose; None with problems in `report`.

    `name` is written as the stack's when the files give none; `read` gives the data of a file that one of them extends.
    """
    merged = layered(files, report, read)
    if merged is None:
        return None
    data = Map(merged.data, mark=merged.data.mark, keys_at=merged.data.keys_at, values_at=merged.data.values_at)
    notes = list(merged.notes)
    given = str(data.get("name") or "")
    if _NAMED.search(given) and "$" not in given and (meant := compose_name(given)) != given:
        notes.append(f"Compose reads name: {given} as {meant}, so that is written")
        data["name"] = meant
    if data.pop("version", None) is not None:
        notes.append("'version' is left out: Compose ignores it")
    if data and "services" not in data and all(key in TOP_KEYS or key.startswith("x-") for key in data):
        data["services"] = Map()
    if included := [one.name for file in files for entry in file.included for one in entry]:
        notes.append(f"what 'include' brings is written out: {', '.join(included)} can change without the manifest")
    first, *others = (
        _VERSION.sub(r"\2\n\1", one) for one in (_flush(merged.text), *merged.others)
    )  # what it says stays
    added = name if "name" not in data else None
    text = _with_head(carried(edited(first, data), others), added)
    if not same(parse(text, "", Report()), _headed(data, name)):
        text = _with_head(carried(kept(dump(data), first), others), added)
    return Imported(text, _headed(data, name), tuple(notes), frozenset(merged.defaulted))


def _flush(text: str) -> str:
    """`text` with its outermost mapping at the margin, where the format's line goes."""
    root = places(text)
    margin = text[text.rfind("\n", 0, root.start) + 1 : root.start] if root is not None and root.block else ""
    moved = re.sub(f"^{margin}", "", text, flags=re.MULTILINE) if margin.isspace() else text
    return moved if same(parse(moved, "", Report()), parse(text, "", Report())) else text


def edited(text: str, target: Map) -> str:
    """`text` edited so that it says `target`, or written anew where it cannot be; no comment is lost."""
    said = fit(text, target)
    return kept(dump(target) if said is None else said, text.removeprefix("\ufeff").replace("\r\n", "\n"))


def _headed(data: Map, name: str | None) -> Map:
    head = {"devenv": 1} if name is None or "name" in data else {"devenv": 1, "name": name}
    return Map({**head, **data}, mark=data.mark, keys_at=data.keys_at, values_at=data.values_at)


def _with_head(body: str, name: str | None) -> str:
    """The format's line, and the stack's name where there is one, before everything but the first line's hint."""
    added = {"devenv": "1", **({"name": name} if name is not None else {})}
    root, head = places(body), content(body)
    if root is not None and root.kind == "map" and root.flow:
        inner = ", ".join(f'"{key}": {value if key == "devenv" else write_text(value)}' for key, value in added.items())
        return f"{FIRST_LINE}\n{body[: root.start + 1]}{inner}, {body[root.start + 1 :].lstrip()}"
    comments = [f"{line}\n" for line in body[:head].splitlines() if line.startswith("#")]
    rest = "".join(comments) + body[head:].removeprefix("\n" if comments else "")
    rest = _MODELINE.sub("", rest)  # it names the schema of Compose files
    lines = [FIRST_LINE, *(f"{key}: {value}" for key, value in added.items())]
    return (
        "\n".join(lines) + "\n\n" + _LEADING.sub("", rest.lstrip(" \n") if head else rest, count=1).rstrip("\n") + "\n"
    )
