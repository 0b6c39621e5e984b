"""The engine's API as `DockerDaemon` speaks it: containers, events, logs, failures, and pulls from a real registry."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from devenv.engine.daemon import DockerDaemon
from devenv.engine.host_ports import HostPorts
from devenv.engine.process import LocalProcesses
from devenv.errors import DevenvError
from devenv.model.observed import ContainerChange
from tests.journeys.engines import Engine, private_engine, registry, short_folder, wait_for

pytestmark = pytest.mark.engine

Make = Callable[..., str]


@pytest.fixture
def daemon() -> DockerDaemon:
    return DockerDaemon()


@pytest.fixture
def make(engine: Engine, base_image: str, project_name: str) -> Make:
    """Creates a container of the project's service `web` that runs a shell script, and returns its id."""

    def create(script: str, *options: str) -> str:
        labels = ("--label", f"com.docker.compose.project={project_name}", "--label", "com.docker.compose.service=web")
        name = f"{project_name}-{time.monotonic_ns()}"
        command = ("create", "--name", name, *labels, *options, base_image, "sh", "-c", script)
        return engine.docker(*command).strip()

    return create


def test_a_life_in_events_listings_and_inspections(daemon: DockerDaemon, make: Make, project_name: str) -> None:
    check = ("--health-cmd", "test -e /tmp/up", "--health-start-period=30s", "--health-start-interval=200ms")
    made = make("sleep 0.5; touch /tmp/up; sleep 1; exit 3", *check)
    (listed,) = daemon.containers(project_name)
    assert (listed.id, listed.state, listed.health, listed.service) == (made, "created", "none", "web")

    seen: list[ContainerChange] = []
    with daemon.watch(project_name) as changes:
        daemon.start(made)
        for change in changes:
            seen.append(change)
            if change.health == "healthy":
                (listed,) = daemon.containers(project_name)
                assert (listed.state, listed.health) == ("running", "healthy")
                assert daemon.probes(made)[-1].exit_code == 0
            if change.action == "die":
                break
    assert [c.action for c in seen] == ["start", "health_status", "die"]
    assert seen[-1].exit_code == 3
    assert seen[1].at - seen[0].at < 1.5

    found = daemon.inspect(made)
    assert found is not None and (found.state, found.exit_code, found.health) == ("exited", 3, "none")
    assert found.started_at is not None and found.finished_at is not None
    assert 1 < (found.finished_at - found.started_at).total_seconds() < 10
    assert daemon.containers(project_name)[0].exit_code == 3


def test_what_is_not_there(daemon: DockerDaemon, project_name: str) -> None:
    assert daemon.inspect("nothing") is None
    assert daemon.image("nobody/nothing:1") is None
    assert daemon.containers(project_name) == daemon.volumes(project_name) == daemon.networks(project_name) == []
    assert list(daemon.logs("nothing")) == daemon.probes("nothing") == []
    daemon.stop("nothing")
    with pytest.raises(DevenvError, match="DE601"):
        daemon.start("nothing")


def test_a_watch_ends_when_it_is_closed_elsewhere(daemon: DockerDaemon, project_name: str) -> None:
    watch = daemon.watch(project_name)
    changes = watch.__enter__()
    threading.Timer(0.3, watch.__exit__, (None, None, None)).start()
    started = time.monotonic()
    assert list(changes) == []
    assert time.monotonic() - started < 2


def test_logs_come_in_order_with_times_and_whole_lines(daemon: DockerDaemon, make: Make) -> None:
    script = (
        "echo one; echo two >&2; sleep 0.2; printf 'a\\377b\\n'; head -c 40000 /dev/zero | tr '\\0' x; echo; printf end"
    )
    made = make(script)
    daemon.start(made)
    followed = list(daemon.logs(made, follow=True))
    texts = [text for _, text in followed]
    assert sorted(texts[:2]) == ["one", "two"]
    assert texts[2:] == ["a\ufffdb", "x" * 40000, "end"]
    assert [at for at, _ in followed] == sorted(at for at, _ in followed)
    assert [text for _, text in daemon.logs(made, tail=1)] == ["end"]
    later = [text for _, text in daemon.logs(made, since=followed[2][0])]
    assert "one" not in later and "end" in later


def test_following_does_not_time_out_and_can_be_left(daemon: DockerDaemon, make: Make) -> None:
    made = make("trap exit TERM; echo first; sleep 60 & wait")
    daemon.start(made)
    lines = daemon.logs(made, follow=True)
    assert next(lines)[1] == "first"
    lines.close()  # type: ignore[attr-defined]
    daemon.stop(made, timeout=5)
    found = daemon.inspect(made)
    assert found is not None and found.state == "exited"


def test_logs_of_a_container_with_a_terminal(daemon: DockerDaemon, make: Make) -> None:
    made = make("echo one; echo two", "--tty")
    daemon.start(made)
    assert [text for _, text in daemon.logs(made, follow=True)] == ["one", "two"]


def test_a_port_that_is_taken_is_told_with_its_holder(daemon: DockerDaemon, make: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        made = make("sleep 60", "-p", f"127.0.0.1:{port}:80")
        with pytest.raises(DevenvError, match=f"DE602: port 127.0.0.1:{port} is taken") as raised:
            daemon.start(made)
        assert raised.value.problems[0].evidence

    first = make("sleep 60", "-p", f"127.0.0.1:{port}:80")
    daemon.start(first)
    with pytest.raises(DevenvError, match=f"DE602: port .*:{port} is taken"):
        daemon.start(made)
    ports = HostPorts(LocalProcesses(), daemon.all_containers)
    assert ports.busy(port)
    inspected = daemon.inspect(first)
    assert inspected is not None
    holder = ports.holder(port)
    assert (holder.kind, holder.name, holder.project) == ("container", inspected.name, inspected.project)


def test_a_command_that_is_not_there_cannot_be_started(daemon: DockerDaemon, make: Make) -> None:
    with pytest.raises(DevenvError, match="DE601") as raised:
        daemon.start(make("", "--entrypoint", "/no/such/program"))
    assert "no such file" in raised.value.problems[0].evidence[0]


def test_an_engine_that_restarts_is_told_as_lost(engine: Engine) -> None:
    """On an engine of its own, which is ended and started again under the same socket."""
    with short_folder() as short:
        folder = short / "e"
        with private_engine(folder) as first:
            daemon = DockerDaemon({"DOCKER_HOST": str(first.host)})
            assert daemon.info().server_version
            watch = daemon.watch("any")
            changes = watch.__enter__()
        with pytest.raises(DevenvError, match="DE401: no Docker engine answers at"):
            daemon.containers("any")
        with private_engine(folder):
            assert next(changes).away
            assert next(changes).lost
            assert daemon.containers("any") == []
        watch.__exit__(None, None, None)
        assert list(changes) == []


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A registry of this test's own."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = int(server.getsockname()[1])
    with registry(tmp_path_factory.mktemp("registry"), port):
        yield port


def test_a_pull_shows_its_bytes(daemon: DockerDaemon, engine: Engine, base_image: str, port: int) -> None:
    name = f"127.0.0.1:{port}/library/base:1"
    engine.docker("tag", base_image, name)
    try:
        engine.docker("push", name)
        engine.docker("image", "rm", name)
        seen: list[tuple[int, int]] = []
        daemon.pull(name, lambda now, total: seen.append((now, total)))
        image = daemon.image(name)
        assert image is not None and image.architecture == daemon.info().architecture
        assert any(digest.startswith(f"127.0.0.1:{port}/library/base@sha256:") for digest in image.digests)
        assert all(now <= total for now, total in seen)
    finally:
        engine.docker("image", "rm", name, check=False)


def test_names_that_the_registry_does_not_have(daemon: DockerDaemon, engine: Engine, port: int) -> None:
    for name in ("nobody/nothing:1", "library/base:no-such-tag"):
        with pytest.raises(DevenvError, match="DE501"):
            daemon.pull(f"127.0.0.1:{port}/{name}")


def test_a_name_that_is_none(daemon: DockerDaemon, engine: Engine) -> None:
    with pytest.raises(DevenvError, match="DE501"):
        daemon.pull("Not A Name")


def test_a_registry_that_refuses_connections_and_one_that_swallows_them(daemon: DockerDaemon, engine: Engine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts in the kernel, and never says a word
        at = silent.getsockname()[1]
        started = time.monotonic()
        with pytest.raises(DevenvError, match=f"DE502: the registry 127.0.0.1:{at} cannot be reached"):
            daemon.pull(f"127.0.0.1:{at}/nobody/nothing:1")
        assert time.monotonic() - started < 15
    with pytest.raises(DevenvError, match="DE502"):
        daemon.pull(f"127.0.0.1:{at}/nobody/nothing:1")


def test_a_root_file_system_becomes_an_image(daemon: DockerDaemon, engine: Engine, tmp_path: Path) -> None:
    import io
    import tarfile

    name = "devenv-test/root:1"
    with tarfile.open(tmp_path / "root.tar", "w") as tar:
        entry = tarfile.TarInfo("hello")
        entry.size = 2
        tar.addfile(entry, io.BytesIO(b"hi"))
    try:
        daemon.import_root(tmp_path / "root.tar", name)
        image = daemon.image(name)
        assert image is not None and name in image.tags
    finally:
        engine.docker("image", "rm", name, check=False)
    (tmp_path / "broken.tar").write_bytes(b"not a tar file at all" * 100)
    with pytest.raises(DevenvError, match="DE507"):
        daemon.import_root(tmp_path / "broken.tar", name)


def test_events_of_probes_stay_away(daemon: DockerDaemon, make: Make, project_name: str) -> None:
    """A probe every 200 ms is three exec events each time: none of them is worth a wake-up."""
    made = make("sleep 60", "--health-cmd", "true", "--health-interval=200ms")
    seen: list[str] = []
    with daemon.watch(project_name) as changes:
        daemon.start(made)
        reader = threading.Thread(target=lambda: seen.extend(change.action for change in changes))
        reader.start()
        wait_for(lambda: len(daemon.probes(made)) >= 4, 20)
    reader.join(5)
    assert seen == ["start", "health_status"]
