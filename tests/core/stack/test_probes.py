from __future__ import annotations

import os
import shutil
import socket
import subprocess
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from time import monotonic, sleep
from urllib.parse import unquote

import pytest

from devenv.core.compose.interpolate import interpolate
from devenv.core.stack.probes import _HTTP, NO_PROGRAM, healthcheck
from devenv.model.manifest import Ready

HTTP = [p for p in ("curl", "wget", "bash", "perl", "python3", "php", "ruby", "node") if shutil.which(p)]
TCP = [p for p in ("bash", "nc", "perl", "python3", "php", "ruby", "node") if shutil.which(p)]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.paths.append(self.path)
        self.send_response(int(self.path.split("/")[1].split("?")[0]))
        self.send_header("Location", "/200")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def server():
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.paths = []
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def probe(ready: Ready, port: int, folder, program: str) -> subprocess.CompletedProcess[str]:
    """Runs the probe where `program` is the only one (with grep and tail, which wget's needs)."""
    for name in (program, "grep", "tail"):
        if (found := shutil.which(name)) and not (folder / name).exists():
            # a wrapper, because pyenv's and busybox' programs look at the name they are called by
            (folder / name).write_text(f'#!/bin/sh\nPATH={os.environ["PATH"]} exec {found} "$@"\n')
            (folder / name).chmod(0o755)
    kind, script = healthcheck(ready, port)["test"]
    assert kind == "CMD-SHELL"
    return subprocess.run(
        ["/bin/sh", "-c", interpolate(script, {})],
        env={"PATH": str(folder), "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=20,
    )


@pytest.mark.parametrize("program", HTTP)
@pytest.mark.parametrize(("path", "ready"), [("/200", True), ("/302", True), ("/404", False), ("/503", False)])
def test_http_asks_for_2xx_or_3xx(program, path, ready, server, tmp_path):
    done = probe(Ready(http=path), server.server_port, tmp_path, program)
    assert (done.returncode == 0) is ready, done


@pytest.mark.parametrize("program", HTTP)
def test_http_asks_for_the_path_whatever_stands_in_it(program, server, tmp_path):
    server.paths.clear()
    done = probe(Ready(http="/200?a=1&b='x y'\"$$HOME`id`\\;(!)"), server.server_port, tmp_path, program)
    assert done.returncode == 0, done
    assert {unquote(asked) for asked in server.paths} == {"/200?a=1&b='x y'\"$HOME`id`\\;(!)"}


@pytest.mark.parametrize("program", HTTP)
def test_http_is_not_ready_while_nobody_listens_and_that_is_said_in_few_words(program, tmp_path):
    done = probe(Ready(http="/"), free_port(), tmp_path, program)
    assert done.returncode != 0
    assert "connect" in (said := done.stdout + done.stderr).lower() or "refused" in said.lower()
    assert len(said.splitlines()) < 5


@pytest.mark.parametrize("program", [one for one in HTTP if one != "curl"])
def test_an_answer_that_never_comes_is_not_waited_for(program, tmp_path):
    """The engine ends only the shell of a probe that takes too long: what hangs would stay."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begun = monotonic()
        done = probe(Ready(http="/", within=1), silent.getsockname()[1], tmp_path, program)
    assert done.returncode != 0
    assert monotonic() - begun < 12


def test_bash_hears_a_server_that_answers_and_closes_at_the_first_line():
    """Bash writes line by line. What is too fast to be sure of is slowed down: the server has gone before the rest."""

    def answer(listening: socket.socket) -> None:
        with listening.accept()[0] as connection:
            connection.makefile("rb").readline()
            connection.sendall(b"HTTP/1.0 204 No Content\r\n\r\n")

    slow = '() {\n for p in GET Host Accept End; do builtin printf "$p\\n"; sleep 0.1; done\n}'
    with socket.create_server(("127.0.0.1", 0)) as listening:
        Thread(target=answer, args=(listening,), daemon=True).start()
        command = dict(_HTTP)["bash"].replace("PATH", "/").replace("PORT", str(listening.getsockname()[1]))
        asking = subprocess.run(
            ["bash", "-c", command], env={**os.environ, "BASH_FUNC_printf%%": slow}, capture_output=True, timeout=10
        )
    assert (asking.returncode, asking.stdout) == (0, b"HTTP/1.0 204 No Content\r\n"), asking


@pytest.mark.parametrize("program", TCP)
def test_tcp_asks_for_a_connection(program, server, tmp_path):
    assert probe(Ready(tcp="main"), server.server_port, tmp_path, program).returncode == 0
    assert probe(Ready(tcp="main"), free_port(), tmp_path, program).returncode != 0


def test_without_any_program_the_probe_says_so(tmp_path):
    done = probe(Ready(http="/"), 80, tmp_path, "grep")
    assert (done.returncode, done.stdout) == (127, NO_PROGRAM + "\n")


SHELLS = [s for s in ("sh", "dash", "busybox sh", "bash -eo pipefail") if shutil.which(s.split()[0])]


def ask(shell: str, ready: Ready, port: int) -> tuple[subprocess.CompletedProcess[str], float]:
    """What a probe says in a shell, and after how many seconds."""
    script = interpolate(healthcheck(ready, port)["test"][1], {})
    begun = monotonic()
    done = subprocess.run([*shell.split(), "-c", script], capture_output=True, text=True, timeout=20)
    return done, monotonic() - begun


@pytest.mark.parametrize("shell", SHELLS)
def test_a_probe_waits_for_the_answer(shell):
    port = free_port()

    def serve() -> None:
        sleep(0.4)
        with socket.create_server(("127.0.0.1", port)) as listening:
            listening.accept()[0].close()

    thread = Thread(target=serve)
    thread.start()
    done, seconds = ask(shell, Ready(tcp="main"), port)
    thread.join()
    assert (done.returncode, done.stderr) == (0, ""), done
    assert 0.3 < seconds < 0.9


@pytest.mark.parametrize("shell", SHELLS)
def test_a_probe_gives_up_and_says_once_why(shell):
    done, seconds = ask(shell, Ready(tcp="main"), free_port())
    assert done.returncode not in (0, 126, 127), done
    assert "refused" in done.stdout
    assert (len(done.stdout.splitlines()) <= 2, done.stderr) == (True, ""), done
    assert 0.9 < seconds < 3


def test_a_probe_waits_for_no_more_than_half_of_what_its_service_has():
    assert ask("sh", Ready(tcp="main", within=0.8), free_port())[1] < 0.9
    assert ask("sh", Ready(http="/", within=0.8), free_port())[1] < 0.9


def test_run_is_kept_as_it_is():
    assert healthcheck(Ready(run=("pg_isready", "-q")), None)["test"] == ["CMD", "pg_isready", "-q"]
    assert healthcheck(Ready(run="test -f /x"), None)["test"] == ["CMD-SHELL", "test -f /x"]


def test_readiness_is_seen_at_once_and_looked_at_rarely_later():
    found = healthcheck(Ready(run="true", within=90), None)
    del found["test"]
    assert found == {
        "interval": "30s",
        "timeout": "5s",
        "retries": 3,
        "start_period": "90s",
        "start_interval": "200ms",
    }
    assert healthcheck(Ready(tcp="main", within=90), 80)["start_interval"] == "100ms"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
