"""Debian machines as they come from the installer, with python3 and nothing else: one command brings up the shop.

Each machine is a privileged container with a network and a /var/lib/docker of its own, in which devenv installs and
starts an engine. Expensive (minutes a machine), so the machines work side by side: they wait for archives more than for
processors. `tests/run tests/journeys/test_fresh_machine.py` runs them alone.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT, Run
from tests.journeys.conftest import PREFIX
from tests.journeys.engines import Engine

pytestmark = pytest.mark.engine

_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
_RESOLVERS = (Path("/run/systemd/resolve/resolv.conf"), Path("/etc/resolv.conf"))
_PASSED_ON = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_TRUSTED_HOST", "http_proxy", "https_proxy", "no_proxy")
_ORDER = """
from urllib.request import Request, urlopen
order = Request("http://127.0.0.1:8080/orders", b'{"item": "book"}', {"content-type": "application/json"})
print(urlopen(order, timeout=10).status)
"""


@dataclass(frozen=True)
class FreshMachine:
    """A Debian with python3, and the checkout in /work."""

    name: str
    engine: Engine

    def __call__(self, command: str, *, user: int = 0, timeout: float = 900) -> Run:
        """Runs a shell command in the checkout, without a terminal."""
        home = "/root" if user == 0 else f"/tmp/home-{user}"
        argv = ["docker", "exec", "-u", str(user), "-e", f"HOME={home}", "-w", "/work", self.name, "sh", "-c", command]
        environment = {**os.environ, **self.engine.env}
        done = subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=timeout)
        return Run(done.returncode, done.stdout, done.stderr)

    def packages(self) -> set[str]:
        """Every installed package with its version."""
        return set(self("dpkg-query -W -f '${Package} ${Version}\\n'").stdout.splitlines())


def _image(engine: Engine, release: str) -> str:
    """A Debian of that release with python3 and nothing that is not essential, kept on the engine between runs."""
    image = f"devenv-test/fresh-{release}"
    if not engine.docker("image", "ls", "-q", image).strip():
        make = f"mmdebstrap --quiet --variant=minbase --include=python3 {release} | docker import - {image}"
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", make], env={**os.environ, **engine.env}, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
    return image


def _options() -> Iterator[str]:
    """What lets a machine reach the same archives as this one: names, certificates, proxies."""
    # Its engine hands the resolvers on to its own containers, which cannot ask the one of Docker's networks.
    resolvers = next(file for file in _RESOLVERS if file.exists())
    yield from ("-v", f"{resolvers}:/etc/resolv.conf:ro")
    if _CERTIFICATES.exists():
        yield from ("-v", f"{_CERTIFICATES}:/mnt/certificates.crt:ro", "-e", "PIP_CERT=/mnt/certificates.crt")
    for name in _PASSED_ON:
        if name in os.environ:
            yield from ("-e", name)


def _copy_checkout(machine: FreshMachine) -> None:
    """The files of this checkout as they are now, without what git ignores."""
    pack = "git ls-files -z --cached --others --exclude-standard | tar --null --ignore-failed-read -cT -"
    into = f"docker exec -i {machine.name} tar -x --no-same-owner -C /work"
    subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"({pack} 2>/dev/null || true) | {into}"],
        cwd=ROOT,
        env={**os.environ, **machine.engine.env},
        check=True,
    )


def _fresh(engine: Engine, release: str) -> FreshMachine:
    """A fresh machine of a Debian release."""
    name = f"{PREFIX}fresh-{release}"
    image = _image(engine, release)
    engine.docker("network", "create", name)
    settings = [*_options(), "--network", name, "-v", "/var/lib/docker", "-w", "/work"]
    engine.docker("run", "-d", "--init", "--privileged", "--name", name, *settings, image, "sleep", "infinity")
    machine = FreshMachine(name, engine)
    _copy_checkout(machine)
    return machine


def _first_command() -> str:
    """The first command that the README shows."""
    match = re.search(r"^```\n(\./devenvw [^#\n]*)", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    assert match
    return match[1].strip()


def _place_an_order(machine: FreshMachine) -> None:
    ordered = machine(f"python3 -c {shlex.quote(_ORDER)}")
    assert ordered.stdout == "201\n", str(ordered)


def _the_first_command_of_the_readme(machine: FreshMachine) -> None:
    up = machine(_first_command())
    assert up.code == 0, str(up)
    assert "http://127.0.0.1:8080" in up.stdout + up.stderr
    _place_an_order(machine)
    again = machine(_first_command())
    assert again.code == 0, str(again)
    assert "installing" not in again.stderr
    assert machine("./devenvw -C compose/shop check").code == 0


def _an_engine_from_the_doctor(machine: FreshMachine) -> None:
    before = machine.packages()

    refused = machine("./devenvw doctor --fix")
    assert refused.code == 1, str(refused)
    assert "apt-get install -y --no-install-recommends python3-venv" in refused.stderr
    assert machine.packages() == before

    fixed = machine("./devenvw doctor --fix --yes")
    assert fixed.code == 0, str(fixed)
    assert "/etc/apt/sources.list.d/devenv-trixie.sources" in fixed.stderr
    assert "To undo this" in fixed.stderr
    assert before <= machine.packages(), "nothing that was there was replaced"
    assert machine("docker version && docker compose version && docker buildx version").code == 0

    assert "would" not in machine("./devenvw doctor --fix").stderr, "a second repair has nothing to do"
    outsider = machine("mkdir -p $HOME && ./devenvw doctor", user=1000)
    assert outsider.code == 4, str(outsider)
    assert "usermod -aG docker" in outsider.stdout, str(outsider)

    # The whole shop comes up on the other machine; here a server of the catalog shows that the engine does its job.
    small = "devenv: 1\nname: small\nservices: { cache: { use: valkey } }\n"
    machine(f"mkdir /small && printf %s {shlex.quote(small)} >/small/devenv.yaml")
    up = machine("./devenvw -C /small up --yes")
    assert up.code == 0, str(up)
    assert machine("./devenvw -C /small exec cache -- valkey-cli ping").stdout.strip() == "PONG"


_JOURNEYS: dict[str, Callable[[FreshMachine], None]] = {
    "trixie": _the_first_command_of_the_readme,
    "bookworm": _an_engine_from_the_doctor,
}


@pytest.fixture(scope="module")
def journeys(engine: Engine, request: pytest.FixtureRequest) -> Iterator[dict[str, Future[None]]]:
    """What is done on each machine that one of the chosen tests is about, all of it under way."""
    chosen = " ".join(item.nodeid for item in request.session.items)
    releases = [release for release in _JOURNEYS if f"[{release}]" in chosen]
    with ThreadPoolExecutor(len(releases)) as pool:
        yield {release: pool.submit(lambda r: _JOURNEYS[r](_fresh(engine, r)), release) for release in releases}
    engine.remove(f"{PREFIX}fresh-")


@pytest.mark.parametrize("release", _JOURNEYS)
def test_debian(release: str, journeys: dict[str, Future[None]]) -> None:
    journeys[release].result()
