"""Failures with real causes on a real engine: each is named, early, with what to do, and who waited for it."""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import stand_in
from tests.journeys.conftest import PREFIX, Stack
from tests.journeys.engines import Engine
from tests.journeys.small import IMAGE, manifest, script, server

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("base_image")]

Make = Callable[[str], Stack]


def failures(stack: Stack, *options: str) -> dict[str, dict[str, Any]]:
    """What `devenv up` says of each service that failed."""
    lines = stack("up", "--json", *options, code=5).stdout.splitlines()
    found = [json.loads(line) for line in lines]
    return {event["service"]: event for event in found if event["event"] == "failed"}


def moment(text: str) -> datetime:
    return datetime.fromisoformat(f"{text[:23]}+00:00")


def plain(name: str, command: list[str], more: str = "") -> str:
    """A service without an init process: the engine itself runs its command."""
    lines = [f"  {name}:", f"    image: {IMAGE}", f"    command: {json.dumps(command)}"]
    return "\n".join([*lines, *(f"    {line}" for line in more.splitlines())]) + "\n"


def file(stack: Stack, name: str, content: str | bytes, mode: int = 0o644) -> Path:
    path = stack.folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    path.chmod(mode)
    return path


def test_a_failure_is_told_within_a_second_of_its_cause(stack_of: Make, record_property: Any) -> None:
    stack = stack_of(manifest(script("bad", "sleep 1; echo broken; exit 3", more="ready: { run: [test, -e, /never] }")))
    found = failures(stack)["bad"]
    died = stack.engine.containers(stack.name)["bad"]["State"]["FinishedAt"]
    late = (moment(found["time"]) - moment(died)).total_seconds()
    record_property("seconds from the death to the event", late)
    print(f"told {late * 1000:.0f} ms after the container's end")
    assert 0 <= late < 2
    assert found["state"] == "exited"
    assert found["since"] == f"{died[:23]}Z"
    assert found["log"] == ["broken"]


def test_a_file_that_the_containers_user_may_not_read(stack_of: Make) -> None:
    more = "user: '1000'\nvolumes: ['./app.conf:/etc/app.conf:ro']\nready: { run: [test, -e, /never] }"
    stack = stack_of(
        manifest(
            plain("orders", ["cat", "/etc/app.conf"], more),
            server("web", 27501, needs=("orders",)),
            server("aside", 27502),
        )
    )
    path = file(stack, "app.conf", "secret\n", 0o600)
    found = failures(stack)["orders"]
    assert found["cause"] == "permission"
    assert f"which is {path} on this machine" in found["reason"]
    assert f"chmod a+rX {path}" in " ".join(found["steps"])
    assert found["blocked"] == ["web"]
    assert stack.engine.containers(stack.name)["aside"]["State"]["Health"]["Status"] == "healthy"
    path.chmod(0o644)


@pytest.mark.parametrize("init", [False, True])
def test_a_script_with_windows_line_ends(stack_of: Make, init: bool) -> None:
    more = "volumes: ['./run.sh:/run.sh']" + ("\ninit: true" if init else "")
    stack = stack_of(manifest(plain("orders", ["/run.sh"], more)))
    path = file(stack, "run.sh", "#!/bin/sh\r\necho hi\r\n", 0o755)
    found = failures(stack)["orders"]
    assert found["cause"] == "windows-line-ends"
    assert found["steps"][0] == f"`sed -i 's/\\r$//' {path}` takes them out"
    subprocess.run(["sed", "-i", r"s/\r$//", str(path)], check=True)
    assert failures(stack)["orders"]["cause"] is None  # it runs now, and ends: that is another matter


def test_a_built_script_with_windows_line_ends(stack_of: Make) -> None:
    stack = stack_of(manifest(plain("orders", ["./run.sh"])).replace(f"image: {IMAGE}", "build: ."))
    file(stack, "run.sh", "#!/usr/bin/env sh\r\necho hi\r\n", 0o755)
    file(stack, "Dockerfile", f"FROM {IMAGE}\nWORKDIR /app\nCOPY run.sh .\n")
    found = failures(stack)["orders"]
    assert found["cause"] == "windows-line-ends"
    assert "--build" in found["steps"][2]


def test_programs_that_this_machine_cannot_run(stack_of: Make) -> None:
    machine = 0xB7 if os.uname().machine == "x86_64" else 0x3E
    stack = stack_of(
        manifest(
            plain("foreign", ["/app"], "volumes: ['./app:/app']"),
            plain("bare", ["/bare.sh"], "volumes: ['./bare.sh:/bare.sh']"),
            plain("closed", ["/closed.sh"], "volumes: ['./closed.sh:/closed.sh']"),
            plain("lost", ["/lost.sh"], "volumes: ['./lost.sh:/lost.sh']"),
            plain("absent", ["nosuchcommand"]),
            script("inside", "nosuchtool --now"),
        )
    )
    file(stack, "app", b"\x7fELF\x02\x01\x01" + b"\0" * 9 + struct.pack("<HH", 2, machine) + b"\0" * 200, 0o755)
    file(stack, "bare.sh", "echo hi\n", 0o755)
    file(stack, "closed.sh", "#!/bin/sh\necho hi\n", 0o644)
    file(stack, "lost.sh", "#!/usr/bin/nosuchshell\n", 0o755)
    found = failures(stack)
    assert {name: event["cause"] for name, event in found.items()} == {
        "foreign": "wrong-architecture",
        "bare": "no-shebang",
        "closed": "not-executable",
        "lost": "interpreter-missing",
        "absent": "command-missing",
        "inside": "command-missing",
    }
    assert "'nosuchcommand'" in found["absent"]["reason"]
    assert "'nosuchtool'" in found["inside"]["reason"]
    assert "/usr/bin/nosuchshell" in found["lost"]["reason"]


def test_memory_a_crash_and_a_kill(stack_of: Make) -> None:
    eat = ["perl", "-e", "$$x = 'a' x 200000000; sleep 5"]
    stack = stack_of(
        manifest(
            plain("greedy", eat, "mem_limit: 32m\nmemswap_limit: 32m\nready: { run: [test, -e, /never] }"),
            script("crash", "kill -SEGV $$"),
            script("killed", "kill -9 $$"),
        )
    )
    found = failures(stack)
    assert found["greedy"]["code"] == "DE622"
    assert "ran out of memory (its limit is 32m)" in found["greedy"]["reason"]
    assert "137 (SIGKILL)" in found["greedy"]["reason"]
    assert (found["crash"]["cause"], found["killed"]["cause"]) == ("crashed", "killed")
    assert "139 (SIGSEGV)" in found["crash"]["reason"]


def test_a_folder_and_a_volume_that_the_containers_user_may_not_write_to(stack_of: Make) -> None:
    job = "job: true\nuser: '1000'\nvolumes: ['{}:/data']"
    stack = stack_of(
        manifest(
            plain("folder", ["touch", "/data/x"], job.format("./here")),
            plain("volume", ["mkdir", "/data/x"], job.format("data")),
            more="volumes: { data: {} }\n",
        )
    )
    here = stack.folder / "here"
    here.mkdir()
    found = failures(stack)
    assert {one["cause"] for one in found.values()} == {"permission"}
    assert f"which is {here}/x on this machine" in found["folder"]["reason"]
    assert f"which is in the volume {stack.name}_data" in found["volume"]["reason"]
    for command in (found["folder"]["steps"][2], found["volume"]["steps"][0]):
        subprocess.run(command.split("`")[1], shell=True, check=True)
    stack("up")
    assert (here / "x").exists()


def test_a_mounted_script_with_windows_line_ends(stack_of: Make) -> None:
    more = "job: true\nvolumes: ['./scripts:/scripts']\nworking_dir: /scripts"
    commands = {"dash": ["sh", "/scripts/a.sh"], "bash": ["bash", "b.sh"], "env": ["./c.sh"]}
    stack = stack_of(manifest(*(plain(name, command, more) for name, command in commands.items())))
    (stack.folder / "scripts").mkdir()
    for name, text in (("a", "set -e\r\n"), ("b", "set -o pipefail\r\n"), ("c", "#!/usr/bin/env bash\r\n")):
        file(stack, f"scripts/{name}.sh", text, 0o755)
    found = failures(stack)
    assert found.keys() == commands.keys()
    for one in found.values():
        assert one["cause"] == "windows-line-ends"
        subprocess.run(one["steps"][0].split("`")[1], shell=True, check=True)
        assert one["steps"][2] == "`devenv up` tries again"
    stack("up")


def test_a_volume_that_is_full(stack_of: Make) -> None:
    volumes = "volumes:\n  small: { driver: local, driver_opts: { type: tmpfs, device: tmpfs, o: size=64k } }\n"
    text = "head -c 1000000 /dev/zero > /data/file"
    stack = stack_of(manifest(script("db", text, more="volumes: ['small:/data']"), more=volumes))
    found = failures(stack)["db"]
    assert found["cause"] == "disk-full"
    assert "No space left on device" in "\n".join(found["log"])


def test_a_folder_where_a_file_should_be_and_a_user_that_is_not_there(stack_of: Make) -> None:
    stack = stack_of(
        manifest(
            plain("web", ["true"], "volumes: ['./nginx.conf:/etc/passwd']"),
            plain("who", ["true"], "user: nosuchuser"),
        )
    )
    (stack.folder / "nginx.conf").mkdir()
    found = failures(stack)
    assert found["web"]["cause"] == "mount-kind"
    assert f"`rmdir {stack.folder}/nginx.conf`" in found["web"]["steps"][1]
    assert found["who"]["cause"] == "user-missing"


def test_a_fixed_port_that_a_process_or_a_foreign_container_holds(stack_of: Make, engine: Engine) -> None:
    fixed = "{ http: { port: 27510, publish: 27510 } }"
    stack = stack_of(manifest(server("web", 27510)).replace("{ http: 27510 }", fixed))
    code = "import socket, time; s = socket.create_server(('127.0.0.1', 27510)); print(1, flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            said = stack("up", code=None).stderr
            assert "DE602" in said
            assert f"(pid {process.pid})" in said
            assert f"kill {process.pid}" in said
        finally:
            process.kill()
    other = f"{PREFIX}holder"
    engine.docker("run", "-d", "--name", other, "-p", "127.0.0.1:27510:80", IMAGE, "sleep", "60")
    try:
        said = stack("up", code=None).stderr
        assert f"container '{other}'" in said
        assert f"docker stop {other}" in said
    finally:
        engine.docker("rm", "-f", other)
    stack("up")


def test_data_of_another_major_version(stack_of: Make) -> None:
    stack = stack_of("devenv: 1\nname: small\nservices:\n  db: { use: postgres@17 }\n")
    stack("up")
    stack("down")
    [volume] = stack.engine.names("volume", stack.name)
    image = stack.engine.docker("image", "ls", "-q", stand_in("postgres", "17")).strip()
    change = "for f in $(find /data -name PG_VERSION); do echo 16 > $f; done"
    stack.engine.docker("run", "--rm", "-u", "0", "-v", f"{volume}:/data", "--entrypoint", "sh", image, "-c", change)
    found = failures(stack)["db"]
    assert found["cause"] == "old-data"
    assert "data of PostgreSQL 16, and this is PostgreSQL 17" in found["reason"]
    assert "`use: postgres@16`" in found["steps"][0]


def test_services_that_are_used_but_not_needed(stack_of: Make) -> None:
    ask = 'perl -MIO::Socket::INET -e \'IO::Socket::INET->new(PeerAddr => "{0}", PeerPort => {1}) or die'
    refused = ask.format("db", 27520) + ' "connect to db:27520: $!\\n"\''
    stack = stack_of(
        manifest(
            script("db", "sleep 600", more="ports: { main: 27520 }"),
            script("orders", f"sleep 1; {refused}", more="job: true"),
            script(
                "mail",
                "getent hosts smtpd || { echo 'curl: (6) Could not resolve host: smtpd'; exit 6; }",
                more="job: true",
            ),
            script("smtp", "sleep 600"),
        )
    )
    found = failures(stack)
    assert found["orders"]["cause"] == "missing-need"
    assert "`needs: [db]`" in found["orders"]["steps"][0]
    assert found["mail"]["steps"][0] == "did you mean 'smtp'?"


def test_what_was_awaited_when_the_time_was_up(stack_of: Make) -> None:
    deaf = script("deaf", "sleep 600", more="ports: { http: 27530 }\nready: { http: /healthz, within: 2s }")
    slow = script("slow", "sleep 600", more="ready: { run: [sh, -c, 'echo not yet; exit 1'] }")
    stack = stack_of(manifest(deaf, slow, server("web", 27531, needs=("slow",)), server("aside", 27532)))
    found = failures(stack, "--timeout", "6")
    assert found["deaf"]["code"] == "DE620"
    assert "within 2 s: waited for an answer to `GET /healthz`" in found["deaf"]["reason"]
    assert found["deaf"]["state"].startswith("running")
    assert found["deaf"]["probe"]
    assert found["slow"]["code"] == "DE626"
    assert "after 6 s: waited for `sh -c echo not yet; exit 1` to succeed" in found["slow"]["reason"]
    assert found["slow"]["probe"] == "not yet"
    assert found["slow"]["blocked"] == ["web"]
    assert stack.engine.containers(stack.name)["aside"]["State"]["Health"]["Status"] == "healthy"


def test_a_port_that_is_taken_while_the_stack_comes_up(stack_of: Make) -> None:
    """Between the look at the ports and the start of a container somebody else may come."""
    fixed = "{ http: { port: 27540, publish: 27540 } }"
    first = server("db", 27541, delay=3)
    stack = stack_of(manifest(first, server("web", 27540, needs=("db",)).replace("{ http: 27540 }", fixed)))
    process = subprocess.Popen(
        [sys.executable, "-m", "devenv", "up", "--json"],
        cwd=stack.folder,
        env=stack.devenv.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    events: list[dict[str, Any]] = []
    for line in process.stdout:
        events.append(json.loads(line))
        if events[-1].get("service") == "db" and events[-1].get("phase") == "starting":
            break
    with socket.create_server(("127.0.0.1", 27540)):
        events += [json.loads(line) for line in process.stdout]
    assert process.wait() == 5
    [found] = [event for event in events if event["event"] == "failed"]
    assert found["code"] == "DE602"
    assert f"pid {os.getpid()}" in found["reason"]


def test_a_service_that_is_late_is_ready_as_soon_as_it_is_asked_again(stack_of: Make) -> None:
    late = script("late", "sleep 4; touch /tmp/ok; sleep 600", more="ready: { run: [test, -e, /tmp/ok], within: 2s }")
    stack = stack_of(manifest(late))
    assert failures(stack)["late"]["code"] == "DE620"
    time.sleep(3)
    stack("up")


def test_a_service_that_is_not_healthy_any_more(stack_of: Make) -> None:
    check = "healthcheck: { test: 'cat /sick && exit 1; exit 0', interval: 2s, retries: 1 }"
    stack = stack_of(manifest(script("db", "sleep 600", more=check)))
    stack("up")
    stack("exec", "db", "sh", "-c", "echo I am sick > /sick")
    time.sleep(3)
    found = failures(stack, "--timeout", "2")["db"]
    assert found["code"] == "DE637"
    assert found["reason"].startswith("was healthy before and is not now, for 2 s more")
    assert found["probe"] == "I am sick"
    assert found["steps"][:2] == ["`devenv restart db` starts it anew", "`devenv logs db` shows the whole log"]
    stack.engine.docker("exec", f"{stack.name}-db-1", "rm", "/sick")
    stack("up")
