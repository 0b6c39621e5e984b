"""What `status` says of a service before it has looked at its containers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from devenv.records import fields, frozen

if TYPE_CHECKING:
    from devenv.model.stack import Service


@frozen
class ServiceFacts:
    """From the stack and this machine's settings. `default` says that `up` without arguments brings it up, `count` how
    many containers it is to have (None where a variable does)."""

    name: str
    job: bool
    image: str
    origin: str
    urls: tuple[str, ...]
    address: str
    default: bool
    count: int | None

    def written(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in fields(self)}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> ServiceFacts:
        """From what `written` gave. Raises KeyError and TypeError for anything else."""
        return cls(**{**data, "urls": tuple(data["urls"])})


def facts_of(service: Service, variables: Mapping[str, str], default: bool, job: bool) -> ServiceFacts:
    """The facts of one service; `variables` are those that Compose interpolates with, `job` says that it is to end."""
    from devenv.core.stack.replicas import count
    from devenv.ops.urls import address_of, urls_of

    return ServiceFacts(
        name=service.name,
        job=job,
        image=service.image or "",
        origin=str(service.origin),
        urls=tuple(url for _, url in urls_of(service, variables)),
        address=address_of(service, variables),
        default=default,
        count=count(service.compose),
    )
