"""A small world for tests without an engine: files in memory, containers that live by a script."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from posixpath import normpath
from queue import Queue
from threading import Lock, Timer
from time import time

from devenv.engine.answers import Completed, Distribution, Holder, RemoteTree
from devenv.engine.protocols import OnBytes, OnLine
from devenv.engine.signatures import Ignore
from devenv.engine.world import BUILT_IN, Origin, World
from devenv.errors import DevenvError
from devenv.model.observed import Container, ContainerChange, EngineInfo, Image, ProbeResult
from devenv.records import replace


@dataclass
class Life:
    """What a container does once it is started. Times in seconds after its start."""

    checked: bool = True
    ready: float | None = 0.01
    unhealthy: float | None = None
    exit: float | None = None
    code: int = 0
    oom: bool = False
    restart: float | None = None
    refuse: DevenvError | None = None
    log: tuple[str, ...] = ()
    probes: tuple[tuple[int, str], ...] = ()
    ports: dict[tuple[int, str], tuple[str, int]] = field(default_factory=dict)
    slow: float = 0.0
    programs: dict[str, bytes] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    probe: Callable[[], tuple[int, str] | None] = lambda: None


class FakeDaemon:
    """Containers of one project; `calls` are the requests in order, `starts` the services in start order."""

    def __init__(self, project: str = "shop") -> None:
        self.project = project
        self.lives: dict[str, Life] = {}
        self.calls: list[str] = []
        self.starts: list[str] = []
        self.times: dict[str, float] = {}
        self.kept_volumes: list[str] = []
        self.made: dict[str, str] = {}
        self.on: dict[str, dict[str, str]] = {}
        self.images: set[str] | None = None
        self.registry: dict[str, Distribution] = {}
        self.deaf = False
        self._containers: dict[str, Container] = {}
        self._watchers: list[Queue[ContainerChange | None]] = []
        self._lock = Lock()
        self._timers: list[Timer] = []

    # What tests arrange.

    def add(self, service: str, life: Life | None = None, *, number: int = 1, **fields: object) -> str:
        """A created container of the service; `fields` override those of Container."""
        life = life or self.lives.get(service) or Life()
        self.lives[service] = life
        container = Container(
            id=f"{service}-{number}",
            name=f"{self.project}-{service}-{number}",
            project=self.project,
            service=service,
            state="created",
            health="none",
            image=f"{service}:1",
            image_id="sha256:1",
            networks=("default",),
        )
        made = replace(container, **fields)  # type: ignore[arg-type]
        self._containers[made.id] = made
        return made.id

    def remove(self, service: str) -> None:
        for container_id in [c.id for c in self._containers.values() if c.service == service]:
            del self._containers[container_id]
            self._say(ContainerChange(container_id, service, "destroy", time()))

    def kill(self, container_id: str, code: int = 137) -> None:
        self._say(ContainerChange(container_id, self._containers[container_id].service, "kill", time()))
        self._die(container_id, code, restart=None)

    def change(self, service: str, action: str) -> None:
        """Says something of the service's container, which stays as it is."""
        self._say(ContainerChange(f"{service}-1", service, action, time()))

    def lose(self) -> None:
        """From now on nobody hears anything."""
        self.deaf = True

    def reconnect(self) -> None:
        self.deaf = False
        self._say(ContainerChange("", "", "", time(), lost=True))

    def away(self) -> None:
        """The event stream has ended, and cannot be opened again."""
        for watcher in list(self._watchers):
            watcher.put(ContainerChange("", "", "away", time(), away=True))

    def close(self) -> None:
        for timer in self._timers:
            timer.cancel()

    # The protocol.

    def info(self) -> EngineInfo:
        return EngineInfo(server_version="26.1.5")

    def containers(self, project: str) -> list[Container]:
        self.calls.append("list")
        return [replace(c, started_at=None) for c in self._containers.values() if c.project == project]

    def inspect(self, container_id: str) -> Container | None:
        self.calls.append(f"inspect {container_id}")
        return self._containers.get(container_id)

    def environment(self, container_id: str) -> dict[str, str]:
        self.calls.append(f"environment {container_id}")
        return self.lives[self._containers[container_id].service].environment

    def start(self, container_id: str) -> None:
        container = self._containers[container_id]
        life = self.lives[container.service]
        self.calls.append(f"start {container_id}")
        with self._lock:
            self.starts.append(container.service)
            self.times[container.service] = time()
        if life.slow:
            _wait(life.slow)
        if life.refuse:
            raise life.refuse
        self._run(container_id)

    def stop(self, container_id: str, timeout: int | None = None) -> None:
        self.calls.append(f"stop {container_id}")
        self._containers[container_id] = replace(self._containers[container_id], state="exited", exit_code=0)

    def delete(self, container_id: str) -> None:
        self.calls.append(f"delete {container_id}")
        service = self._containers.pop(container_id).service
        self._say(ContainerChange(container_id, service, "destroy", time()))

    @contextmanager
    def watch(self, project: str) -> Iterator[Iterator[ContainerChange]]:
        self.calls.append("watch")
        queue: Queue[ContainerChange | None] = Queue()
        self._watchers.append(queue)
        try:
            yield iter(queue.get, None)
        finally:
            self._watchers.remove(queue)
            queue.put(None)

    def probes(self, container_id: str) -> list[ProbeResult]:
        self.calls.append(f"probes {container_id}")
        life = self.lives[self._containers[container_id].service]
        return [ProbeResult(code, output, datetime.now(UTC)) for code, output in life.probes]

    def probe(self, container_id: str) -> ProbeResult | None:
        said = self.lives[self._containers[container_id].service].probe()
        return ProbeResult(*said, datetime.now(UTC)) if said else None

    def beginning(self, container_id: str, path: str) -> bytes | None:
        return self.lives[self._containers[container_id].service].programs.get(path)

    def logs(
        self, container_id: str, *, follow: bool = False, since: datetime | None = None, tail: int | None = None
    ) -> Iterator[tuple[datetime, str]]:
        life = self.lives[self._containers[container_id].service]
        lines = life.log if tail is None else life.log[-tail:]
        yield from [(datetime(2024, 1, 1, second=i, tzinfo=UTC), line) for i, line in enumerate(lines)]

    def image(self, reference: str) -> Image | None:
        if self.images is not None and reference not in self.images:
            return None
        return Image("sha256:1", (reference,), "amd64", 1)

    def platforms(self, reference: str) -> tuple[str, ...]:
        return ()

    def distribution(self, reference: str) -> Distribution:
        if reference not in self.registry:
            raise DevenvError.of("DE502", f"the registry cannot be reached, asking for {reference}")
        return self.registry[reference]

    def pull(
        self,
        reference: str,
        on_bytes: OnBytes | None = None,
        platform: str | None = None,
        on_retry: OnLine | None = None,
    ) -> None:
        raise DevenvError.of("DE502", f"no registry answers for '{reference}'")

    def volumes(self, project: str) -> list[str]:
        return self.kept_volumes if project == self.project else []

    def volume_times(self, project: str) -> dict[str, str]:
        return dict(self.made)

    def networks(self, project: str) -> list[str]:
        return []

    def make_default_network(self, project: str) -> None:
        self.calls.append(f"network {project}")

    def attached(self, project: str, network: str) -> dict[str, str]:
        return self.on.get(network, {})

    def delete_network(self, project: str, network: str) -> None:
        self.calls.append(f"delete network {network}")

    def network_ids(self) -> frozenset[str]:
        return frozenset({"default"})

    # How containers live.

    def _run(self, container_id: str) -> None:
        container = self._containers[container_id]
        life = self.lives[container.service]
        self._containers[container_id] = replace(
            container,
            state="running",
            health="starting" if life.checked else "none",
            exit_code=None,
            ports=life.ports,
            started_at=datetime.now(UTC),
        )
        self._say(ContainerChange(container_id, container.service, "start", time()))
        if life.checked and life.ready is not None:
            self._after(life.ready, lambda: self._check(container_id, "healthy"))
        if life.checked and life.unhealthy is not None:
            self._after(life.unhealthy, lambda: self._check(container_id, "unhealthy"))
        if life.exit is not None:
            self._after(life.exit, lambda: self._die(container_id, life.code, life.restart))

    def _check(self, container_id: str, health: str) -> None:
        container = self._containers.get(container_id)
        if container and container.state == "running":
            self._containers[container_id] = replace(container, health=health)  # type: ignore[arg-type]
            self._say(
                ContainerChange(container_id, container.service, "health_status", time(), health=health)  # type: ignore[arg-type]
            )

    def _die(self, container_id: str, code: int, restart: float | None) -> None:
        container = self._containers[container_id]
        life = self.lives[container.service]
        if life.oom:
            self._say(ContainerChange(container_id, container.service, "oom", time()))
        state = "exited" if restart is None else "restarting"
        self._containers[container_id] = replace(
            container,
            state=state,  # type: ignore[arg-type]
            exit_code=code,
            oom_killed=life.oom,
        )
        self._say(ContainerChange(container_id, container.service, "die", time(), exit_code=code))
        if restart is not None:
            self._after(restart, lambda: self._run(container_id))

    def _after(self, seconds: float, act: Callable[[], None]) -> None:
        timer = Timer(seconds, act)
        timer.daemon = True
        self._timers.append(timer)
        timer.start()

    def _say(self, change: ContainerChange) -> None:
        if not self.deaf:
            for watcher in list(self._watchers):
                watcher.put(change)


def _wait(seconds: float) -> None:
    done: Queue[None] = Queue()
    timer = Timer(seconds, lambda: done.put(None))
    timer.start()
    done.get()


class FakeCompose:
    """Creates containers in a FakeDaemon; `calls` are the command lines in order."""

    def __init__(self, daemon: FakeDaemon, lives: Mapping[str, Life] | None = None) -> None:
        self.daemon = daemon
        self.lives = dict(lives or {})
        self.calls: list[str] = []
        self.labels: Callable[[str], dict[str, str]] = lambda service: {}

    def create(
        self,
        services: Sequence[str],
        on_line: OnLine | None = None,
        *,
        recreate: bool = False,
        without: Sequence[str] = (),
    ) -> None:
        self.calls.append(f"{'recreate' if recreate else 'create'} {' '.join(services)}")
        for service in services:
            self.daemon.add(service, self.lives.get(service), labels=self.labels(service))

    def build(self, services: Sequence[str], on_line: OnLine | None = None) -> None:
        self.calls.append(f"build {' '.join(services)}")

    def up_one(self, service: str) -> None:
        self.calls.append(f"up {service}")
        self.daemon.start(f"{service}-1")

    def stop(self, services: Sequence[str], on_line: OnLine | None = None) -> None:
        self.calls.append(f"stop {' '.join(services)}")

    def down(self, *, volumes: bool = False, on_line: OnLine | None = None) -> None:
        self.calls.append("down --volumes" if volumes else "down")

    def exec_argv(
        self,
        service: str,
        argv: Sequence[str],
        *,
        interactive: bool,
        stdin: bool = False,
        user: str | None = None,
        workdir: str | None = None,
    ) -> list[str]:
        return ["compose", "exec", *([] if interactive else ["-T"]), service, *argv]

    def beside_argv(self, service: str, argv: Sequence[str]) -> list[str]:
        return ["compose", "run", service, *argv]


@dataclass
class FakeProcesses:
    """Answers command lines from a table: the argv joined by blanks → what it does."""

    answers: dict[str, Completed] = field(default_factory=dict)
    calls: list[list[str]] = field(default_factory=list)

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        input: str | None = None,
        on_line: OnLine | None = None,
        timeout: float | None = None,
    ) -> Completed:
        self.calls.append(list(argv))
        return self.answers.get(" ".join(argv), Completed(0, "", ""))

    def find(self, program: str) -> Path | None:
        return Path("/usr/bin") / program

    def stop_all(self) -> None:
        self.calls.append(["stop_all"])

    def replace(self, argv: Sequence[str], env: Mapping[str, str] | None = None) -> int:
        self.calls.append(list(argv))
        return self.answers.get(" ".join(argv), Completed(0, "", "")).code


@dataclass
class FakePorts:
    """`taken` maps a host port to who has it."""

    taken: dict[int, Holder] = field(default_factory=dict)

    def busy(self, port: int, host_ip: str = "127.0.0.1", protocol: str = "tcp") -> bool:
        return port in self.taken

    def free(self) -> int:
        return 40000

    def holder(self, port: int) -> Holder:
        return self.taken.get(port, Holder("unknown"))


class FakeProject:
    """Files in memory."""

    def __init__(self, files: Mapping[str, str] | None = None, root: str = "/src/shop") -> None:
        self.root = Path(root)
        self.manifest = "devenv.yaml"
        self.files = dict(files or {})
        self.variables: dict[str, str] = {}
        self.kept: dict[str, object] = {}
        self.locked = False
        self.claims: dict[str, bool] = {}  # what other runs have claimed, and whether they are this project's
        self.folder = ""

    def read(self, path: str, *, limit: int = 4 << 20, exact: bool = False) -> str:
        path = normpath(path)
        if path not in self.files:
            raise DevenvError.of("DE102", f"{path} is not a file")
        return self.files[path]

    def exists(self, path: str, kind: str) -> bool:
        path = normpath(path)  # and what is there now: threads look while others write, as on a disk
        return path in self.files if kind == "file" else any(f.startswith(f"{path}/") for f in list(self.files))

    def folder(self, path: str) -> Path:
        return self.root / path

    def digest(self, pattern: str) -> str:
        pattern = normpath(pattern)
        folder = pattern.rstrip("/") + "/"
        inside = {f: text for f, text in list(self.files.items()) if fnmatch(f, pattern) or f.startswith(folder)}
        return json.dumps(inside, sort_keys=True) if inside else ""

    def signature(self, path: str) -> str:
        path = normpath(path)
        if self.exists(path, "directory"):
            return "folder"
        return f"{len(self.files[path])}:{self.files[path]}" if path in self.files else ""

    def tree(self, folder: str, ignore: Ignore) -> str:
        folder = "" if folder in (".", "./") else folder.removeprefix("./").rstrip("/") + "/"
        inside = {f.removeprefix(folder): text for f, text in list(self.files.items()) if f.startswith(folder)}
        kept = {f: text for f, text in inside.items() if not ignore.look(f)[0] and not f.startswith(".devenv/")}
        return json.dumps(kept, sort_keys=True) if inside else ""

    def weigh(self, folder: str, size: int, files: int) -> tuple[int, int]:
        folder = "" if normpath(folder) == "." else normpath(folder) + "/"
        inside = [text for name, text in list(self.files.items()) if name.startswith(folder)]
        return sum(map(len, inside)), len(inside)

    def above(self) -> str:
        return self.folder

    def idle(self) -> bool:
        return not self.locked

    def write(self, path: str, text: str, *, private: bool = False) -> bool:
        changed = self.files.get(path) != text
        self.files[path] = text
        return changed

    def append(self, path: str, text: str) -> None:
        self.files[path] = self.files.get(path, "") + text

    def adopt(self, folder: Path, path: str) -> None:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                self.files[f"{path}/{file.relative_to(folder).as_posix()}"] = file.read_text()

    def settings(self) -> dict[str, str]:
        return dict(self.variables)

    def save_settings(self, settings: Mapping[str, str]) -> None:
        self.variables = dict(settings)
        self.files.setdefault(".devenv/.env", "")

    def environment(self) -> dict[str, str]:
        return dict(self.variables)

    def layers(self) -> list[tuple[str, Mapping[str, str]]]:
        return [(".env", self.variables)]

    def state(self) -> dict[str, object]:
        return dict(self.kept)

    def save_state(self, state: Mapping[str, object]) -> None:
        self.kept = json.loads(json.dumps(state))

    def claim(self, what: str) -> bool:
        return what not in self.claims

    def claimed(self, what: str) -> bool:
        return self.claims.get(what, False)

    @contextmanager
    def lock(self, wait: float = 0.0) -> Iterator[None]:
        assert not self.locked
        self.locked = True
        try:
            yield
        finally:
            self.locked = False


class FakeCatalog:
    """No templates."""

    def names(self) -> list[str]:
        return []

    def folder(self, name: str) -> str | None:
        return None

    def files(self, name: str) -> Mapping[str, str]:
        return {}

    def origin(self, name: str) -> Origin:
        return Origin(BUILT_IN)

    def origins(self) -> list[Origin]:
        return [Origin(BUILT_IN)]

    def hidden(self, name: str) -> list[Origin]:
        return []

    def policies(self) -> list[tuple[str, str]]:
        return []


@dataclass
class FakeGit:
    """`refs` maps (address, ref) to a commit, `trees` (address, commit, path) to a tree; `asked` is what was. The
    commits in `lost` are known to be in no repository any more."""

    refs: dict[tuple[str, str], str] = field(default_factory=dict)
    trees: dict[tuple[str, str, str], RemoteTree] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def commit(self, url: str, ref: str = "") -> str:
        self.asked.append(("commit", url, ref))
        if (url, ref) not in self.refs:
            raise DevenvError.of("DE771", f"{url} has no branch or tag '{ref}'")
        return self.refs[url, ref]

    def tags(self, url: str) -> list[str]:
        self.asked.append(("tags", url))
        return [ref for at, ref in self.refs if at == url and ref.startswith("v")]

    def tree(self, url: str, commit: str, path: str = "") -> RemoteTree:
        self.asked.append(("tree", url, commit, path))
        if commit in self.lost:
            raise DevenvError.of("DE771", f"{url} has no commit {commit}")
        if (url, commit, path) not in self.trees:
            raise DevenvError.of("DE770", f"{url} cannot be read")
        return self.trees[url, commit, path]


def fake_world(daemon: FakeDaemon | None = None, **parts: object) -> World:
    """A world of fakes; `parts` replaces any of them."""
    daemon = daemon or FakeDaemon()
    fields: dict[str, object] = {
        "project": FakeProject(),
        "daemon": daemon,
        "compose": FakeCompose(daemon),
        "processes": FakeProcesses(),
        "ports": FakePorts(),
        "catalog": FakeCatalog(),
        "git": FakeGit(),
    }
    return World(**(fields | parts))  # type: ignore[arg-type]
