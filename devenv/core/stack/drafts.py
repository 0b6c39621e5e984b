"""Services on their way from the manifest to the stack: templates made into services, everything else copied."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from devenv.core.compose import merge, mountpoints
from devenv.core.compose.keys import like, like_list
from devenv.core.compose.text import with_text
from devenv.core.manifest.manifest import load_service
from devenv.core.manifest.service_spec import unknown_keys
from devenv.core.stack import tenants
from devenv.core.stack.draft import Draft
from devenv.core.stack.variables import Variables
from devenv.core.suggest import suggest
from devenv.core.templates import instance as instances
from devenv.errors import Report
from devenv.model.data import Map, mark_of
from devenv.model.manifest import Manifest, ServiceSpec
from devenv.model.stack import Origin, Recipe
from devenv.model.template import Template
from devenv.records import replace

Pinned = Callable[[str], str]
"""The name by which a stack asks for an image: the name as written, or with a digest."""

_TEMPLATE_KEYS = ("use", "with")
_READINESS = ("ready", "healthcheck")  # one's own of either kind takes the place of the template's


def draft_all(
    manifest: Manifest,
    templates: Mapping[str, Template],
    known: Iterable[str],
    variables: Variables,
    report: Report,
    pinned: Pinned = str,
) -> dict[str, Draft]:
    """A draft per service that can be made one; problems of `use:` and `with:` go to `report`.

    `known` are the names of all templates, for suggestions; `templates` those that could be loaded; `pinned` gives the
    name of an image the digest that the lock has for it.
    """
    known = list(known)
    drafts = {}
    for name, spec in manifest.services.items():
        if spec.included is not None and spec.included.server:
            continue  # not a server of its own
        if spec.use is None:
            drafts[name] = Draft(name, spec, spec, with_text(spec.compose))
            _replaceable(drafts[name], variables, pinned)
        elif draft := _from_template(name, spec, templates, known, variables, report, pinned):
            draft.origin = replace(draft.origin, switch=manifest.added.get(name))
            drafts[name] = draft
    for name, draft in tenants.draft_tenants(manifest, drafts, variables, report).items():
        drafts[name] = draft
    return drafts


def _from_template(
    name: str,
    spec: ServiceSpec,
    templates: Mapping[str, Template],
    known: list[str],
    variables: Variables,
    report: Report,
    pinned: Pinned,
) -> Draft | None:
    use = instances.Use.parse(spec.use or "")
    mark, path = mark_of(spec.source, "use"), f"services.{name}.use"
    template = templates.get(spec.template)
    if template is None:
        if use.name not in known:
            hint = suggest(use.name, known) or "see `devenv catalog`"
            report.add("DE301", f"there is no template '{use.name}'", mark, path=path, hint=hint)
        return None
    version = instances.choose_version(template, use.version, mark, path, report)
    if version is None:
        return None
    own = _without(spec.source, (*_TEMPLATE_KEYS, *unknown_keys(spec.source)))
    instance = instances.instantiate(
        template,
        version,
        spec.with_,
        name,
        report,
        variable=lambda n: variables.claim("SECRET", name, n),
        own=own,
        mark=spec.with_mark,
        included=spec.included,
    )
    replaced = _READINESS if own.keys() & set(_READINESS) and not merge.only_budget(own.get("ready")) else ()
    merged = merge.merge_service(_beside_tmpfs(_without(instance.service, replaced), own.get("tmpfs")), own)
    loaded = load_service(name, merged, report)
    if loaded is None:
        return None
    draft = Draft(name, loaded, spec, with_text(loaded.compose), Origin(template.name, version.version), instance)
    _image(draft, template, version.version, variables, pinned)
    return draft


def _beside_tmpfs(service: Map, tmpfs: Any) -> Map:
    """A template's service without the mounts in whose place its user wants a tmpfs: the engine refuses both."""
    wanted = tmpfs if isinstance(tmpfs, list) else [tmpfs]
    targets = {mountpoints.tmpfs(one) for one in wanted if one is not None}
    volumes = service.get("volumes")
    if not targets or not isinstance(volumes, list):
        return service
    left = like_list(volumes, (one for one in volumes if mountpoints.volume(one) not in targets))
    return like(service, {**service, "volumes": left}.items())


def _image(draft: Draft, template: Template, version: str, variables: Variables, pinned: Pinned) -> None:
    """A template's image gets a variable and, where Debian has that version, a recipe; one's own gets no recipe."""
    _replaceable(draft, variables, pinned)
    if "image" in draft.written.compose or draft.image_variable is None:
        return
    if template.image is not None and version in template.debian:
        folder, _, dockerfile = template.image.rpartition("/")
        draft.recipe = Recipe(
            f"{template.folder}/{folder}" if folder else template.folder,
            dockerfile,
            f"devenv/{template.recipe or template.name}:{version}-debian",
            (("VERSION", version),),
        )


def _replaceable(draft: Draft, variables: Variables, pinned: Pinned) -> None:
    """An image that is pulled gets a variable, so that one machine may have it from a mirror; a name that holds
    variables already keeps these."""
    image = draft.compose.get("image")
    if "build" in draft.compose or not isinstance(image, str):
        return
    if "$" in image:
        if (name := pinned(image)) != image:
            draft.image, draft.compose["image"] = image, name
        return
    draft.image, draft.image_variable = pinned(image), variables.claim("IMAGE", draft.name)
    draft.compose["image"] = f"${{{draft.image_variable}:-{draft.image}}}"


def _without(source: Map, keys: tuple[str, ...]) -> Map:
    return Map(
        ((k, v) for k, v in source.items() if k not in keys),
        mark=source.mark,
        keys_at=source.keys_at,
        values_at=source.values_at,
    )
