"""A service made from a template: placeholders replaced, names made the service's own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote

from devenv.core.compose import merge
from devenv.core.suggest import suggest
from devenv.core.templates import parameters, placeholders
from devenv.core.templates.confine import confine
from devenv.errors import Mark, Report
from devenv.model.data import Map, Seq, mark_of, text
from devenv.model.manifest import Included
from devenv.model.stack import Proof, RequiredPath, SecretVariable
from devenv.model.template import Template, Version
from devenv.records import field, frozen, mutable

INSECURE = "devenv-insecure-default"
"""What a secret is where `.devenv/.env` does not say otherwise."""

MAX_OUTPUTS = 64 * 1024
"""Characters of all outputs of one service: each service that needs it gets them as variables."""

_NAMED_VOLUME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


@frozen
class Use:
    """`use: name@version`; `version` is empty when the default one is meant."""

    name: str
    version: str = ""

    @classmethod
    def parse(cls, written: str) -> Use:
        name, _, version = written.partition("@")
        return cls(name.strip(), version.strip())


@mutable
class Instance:
    """A template made into one service, before the manifest's own keys are merged over it.

    `configs` and `volumes` are the top-level entries that `service` refers to, `ports` the names of ports in the
    container, with their numbers.
    """

    template: Template
    version: str
    service: Map
    scope: dict[str, Any] = field(default_factory=dict)
    configs: Map = field(default_factory=Map)
    volumes: tuple[str, ...] = ()
    ports: dict[str, int] = field(default_factory=dict)
    secrets: tuple[SecretVariable, ...] = ()
    requires: tuple[RequiredPath, ...] = ()
    data: tuple[str, ...] = ()
    shell: tuple[str, ...] = ()

    def outputs_in(self, view: Mapping[str, str | None], report: Report, *, host: bool) -> dict[str, str]:
        """The template's outputs where `view` says what `host`, `port`, `<port>.url`, … are; those that need one that
        is None (a port that is not published, seen from the host) are left out. `host`: seen from the host. Outputs
        that are longer than MAX_OUTPUTS together are reported, and left out from there on.
        """
        scope = {**self.scope, **{name: value for name, value in view.items() if value is not None}}
        for name, value in view.items():
            if value is None:
                scope.pop(name, None)
        encoded = {name: _url_part(value) if name.startswith("with.") else value for name, value in scope.items()}
        missing: list[str] = []
        spent, length = [0], 0
        result: dict[str, str] = {}
        for name, written in (self.template.outputs | (self.template.host_outputs if host else {})).items():
            missing.clear()
            head, separator, tail = written.partition("://")
            filled = (
                placeholders.Fill(scope, lambda message, *_: missing.append(message), {}, spent).text(head) + separator
            )
            filled += placeholders.Fill(encoded, lambda message, *_: missing.append(message), {}, spent).text(tail)
            length += len(filled)
            if max(length, spent[0]) > MAX_OUTPUTS:
                message = f"the outputs of one service are more than {MAX_OUTPUTS // 1024} KiB of text"
                told(self.template, report)(message, mark_of(self.template.source, "outputs"), "outputs")
                break
            if not missing:
                result[name] = filled
        return result

    def proof(self, outputs: Mapping[str, str]) -> Proof:
        """The template's own test for this service; `outputs` are its outputs as a container sees them."""
        scope = {**self.scope, **{f"output.{name}": value for name, value in outputs.items()}}
        fill, test = placeholders.Fill(scope, lambda *_: None, {}), self.template.test
        connect, write, read = (
            tuple(map(text, fill.value(Seq(argv)) or ())) for argv in (test.connect, test.write, test.read)
        )
        return Proof(connect, write, read, fill.text(test.expect))


def _url_part(value: Any) -> Any:
    """A parameter as a part of a URL; what still holds a reference or a variable cannot be encoded yet."""
    written = placeholders.as_text(value)
    return value if "$" in written else quote(written, safe=",")


def choose_version(template: Template, wanted: str, mark: Mark | None, path: str, report: Report) -> Version | None:
    """The version that `use:` names, the first when it names none; None with a problem when there is no such one."""
    if not wanted:
        return template.versions[0]
    names = [v.version for v in template.versions]
    if wanted in names:
        return template.versions[names.index(wanted)]
    hint = suggest(wanted, names) or f"it has {', '.join(names)}"
    report.add("DE302", f"template '{template.name}' has no version '{wanted}'", mark, path=path, hint=hint)
    return None


def instantiate(
    template: Template,
    version: Version,
    with_: Map,
    service: str,
    report: Report,
    *,
    variable: Callable[[str], str],
    own: Map | None = None,
    mark: Mark | None = None,
    included: Included | None = None,
) -> Instance:
    """The service `service` made from a template, placeholders replaced, the version's keys merged over.

    `own` holds the manifest's own keys of that service: its `ports` count for `${port}`. `variable` names the
    environment variable of a secret. `${<port>.published}` becomes a reference to the service's own output. `mark` is
    where a missing parameter is reported. `included` is told of a service of another file. A secret that `with_` gives
    by its name is not generated.
    """
    given = {n: text(with_[n]) for n in template.secrets if n in with_ and n not in template.parameters}
    values = parameters.take(template, with_, service, report, mark, included)
    scope: dict[str, Any] = {f"with.{name}": value for name, value in values.values.items()}
    scope |= {"version": version.version, "host": service, "service": service}
    made = {n: spec for n, spec in template.secrets.items() if n not in given}
    secrets = [SecretVariable(variable(n), spec.generate, service, n) for n, spec in made.items()]
    scope |= {f"secret.{s.name}": f"${{{s.variable}:-{INSECURE}}}" for s in secrets}
    scope |= {f"secret.{name}": value for name, value in given.items()}
    raw = merge.merge_service(template.service, version.service) if version.service else template.service
    bad = told(template, report)
    marks = {f"with.{name}": mark for name, mark in values.marks.items()}
    numbers = _ports(placeholders.Fill(scope, lambda *_: None, marks), raw, own or Map())
    for name, number in numbers.items():
        scope |= {f"{name}.host": service, f"{name}.port": number, f"{name}.url": f"{name}://{service}:{number}"}
        scope[f"{name}.published"] = f"${{{service}.{name}.published}}"
    if numbers:
        scope["port"] = numbers[main_port(numbers)]
    fill = placeholders.Fill(scope, bad, marks)
    filled = fill.value(raw, "service")
    confine(filled, values.paths, template.configs, report, f"templates.{template.name}.service")
    configs = _configs(template, filled, service, fill)
    volumes = _own_volumes(filled, service)
    return Instance(
        template,
        version.version,
        filled,
        scope=scope,
        configs=configs,
        volumes=volumes,
        ports=numbers,
        secrets=tuple(secrets),
        requires=tuple(values.requires),
        data=tuple(f"{service}-{name}" for name in template.data),
        shell=argv(fill, template.shell),
    )


def main_port(names: Iterable[str]) -> str:
    """The port that `${port}` means: the one named `main`, else the first."""
    listed = list(names)
    return "main" if "main" in listed else listed[0]


def told(template: Template, report: Report) -> Callable[[str, Mark | None, str], None]:
    """What `Fill` tells of a placeholder that cannot be: a problem in the template's file."""

    def bad(message: str, mark: Mark | None, path: str) -> None:
        report.add("DE304", message, mark or template.source.mark, path=path.lstrip("."))

    return bad


def argv(fill: placeholders.Fill, shell: Iterable[str]) -> tuple[str, ...]:
    """A template's `shell`. It is not for Compose: these are arguments as they are."""
    return tuple(text(word).replace("$$", "$") for word in fill.value(Seq(shell), "shell") or ())


def _ports(fill: placeholders.Fill, raw: Map, own: Map) -> dict[str, Any]:
    """Name → container port, the manifest's own ones over the template's."""
    result: dict[str, Any] = {}
    for ports in (fill.value(raw.get("ports")), own.get("ports")):
        if isinstance(ports, dict):
            for name, entry in ports.items():
                number = entry.get("port") if isinstance(entry, dict) else entry
                if number is not None:
                    result[name] = number
    return result


def _configs(template: Template, service: Map, name: str, fill: placeholders.Fill) -> Map:
    """The top-level configs that the service names, called `<service>-<config>`; its references follow."""
    result = Map()
    for entry in service.get("configs") or []:
        if isinstance(entry, dict) and entry.get("source") in template.configs:
            own = f"{name}-{entry['source']}"
            result[own] = Map({"content": fill.file(template.configs[entry["source"]])})
            entry["source"] = own
    return result


def _own_volumes(service: Map, name: str) -> tuple[str, ...]:
    """Calls the named volumes of a service `<service>-<volume>`, and says which there are."""
    names: dict[str, None] = {}
    volumes = service.get("volumes")
    if not isinstance(volumes, list):
        return ()
    for i, entry in enumerate(volumes):
        if isinstance(entry, dict):
            if entry.get("type") == "volume" and entry.get("source"):
                entry["source"] = f"{name}-{entry['source']}"
                names.setdefault(entry["source"])
        elif isinstance(entry, str):
            source, colon, rest = entry.partition(":")
            if colon and _NAMED_VOLUME.fullmatch(source):
                volumes[i] = f"{name}-{source}:{rest}"
                names.setdefault(f"{name}-{source}")
    return tuple(names)
