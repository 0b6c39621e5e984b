"""The lock against a real registry: the same image on every machine, until somebody upgrades."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import stand_in
from tests.journeys.conftest import Stack
from tests.journeys.engines import Engine, free_ports, registry
from tests.journeys.small import IMAGE, server

pytestmark = pytest.mark.engine

_IMAGE = "application/vnd.docker.distribution.manifest.v2+json"
_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"


@dataclass
class Shelf:
    """A registry that the engine reaches at `host`, and a folder to build in."""

    engine: Engine
    host: str
    folder: Path

    def push(self, name: str, label: str, platform: str = "linux/amd64", base: str = IMAGE) -> str:
        """Builds a small image, pushes it, and takes it from the engine again; its digest."""
        (self.folder / "Dockerfile").write_text(f"FROM {base}\nLABEL which={label}\n")
        tag = f"{self.host}/{name}"
        build = ("--provenance=false", "--platform", platform, "-t", tag, str(self.folder))
        self.engine.docker("build", "-q", *build)
        self.engine.docker("push", "-q", tag)
        everywhere = json.loads(self.engine.docker("inspect", "--format", "{{json .RepoDigests}}", tag))
        (named,) = (one for one in everywhere if one.startswith(f"{self.host}/"))
        self.engine.docker("image", "rm", tag)
        return str(named).partition("@")[2]

    def index(self, name: str, images: dict[str, str]) -> None:
        """Makes a name stand for a list of platforms."""
        path, _, tag = name.partition(":")
        manifests = []
        for platform, digest in images.items():
            os, _, architecture = platform.partition("/")
            size = len(self._ask(f"{path}/manifests/{digest}", accept=_IMAGE))
            of = {"os": os, "architecture": architecture}
            manifests.append({"mediaType": _IMAGE, "digest": digest, "size": size, "platform": of})
        body = json.dumps({"schemaVersion": 2, "mediaType": _LIST, "manifests": manifests}).encode()
        self._ask(f"{path}/manifests/{tag}", body=body)

    def _ask(self, path: str, *, accept: str = "*/*", body: bytes | None = None) -> bytes:
        headers = {"Accept": accept, **({"Content-Type": _LIST} if body else {})}
        method = "PUT" if body else "GET"
        request = urllib.request.Request(f"http://{self.host}/v2/{path}", body, headers, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return bytes(answer.read())


@pytest.fixture
def shelf(engine: Engine, base_image: str, tmp_path: Path) -> Iterator[tuple[Shelf, Callable[[], None]]]:
    """A registry on the engine's own machine, and how to end it."""
    port = free_ports(1)[0]
    running = registry(tmp_path / "registry", port)
    running.__enter__()
    ended = []

    def stop() -> None:
        if not ended:
            ended.append(True)
            running.__exit__(None, None, None)

    (tmp_path / "build").mkdir()
    yield Shelf(engine, f"127.0.0.1:{port}", tmp_path / "build"), stop
    stop()
    for line in engine.docker("image", "ls", "--format", "{{.ID}} {{.Repository}}").splitlines():
        if line.split()[1].startswith(f"127.0.0.1:{port}/"):
            engine.docker("image", "rm", "-f", line.split()[0], check=False)


def running_image(stack: Stack) -> str:
    (found,) = stack.engine.containers(stack.name).values()
    return str(found["Config"]["Labels"].get("which"))


def test_the_same_image_runs_until_somebody_upgrades(
    shelf: tuple[Shelf, Callable[[], None]], stack_of: Callable[[str], Stack]
) -> None:
    shop, stop = shelf
    amd = shop.push("app:one", "old")
    arm = shop.push("app:arm", "old", "linux/arm64", base="scratch")
    shop.index("app:1", {"linux/amd64": amd, "linux/arm64": arm})
    name = f"{shop.host}/app:1"
    stack = stack_of("devenv: 1\nname: locked\nservices:\n" + server("web", 8080).replace(IMAGE, name))

    stack("lock")
    lock = (stack.folder / "devenv.lock").read_text("utf-8")
    assert f"linux/amd64: {amd}" in lock and f"linux/arm64: {arm}" in lock
    assert stack("lock", "--check").stdout == "devenv.lock: fits the manifest\n"
    stack("up")
    assert running_image(stack) == "old"
    generated = (stack.folder / ".devenv" / "compose.yaml").read_bytes()
    assert f"{name}@sha256:".encode() in generated

    shop.push("app:1", "new")
    assert json.loads(stack("up", "--json").stdout.splitlines()[-1])["ok"]
    assert running_image(stack) == "old", "the tag has moved, the lock has not"
    (moved,) = json.loads(stack("outdated", "--json").stdout)["changes"]
    assert moved["name"] == name and moved["before"] in lock
    assert stack("upgrade", code=1).stdout.count("web: 1 change") == 1
    assert (stack.folder / "devenv.lock").read_text("utf-8") == lock
    stack("upgrade", "web", "--yes")
    stack("up")
    assert running_image(stack) == "new"

    stop()
    (stack.folder / "devenv.lock").write_text(lock, "utf-8")
    stack("generate")
    assert (stack.folder / ".devenv" / "compose.yaml").read_bytes() == generated, "the same bytes, without the network"
    stack("up")
    assert running_image(stack) == "old", "the engine still has what the digest names"


def test_without_a_registry_a_stand_in_serves_for_a_locked_image(
    stack_of: Callable[[str], Stack], base_image: str
) -> None:
    stack = stack_of("devenv: 1\nname: standing-in\nservices:\n  cache: { use: valkey@8 }\n")
    (stack.folder / "devenv.lock").write_text(
        f'lock: 1\ndevenv: ">=0.1, <0.2"\nimages:\n  valkey/valkey:8: {{ digest: "sha256:{"a" * 64}" }}\n', "utf-8"
    )
    up = stack("up", "--plain")
    assert stand_in("valkey", "8") in up.stderr
    assert stack.engine.containers(stack.name)["cache"]["Config"]["Image"] == stand_in("valkey", "8")
    assert "valkey/valkey:8@sha256:" in (stack.folder / ".devenv" / "compose.yaml").read_text("utf-8")
    assert "unchanged" in stack("up", "--plain").stderr
