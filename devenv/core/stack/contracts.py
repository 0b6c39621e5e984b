"""`contracts`: providers become addresses that are seen from the host."""

from __future__ import annotations

from collections.abc import Mapping

from devenv.core.stack import references
from devenv.core.stack.connections import ready_port
from devenv.core.stack.draft import Draft
from devenv.core.suggest import suggest
from devenv.errors import Mark, Report
from devenv.model.data import mark_of
from devenv.model.manifest import Manifest
from devenv.model.manifest import Provider as Written
from devenv.model.stack import Contracts, Provider


def resolve_contracts(
    manifest: Manifest, drafts: Mapping[str, Draft], broken: frozenset[str], report: Report
) -> Contracts | None:
    """The contracts with their providers' addresses; None without any. A service of one's own with a published port is
    the provider of its name, unless another is named."""
    written = manifest.contracts
    if written is None:
        return None
    source = manifest.source.get("contracts")
    outputs = references.Outputs(
        {name: draft.host_outputs for name, draft in drafts.items()},
        broken=broken,
        known={name: draft.outputs for name, draft in drafts.items()},
    )
    reader = references.Reader(outputs, report, "contracts")
    broker = None if written.broker is None else reader.text(written.broker, ".broker", mark_of(source, "broker"))
    providers: dict[str, Provider] = {}
    for name, draft in drafts.items():
        if draft.instance is None and not draft.job and (address := _address(draft, None)) is not None:
            providers[name] = Provider(name, address)
    for name, one in written.providers.items():
        if one.service in drafts:
            mark = mark_of(source.get("providers") if isinstance(source, dict) else None, name)
            found = _provider(one, drafts[one.service], f"contracts.providers.{name}", mark, report)
            providers |= {name: found} if found is not None else {}
    return Contracts(written.pacts, broker, written.publish, providers)


def _provider(written: Written, draft: Draft, path: str, mark: Mark | None, report: Report) -> Provider | None:
    address = _address(draft, written.port)
    if address is None:
        names = [port.name for port in draft.ports if port.default is not None]
        wanted = f"published port '{written.port}'" if written.port else "published port"
        hint = suggest(written.port or "", names) or (f"it has {', '.join(names)}" if names else None)
        report.add("DE216", f"'{draft.name}' has no {wanted} to ask", mark, path=path, hint=hint)
        return None
    url = address + written.path.rstrip("/")
    at = {key: address + value for key, value in (("states", written.states), ("messages", written.messages)) if value}
    return Provider(draft.name, url, at.get("states", ""), at.get("messages", ""))


def _address(draft: Draft, port: str | None) -> str | None:
    """`http://127.0.0.1:PORT` of a published port: the one named, else the one that readiness would ask."""
    name = port if port is not None else ready_port(draft)
    number = draft.host_outputs.get(f"{name}.port")
    return None if number is None else f"{'https' if name == 'https' else 'http'}://127.0.0.1:{number}"
