"""Outputs: what a service tells others, seen from a container and from the host, and as environment variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from devenv.core.compose import mountpoints
from devenv.core.compose.keys import as_mapping
from devenv.core.stack import references
from devenv.core.stack.draft import Draft
from devenv.core.stack.ports import host_number
from devenv.core.stack.variables import shout
from devenv.core.templates.instance import main_port
from devenv.errors import Report
from devenv.model.stack import PublishedPort

_HTTP = frozenset(("http", "web", "ui", "api", "admin", "console", "dashboard", "management", "metrics"))
_NEVER_IN_ENVIRONMENT = ("published", "host")
_FIRST = {"host": 0, "port": 1, "url": 2}
_DEEPEST = 50


def add_outputs(drafts: Mapping[str, Draft], report: Report) -> None:
    """Fills in `outputs` and `host_outputs` of every draft, references among them resolved."""
    for draft in drafts.values():
        draft.outputs = _outputs(draft, report, host=False)
        draft.host_outputs = _outputs(draft, Report(), host=True)
    for host in (False, True):
        views = {name: draft.host_outputs if host else draft.outputs for name, draft in drafts.items()}
        _settle(views, drafts, report if not host else Report())


def scheme(port: PublishedPort, draft: Draft) -> str:
    """`http`, `https`, `tcp` or `udp`: what a port speaks, by its name."""
    ready, name = draft.spec.ready, port.name
    if port.protocol != "tcp":
        return port.protocol
    if name == "https":
        return "https"
    if name in _HTTP or (ready is not None and ready.http is not None and ready_port(draft) == name):
        return "http"
    return "tcp"


def ready_port(draft: Draft) -> str | None:
    """The name of the port that `ready: {http: …}` asks when it does not say: one of the template's, where a list says
    what is published; None where there are no named ports."""
    ready, names = draft.spec.ready, [p.name for p in draft.ports]
    if not names and draft.instance is not None:
        names = [*draft.instance.ports]
    if ready is not None and ready.port is not None:
        return ready.port
    for name in ("http", "https"):
        if name in names:
            return name
    return main_port(names) if names else None


def _outputs(draft: Draft, report: Report, *, host: bool) -> dict[str, str]:
    at = draft.server or draft
    address = "127.0.0.1" if host else at.name
    result = {"host": address}
    view: dict[str, str | None] = {"host": address}
    ports: dict[str, str | None] = {}
    for port, published in _ports(at):
        ports[port.name] = number = published if host else str(port.container)
        url = None if number is None else f"{scheme(port, at)}://{address}:{number}"
        view |= {f"{port.name}.host": address, f"{port.name}.port": number, f"{port.name}.url": url}
        view[f"{port.name}.published"] = published
        if number is not None and url is not None:
            result |= {f"{port.name}.host": address, f"{port.name}.port": number, f"{port.name}.url": url}
        if published is not None and draft.instance is not None:
            result[f"{port.name}.published"] = published
    if ports and (len(ports) == 1 or draft.instance is not None):
        main = main_port(ports)
        view["port"] = number = ports[main]
        if number is not None:
            result["port"] = number
            if len(ports) == 1:
                result["url"] = result[f"{main}.url"]
    if draft.instance is not None:
        result |= draft.instance.outputs_in(view, report, host=host)
    return result


def _ports(draft: Draft) -> Iterator[tuple[PublishedPort, str | None]]:
    """The named ports, each with its number on the host. Those of a template are known by their numbers where the
    manifest has Compose's list: what that publishes, and maybe a variable."""
    for port in draft.ports:
        yield port, None if port.default is None else host_number(port)
    if draft.instance is not None and draft.spec.ports is None:
        listed = draft.compose.get("ports")
        items = [mountpoints.port(item) for item in listed] if isinstance(listed, list) else []
        found = {target: (published, protocol) for _, published, target, protocol in items}
        for name, number in draft.instance.ports.items():
            published, protocol = found.get(str(number), ("", "tcp"))
            yield PublishedPort(name, number, "udp" if protocol == "udp" else "tcp", None, ""), published or None


def _settle(views: dict[str, dict[str, str]], drafts: Mapping[str, Draft], report: Report) -> None:
    """Replaces references within outputs: a parameter's value may be another service's output.

    What is wrong with one is told where the parameter stands, later; here it is left as it is.
    """
    outputs = references.Outputs(views)
    active: list[tuple[str, str]] = []

    def settle(service: str, output: str) -> None:
        written = views[service][output]
        if not references.found(written):
            return
        if (service, output) in active or len(active) > _DEEPEST:
            names = " → ".join(".".join(one) for one in [*active, (service, output)])
            draft = drafts[service]
            report.add("DE312", f"outputs refer to each other: {names}", draft.written.mark, path=draft.path)
            views[service][output] = ""
            return
        active.append((service, output))

        def one(inner: str) -> str | None:
            reference = outputs.split(inner)
            if reference is None or outputs.text(reference) is None:
                return None
            settle(reference.service, reference.output)
            return outputs.text(reference)

        views[service][output] = references.replace(written, one)
        active.pop()

    for service, named in views.items():
        for output in list(named):
            settle(service, output)


def add_environment(drafts: Mapping[str, Draft]) -> None:
    """Puts the outputs of each declared need in the service's environment; what the service sets itself wins."""
    for draft in drafts.values():
        added: dict[str, str] = {}
        for name, need in draft.spec.needs.items():
            connects = name in drafts and (not drafts[name].job or drafts[name].server is not None)
            if need.env is not False and connects:
                for key, value in variables(need.env or shout(name), drafts[name]).items():
                    added.setdefault(key, value)
        if not added:
            continue
        environment = as_mapping(draft.compose.get("environment"))
        for key, value in added.items():
            environment.setdefault(key, value)
        draft.compose["environment"] = environment


def variables(prefix: str, draft: Draft) -> dict[str, str]:
    """`DB_HOST`, `DB_PORT`, `DB_URL`, … of a service, for a container."""
    return {variable: draft.outputs[output] for variable, output in variable_outputs(prefix, draft).items()}


def variable_outputs(prefix: str, draft: Draft) -> dict[str, str]:
    """The names of these variables, each with the output that it holds."""
    single = len((draft.server or draft).ports) == 1
    result = {}
    for output in sorted(draft.outputs, key=lambda name: _FIRST.get(name, len(_FIRST))):
        _, dot, kind = output.rpartition(".")
        if not dot or not (single or kind in _NEVER_IN_ENVIRONMENT):  # of a single port, `port` and `url` say it all
            result[shout(prefix, output)] = output
    return result
