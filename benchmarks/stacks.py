"""The stacks that are measured: manifests for devenv, and hand-written Compose equivalents with 5 s probes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

IMAGE = "devenv/debian:trixie-slim"
"""Debian's base with Perl and bash in it, made by `devenv.engine.debian_image`."""

POLICY = """\
policy: 1
rules:
  registries: { allow: [docker.io/], severity: warning }
  digests: warning
  readiness: error
  memory-limits: warning
  host-mounts: error
  labels: { require: [team], severity: warning }
  names: { services: "[a-z0-9-]+" }
"""
"""A policy that every service of the large manifests is against, in some ways."""

_SERVER = (
    # Without a module, whose loading would be 15 ms of a processor beside the delay: of Linux, 2 is AF_INET, 1
    # SOCK_STREAM and SOL_SOCKET, 2 SO_REUSEADDR, and the address of family and port is that of any interface.
    "select undef, undef, undef, {delay}; "
    "$SIG{{TERM}} = sub {{ exit 0 }}; "
    "socket my $s, 2, 1, 0 or die $!; setsockopt $s, 1, 2, 1 or die $!; "
    'bind $s, pack "S n x12", 2, 8000 or die $!; listen $s, 16 or die $!; '
    "while (1) {{ accept my $c, $s or next; close $c }}"
)


@dataclass(frozen=True, slots=True)
class Member:
    """A service that listens `delay` seconds after its start (a job: exits 0 after them)."""

    name: str
    delay: float
    needs: tuple[str, ...] = ()
    job: bool = False

    @property
    def script(self) -> str:
        """The Perl program that it runs, its dollars doubled as Compose wants them."""
        text = f"select undef, undef, undef, {self.delay}" if self.job else _SERVER.format(delay=self.delay)
        return text.replace("$", "$$")


def twelve() -> list[Member]:
    """Four servers, a migration, six services behind them, a gateway behind those."""
    servers = [Member("db", 2.0), Member("broker", 1.2), Member("search", 0.8), Member("cache", 0.3)]
    migration = Member("migrate", 0.1, ("db",), job=True)
    services = [Member(f"service{n}", 0.5, ("migrate", "broker", "cache")) for n in range(1, 7)]
    return [*servers, migration, *services, Member("gateway", 0.1, tuple(s.name for s in services))]


def chain(length: int, delay: float = 0.3) -> list[Member]:
    """Services that each need the one before."""
    return [Member(f"link{n}", delay, (f"link{n - 1}",) if n else ()) for n in range(length)]


def wide(count: int) -> list[Member]:
    """`count` services in layers of ten, each of which needs two of the layer before."""
    members: list[Member] = []
    for n in range(count):
        layer, place = divmod(n, 10)
        needs = (f"s{(layer - 1) * 10 + place}", f"s{(layer - 1) * 10 + (place + 3) % 10}") if layer else ()
        members.append(Member(f"s{n}", 0.2, needs))
    return members


def longest_path(members: Iterable[Member]) -> tuple[float, int]:
    """The longest path's own seconds, and how many services are on it."""
    ends: dict[str, tuple[float, int]] = {}
    for member in members:
        seconds, count = max((ends[need] for need in member.needs), default=(0.0, 0))
        ends[member.name] = (seconds + member.delay, count + 1)
    return max(ends.values())


def manifest(name: str, members: Iterable[Member]) -> str:
    """`devenv.yaml` of these services."""
    lines = ["devenv: 1", f"name: {name}", "services:"]
    for member in members:
        lines += [f"  {member.name}:", f"    image: {IMAGE}", f"    command: [perl, -e, '{member.script}']"]
        lines.append("    init: true")
        if member.needs:
            lines.append(f"    needs: {{ {', '.join(f'{need}: {{ env: false }}' for need in member.needs)} }}")
        if member.job:
            lines.append("    job: true")
        else:
            lines += ["    ports: { tcp: { port: 8000, publish: false } }", "    ready: { tcp: tcp }"]
    return "\n".join(lines) + "\n"


def handwritten(name: str, members: Iterable[Member]) -> str:
    """What people write for Compose: the same graph, probes every 5 s."""
    lines = [f"name: {name}", "services:"]
    jobs = {member.name for member in members if member.job}
    for member in members:
        lines += [
            f"  {member.name}:",
            f"    image: {IMAGE}",
            f"    command: [perl, -e, '{member.script}']",
            "    init: true",
        ]
        if member.needs:
            lines.append("    depends_on:")
            for need in member.needs:
                condition = "service_completed_successfully" if need in jobs else "service_healthy"
                lines.append(f"      {need}: {{ condition: {condition} }}")
        if not member.job:
            probe = "[CMD, bash, -c, 'exec 3<>/dev/tcp/127.0.0.1/8000']"
            lines.append(f"    healthcheck: {{ test: {probe}, interval: 5s, timeout: 5s, retries: 12 }}")
    return "\n".join(lines) + "\n"


def devcontainer(file: str, last: Member) -> str:
    """`devcontainer.json` of a Compose file. Dev Containers works in one service, here the one that needs all others,
    and does not wait until that one is ready."""
    own = {"overrideCommand": False, "updateRemoteUserUID": False}  # or it builds an image first
    return json.dumps({"dockerComposeFile": file, "service": last.name, "workspaceFolder": "/", **own})


def large(count: int) -> str:
    """A manifest of `count` services in a chain, for measuring `generate`."""
    lines = ["devenv: 1", "name: large", "services:"]
    for n in range(count):
        lines += [
            f"  service{n}:",
            f"    image: example/service:{n}",
            "    environment: { LOG_LEVEL: '${LOG_LEVEL:-info}', WORKERS: 4 }",
            f"    ports: {{ http: {8000 + n} }}",
            "    ready: { http: /healthz }",
        ]
        if n:
            lines.append(f"    needs: [service{n - 1}]")
    return "\n".join(lines) + "\n"
