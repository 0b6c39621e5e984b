"""Services on their way from the manifest to the stack: templates made into services, everything else copied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from devenv.core import instance as instances
from devenv.core import merge
from devenv.core.compose_text import with_text
from devenv.core.manifest import load_service
from devenv.core.suggest import suggest
from devenv.core.variables import Variables
from devenv.errors import Report
from devenv.model.data import Map, mark_of
from devenv.model.manifest import Manifest, ServiceSpec
from devenv.model.stack import Need, Origin, PublishedPort, Recipe
from devenv.model.template import Template

_TEMPLATE_KEYS = ("use", "with")
_READINESS = ("ready", "healthcheck")  # one's own of either kind takes the place of the template's


@dataclass(slots=True)
class Draft:
    """A service that the steps of `resolve` fill in one after the other; `compose` is its own copy, with text wherever
    Compose takes text (a number that a parameter brought is not).

    `spec` is the service with its template's keys under its own; `written` is what the manifest says alone.
    """

    name: str
    spec: ServiceSpec
    written: ServiceSpec
    compose: Map
    origin: Origin = field(default_factory=Origin)
    instance: instances.Instance | None = None
    ports: tuple[PublishedPort, ...] = ()
    needs: dict[str, Need] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    host_outputs: dict[str, str] = field(default_factory=dict)
    image: str | None = None
    image_variable: str | None = None
    recipe: Recipe | None = None

    @property
    def path(self) -> str:
        return f"services.{self.name}"

    @property
    def job(self) -> bool:
        return self.spec.job

    @property
    def has_healthcheck(self) -> bool:
        """Whether Compose will know when the service is healthy, as far as the manifest says."""
        if self.spec.ready is not None:
            return True
        check = self.compose.get("healthcheck")
        return isinstance(check, dict) and not check.get("disable") and check.get("test") not in (["NONE"], "NONE")


def draft_all(
    manifest: Manifest,
    templates: Mapping[str, Template],
    known: Iterable[str],
    variables: Variables,
    report: Report,
) -> dict[str, Draft]:
    """A draft per service that can be made one; problems of `use:` and `with:` go to `report`.

    `known` are the names of all templates, for suggestions; `templates` those that could be loaded.
    """
    known = list(known)
    drafts = {}
    for name, spec in manifest.services.items():
        if spec.use is None:
            drafts[name] = Draft(name, spec, spec, with_text(spec.compose))
            _replaceable(drafts[name], variables)
        elif draft := _from_template(name, spec, templates, known, variables, report):
            drafts[name] = draft
    return drafts


def _from_template(
    name: str,
    spec: ServiceSpec,
    templates: Mapping[str, Template],
    known: list[str],
    variables: Variables,
    report: Report,
) -> Draft | None:
    use = instances.Use.parse(spec.use or "")
    mark, path = mark_of(spec.source, "use"), f"services.{name}.use"
    template = templates.get(use.name)
    if template is None:
        if use.name not in known:
            hint = suggest(use.name, known) or "see `devenv catalog`"
            report.add("DE301", f"there is no template '{use.name}'", mark, path=path, hint=hint)
        return None
    version = instances.choose_version(template, use.version, mark, path, report)
    if version is None:
        return None
    own = _without(spec.source, _TEMPLATE_KEYS)
    instance = instances.instantiate(
        template, version, spec.with_, name, report, variable=lambda n: variables.claim("SECRET", name, n), own=own
    )
    replaced = _READINESS if own.keys() & set(_READINESS) else ()
    merged = merge.merge_service(_without(instance.service, replaced), own)
    loaded = load_service(name, merged, report)
    if loaded is None:
        return None
    draft = Draft(name, loaded, spec, with_text(loaded.compose), Origin(template.name, version.version), instance)
    _image(draft, template, version.version, variables)
    return draft


def _image(draft: Draft, template: Template, version: str, variables: Variables) -> None:
    """A template's image gets a variable and, where Debian has that version, a recipe; one's own gets no recipe."""
    _replaceable(draft, variables)
    if "image" in draft.written.compose or draft.image_variable is None:
        return
    if template.image is not None and version in template.debian:
        folder, _, dockerfile = template.image.rpartition("/")
        draft.recipe = Recipe(
            f"{template.folder}/{folder}" if folder else template.folder,
            dockerfile,
            f"devenv/{template.name}:{version}-debian",
            (("VERSION", version),),
        )


def _replaceable(draft: Draft, variables: Variables) -> None:
    """An image that is pulled gets a variable, so that one machine may have it from a mirror; a name that holds
    variables already stays as it is written."""
    image = draft.compose.get("image")
    if "build" in draft.compose or not isinstance(image, str) or "$" in image:
        return
    draft.image, draft.image_variable = image, variables.claim("IMAGE", draft.name)
    draft.compose["image"] = f"${{{draft.image_variable}:-{image}}}"


def _without(source: Map, keys: tuple[str, ...]) -> Map:
    return Map(
        ((k, v) for k, v in source.items() if k not in keys),
        mark=source.mark,
        keys_at=source.keys_at,
        values_at=source.values_at,
    )
