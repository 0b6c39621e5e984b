"""Asks the running providers whether they keep the pacts of their consumers: the manifest's `contracts`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from devenv.core.compose.interpolate import interpolate
from devenv.core.suggest import suggest
from devenv.engine import pacts
from devenv.engine.git import ask
from devenv.engine.pacts import Pact, Publish, Request
from devenv.engine.world import World
from devenv.errors import DevenvError, Report
from devenv.model.stack import Contracts, Provider
from devenv.ops.bringup.settings import elsewhere, project_name
from devenv.ops.load import load_stack
from devenv.records import frozen

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0}


@frozen
class Mismatch:
    """One thing in which an answer differs from the pact. `where` is a path in the body, or what part it is."""

    where: str
    said: str
    expected: str = ""
    actual: str = ""


@frozen
class Verified:
    """One interaction of a pact. `pending`: its failure is not the provider's, as the broker says."""

    provider: str
    service: str
    consumer: str
    description: str
    states: tuple[str, ...]
    ok: bool
    seconds: float
    pending: bool = False
    mismatches: tuple[Mismatch, ...] = ()


@frozen
class Verification:
    """`elsewhere` are pacts about providers that are no service of this stack: consumer, provider. `unpublished` says
    why results did not go back to a broker that should have them."""

    interactions: tuple[Verified, ...]
    elsewhere: tuple[tuple[str, str], ...] = ()
    published: bool = False
    unpublished: str = ""

    @property
    def ok(self) -> bool:
        """Whether something was verified, and all of it is kept."""
        return bool(self.interactions) and all(one.ok or one.pending for one in self.interactions)


def verify(world: World, names: Sequence[str] = ()) -> Verification:
    """Verifies the pacts of the stack's providers (or of those named, by provider or service) against what runs.

    Raises DevenvError: DE630 the stack is not up, DE631 a provider's service is not, DE727 no contracts or unknown
    provider, DE634 pacts or broker cannot be read, DE635 the verifier is missing.
    """
    stack = load_stack(world, Report(), paths=False).stack
    contracts = stack.contracts
    if contracts is None:
        hint = "write `contracts: ./pacts`, the folder that consumers' tests write their pacts to"
        raise DevenvError.of("DE727", "the manifest has no 'contracts'", hint=hint)
    variables = world.project.environment()
    running = _running(world, stack.name)
    broker = interpolate(contracts.broker or "", variables)
    found = pacts.pacts_in(world.project.root, contracts.pacts)
    found += pacts.pacts_of_broker(broker) if broker else []
    chosen = _chosen(contracts, found, names)
    for provider in chosen.values():
        if provider.service not in running:
            hint = f"`devenv up {provider.service}` starts it"
            raise DevenvError.of("DE631", f"{provider.service} is not running", hint=hint)
    publish = _publish(world) if broker and contracts.publish else None
    requests = [_request(name, one, found, broker, publish, variables) for name, one in chosen.items()]
    results = pacts.verify(world.processes, requests, variables)
    interactions = [
        one for name, result in zip(chosen, results, strict=True) for one in _read(name, chosen[name].service, result)
    ]
    others = [pact for pact in found if pact.provider not in contracts.providers]
    away = dict.fromkeys((pact.consumer, pact.provider) for pact in others)
    refused = "; ".join(dict.fromkeys(result["unpublished"] for result in results if result.get("unpublished")))
    sent = any(request.publish for request in requests) and not refused
    return Verification(tuple(interactions), tuple(away) if not names else (), sent, refused)


def _running(world: World, stack: str) -> set[str]:
    containers = world.daemon.containers(project_name(world, stack))
    running = {one.service for one in containers if one.state == "running"}
    if elsewhere(world, containers) or not running:
        raise DevenvError.of("DE630", f"'{stack}' is not up", hint="`devenv up` brings it up")
    return running


def _chosen(contracts: Contracts, found: Sequence[Pact], names: Sequence[str]) -> dict[str, Provider]:
    """The providers that pacts are about, in the order in which they were found."""
    there = dict.fromkeys(pact.provider for pact in found if pact.provider in contracts.providers)
    chosen = {name: contracts.providers[name] for name in there}
    for name in names:
        if name not in chosen and name not in [one.service for one in chosen.values()]:
            hint = suggest(name, chosen) or f"there are pacts about: {', '.join(chosen) or 'none'}"
            raise DevenvError.of("DE727", f"there is no pact about '{name}'", hint=hint)
    return {name: one for name, one in chosen.items() if not names or name in names or one.service in names}


def _request(
    name: str,
    provider: Provider,
    found: Sequence[Pact],
    broker: str,
    publish: Publish | None,
    variables: Mapping[str, str],
) -> Request:
    mine = [pact for pact in found if pact.provider == name]
    return Request(
        provider=name,
        url=interpolate(provider.url, variables),
        files=tuple(pact.file for pact in mine if pact.file),
        broker=broker if any(not pact.file for pact in mine) else "",
        states=interpolate(provider.states, variables),
        messages=interpolate(provider.messages, variables),
        publish=publish if any(not pact.file for pact in mine) else None,
    )


def _publish(world: World) -> Publish | None:
    """The commit that is checked out, as the provider's version; None outside of a repository."""
    root, processes = world.project.root, world.processes
    if processes.find("git") is None:
        return None
    commit = ask(processes, root, "rev-parse", "HEAD", timeout=10.0)
    if commit.code != 0 or not commit.output.strip():
        return None
    tracked = ("status", "--porcelain", "-uno", "--ignore-submodules=dirty")
    changed = ask(processes, root, *tracked, timeout=30.0, contents=True)
    branch = ask(processes, root, "branch", "--show-current", timeout=10.0)
    version = commit.output.strip() + ("-changed" if changed.output.strip() else "")
    return Publish(version, branch.output.strip() if branch.code == 0 else "")


def _read(provider: str, service: str, result: Mapping[str, Any]) -> list[Verified]:
    """What Pact's verifier says of each interaction. Raises DevenvError DE634 when it could not verify at all."""
    if not result.get("interactionResults") and (errors := result.get("errors")):
        lines = tuple(str((one.get("mismatch") or {}).get("message") or one.get("interaction")) for one in errors)
        raise DevenvError.of("DE634", f"the pacts of '{provider}' could not be verified", evidence=lines)
    return [
        Verified(
            provider=provider,
            service=service,
            consumer=str(one.get("consumer") or ""),
            description=str(one.get("description") or ""),
            states=tuple(str(state) for state in one.get("providerStates") or ()),
            ok=one.get("result") == "OK",
            seconds=_seconds(str(one.get("duration") or "")),
            pending=bool(one.get("pending")),
            mismatches=tuple(_mismatches(one.get("mismatch") or {})),
        )
        for one in result.get("interactionResults") or ()
    ]


def _mismatches(found: Mapping[str, Any]) -> list[Mismatch]:
    if "mismatches" not in found:
        return [Mismatch("", str(found["message"]))] if found.get("message") else []
    return [
        Mismatch(
            where=str(one.get("path") or one.get("key") or str(one.get("type", "")).removesuffix("Mismatch").lower()),
            said=str(one.get("mismatch") or ""),
            expected=str(one.get("expected") if one.get("expected") is not None else ""),
            actual=str(one.get("actual") if one.get("actual") is not None else ""),
        )
        for one in found["mismatches"]
    ]


def _seconds(duration: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m)", duration)
    return round(float(match[1]) * _UNITS[match[2]], 3) if match else 0.0
