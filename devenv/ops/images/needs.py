"""Which images a bring-up needs and does not have: decided from the stack, the settings and the engine's own list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from devenv.core.compose.interpolate import interpolate
from devenv.model.image_name import canonical
from devenv.model.stack import Recipe, Service, Stack
from devenv.records import field, frozen, mutable

Has = Callable[[str], bool]
"""Whether the engine has an image of this name."""

Rewrite = Callable[[str], str]
"""The name by which an image is pulled on this machine (see `core.config.Config.image`)."""


@mutable
class Pull:
    """An image to pull once, for all `services` that use it; `recipes` build stand-ins where no registry answers."""

    reference: str
    platform: str | None
    services: list[Service] = field(default_factory=list)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(service.name for service in self.services)

    @property
    def recipes(self) -> dict[Recipe, list[Service]]:
        """The recipes, and the services that can use what each builds; none when a service could use none."""
        found: dict[Recipe, list[Service]] = {}
        for service in self.services:
            if service.recipe is None or service.image_variable is None:
                return {}
            found.setdefault(service.recipe, []).append(service)
        return found


@mutable
class Build:
    """An image to build once, as `service` says, for all `services` that use it."""

    reference: str
    services: list[Service] = field(default_factory=list)

    @property
    def service(self) -> Service:
        return self.services[0]


@mutable
class Needs:
    """`pulls` and `builds` that must be done; `settings` that change by themselves; `built` are the names of all
    images that the stack builds, those that are there among them; `digests` are the lock's, for what is built on."""

    pulls: list[Pull] = field(default_factory=list)
    builds: list[Build] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)
    built: set[str] = field(default_factory=set)
    digests: Mapping[str, str] = field(default_factory=dict)


@frozen
class Choice:
    """How names of images are chosen: `rewrite` sends them to a mirror; `mirrored` holds what earlier runs put into
    the settings for that reason (a variable → a name), which is not what a person chose."""

    has: Has
    rewrite: Rewrite = lambda reference: reference
    mirrored: Mapping[str, str] = field(default_factory=dict)

    def settled(self, service: Service, reference: str, settings: dict[str, str]) -> str:
        """The image to use: a stand-in chosen earlier stays while the engine has it and the recipe still makes it,
        and what a person put into the variable is left alone."""
        official, variable = service.image, service.image_variable
        if variable is None or official is None:
            return reference
        chosen = self.rewrite(official)
        if reference not in (official, chosen, self.mirrored.get(variable)):
            if not (reference.startswith("devenv/") and reference.endswith("-debian")):
                return reference
            if service.recipe is not None and service.recipe.tag == reference and self.has(reference):
                return reference
        if reference != chosen:
            settings[variable] = chosen
        return chosen


def needs_of(
    stack: Stack, wanted: Sequence[str], variables: Mapping[str, str], choice: Choice, rebuild: bool = False
) -> Needs:
    """What `wanted` services need. `variables` is what Compose interpolates with; `rebuild` builds again what is
    there. Raises DevenvError for an image name that demands a variable which nobody set."""
    needs = Needs(digests=stack.digests)
    pulls: dict[tuple[str, str | None], Pull] = {}
    builds: dict[str, Build] = {}
    known: dict[str, bool] = {}

    def there(reference: str) -> bool:
        if reference not in known:
            known[reference] = choice.has(reference)
        return known[reference]

    # The service before its setup job, which shares its image: what is built is called what people called it.
    for service in sorted((stack.services[name] for name in wanted), key=lambda s: s.setup_of is not None):
        reference = _image(stack, service, variables)
        if "build" in service.compose:
            if reference in builds:
                builds[reference].services.append(service)
            elif rebuild or _always(service, "build") or not there(reference):
                builds[reference] = Build(reference, [service])
            needs.built.add(canonical(reference))
            continue
        reference = choice.settled(service, reference, needs.settings)
        if not reference or _always(service, "never") or (there(reference) and not _always(service, "always")):
            continue
        platform = service.compose.get("platform")
        key = (canonical(reference), str(platform) if platform else None)
        pulls.setdefault(key, Pull(reference, key[1])).services.append(service)
    needs.pulls, needs.builds = list(pulls.values()), list(builds.values())
    return needs


def _image(stack: Stack, service: Service, variables: Mapping[str, str]) -> str:
    """The image's name as Compose sees it; a built service without one is called after project and service."""
    written = service.compose.get("image")
    if written:
        return interpolate(str(written), variables)
    project = variables.get("COMPOSE_PROJECT_NAME") or stack.name
    return f"{project}-{service.name}" if "build" in service.compose else ""


def _always(service: Service, policy: str) -> bool:
    return service.compose.get("pull_policy") == policy
