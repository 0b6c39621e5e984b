"""A manifest as it was written, checked: Compose's keys as data, devenv's keys as types."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SkipValidation, model_validator

from devenv.errors import Mark
from devenv.model.data import Map, text

FORMATS = (1,)
"""The manifest formats that this release reads."""

Text = Annotated[str, BeforeValidator(lambda v: text(v) if isinstance(v, bool | int | float | str) else v)]
"""A place that takes text: numbers and booleans are the text that the person wrote."""

PortNumber = Annotated[int, Field(ge=1, le=65535)]
Argv = tuple[Text, ...]
Data = SkipValidation[Map]


class Model(BaseModel):
    """Frozen, closed: an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, populate_by_name=True)


class Need(Model):
    """An edge of the graph. `env`: the variables' prefix, None for the name in capitals, False for none.

    `until`: None means ready, or completed when the need is a job.
    """

    until: Literal["ready", "started", "completed"] | None = None
    env: Annotated[Literal[False] | Text | None, Field(union_mode="left_to_right")] = None


class Port(Model):
    """A named port. `publish`: the host port, None for the same number (moved when busy), False for none."""

    port: PortNumber
    publish: PortNumber | Literal[False] | None = None
    protocol: Literal["tcp", "udp"] = "tcp"


class Ready(Model):
    """When a service counts as ready: exactly one of `http` (a path), `tcp` (a port's name) and `run` (argv).

    `port`: name or number of the port that `http` asks; `within`: the start-up budget, in seconds.
    """

    http: Text | None = None
    tcp: Text | None = None
    run: Argv | Text | None = None
    port: Text | None = None
    within: float = 60.0

    @model_validator(mode="after")
    def _one_kind(self) -> Ready:
        if sum(v is not None for v in (self.http, self.tcp, self.run)) != 1:
            raise ValueError("exactly one of 'http', 'tcp' and 'run' says when the service is ready")
        return self


class Expect(Model):
    """What a check's answer must be: the HTTP status, and text that the body (or the output) contains."""

    status: int | None = None
    body: Text | None = None


class Check(Model):
    """A probe of the running stack: `http` (a URL), `tcp` (`host:port`) or `run` (argv, on the host,
    or with `service` inside that service's container). Retried for `within` seconds."""

    http: Text | None = None
    tcp: Text | None = None
    run: Argv | Text | None = None
    service: Text | None = None
    method: Text = "GET"
    headers: dict[str, Text] = Field(default_factory=dict)
    body: Text | None = None
    expect: Expect = Expect()
    within: float = 10.0

    @model_validator(mode="after")
    def _one_kind(self) -> Check:
        if sum(v is not None for v in (self.http, self.tcp, self.run)) != 1:
            raise ValueError("exactly one of 'http', 'tcp' and 'run' says what is checked")
        return self


class ServiceSpec(Model):
    """One entry under `services`: devenv's keys typed, all others in `compose`, in the order written.

    `ports` is None when the service writes Compose's list form (which then stands in `compose`).
    `inputs` are those of a service that is a job, `setup_inputs` those of its `setup`.
    `origin` is where the entry's key stands; `source` is the whole entry, for marks.
    """

    use: Text | None = None
    with_: Data = Field(default_factory=Map, alias="with")
    needs: dict[str, Need] = Field(default_factory=dict)
    ports: dict[str, Port] | None = None
    ready: Ready | None = None
    setup: tuple[Text | Argv, ...] = ()
    setup_inputs: tuple[Text, ...] = ()
    inputs: tuple[Text, ...] = ()
    job: bool = False
    open: Text | None = None
    compose: Data = Field(default_factory=Map)
    source: Data = Field(default_factory=Map)
    mark: SkipValidation[Mark | None] = None


class Manifest(Model):
    """A whole manifest. `compose` holds Compose's own top-level keys (networks, volumes, configs, secrets, x-*)."""

    format: Literal[1]
    name: Text
    services: dict[str, ServiceSpec]
    modes: dict[str, tuple[Text, ...]] = Field(default_factory=dict)
    checks: dict[str, Check] = Field(default_factory=dict)
    compose: Data = Field(default_factory=Map)
    source: Data = Field(default_factory=Map)
    file: str = "devenv.yaml"
