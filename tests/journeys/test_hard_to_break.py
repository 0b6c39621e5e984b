"""What goes wrong around devenv: kills, interrupts, dying engines, full disks, two at once; the next `up` mends it."""

from __future__ import annotations

import io
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pexpect
import pytest

from tests.conftest import Devenv
from tests.journeys.conftest import PREFIX, Stack
from tests.journeys.engines import Engine, private_engine, short_folder, wait_for
from tests.journeys.small import IMAGE, manifest, script, server

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("base_image")]

Make = Callable[[str], Stack]

SERVICES = ("db", "cache", "seed", "orders", "web")


def shop(port: int, delay: float = 0.4) -> str:
    """Five services in three layers, with a job and a volume."""
    return manifest(
        server("db", port, delay=delay, more="volumes: ['data:/data']"),
        server("cache", port + 1),
        script("seed", "echo seeded >> /data/log", more="job: true\nneeds: [db]\nvolumes: ['data:/data']"),
        server("orders", port + 2, needs=("seed", "cache"), delay=delay),
        server("web", port + 3, needs=("orders",)),
        more="volumes: { data: {} }\n",
    )


@contextmanager
def running(stack: Stack, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`devenv …` under way, alone in its process group; ended afterwards."""
    process = subprocess.Popen(
        [*stack.devenv.before, sys.executable, "-m", "devenv", *arguments],
        cwd=stack.folder,
        env=stack.devenv.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def status(stack: Stack) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(stack("status", "--json").stdout)
    return found


def whole(stack: Stack, names: tuple[str, ...] = SERVICES) -> None:
    """Everything is ready, once, and nothing is left over of earlier tries."""
    found = status(stack)
    assert found["state"] == "running"
    assert {s["name"] for s in found["services"] if s["ready"]} == set(names)
    here = ("ps", "-a", "--filter", f"label=com.docker.compose.project={stack.name}", "--format", "{{.Names}}")
    containers = sorted(stack.engine.docker(*here).split())
    assert containers in ([f"{stack.name}-{n}-1" for n in sorted(names) if n not in gone] for gone in ([], ["seed"]))
    assert stack.engine.names("network", stack.name) == [f"{stack.name}_default"]
    left = {path.name for path in (stack.folder / ".devenv").iterdir()}
    expected = {"compose.yaml", ".env", ".gitignore", "state.json", "lock", "lock.holder", "timings"}
    assert left <= expected | {name for name in left if not name.startswith(".")}, "no staged file is left"


def test_two_ups_at_once(stack_of: Make) -> None:
    stack = stack_of(shop(27600, delay=1))
    with running(stack, "up") as first, running(stack, "up") as second:
        outputs = {process: process.communicate(timeout=60)[1] for process in (first, second)}
    codes = sorted(process.returncode for process in outputs)
    assert codes == [0, 1]
    winner, loser = sorted(outputs, key=lambda process: process.returncode)
    assert "DE702" in outputs[loser]
    assert f"process {winner.pid} (" in outputs[loser]
    whole(stack)


def test_kill_9_at_any_moment(stack_of: Make) -> None:
    stack = stack_of(shop(27610))
    chance = random.Random(20)
    for moment in [chance.uniform(0.1, 2.6) for _ in range(int(os.environ.get("DEVENV_TEST_KILLS", "6")))]:
        with running(stack, "up", "--json") as process:
            time.sleep(moment)
            process.kill()
            seen = process.communicate()[0].splitlines()
        last = json.loads(seen[-1]) if seen else {}
        print(f"killed after {moment:.2f} s, at {last.get('event', 'nothing')} {last.get('phase', '')}")
        stack("up")
        whole(stack)
        if chance.random() < 0.5:
            stack("down")
        else:  # all is made anew over what is there
            file = stack.folder / "devenv.yaml"
            file.write_text(file.read_text().replace("print $$c", "print  $$c", 2))


def test_kill_9_while_containers_are_made_anew(stack_of: Make) -> None:
    """The value that changed is as it was before, and the next `up` knows all the same what was made with the other."""
    deaf = "trap '' TERM; echo $LEVEL >> /data/log; while :; do sleep 0.1; done"
    more = "environment: { LEVEL: '${LEVEL:-one}' }\nvolumes: [/data]\nstop_grace_period: 3s"
    stack = stack_of(manifest(script("deaf", deaf, more=more), script("other", "sleep 999", more=more)))
    ours = ("ps", "-aq", "--filter", f"label=com.docker.compose.project={stack.name}")
    stack("up")
    (stack.folder / ".env").write_text("LEVEL=two\n")
    with running(stack, "up"):
        wait_for(lambda: len(stack.engine.docker(*ours).split()) == 3, 20)
    (stack.folder / ".env").unlink()
    compose = ["pgrep", "-f", "--", f"--project-name {stack.name}"]  # ends what it has begun, or not
    wait_for(lambda: subprocess.run(compose, capture_output=True).returncode == 1, 20)
    wait_for(lambda: "deaf" not in running_now(stack), 20)
    assert "it was being made anew when that was interrupted" in stack("plan").stdout
    stack("up")
    whole(stack, ("deaf", "other"))
    assert stack("exec", "deaf", "cat", "/data/log").stdout == "one\none\n"
    assert stack("exec", "other", "printenv", "LEVEL").stdout == "one\n"


@pytest.mark.parametrize("signals", [1, 2])
def test_ctrl_c_once_stops_cleanly_and_twice_at_once(stack_of: Make, signals: int) -> None:
    stack = stack_of(shop(27620, delay=3))
    child = pexpect.spawn(
        sys.executable,
        ["-m", "devenv", "up"],
        cwd=str(stack.folder),
        env={k: v for k, v in stack.devenv.environment().items() if k != "CI"} | {"TERM": "xterm"},
        encoding="utf-8",
        timeout=30,
        dimensions=(30, 120),
    )
    child.logfile_read = seen = io.StringIO()
    child.expect("cache[^\n]*starting")
    begun = time.monotonic()
    for _ in range(signals):
        child.sendintr()
        child.expect([pexpect.EOF, pexpect.TIMEOUT], timeout=0.15)  # reads on: Ctrl-C discards what nobody has read
    child.expect(pexpect.EOF)
    took = time.monotonic() - begun
    child.close()
    screen = seen.getvalue()
    print(f"{signals} x Ctrl-C: ended after {took:.2f} s, exit code {child.exitstatus}, signal {child.signalstatus}")
    assert took < (5 if signals == 1 else 2)
    assert child.exitstatus == 130 or child.signalstatus == signal.SIGINT
    assert "Traceback" not in screen
    if signals == 1:
        assert child.exitstatus == 130
        assert "still coming up" in screen
    assert screen.rfind("\x1b[?25h") > screen.rfind("\x1b[?25l"), "the cursor is shown again"
    stack("up")
    whole(stack)


def running_now(stack: Stack) -> set[str]:
    return {n for n, c in stack.engine.containers(stack.name).items() if c["State"]["Status"] == "running"}


def test_a_container_that_is_removed_behind_its_back(stack_of: Make) -> None:
    stack = stack_of(shop(27630, delay=2))
    with running(stack, "up") as process:
        wait_for(lambda: "db" in running_now(stack), 20)
        stack.engine.docker("rm", "-f", f"{stack.name}-db-1")
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 5
    assert "DE627" in errors
    assert "waiting for it: seed, orders" in errors
    assert "cache" in running_now(stack)
    stack("up")
    whole(stack)
    before = {name: c["Id"] for name, c in stack.engine.containers(stack.name).items()}
    stack.engine.docker("rm", "-f", f"{stack.name}-orders-1")
    stack("up")
    whole(stack)
    after = {name: c["Id"] for name, c in stack.engine.containers(stack.name).items()}
    assert {name for name in before if before[name] != after[name]} == {"orders"}


def test_a_network_that_is_removed_behind_its_back(stack_of: Make) -> None:
    stack = stack_of(shop(27640, delay=0))
    stack("up")
    stack.engine.docker("stop", "-t", "0", *stack.engine.names("container", stack.name))
    stack.engine.docker("network", "rm", f"{stack.name}_default")
    stack("up")
    whole(stack)


def test_a_container_that_is_taken_off_its_network(stack_of: Make) -> None:
    stack = stack_of(shop(27645, delay=0))
    stack("up")
    orders = stack.engine.containers(stack.name)["orders"]
    stack.engine.docker("network", "disconnect", f"{stack.name}_default", orders["Id"])
    assert "recreate  orders  it was taken off a network" in stack("plan").stdout
    stack("up")
    whole(stack)
    assert stack.engine.containers(stack.name)["orders"]["Id"] != orders["Id"]


def test_a_container_that_is_paused(stack_of: Make) -> None:
    stack = stack_of(shop(27648, delay=0))
    stack("up")
    cache = stack.engine.containers(stack.name)["cache"]
    stack.engine.docker("pause", cache["Id"])
    stack("up")
    whole(stack)
    assert stack.engine.containers(stack.name)["cache"]["Id"] == cache["Id"]


def test_a_container_that_dies_every_second(stack_of: Make) -> None:
    stack = stack_of(manifest(script("web", "sleep 1.5; exit 3", more="restart: always")))
    stack("up")  # it has not died yet
    wait_for(lambda: stack.engine.containers(stack.name)["web"]["RestartCount"] > 0, 20)
    for _ in range(2):
        time.sleep(1)
        said = stack("up", code=5).stderr
        assert "DE625" in said
        assert "exit code 3" in said


def test_what_devenv_did_not_make_is_left_alone(stack_of: Make, engine: Engine) -> None:
    stack = stack_of(shop(27650, delay=0))
    foreign = f"{stack.name}-foreign"
    engine.docker("network", "create", foreign)
    engine.docker("volume", "create", foreign)
    mount = f"{foreign}:/data"
    engine.docker("run", "-d", "--name", foreign, "--network", foreign, "-v", mount, IMAGE, "sh", "-c", "sleep 600")
    before = engine.docker("inspect", "--format", "{{.Id}} {{.State.StartedAt}}", foreign)
    with running(stack, "up") as process:
        time.sleep(1.5)
        process.kill()
    stack("up")
    stack("restart")
    stack("down", "--volumes", "--yes")
    assert engine.docker("inspect", "--format", "{{.Id}} {{.State.StartedAt}}", foreign) == before
    assert engine.names("container", stack.name) == [foreign]
    assert engine.names("network", stack.name) == [foreign]
    assert engine.names("volume", stack.name) == [foreign]


def test_two_checkouts_with_data_of_their_own(stack_of: Make, tmp_path: Path) -> None:
    first = stack_of(shop(27660, delay=0))
    other = tmp_path / "other"
    shutil.copytree(first.folder, other)
    second = Stack(first.name, other, first.devenv, first.engine)
    with running(first, "up") as one, running(second, "up") as two:  # both for the first time, at the same moment
        outputs = [process.communicate(timeout=90)[1] for process in (one, two)]
    assert [one.returncode, two.returncode] == [0, 0], outputs
    states = [status(first), status(second)]
    assert [s["state"] for s in states] == ["running", "running"]
    names = sorted(s["project"] for s in states)
    assert names[0] != names[1]
    urls = [url for s in states for service in s["services"] for url in service["urls"]]
    assert len(urls) == len(set(urls))
    volumes = first.engine.names("volume", first.name)
    assert volumes == sorted(f"{name}_data" for name in names)
    for stack in (first, second):
        assert stack("exec", "db", "cat", "/data/log").stdout == "seeded\n"
    second("down", "--volumes", "--yes")
    assert status(first)["state"] == "running"
    assert first("exec", "db", "cat", "/data/log").stdout == "seeded\n"
    first("up")
    second("up")
    assert status(second)["state"] == "running"


def test_a_devenv_folder_that_was_taken_away(stack_of: Make) -> None:
    app = server("app", 27680, more="environment: { URL: '${db.url}' }")
    stack = stack_of("devenv: 1\nname: small\nservices:\n  db: { use: postgres@17 }\n" + app)

    def logs_in() -> bool:
        url = stack("exec", "app", "printenv", "URL").stdout.strip()
        return stack("exec", "db", "psql", url, "-tAc", "select 1", code=None).stdout == "1\n"

    def lose() -> None:
        shutil.rmtree(stack.folder / ".devenv")

    with socket.create_server(("127.0.0.1", 27680)):
        stack("up")
    before = stack.engine.containers(stack.name)
    url = "http://127.0.0.1:27681"
    lose()
    assert [s["urls"] for s in status(stack)["services"] if s["name"] == "app"] == [[url]]
    assert url in stack("open").stdout
    stack.engine.docker("stop", "--time", "0", before["app"]["Name"])
    assert url in stack("open", "app").stdout
    stack("up")
    assert {name: c["Id"] for name, c in stack.engine.containers(stack.name).items()} == {
        name: c["Id"] for name, c in before.items()
    }
    file = stack.folder / "devenv.yaml"
    file.write_text(file.read_text().replace("hello from app", "hello again"))
    lose()
    said = stack("up").stderr
    assert "warning" not in said
    assert logs_in(), "a new container has the password that the data was made with"
    file.write_text(file.read_text().replace("hello again", "hello anew"))
    lose()
    stack("generate")
    assert "db keeps the password of its containers" in stack("up").stderr
    assert logs_in(), "also after new ones were made for the generated file"
    stack("down")
    lose()
    said = stack("up").stderr
    volume = f"{stack.name}_db-data"
    command = f"devenv down && docker volume rm {volume}"
    assert f"`{command}`" in said
    assert not logs_in()
    stack("down")
    stack.engine.docker("volume", "rm", volume)
    stack("up")
    assert logs_in()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a file system of 256 KiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk(stack_of: Make, small_disk: Path) -> None:
    made = stack_of(shop(27670, delay=0))
    stack = replace(made, folder=small_disk)
    shutil.copy(made.folder / "devenv.yaml", small_disk)
    ballast = small_disk / "ballast"
    fill(ballast)
    for _ in range(2):
        run = stack("up", code=1)
        assert "DE701" in run.stderr
        assert "No space left on device" in run.stderr
        assert stack.engine.names("container", stack.name) == []
    left = [path for path in (small_disk / ".devenv").glob("**/*") if path.is_file() and path.stat().st_size]
    assert all(path.name == ".gitignore" for path in left), "nothing half written"
    ballast.unlink()
    stack("up")
    whole(stack)
    before = {path: path.read_bytes() for path in (small_disk / ".devenv").glob("*") if path.is_file()}
    fill(ballast)
    (small_disk / "devenv.yaml").write_text("")  # gives its block back, and takes it again
    ballast.unlink()
    shutil.copy(made.folder / "devenv.yaml", small_disk)
    fill(ballast)
    run = stack("up", code=None)  # there is nothing to do but to remember it
    assert run.code == 0 or "DE701" in run.stderr
    whole(stack)
    run = stack("down", code=None)
    assert run.code == 0 or "DE701" in run.stderr
    assert stack.engine.names("container", stack.name) == []
    run = stack("up", code=None)
    assert run.code == 0 or "DE701" in run.stderr
    kept = {path: path.read_bytes() for path in before if path.name in (".env", "compose.yaml")}
    assert kept == {path: before[path] for path in kept}
    ballast.unlink()
    stack("up")
    whole(stack)
    stack("down")


def fill(file: Path) -> None:
    with file.open("wb", buffering=0) as out:
        for size in (4096, 1):
            try:
                while True:
                    out.write(b"x" * size)
            except OSError:
                continue


def test_an_engine_that_dies_in_the_middle(tmp_path: Path, engine: Engine) -> None:
    """kill -9 of the engine during `up`: an error that says so, or a stack that comes up; then all is well."""
    tar = tmp_path / "base.tar"
    engine.docker("save", "-o", str(tar), IMAGE)
    with (
        short_folder() as short,
        private_engine(home := short / "e") as alive,
        kept_network(alive) as own,
    ):
        own.docker("load", "-i", str(tar))
        folder = tmp_path / "stack"
        folder.mkdir()
        name = f"{PREFIX}dying"
        (folder / "devenv.yaml").write_text(shop(27680, delay=4).replace("name: small", f"name: {name}"))
        stack = Stack(name, folder, Devenv(own.env, own.inside), own)
        with running(stack, "up") as process:
            wait_for(lambda: "cache" in running_now(stack), 30)
            assert process.poll() is None
            pid = int((home / "dockerd.pid").read_text())
            os.kill(pid, signal.SIGKILL)
            begun = time.monotonic()
            _, errors = process.communicate(timeout=60)
            took = time.monotonic() - begun
        print(f"the engine's death was told after {took:.1f} s, exit code {process.returncode}")
        assert process.returncode == 4
        assert "DE401" in errors or "DE402" in errors
        assert "Traceback" not in errors
        assert "does not answer" in stack("up", code=4).stderr
        with again(home, own):
            stack("up", timeout=90)
            whole(stack)
            with running(stack, "restart") as process:  # and one that comes back in the meantime
                time.sleep(1)
                restarted = int((home / "dockerd.pid").read_text())
                os.kill(restarted, signal.SIGKILL)
                with again(home, own):
                    _, errors = process.communicate(timeout=90)
                    assert process.returncode in (0, 1, 4, 5), errors
                    assert "Traceback" not in errors
                    stack("up", timeout=90)
                    whole(stack)
                    stack("down", "--volumes", "--yes")


def test_an_engine_that_is_stopped_while_a_service_comes_up(tmp_path: Path, engine: Engine) -> None:
    """What its stop ended is told as its doing; killed for good, it ends `up` long before the service's own time."""
    tar = tmp_path / "base.tar"
    engine.docker("save", "-o", str(tar), IMAGE)
    with short_folder() as short, private_engine(home := short / "e") as alive, kept_network(alive) as own:
        own.docker("load", "-i", str(tar))
        name = f"{PREFIX}ending"
        text = manifest(script("a", "sleep 600", more="ready: { run: [test, -e, /ok] }"))
        (tmp_path / "devenv.yaml").write_text(text.replace("name: small", f"name: {name}"))
        stack = Stack(name, tmp_path, Devenv(own.env, own.inside), own)
        with running(stack, "up") as process:
            wait_for(lambda: "a" in running_now(stack), 30)
            time.sleep(2)
            os.kill(int((home / "dockerd.pid").read_text()), signal.SIGTERM)
            wait_for(lambda: not (home / "dockerd.pid").exists(), 30)
            with again(home, own):
                _, errors = process.communicate(timeout=60)
                assert process.returncode == 5, errors
                assert "(SIGTERM) while the Docker engine did not answer" in errors
                assert "the Docker engine answers again" in errors
                with running(stack, "up") as last:
                    wait_for(lambda: "a" in running_now(stack), 30)
                    time.sleep(2)
                    os.kill(int((home / "dockerd.pid").read_text()), signal.SIGKILL)
                    begun = time.monotonic()
                    _, errors = last.communicate(timeout=60)
                assert last.returncode == 4, errors
                assert "DE402" in errors
                assert "the Docker engine does not answer; it is waited for" in errors
                assert time.monotonic() - begun < 30


@contextmanager
def kept_network(engine: Engine) -> Iterator[Engine]:
    """The engine, entered through a process that outlives it: its network goes with the last process in it."""
    with subprocess.Popen([*engine.inside, "sleep", "600"]) as process:
        try:
            yield replace(engine, inside=("nsenter", f"--net=/proc/{process.pid}/ns/net", "--"))
        finally:
            process.kill()


@contextmanager
def again(folder: Path, engine: Engine) -> Iterator[None]:
    """The private engine once more, on the same data and in the same network namespace."""
    (folder / "dockerd.pid").unlink(missing_ok=True)
    argv = ["dockerd", f"--data-root={folder}/data", f"--exec-root={folder}/exec", f"--pidfile={folder}/dockerd.pid"]
    with (folder / "dockerd.log").open("ab") as output:
        process = subprocess.Popen(
            [*engine.inside, *argv, f"--host={engine.host}"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        wait_for(lambda: engine.docker("info", "--format", "{{.ServerVersion}}", check=False).strip(), 60)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
