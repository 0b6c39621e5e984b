"""What a person or an organisation sets for all stacks of a machine: text → Config, or every problem with its place."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from typing import Any

from devenv.core.suggest import suggest
from devenv.errors import Mark, Report
from devenv.model.data import Map, mark_of
from devenv.model.image_name import beginning, canonical, full
from devenv.records import field, frozen

KEYS = ("images", "policy")
_NAME = re.compile(r"(?!.*//)[A-Za-z0-9][A-Za-z0-9._:/@-]*")


@frozen
class Config:
    """`images` maps the beginnings of image names, whole with their registry, to what stands in their place.
    `policies` are the paths of policies that hold for every stack of the machine."""

    images: Mapping[str, str] = field(default_factory=dict)
    policies: tuple[str, ...] = ()

    def over(self, other: Config) -> Config:
        """This configuration's entries, and those of `other` that it does not have. Policies of both hold: nobody's
        own file takes an organisation's rules away."""
        policies = dict.fromkeys((*other.policies, *self.policies))
        return Config({**other.images, **self.images}, tuple(policies))

    def image(self, reference: str) -> str:
        """The name by which an image is pulled: the longest entry that it begins with decides."""
        name = full(reference)
        for begin in sorted(self.images, key=len, reverse=True):
            if name.startswith(begin) and (begin.endswith("/") or name[len(begin) :][:1] in ("", "/", ":", "@")):
                chosen = self.images[begin] + name[len(begin) :]
                return reference if canonical(chosen) == canonical(reference) else chosen
        return reference


def load_config(data: Any, file: str, report: Report) -> Config:
    """A configuration file's data, checked; problems go to `report`. An empty file is an empty configuration."""
    if data is None:
        return Config()
    if not isinstance(data, Map):
        report.add("DE204", "the configuration is a mapping", Mark(file, 1, 1), hint="write `images:`")
        return Config()
    for key in data:
        if key not in KEYS and not str(key).startswith("x-"):
            hint = suggest(str(key), KEYS) or f"keys of the configuration: {', '.join(KEYS)}"
            report.add("DE203", f"unknown key '{key}'", mark_of(data, key, of_key=True), hint=hint)
    return Config(_images(data, report), _policies(data, file, report))


def _policies(data: Map, file: str, report: Report) -> tuple[str, ...]:
    """Paths of policies; relative ones begin at the configuration's folder."""
    written = data.get("policy")
    if written is None:
        return ()
    entries = written if isinstance(written, list) else [written]
    found = []
    for i, entry in enumerate(entries):
        if isinstance(entry, str) and entry.strip():
            found.append(posixpath.join(posixpath.dirname(file), entry))
        else:
            mark = mark_of(written, i) if entries is written else mark_of(data, "policy")
            hint = "write `policy: /etc/devenv/policy.yaml`"
            report.add(
                "DE204", "'policy' takes the path of a policy, or a list of paths", mark, path="policy", hint=hint
            )
    return tuple(found)


def _images(data: Map, report: Report) -> dict[str, str]:
    images = data.get("images")
    if images is None:
        return {}
    if not isinstance(images, Map):
        hint = "write `docker.io/: mirror.example/hub/` under it"
        report.add("DE204", "'images' maps names to names", mark_of(data, "images"), path="images", hint=hint)
        return {}
    found: dict[str, str] = {}
    for begin, instead in images.items():
        path = f"images.{begin}"
        if not _NAME.fullmatch(str(begin)):
            message = f"'{begin}' is not the beginning of an image's name"
            report.add("DE214", message, mark_of(images, begin, of_key=True), path=path)
        elif not isinstance(instead, str) or not _NAME.fullmatch(instead):
            message = "an image's name, or its beginning, is needed here"
            report.add("DE214", message, mark_of(images, begin), path=path, hint="write a name without `https://`")
        elif str(begin).endswith("/") != instead.endswith("/"):
            message = f"'{begin}' and '{instead}' both end with '/', or neither does"
            hint = "with '/' they are beginnings of names, without it one repository's name"
            report.add("DE214", message, mark_of(images, begin), path=path, hint=hint)
        else:
            found[beginning(str(begin))] = instead
    return found
