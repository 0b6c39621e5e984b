"""The first steps of a value: who wrote it, what it replaced, and what a template made it from."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from devenv.core.inclusion.variables import FromFile, SetIn
from devenv.core.lock.state import default_name
from devenv.core.provenance.here import hides
from devenv.core.stack.draft import Draft
from devenv.core.templates.placeholders import names as placeholders
from devenv.errors import Mark
from devenv.model import secrecy
from devenv.model.data import Map, Seq, mark_of, text
from devenv.model.explanation import Kind, Step
from devenv.records import field, frozen, replace

LOCKED_BY = "the lock says which bytes these are"
_PORT_VIEWS = ("host", "port", "url", "published")


@frozen
class Files:
    """What the places of values mean: the names of the manifest's file and of the person's override of it, the places
    of the manifest's switches (`observability`), and the lock's images by name. `source` is the manifest's data."""

    manifest: str
    local: str
    switches: Mapping[Mark, str] = field(default_factory=dict)
    images: Map = field(default_factory=Map)
    source: Map = field(default_factory=Map)


class Origins:
    """Tells the past of the values of one service, or of what belongs to none."""

    def __init__(self, files: Files, draft: Draft | None = None) -> None:
        self._files = files
        self._of = draft

    @property
    def _draft(self) -> Draft:
        assert self._of is not None, "what belongs to no service has no template"
        return self._of

    def past(self, value: Any, mark: Mark | None, key: str = "") -> list[Step]:
        """The steps that ended in `value`, which stands at `mark`, oldest first; `key` tells secrets."""
        written = getattr(mark, "written", None)
        if written is not None:
            raw, at = written
            steps = self.past(raw, at, key)
            parts = tuple(self.placeholder(name) for name in placeholders(text(raw)))
            last = steps[-1]
            return [*steps[:-1], replace(last, parts=(*last.parts, *parts))]
        replaced = getattr(mark, "over", None)
        past = self.past(replaced[0], replaced[1], key) if replaced is not None else []
        if by := getattr(mark, "by", ""):
            parts = tuple(_set(by.values, key, replaced[0])) if isinstance(by, SetIn) and replaced else ()
            return [*past, Step("variable", by, said(value, key), None, parts)]
        before = [replace(step, replaced=True) for step in past]
        kind, what = self.kind(mark)
        return [*before, Step(kind, what, said(value, key), mark, tuple(self._in_items(value)))]

    def _in_items(self, value: Any) -> Iterator[Step]:
        """What the placeholders in the items of a list stand for."""
        texts = [getattr(mark, "written", None) for mark in value.items_at] if isinstance(value, Seq) else []
        names = [name for written in texts if written for name in placeholders(text(written[0]))]
        yield from (self.placeholder(name) for name in dict.fromkeys(names))

    def pinned(self, written: str, image: str) -> list[Step]:
        """The digest that the lock has for an image of the name `written`, where it has one."""
        if image == written:
            return []
        name = default_name(written) or written
        if name not in self._files.images:
            return [Step("lock", f"the lock has nothing for {name}", image)]
        return [Step("lock", LOCKED_BY, image, mark_of(self._files.images, name, of_key=True))]

    def kind(self, mark: Mark | None) -> tuple[Kind, str]:
        """What sort of file a mark is in, and words for it."""
        instance = self._of.instance if self._of is not None else None
        if mark is None:
            return "devenv", "devenv's own"
        if instance is not None and mark.file == getattr(instance.template.source.mark, "file", None):
            return "template", f"template {instance.template.name}@{instance.version}"
        if mark in self._files.switches:
            return "manifest", f"`{self._files.switches[mark]}`, a switch of the manifest"
        if mark.file == self._files.manifest:
            return "manifest", "the manifest"
        if mark.file == self._files.local:
            return "override", "your own override"
        return "include", "an included file"

    def config(self, name: str) -> Step:
        """The text of a config that the service's template brings: where it is, and what its placeholders stand for."""
        instance = self._draft.instance
        assert instance is not None
        own = name.removeprefix(f"{self._draft.name}-")
        entry, mark = instance.template.source["configs"][own], instance.template.source.mark
        if "file" in entry and mark is not None:
            mark = Mark(posixpath.join(posixpath.dirname(mark.file), text(entry["file"])), 1, 1)
        else:
            mark = mark_of(entry, "content")
        written = instance.template.configs[own]
        parts = [self.placeholder(one) for one in dict.fromkeys(placeholders(written)) if one in instance.scope]
        what = f"template {instance.template.name}@{instance.version}, of which {self._draft.name} is an instance"
        return Step("template", what, said(written), mark, tuple(parts))

    def placeholder(self, name: str) -> Step:
        """What `${name}` stands for in the service's template."""
        instance = self._draft.instance
        assert instance is not None
        kind, _, what = name.partition(".")
        server = self._draft.server
        if server is not None and kind == "tenant":
            return self.shared(said(instance.scope.get(name)), f"{name}: ")
        if server is not None and kind not in ("with", "secret", "service"):
            return Origins(self._files, server).placeholder(name.removeprefix("server."))
        if kind in ("with", "secret"):
            return self.parameter(what)
        value = said(instance.scope.get(name), what)
        if name == "version":
            mark = mark_of(self._draft.written.source, "use")
            how = "as `use` says" if "@" in (self._draft.written.use or "") else "the template's first"
            return Step("parameter", f"version: {how}", value, mark)
        if name in ("host", "service"):
            mark = self._draft.written.mark
            return Step("devenv", f"{name}: the service's name, which is its address", value, mark)
        port = kind if what in _PORT_VIEWS else None
        return self.port(name, port, value)

    def shared(self, value: str | None = None, name: str = "") -> Step:
        """The line of `share` that makes the service a part of another one's server."""
        included, server = self._draft.written.included, self._draft.server
        assert included is not None and server is not None
        kind, where = self.kind(included.shared_at)
        what = f"{name}`share` of {where} makes {self._draft.name} a part of {server.name}"
        return Step(kind, what, value, included.shared_at)

    def prefixed(self, value: str) -> Step:
        """The entry of `include` whose prefix puts the service on a network of its file."""
        included = self._draft.written.included
        assert included is not None
        kind, where = self.kind(included.at)
        what = f"`include` of {where}: a prefix has a network of its own, on which services have their short names"
        return Step(kind, what, value, included.at)

    def parameter(self, name: str) -> Step:
        """Where a template's parameter has its value from, or a secret, which `with` may give, too."""
        instance, given = self._draft.instance, self._draft.written.with_
        assert instance is not None
        secret = name not in instance.template.parameters
        default = self._made(name) if secret else self._default(name)
        if given.get(name) is None:
            return default
        *others, last = self.past(given[name], mark_of(given, name), "secret" if secret else name)
        what = f"{'secret' if secret else 'parameter'} {name}, set in {last.what}"
        instead = [replace(one, kind="parameter", what=f"instead of what {one.what} sets", parts=()) for one in others]
        if not secret and default.value:
            instead.insert(0, replace(default, what="instead of the default", replaced=True))
        return replace(last, kind="parameter", what=what, parts=tuple(instead))

    def _default(self, name: str) -> Step:
        """The value of a parameter that nobody sets."""
        assert self._draft.instance is not None
        template = self._draft.instance.template
        source = template.source.get("parameters")
        value = said(template.parameters[name].default, name)
        what = f"parameter {name}: the default" if value else f"parameter {name}: not set"
        declared = source.get(name) if isinstance(source, dict) else None
        return Step("parameter", what, value, mark_of(declared, "default") or mark_of(source, name))

    def _made(self, name: str) -> Step:
        """A secret that nobody gives."""
        instance = self._draft.instance
        assert instance is not None
        mark = mark_of(instance.template.source.get("secrets"), name)
        value = said(instance.scope.get(f"secret.{name}"), "secret")
        return Step("devenv", f"secret.{name}: made at random on each machine", value, mark)

    def port(self, what: str, name: str | None, value: str) -> Step:
        """A port of the service, by its name or the main one."""
        ports = self._draft.spec.source.get("ports")
        if name is None and isinstance(ports, dict) and ports:
            name = "main" if "main" in ports else next(iter(ports))
        _, where = self.kind(mark_of(ports, name or ""))
        return Step("parameter", f"{what}: the port {name} of {where}", value, mark_of(ports, name or ""))

    def entry(self, key: str, name: str) -> tuple[Any, Mark | None]:
        """An entry of one of devenv's own keys (a list or mapping of names), and its place."""
        holder = self._draft.spec.source.get(key)
        if isinstance(holder, list):
            for i, item in enumerate(holder):
                if text(item) == name:
                    return item, mark_of(holder, i)
        if isinstance(holder, Map) and name in holder:
            return holder[name], mark_of(holder, name, of_key=True)
        return holder, mark_of(self._draft.spec.source, key)


def said(value: Any, key: str = "") -> str:
    """A value as text for people, secrets hidden."""
    return secrecy.shown(key, value)


def _set(variables: Mapping[str, FromFile], key: str, written: Any) -> Iterator[Step]:
    """Where the variables are set that stand in what is written."""
    for name, value in variables.items():
        shown = secrecy.Masked(secrecy.HIDDEN, value) if value and hides(name, key, written) else said(value, name)
        yield Step("variable", name, shown, value.mark)
