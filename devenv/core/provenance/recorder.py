"""Watches how services come about, so that it can be told afterwards which step made a value."""

from __future__ import annotations

from collections.abc import Mapping

from devenv.core.compose.keys import as_mapping
from devenv.core.stack.draft import Draft
from devenv.model.data import Map


class Recorder:
    """The drafts of a resolved stack, and their definitions as they were after each step of `resolve`."""

    def __init__(self) -> None:
        self.drafts: Mapping[str, Draft] = {}
        self._after: dict[str, dict[str, Map]] = {}

    def __call__(self, step: str, drafts: Mapping[str, Draft]) -> None:
        """Remembers the definitions: steps put new values in place and never change those that are there."""
        self.drafts = drafts
        self._after[step] = {name: _same(draft.compose) for name, draft in drafts.items()}

    def after(self, step: str, service: str) -> Map:
        """A service's definition as it was after a step of `resolve`, assignments as mappings."""
        return shaped(self._after[step][service])


def shaped(compose: Map) -> Map:
    """A definition with `environment`, `labels` and the arguments of a build as mappings, whatever was written."""
    result = _same(compose)
    for key in ("environment", "labels"):
        if isinstance(result.get(key), list):
            result[key] = as_mapping(result[key])
    build = result.get("build")
    if isinstance(build, Map) and isinstance(build.get("args"), list):
        result["build"] = _same(build)
        result["build"]["args"] = as_mapping(build["args"])
    return result


def _same(value: Map) -> Map:
    return Map(value, mark=value.mark, keys_at=value.keys_at, values_at=value.values_at)
