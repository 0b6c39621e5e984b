"""How many containers a service has. Another number makes or removes some, and changes none of the others."""

from __future__ import annotations

from devenv.core.compose.keys import like
from devenv.model.data import Map


def count(compose: Map) -> int | None:
    """The number of containers; None where a variable says it."""
    deploy = compose.get("deploy")
    written = compose.get("scale", deploy.get("replicas") if isinstance(deploy, dict) else None)
    if written is None:
        return 1
    return written if isinstance(written, int) and not isinstance(written, bool) else None


def without_count(compose: Map) -> Map:
    """What each of the containers is made of; all of `compose` where a variable says how many there are."""
    deploy = compose.get("deploy")
    if count(compose) is None or not ("scale" in compose or (isinstance(deploy, dict) and "replicas" in deploy)):
        return compose
    kept = {key: value for key, value in compose.items() if key != "scale"}
    if isinstance(deploy, Map):
        kept["deploy"] = like(deploy, ((key, value) for key, value in deploy.items() if key != "replicas"))
    return like(compose, ((key, value) for key, value in kept.items() if key != "deploy" or value))
