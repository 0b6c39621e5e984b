"""Values that nobody wrote: those that devenv makes from its own keys, and what each of these keys has an effect on."""

from __future__ import annotations

from collections.abc import Callable

from devenv.core.inclusion.adapt import DEFAULT
from devenv.core.provenance import paths
from devenv.core.provenance.origins import Origins, said
from devenv.core.provenance.outputs import OutputTeller
from devenv.core.provenance.recorder import Recorder
from devenv.core.stack import references
from devenv.core.stack.connections import variable_outputs
from devenv.core.stack.draft import Draft
from devenv.core.stack.ports import published
from devenv.core.stack.tenants import AS_THE_SERVER
from devenv.core.stack.variables import shout
from devenv.model.data import Map, mark_of, text
from devenv.model.explanation import Step
from devenv.model.stack import Service, Stack

_LABELS = {
    "dev.devenv.hash": "stands for the definition, so that `up` sees whether a container is as it should be",
    "dev.devenv.origin": "where the service comes from",
    "dev.devenv.manifest": "the manifest that the container was made from",
    "dev.devenv.job": "the service is a job",
    "dev.devenv.setup-of": "whose setup the job is",
}


def of(
    recorder: Recorder,
    outputs: OutputTeller,
    origins: Callable[[Draft], Origins],
    service: Service,
    path: paths.Path,
) -> list[Step] | None:
    """The steps of a value that devenv has made; None for one that somebody wrote."""
    draft = recorder.drafts[service.setup_of or service.name]
    teller = _Teller(recorder, outputs, origins(draft), draft)
    match path:
        case (str() as key, *_) if draft.server is not None and key in AS_THE_SERVER and key in draft.server.compose:
            return [origins(draft).shared(said(paths.at(service.compose, path)))]
        case ("depends_on", str() as name, *_) if draft.server is not None and name == draft.server.name:
            return [origins(draft).shared()]
        case ("networks", str() as name, *_) if of_prefix(draft, service.compose, name):
            return [origins(draft).prefixed(said(paths.at(service.compose, path)))]
        case ("labels", str() as label) if label in _LABELS:
            return [Step("devenv", _LABELS[label])]
        case ("environment", str() as name) if not _there(recorder, "references", draft, path):
            return teller.variable(name)
        case ("depends_on", draft.name, *_) if service.made_of == "provision":
            return [Step("devenv", f"`provision` of {draft.name} runs once it is ready", None, service.mark)]
        case ("depends_on", str() as name, *_) if not _there(recorder, "ready", draft, path[:2]):
            return teller.listed(name) if _listed(recorder, draft, name) else [teller.need(name)]
        case ("healthcheck", *_) if draft.spec.ready is not None and service.setup_of is None:
            return teller.readiness(path)
        case ("ports", int() as i) if draft.spec.ports is not None:
            return teller.port(i)
        case ("restart",) if service.job and not _there(recorder, "ready", draft, path):
            key = service.made_of or "job"
            why = f"it is the {key} of {draft.name}" if service.setup_of else "it is a job"
            return [Step("devenv", f"{why}, which runs once", "no", mark_of(draft.spec.source, key))]
        case ("command" | "entrypoint", *_) if service.setup_of is not None:
            return teller.commands(service.made_of)
        case ("image",) if not _there(recorder, "ready", draft, path):
            return [teller.shared_image()]
    return None


def of_prefix(draft: Draft, compose: Map, network: str) -> bool:
    """Whether a service is on a network because a prefix leads to its file."""
    networks = compose.get("networks")
    ours = network == DEFAULT or network.endswith(f"-{DEFAULT}")
    joined = ours and isinstance(networks, dict) and network in networks and mark_of(networks, network) is None
    return joined and draft.written.included is not None


def beaten(recorder: Recorder, outputs: OutputTeller, origins: Origins, draft: Draft, path: paths.Path) -> list[Step]:
    """What devenv would have made of `needs`, where somebody wrote a variable of that name."""
    if path[0] != "environment" or len(path) != 2:
        return []
    made = _Teller(recorder, outputs, origins, draft).variable(str(path[1]))
    if made is None:
        return []
    need, told = made
    what = f"`needs` would bring {told.what}; what is written counts more"
    return [Step("need", what, told.value, need.mark, replaced=True)]


def shares(recorder: Recorder, origins: Callable[[Draft], Origins], server: Draft) -> list[Step]:
    """The lines of `share` whose parts are told to a server on its command line."""
    parts = [(draft, draft.instance) for draft in recorder.drafts.values() if draft.server is server]
    told = [(draft, part.template.share) for draft, part in parts if part is not None]
    return [origins(draft).shared() for draft, share in told if share is not None and share.arguments]


def effects(stack: Stack, draft: Draft, path: paths.Path) -> tuple[str, ...]:
    """The paths in the generated file that a key of devenv's own has an effect on."""
    compose = stack.services[draft.name].compose
    jobs = {s.made_of: s.name for s in stack.services.values() if s.setup_of == draft.name}
    match path:
        case ("ready", *_):
            return (f"{draft.name}.healthcheck",) if "healthcheck" in compose else ()
        case ("setup" | "provision" as key, *_):
            return (jobs[key],) if key in jobs else ()
        case ("needs", *rest):
            names = [str(rest[0])] if rest and isinstance(rest[0], str) else list(draft.spec.needs)
            if rest and isinstance(rest[0], int):
                names = [list(draft.spec.needs)[rest[0]]]
            environment = compose.get("environment")
            keys = [f"{draft.name}.depends_on.{name}" for name in names]
            for name in names:
                need = draft.spec.needs[name]
                prefix = f"{need.env or shout(name)}_"
                if isinstance(environment, dict) and need.env is not False:
                    keys += [f"{draft.name}.environment.{key}" for key in environment if key.startswith(prefix)]
            return tuple(keys)
        case ("ports", str() as name, *_):
            places = [port.name for port in published(draft.ports)]
            return (f"{draft.name}.ports[{places.index(name)}]",) if name in places else ()
    return ()


class _Teller:
    """Tells of the values that devenv has made for one service."""

    def __init__(self, recorder: Recorder, outputs: OutputTeller, origins: Origins, draft: Draft) -> None:
        self._recorder = recorder
        self._outputs = outputs
        self._origins = origins
        self._draft = draft

    def variable(self, variable: str) -> list[Step] | None:
        """A variable that a need has put into the environment."""
        for name, need in self._draft.spec.needs.items():
            other = self._recorder.drafts.get(name)
            if other is None or need.env is False or (other.job and other.server is None):
                continue
            output = variable_outputs(need.env or shout(name), other).get(variable)
            if output is not None:
                written, mark = self._origins.entry("needs", name)
                _, where = self._origins.kind(mark)
                what = f"`needs` of {where} puts what {name} tells into the environment"
                told = self._outputs.output(name, output)
                return [Step("need", what, said(written), mark), told]
        return None

    def need(self, name: str) -> Step:
        """Why a service waits for another one."""
        if any(one == name for one in self._draft.spec.needs):
            written, mark = self._origins.entry("needs", name)
            _, where = self._origins.kind(mark)
            return Step("need", f"`needs` of {where}", said(written), mark)
        if self._recorder.drafts.get(name) is None:
            owner, _, key = name.rpartition("-")
            mark = mark_of(self._recorder.drafts[owner].spec.source, key)
            what = "runs before it" if key == "setup" else "runs before what needs it"
            return Step("devenv", f"`{key}` of {owner} {what}", None, mark)
        for path in paths.leaves(compose := self._recorder.after("ports", self._draft.name)):
            value = paths.at(compose, path)
            if isinstance(value, str) and any(inner.startswith(f"{name}.") for inner in references.found(value)):
                mark = mark_of(paths.at(compose, path[:-1]), path[-1])
                return Step("reference", f"{paths.shown(path)} refers to {name}", said(value, str(path[-1])), mark)
        return Step("reference", f"a value of {self._draft.name} refers to {name}", None, self._draft.written.mark)

    def listed(self, name: str) -> list[Step]:
        """An entry of a `depends_on` that was written as a list."""
        holder = self._recorder.after("ready", self._draft.name)["depends_on"]
        place = next(i for i, item in enumerate(holder) if text(item) == name)
        return self._origins.past(name, mark_of(holder, place))

    def readiness(self, path: paths.Path) -> list[Step]:
        """A part of the health check that `ready` became."""
        source = self._draft.spec.source
        value, mark = source.get("ready"), mark_of(source, "ready")
        meant = {"start_period": ("within",), "test": ("http", "tcp", "run")}.get(str(path[1]), ())
        if isinstance(value, Map):
            key = next((key for key in meant if key in value), None)
            value, mark = (value, mark) if key is None else (value[key], mark_of(value, key))
        steps = self._origins.past(value, mark, "ready")
        what = (
            "a health check of `ready`, with a probe that any image can run"
            if path[1:2] == ("test",)
            else ("a health check of `ready`, with an interval that sees readiness at once")
        )
        return [*steps, Step("devenv", what)]

    def port(self, place: int) -> list[Step]:
        """A named port, published on this machine."""
        port = published(self._draft.ports)[place]
        ports = self._draft.spec.source.get("ports")
        value = ports.get(port.name) if isinstance(ports, dict) else None
        steps = self._origins.past(value, mark_of(ports, port.name))
        if port.fixed:
            return [*steps, Step("devenv", f"published on {port.host_ip}, on the port that `publish` says")]
        free = "" if port.default == port.container else f" on {port.default}, the next that no other service has"
        what = f"published on {port.host_ip}{free}; {port.variable} moves it where it is taken"
        return [*steps, Step("devenv", what)]

    def commands(self, key: str) -> list[Step]:
        """What the job of a `setup` or `provision` runs."""
        source = self._draft.spec.source
        steps = self._origins.past(source.get(key), mark_of(source, key), key)
        ends = "" if key == "setup" else "what needs "
        return [*steps, Step("devenv", f"a job of its own, which ends before {ends}{self._draft.name} starts")]

    def shared_image(self) -> Step:
        """The name of an image that is built once for a service and its setup."""
        source = self._draft.spec.source
        key = "setup" if "setup" in source else "provision"
        what = f"a name, so that {self._draft.name} and its {key} share one image"
        return Step("devenv", what, None, mark_of(source, key))


def _there(recorder: Recorder, step: str, draft: Draft, path: paths.Path) -> bool:
    return paths.holds(recorder.after(step, draft.name), path)


def _listed(recorder: Recorder, draft: Draft, name: str) -> bool:
    written = recorder.after("ready", draft.name).get("depends_on")
    return isinstance(written, list) and any(text(item) == name for item in written)
