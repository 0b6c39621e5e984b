"""A service between the manifest and the stack."""

from __future__ import annotations

from devenv.core.templates import instance as instances
from devenv.model.data import Map
from devenv.model.manifest import ServiceSpec
from devenv.model.stack import Need, Origin, PublishedPort, Recipe
from devenv.records import field, mutable


@mutable
class Draft:
    """A service that the steps of `resolve` fill in one after the other; `compose` is its own copy, with text wherever
    Compose takes text (a number that a parameter brought is not).

    `spec` is the service with its template's keys under its own; `written` is what the manifest says alone. `server` is
    the service that this one is a part of, see `core.stack.tenants`.
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
    server: Draft | None = None
    number_variable: str | None = None
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
