"""The proofs that need an engine: one stack of all templates under test, brought up, used, and taken down again."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple
from urllib.parse import urlsplit

from devenv.core.compose.interpolate import interpolate
from devenv.core.stack.ports import moving
from devenv.core.stack.probes import NO_PROGRAM, reach
from devenv.core.templates import edges
from devenv.engine import http
from devenv.engine.answers import Completed
from devenv.engine.compose_config import own
from devenv.engine.world import World
from devenv.errors import DevenvError, Report
from devenv.events import Event, Phase, ServiceChanged, Sink
from devenv.model.stack import Service
from devenv.ops.authoring.bench import MANIFEST, Bench, Proved, State, manifest, tried
from devenv.ops.authoring.finding import Meant
from devenv.ops.bringup.results import UpResult
from devenv.ops.down import down
from devenv.ops.load import load_stack
from devenv.ops.up import up


class _Seen(NamedTuple):
    state: State
    detail: str
    said: tuple[str, ...] = ()


_NO_PORT = _Seen(State.NOTHING, "it has no port")

CHECKS = ("ready", "connects from here", "connects inside", "starts again", "keeps its data", "snapshot")
"""The results of a template, in order; when one is missing that the others need, these are skipped."""

_UP = (Phase.READY, Phase.KEPT, Phase.COMPLETED)
_TIMEOUT = 60.0
_AT_ONCE = 4
_LISTING = 'find "$1" -type f -exec cksum {} + 2>/dev/null | sort | cksum'


def on_engine(bench: Bench, found: Sequence[Meant], sink: Sink, consent: Callable[[str], bool]) -> Iterator[Proved]:
    """Brings up a stack with one service for each of `found`, all of one catalog, tries them, and removes all of it,
    data included, even when it is interrupted. Raises DevenvError for whatever keeps it from starting anything."""
    catalog = found[0].catalog
    services = {_service_name(meant.use): meant.use for meant in found}
    written = {name: one for own, use in services.items() for name, one in tried(catalog, use, own).items()}
    text = manifest(f"devenv-test-{bench.random(6).lower()}", written)
    with bench.scratch({MANIFEST: text, edges.FILE: ""}, (edges.FOLDER,)) as folder:
        world = bench.world(folder, catalog)
        try:
            yield from _Trial(world, services, sink, consent).all()
        finally:
            down(world, lambda event: None, volumes=True)


def _service_name(use: str) -> str:
    return use.replace("@", "-").replace("/", "-")


class _Trial:
    """One stack on the engine; `services` maps a service to what it uses."""

    def __init__(self, world: World, services: Mapping[str, str], sink: Sink, consent: Callable[[str], bool]) -> None:
        self.world, self.services, self.consent = world, services, consent
        self.sink = sink
        self.took: dict[str, float] = {}
        self.stack = load_stack(world, Report()).stack
        # Not those that people's stacks, or other runs of this, are about to take.
        published = [port for service in self.stack.services.values() for port in moving(service.ports)]
        world.project.save_settings({port.variable: str(world.ports.free()) for port in published})
        self.alive: list[str] = []

    def all(self) -> Iterator[Proved]:
        yield from self.ready(self.up())
        self.variables = self.world.project.environment()
        yield from self.each("connects from here", self.from_here)
        yield from self.each("connects inside", self.inside)
        yield from self.again(self.up())
        before = self.volumes()
        wrote = dict(self.each_named(self.write))
        down(self.world, lambda event: None)  # many servers write only when they are stopped
        second = self.up()
        after = self.volumes()
        for name, (state, detail, said) in wrote.items():
            if second.phases.get(name) not in _UP and state is not State.FAILED:
                reason, said = self.why(second, name)
                state, detail = State.FAILED, f"made anew, it does not come up: {reason}"
            elif state is State.OK:
                state, detail, said = self.read(name)
            yield Proved(self.services[name], "keeps its data", state, detail, evidence=said)
            yield self.snapshot(name, before[name], after[name], wrote=wrote[name][0] is State.OK)

    def up(self) -> UpResult:
        def take(event: Event) -> None:
            if isinstance(event, ServiceChanged) and event.phase is Phase.READY and event.seconds is not None:
                self.took[event.service] = event.seconds
            self.sink(event)

        return up(self.world, take, consent=self.consent)

    def ready(self, result: UpResult) -> Iterator[Proved]:
        for name, use in self.services.items():
            if result.phases.get(name) in _UP:
                self.alive.append(name)
                ready = self.stack.services[name].ready
                budget = f" of {ready.within:g} s" if ready is not None else ""
                yield Proved(use, "ready", State.OK, f"{self.took.get(name, 0.0):.1f} s{budget}")
                continue
            reason, said = self.why(result, name)
            yield Proved(use, "ready", State.FAILED, reason, evidence=said)
            for check in CHECKS[1:]:
                yield Proved(use, check, State.SKIPPED, "it is not ready")

    def why(self, result: UpResult, name: str) -> tuple[str, tuple[str, ...]]:
        """Why a service, or what stands beside it, did not come up, and what it said."""
        theirs = (failure for failure in result.failed if failure.service not in self.services)
        failure = next((failure for failure in result.failed if failure.service == name), None) or next(theirs, None)
        if failure is None:
            return "it was not started", ()
        said = (*failure.log[-8:], *failure.probe.strip().splitlines()[-8:])
        return (failure.reason if failure.service == name else f"{failure.service}: {failure.reason}"), said

    def again(self, result: UpResult) -> Iterator[Proved]:
        for name in self.alive:
            use, phase = self.services[name], result.phases.get(name)
            if phase is Phase.KEPT:
                yield Proved(use, "starts again", State.OK, "there is nothing to do")
                continue
            reason, said = (f"it was {phase}", ()) if phase in _UP else self.why(result, name)
            detail = f"a second `up` does not keep it: {reason}"
            yield Proved(use, "starts again", State.FAILED, detail, evidence=said)

    def each(self, check: str, one: Callable[[str], _Seen]) -> Iterator[Proved]:
        for name, (state, detail, said) in self.each_named(one):
            yield Proved(self.services[name], check, state, detail, evidence=said)

    def each_named(self, one: Callable[[str], _Seen]) -> Iterator[tuple[str, _Seen]]:
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="devenv-template-test") as pool:
            yield from zip(self.alive, pool.map(one, self.alive), strict=True)

    def from_here(self, name: str) -> _Seen:
        """Every output that is a URL is connected to from this machine; one of HTTP is asked."""
        tried = []
        for output, written in self.stack.services[name].host_outputs.items():
            address = _address(interpolate(written, self.variables))
            if address is None or output == "jdbc_url":
                continue
            url, host, port = address
            error = (
                http.request(url, timeout=10).error if url.startswith("http") else http.connect(host, port, timeout=10)
            )
            if error and error != http.HTTP2_ONLY:
                return _Seen(State.FAILED, f"{output}: {host}:{port}: {error}")
            tried.append(f"{output} {host}:{port}")
        return _Seen(State.OK, ", ".join(tried)) if tried else _Seen(State.SKIPPED, "no output is a URL")

    def inside(self, name: str) -> _Seen:
        """The client that the template names uses the outputs from a second container; without one, each port is
        connected to with whatever program the image has."""
        service = self.stack.services[name]
        if service.proof.connect:
            return self.ran(name, service.proof.connect, beside=True)
        ports = [port.container for port in service.ports if port.protocol == "tcp"]
        for port in ports:
            seen = self.ran(name, ("sh", "-c", reach(name, port)), beside=True, shown=f"{name}:{port}")
            if seen.state is not State.OK:
                lacks = any(NO_PROGRAM in line or "executable file not found" in line for line in seen.said)
                return _Seen(State.SKIPPED, "the image has no client; name one under test: connect") if lacks else seen
        return _Seen(State.OK, ", ".join(f"{name}:{port}" for port in ports)) if ports else _NO_PORT

    def write(self, name: str) -> _Seen:
        service = self.stack.services[name]
        if not service.proof.write and not service.data and not _mounts(service):
            return _Seen(State.NOTHING, "it keeps no data: there is nothing to lose")
        if not service.proof.write or not service.proof.read:
            return _Seen(State.SKIPPED, "name a test: write and read, to prove it")
        return self.ran(name, service.proof.write)

    def read(self, name: str) -> _Seen:
        proof = self.stack.services[name].proof
        seen = self.ran(name, proof.read)
        if seen.state is State.OK and interpolate(proof.expect, self.variables) not in "\n".join(seen.said):
            shown = _cut(shlex.join(proof.read), 200)
            return _Seen(State.FAILED, f"`{shown}` does not print '{proof.expect}'", seen.said)
        return seen

    def ran(self, name: str, argv: Sequence[str], *, beside: bool = False, shown: str = "") -> _Seen:
        words = [interpolate(word, self.variables) for word in argv]
        compose = self.world.compose
        line = compose.beside_argv(name, words) if beside else compose.exec_argv(name, words, interactive=False)
        done = self.run(line)
        said = tuple(f"{done.output}\n{done.errors}".strip().splitlines()[-12:])
        shown = shown or shlex.join(argv)
        if done.code:
            return _Seen(State.FAILED, f"`{_cut(shown, 200)}`: exit code {done.code}", said)
        return _Seen(State.OK, _cut(shown, 60), said)

    def run(self, line: Sequence[str]) -> Completed:
        try:
            return self.world.processes.run(
                line, cwd=self.world.project.root, env=own(self.variables), timeout=_TIMEOUT
            )
        except DevenvError as error:
            return Completed(1, "", error.problems[0].message)

    def volumes(self) -> dict[str, dict[str, str]]:
        """What stands for the contents of each named volume of each service, by its short name; '' where the image has
        no programs to tell."""
        mounts = {name: _mounts(self.stack.services[name]) for name in self.alive}

        def look(name: str) -> dict[str, str]:
            found = {}
            for volume, target in mounts[name].items():
                argv = ["sh", "-c", _LISTING, "sh", target]
                done = self.run(self.world.compose.exec_argv(name, argv, interactive=False, user="0"))
                found[volume] = done.output.strip() if not done.code else ""
            return found

        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="devenv-template-test") as pool:
            return dict(zip(self.alive, pool.map(look, self.alive), strict=True))

    def snapshot(self, name: str, before: Mapping[str, str], after: Mapping[str, str], *, wrote: bool) -> Proved:
        use, data = self.services[name], {_short(name, volume) for volume in self.stack.services[name].data}
        changed = {_short(name, volume) for volume in after if before.get(volume) != after[volume]}
        if not before:
            return Proved(use, "snapshot", State.NOTHING, "it has no volumes: there is nothing to save")
        if outside := sorted(changed - data):
            detail = f"'{', '.join(outside)}' changes, and does not stand under data"
            return Proved(use, "snapshot", State.FAILED, detail)
        if not all(after.values()) or not wrote:
            return Proved(use, "snapshot", State.SKIPPED, "nothing tells whether a write changes its volumes")
        if not changed:
            detail = f"what was written is in no volume of data: {', '.join(sorted(data)) or 'there is none'}"
            return Proved(use, "snapshot", State.FAILED, detail)
        return Proved(use, "snapshot", State.OK, ", ".join(sorted(changed)))


def _cut(line: str, most: int) -> str:
    """A command line in one line, which a script seldom is, of at most `most` characters."""
    line = " ".join(line.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def _short(service: str, volume: str) -> str:
    return volume.removeprefix(f"{service}-")


def _mounts(service: Service) -> dict[str, str]:
    """Named volume → where it is mounted."""
    found = {}
    for item in service.compose.get("volumes") or ():
        if isinstance(item, dict):
            if item.get("type") == "volume" and item.get("source"):
                found[str(item["source"])] = str(item["target"])
        elif not str(item).startswith(("/", ".", "~")) and ":" in str(item):
            source, _, rest = str(item).partition(":")
            found[source] = rest.partition(":")[0]
    return found


def _address(written: str) -> tuple[str, str, int] | None:
    """An output that is a URL with a port: the URL, its host and the port."""
    try:
        parts = urlsplit(written)
        port = parts.port
    except ValueError:
        return None
    return (written, parts.hostname or "", port) if "://" in written and port is not None else None
