"""A stack of servers of the catalog, up, and how a test speaks to them from outside."""

from __future__ import annotations

import secrets
import socket
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from devenv.core.compose.interpolate import interpolate
from devenv.core.manifest import manifest
from devenv.core.stack.resolve import resolve
from devenv.core.yaml.source import parse
from devenv.engine import dotenv
from devenv.engine.catalog import FolderCatalog
from devenv.errors import Report
from devenv.ops.load import read_template
from tests.conftest import ROOT, Devenv
from tests.journeys.conftest import PREFIX, Stack
from tests.journeys.engines import Engine


@dataclass(frozen=True)
class Running:
    """The stack of all of them, up; what the services say of themselves comes from the templates' own outputs."""

    stack: Stack

    def output(self, service: str, name: str = "url") -> str:
        """An output as it is seen from the host, with this machine's ports and secrets."""
        report = Report()
        catalog = FolderCatalog(ROOT / "templates")
        text = (self.stack.folder / "devenv.yaml").read_text("utf-8")
        read = manifest.load(parse(text, "devenv.yaml", report), "devenv.yaml", report)
        assert read is not None
        templates = {t: read_template(catalog, t, report) for t in catalog.names()}
        stack = resolve(read, {k: v for k, v in templates.items() if v}, report, known=catalog.names())
        assert stack is not None, report.problems
        settings = dotenv.parse((self.stack.folder / ".devenv" / ".env").read_text("utf-8"))
        return interpolate(stack.services[service].host_outputs[name], settings)

    def client(self, service: str, *argv: str, check: bool = True) -> str:
        """What a client prints that runs outside the stack, in the host's network."""
        image = self.stack.engine.containers(self.stack.name)[service]["Config"]["Image"]
        run = ("run", "--rm", "--network", "host", "--label", f"devenv-test={PREFIX}", "--entrypoint", argv[0])
        return self.stack.engine.docker(*run, image, *argv[1:], check=check)

    def exec(self, service: str, *argv: str) -> str:
        return self.stack("exec", service, "--", *argv).stdout


@contextmanager
def bring_up(text: str, files: Mapping[str, str], engine: Engine, devenv: Devenv, folder: Path) -> Iterator[Running]:
    """A manifest (its `NAME` is replaced) beside `files`, up until the end of the block."""
    name = f"{PREFIX}catalog-{secrets.token_hex(2)}"
    for path, content in files.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(content, "utf-8")
    (folder / "devenv.yaml").write_text(text.replace("NAME", name), "utf-8")
    stack = Stack(name, folder, devenv, engine)
    try:
        stack("up", "--yes", timeout=900)
        yield Running(stack)
    finally:
        engine.remove(name)


def get(
    url: str,
    *,
    data: bytes | None = None,
    method: str | None = None,
    login: str = "",
    headers: Mapping[str, str] | None = None,
) -> tuple[int, bytes]:
    """Status and body of an HTTP answer, whatever the status."""
    request = urllib.request.Request(url, data=data, method=method, headers=dict(headers or {}))
    if login:
        request.add_header("Authorization", "Basic " + b64encode(login.encode()).decode())
        request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as problem:
        return problem.code, problem.read()


def connect(url: str) -> socket.socket:
    """A connection to where a URL points to."""
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname or "", parts.port or 0), 5)
