"""Which images a bring-up needs and does not have: decided from the stack, the settings and the engine's own list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from devenv.core.interpolate import interpolate
from devenv.model.stack import Recipe, Service, Stack

Has = Callable[[str], bool]
"""Whether the engine has an image of this name."""


@dataclass(slots=True)
class Pull:
    """An image to pull once, for all `services` that use it. `recipe` builds a stand-in where no registry answers."""

    reference: str
    platform: str | None
    services: list[Service] = field(default_factory=list)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(service.name for service in self.services)

    @property
    def recipe(self) -> Recipe | None:
        """The recipe, if every service that wants the image can use what it builds."""
        first = self.services[0].recipe
        return first if all(s.recipe == first and s.image_variable for s in self.services) else None


@dataclass(slots=True)
class Needs:
    """`pulls` and `builds` (one service for each image) that must be done; `settings` that change by themselves."""

    pulls: list[Pull] = field(default_factory=list)
    builds: list[Service] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)


def needs_of(stack: Stack, wanted: Sequence[str], variables: Mapping[str, str], has: Has, rebuild: bool) -> Needs:
    """What `wanted` services need. `variables` is what Compose interpolates with; `rebuild` builds again what is
    there. Raises DevenvError for an image name that demands a variable which nobody set."""
    needs = Needs()
    pulls: dict[tuple[str, str | None], Pull] = {}
    built: set[str] = set()
    known: dict[str, bool] = {}

    def there(reference: str) -> bool:
        if reference not in known:
            known[reference] = has(reference)
        return known[reference]

    # The service before its setup job, which shares its image: what is built is called what people called it.
    for service in sorted((stack.services[name] for name in wanted), key=lambda s: s.setup_of is not None):
        reference = _image(stack, service, variables)
        if "build" in service.compose:
            if reference not in built and (rebuild or _always(service, "build") or not there(reference)):
                needs.builds.append(service)
            built.add(reference)
            continue
        reference = _settled(service, reference, there, needs.settings)
        if not reference or _always(service, "never") or (there(reference) and not _always(service, "always")):
            continue
        platform = service.compose.get("platform")
        key = (reference, str(platform) if platform else None)
        pulls.setdefault(key, Pull(*key)).services.append(service)
    needs.pulls = list(pulls.values())
    return needs


def _image(stack: Stack, service: Service, variables: Mapping[str, str]) -> str:
    """The image's name as Compose sees it; a built service without one is called after project and service."""
    written = service.compose.get("image")
    if written:
        return interpolate(str(written), variables)
    project = variables.get("COMPOSE_PROJECT_NAME") or stack.name
    return f"{project}-{service.name}" if "build" in service.compose else ""


def _settled(service: Service, reference: str, there: Has, settings: dict[str, str]) -> str:
    """The image to use: a stand-in chosen earlier stays while the engine has it and the recipe still makes it."""
    official, variable = service.image, service.image_variable
    if variable is None or official is None or reference == official:
        return reference
    stand_in = reference.startswith("devenv/") and reference.endswith("-debian")
    if not stand_in or (service.recipe is not None and service.recipe.tag == reference and there(reference)):
        return reference
    settings[variable] = official
    return official


def _always(service: Service, policy: str) -> bool:
    return service.compose.get("pull_policy") == policy
