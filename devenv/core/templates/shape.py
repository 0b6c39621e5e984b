"""`template.yaml` as a Template: every key checked and typed, what a service is made of left as data."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, get_args

from devenv.core.manifest.node import Node
from devenv.errors import Report
from devenv.model.data import Map
from devenv.model.template import Adopt, Parameter, ParameterType, SecretSpec, SelfTest, Share, Template, Version

_CODE = "DE303"
_GENERATED = range(8, 129)
"""Characters that a secret may have."""


def read_template(data: Map, report: Report, *, name: str, configs: Map, folder: str, recipe: str) -> Template | None:
    """The template in `data`, or None with every problem of its shape in `report`. `configs` are the texts of
    `configs:`; `folder` and `recipe` are kept as they are."""
    before = len(report.errors)
    found = Node(data, "", report, data.mark, code=_CODE).fields(
        _TEMPLATE, ("template", "summary", "versions", "service")
    )
    if len(report.errors) > before:
        return None
    found = {key: one for key, one in found.items() if key not in ("template", "configs")}
    return Template(**found, format=1, name=name, configs=configs, source=data, folder=folder, recipe=recipe)


def _one_of(words: Collection[Any]) -> Callable[[Node], Any]:
    def read(node: Node) -> Any:
        if node.value not in words or isinstance(node.value, bool):
            *others, last = (repr(word) for word in words)
            node.problem(_CODE, f"must be {' or '.join([*filter(None, [', '.join(others)]), last])}")
        return node.value

    return read


def _number(node: Node) -> float | None:
    value = node.meant
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    node.wrong_kind("a number")
    return None


def _texts(node: Node) -> tuple[str, ...]:
    return tuple(word for word in node.each(Node.word) if word is not None)


def _named_texts(node: Node) -> dict[str, str | None]:
    return node.entries(Node.word)


def _data(node: Node) -> Map:
    return node.mapping() or Map()


def _flag(node: Node) -> bool:
    return bool(node.boolean())


def _parameter(node: Node) -> Parameter | None:
    found = node.fields(_PARAMETER, ("type",))
    return Parameter(**found) if "type" in found else None


def _secret(node: Node) -> SecretSpec | None:
    length = node.fields({"generate": Node.integer}, ("generate",)).get("generate")
    if "generate" in (node.value if isinstance(node.value, dict) else ()) and length not in _GENERATED:
        limits = f"{_GENERATED[0]} to {_GENERATED[-1]}"
        node.child("generate").problem(_CODE, f"is a number of characters, {limits}")
    return None if length is None else SecretSpec(generate=length)


def _version(node: Node) -> Version | None:
    if not isinstance(node.value, dict):
        return Version(version=node.word() or "")
    found = node.fields({"version": Node.word, "service": _data}, ("version",))
    return Version(**found) if "version" in found else None


def _share(node: Node) -> Share | None:
    found = node.fields(_SHARE, ("service",))
    return Share(**found) if "service" in found else None


def _adopt(node: Node) -> Adopt:
    found = node.fields(_ADOPT)
    return Adopt(with_=found.pop("with", {}), **found)


def _test(node: Node) -> SelfTest:
    found = node.fields(_TEST)
    return SelfTest(with_=found.pop("with", {}), **found)


_PARAMETER: dict[str, Callable[[Node], Any]] = {
    "type": _one_of(get_args(ParameterType)),
    "description": Node.word,
    "default": lambda node: node.value,
    "optional": _flag,
    "pattern": Node.word,
    "values": _texts,
    "min": _number,
    "max": _number,
    "items": _one_of(get_args(ParameterType)),
    "fields": lambda node: node.entries(_parameter),
    "each": Node.word,
    "secret": _flag,
}
_SHARE = {
    "parameters": _texts,
    "service": _data,
    "arguments": _texts,
    "shell": _texts,
    "outputs": _named_texts,
    "host_outputs": _named_texts,
}
_ADOPT = {
    "with": _named_texts,
    "environment": _named_texts,
    "command": lambda node: node.entries(_named_texts),
    "mounts": _named_texts,
    "same": _texts,
    "unless": _texts,
    "only": _texts,
    "never": Node.word,
    "images": _texts,
    "tags": _named_texts,
}
_TEST = {
    "connect": _texts,
    "write": _texts,
    "read": _texts,
    "expect": Node.word,
    "beside": _named_texts,
    "with": _named_texts,
}
_TEMPLATE: dict[str, Callable[[Node], Any]] = {
    "template": _one_of((1,)),
    "summary": Node.word,
    "keywords": _texts,
    "home": Node.word,
    "versions": lambda node: node.each(_version),
    "parameters": lambda node: node.entries(_parameter),
    "secrets": lambda node: node.entries(_secret),
    "service": _data,
    "configs": _data,
    "outputs": _named_texts,
    "host_outputs": _named_texts,
    "share": _share,
    "adopt": _adopt,
    "data": _texts,
    "shell": _texts,
    "test": _test,
    "image": Node.word,
    "debian": _texts,
    "example": Node.word,
}
