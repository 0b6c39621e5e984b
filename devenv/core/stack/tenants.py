"""Services that are a part of another one's server (`share`): a job that makes the part, and the part's outputs."""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from devenv.core.compose import merge
from devenv.core.compose.keys import like
from devenv.core.compose.text import with_text
from devenv.core.manifest.manifest import load_service
from devenv.core.stack.draft import Draft
from devenv.core.stack.variables import NUMBER, Variables, shout
from devenv.core.suggest import suggest
from devenv.core.templates import parameters, placeholders
from devenv.core.templates.confine import confine
from devenv.core.templates.instance import INSECURE, Instance, Use, argv, told
from devenv.errors import Mark, Report
from devenv.model.data import Map, Seq, mark_of
from devenv.model.manifest import Included, Manifest, ServiceSpec
from devenv.model.stack import Origin, SecretVariable, Stack
from devenv.model.template import Share
from devenv.records import replace

AS_THE_SERVER = ("image", "platform", "networks", "extra_hosts", "profiles", "pull_policy", "logging")
"""What a part's job has as its server has it."""

_LONGEST = 30  # MySQL's users have 32 characters
_FROM_SERVER = ("with.", "secret.")


def draft_tenants(
    manifest: Manifest, drafts: Mapping[str, Draft], variables: Variables, report: Report
) -> dict[str, Draft]:
    """A draft for each service that is a part of another's server; problems go to `report`."""
    found: dict[str, Draft] = {}
    counts: dict[str, int] = {}
    for name, spec in manifest.services.items():
        if spec.included is None or not spec.included.server:
            continue
        server = _server(spec.included, manifest, drafts, report)
        if server is None or not _fits(name, spec, spec.included, server, report):
            continue
        counts[server.name] = counts.get(server.name, 0) + 1
        draft = _tenant(name, spec, server, counts[server.name], variables, report)
        if draft is not None:
            found[name] = draft
    return found


def _server(included: Included, manifest: Manifest, drafts: Mapping[str, Draft], report: Report) -> Draft | None:
    """The server at the end: one that is shared may itself be a part of another one."""
    name, seen = included.server, set[str]()
    while (spec := manifest.services.get(name)) and spec.included and spec.included.server and name not in seen:
        seen.add(name)
        name = spec.included.server
    if name in seen:
        report.add("DE344", f"services share each other: {' → '.join([*seen, name])}", included.shared_at)
        return None
    if name not in manifest.services:
        hint = suggest(name, manifest.services)
        report.add("DE206", f"there is no service '{name}' whose server could be shared", included.shared_at, hint=hint)
    return drafts.get(name)


def _fits(name: str, spec: ServiceSpec, included: Included, server: Draft, report: Report) -> bool:
    """Whether what was wanted is what the server is; both places are told where it is not."""
    use, has = Use.parse(spec.use or ""), server.origin
    here, there = _place(spec, "use"), _place(server.written, "use")

    def refuse(why: str, hint: str) -> bool:
        report.add("DE344", why, mark_of(spec.source, "use") or spec.mark, path=f"services.{name}", hint=hint)
        return False

    if not spec.use or has.template is None or server.instance is None:
        which, where = (name, here) if not spec.use else (server.name, there)
        return refuse(f"'{which}' ({where}) is no server of a template, so it cannot be shared", "say 'use' there")
    if use.name != has.template:
        both = f"'{name}' is {use.name} ({here}), and '{server.name}' is {has.template} ({there})"
        return refuse(f"the two are not the same server: {both}", "share servers of one template")
    if use.version and use.version != has.version:
        both = f"'{name}' wants {spec.use} ({here}), and '{server.name}' is {has} ({there})"
        return refuse(f"the versions differ: {both}", "agree on one version, or leave it out where it does not matter")
    if server.instance.template.share is None:
        file = mark.file if (mark := server.instance.template.source.mark) else use.name
        why = f"'{server.name}' ({there}) cannot be shared: its template says no 'share' ({file})"
        return refuse(why, "take the 'share' of it out")
    if spec.catalog != server.written.catalog:
        message = (
            f"'{use.name}' is another template here than that of the server '{server.name}' ({there}), which counts"
        )
        report.add("DE346", message, mark_of(spec.source, "use"), path=f"services.{name}", warning=True)
    _tell_ignored(name, spec, server.instance.template.share, server, report)
    return included.server != name


def _tell_ignored(name: str, spec: ServiceSpec, share: Share, server: Draft, report: Report) -> None:
    known = server.instance.template.parameters if server.instance is not None else {}
    named_anew = {*share.parameters, *share.outputs}
    for holder, keys in ((spec.with_, set(known) - named_anew), (spec.source, _own_keys(spec))):
        for key in holder:
            if key in keys:
                message = f"'{key}' has no effect here: the server is '{server.name}' ({_place(server.written, 'use')})"
                report.add("DE346", message, mark_of(holder, key, of_key=True), path=f"services.{name}", warning=True)


def _own_keys(spec: ServiceSpec) -> set[str]:
    return set(spec.source) - {"use", "with", "networks", "open"}


def _place(spec: ServiceSpec, key: str) -> str:
    mark = mark_of(spec.source, key) or spec.mark
    return f"{mark.file}:{mark.line}" if mark is not None else "elsewhere"


def _tenant(
    name: str, spec: ServiceSpec, server: Draft, number: int, variables: Variables, report: Report
) -> Draft | None:
    instance = server.instance
    assert instance is not None and instance.template.share is not None
    template, share = instance.template, instance.template.share
    values = parameters.take(template, _only(spec.with_, share), name, report, spec.with_mark, spec.included)
    written = str(template.source.get("share"))
    used = [n for n in template.secrets if f"${{secret.{n}}}" in written]
    secrets = [SecretVariable(variables.claim("SECRET", name, n), template.secrets[n].generate, name, n) for n in used]
    scope: dict[str, Any] = {k: v for k, v in instance.scope.items() if not k.startswith(_FROM_SERVER)}
    scope |= {f"server.{k}": v for k, v in instance.scope.items() if k.startswith(_FROM_SERVER)}
    scope |= {f"with.{k}": v for k, v in values.values.items()}
    scope |= {f"secret.{s.name}": f"${{{s.variable}:-{INSECURE}}}" for s in secrets}
    scope |= {"service": name, "tenant": identifier(name)}
    counted = variables.claim("NUMBER", server.name, "", name) if "${tenant.number}" in written else None
    scope["tenant.number"] = f"${{{counted}:-{number}}}"
    fill = placeholders.Fill(scope, told(template, report), {f"with.{k}": m for k, m in values.marks.items()})
    filled = fill.value(share.service, "share.service")
    confine(filled, values.paths, template.configs, report, f"templates.{template.name}.share.service")
    base = Map((key, server.compose[key]) for key in AS_THE_SERVER if key in server.compose)
    base |= {"job": True, "needs": Map({server.name: Map({"env": False})}), "restart": "no"}
    loaded = load_service(name, merge.merge_service(base, filled), report)
    if loaded is None:
        return None
    if share.arguments:
        at = spec.included.shared_at if spec.included is not None else None
        _add_arguments(server, fill.value(Seq(share.arguments), "share.arguments"), at)
    outputs = {"outputs": template.source["share"].get("outputs")}  # with their places
    source = like(template.source, {**template.source, **outputs}.items())
    own = replace(template, outputs=share.outputs, host_outputs=share.host_outputs, source=source)
    part = Instance(
        own,
        instance.version,
        filled,
        scope=scope,
        secrets=tuple(secrets),
        requires=tuple(values.requires),
        shell=argv(fill, share.shell),
    )
    return Draft(
        name,
        loaded,
        spec,
        with_text(loaded.compose),
        Origin(template.name, instance.version),
        part,
        server=server,
        number_variable=counted,
        image=server.image,
        image_variable=server.image_variable,
        recipe=server.recipe,
    )


def numbers(stack: Stack, settings: Mapping[str, str]) -> dict[str, str]:
    """The variables of parts' numbers that `settings` lacks: a part gets the lowest number that no other part of its
    server ever had, for the data of one that is gone is still there."""
    known = dict(settings)
    for part in stack.services.values():
        if part.number_variable and part.server and not known.get(part.number_variable):
            beside = f"{NUMBER}{shout(part.server, '')}_"
            taken = {value for name, value in known.items() if name.startswith(beside)}
            known[part.number_variable] = next(n for n in map(str, count(1)) if n not in taken)
    return {name: value for name, value in known.items() if value != settings.get(name)}


def _add_arguments(server: Draft, arguments: Sequence[str], at: Mark | None) -> None:
    """Adds to the server's command what the `share` at a place demands."""
    command = server.compose.get("command")
    if isinstance(command, str):
        server.compose["command"] = f"{command} {shlex.join(arguments)}"
    else:
        written = command or Seq()
        marks = [mark_of(written, i) or at for i in range(len(written))] + [at] * len(arguments)
        known = [mark for mark in marks if mark is not None]
        items_at = known if len(known) == len(marks) else []
        server.compose["command"] = Seq([*written, *arguments], mark=getattr(written, "mark", None), items_at=items_at)


def identifier(name: str) -> str:
    """A service's name as one that every server takes for a database or a user."""
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    plain = plain if plain[:1].isalpha() else f"t_{plain}"
    if len(plain) <= _LONGEST and plain == name.replace("-", "_"):
        return plain
    return f"{plain[: _LONGEST - 9]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _only(with_: Map, share: Share) -> Map:
    kept = ((key, value) for key, value in with_.items() if key in share.parameters)
    return Map(kept, mark=with_.mark, keys_at=with_.keys_at, values_at=with_.values_at)
