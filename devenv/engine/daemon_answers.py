"""The engine's JSON as devenv's own types. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, cast, get_args

from devenv.errors import DevenvError
from devenv.model.observed import Container, ContainerChange, EngineInfo, Health, Image, ProbeResult, State

PROJECT = "com.docker.compose.project"
_SERVICE = "com.docker.compose.service"
_ONEOFF = "com.docker.compose.oneoff"

_STATES = frozenset(get_args(State))
_HEALTHS = frozenset(get_args(Health))
_EXITED = re.compile(r"(?:Exited|Restarting) \((-?\d+)\)")
_TAKEN = re.compile(r"port is already allocated|address already in use|ports are not available", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:Bind for|listen \w+|exposing port \w+) ([\d.\[\]a-f:]+:\d+)")
_SHARED = re.compile(r"container:([0-9a-f]{64})\b")
_ROOT = ("root", "0", "0:0", "root:root")
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d+))?\s*(Z|[+-]\d\d:?\d\d)?")

Json = Mapping[str, Any]


def listed(data: Json) -> Container:
    """A container of `GET /containers/json`."""
    labels: dict[str, str] = data.get("Labels") or {}
    status = str(data.get("Status") or "")
    exited = _EXITED.match(status)
    return Container(
        id=data["Id"],
        name=str((data.get("Names") or [""])[0]).lstrip("/"),
        project=labels.get(PROJECT, ""),
        service=labels.get(_SERVICE, ""),
        state=_state(data.get("State")),
        health=_health_in(status),
        image=str(data.get("Image") or ""),
        image_id=str(data.get("ImageID") or ""),
        labels=labels,
        ports=_listed_ports(data.get("Ports") or []),
        exit_code=int(exited[1]) if exited else None,
        created_at=datetime.fromtimestamp(data["Created"], UTC) if isinstance(data.get("Created"), int) else None,
        oneoff=labels.get(_ONEOFF, "").lower() == "true",
        status=status,
        volumes=_volumes(data),
        networks=_networks(data),
    )


def inspected(data: Json) -> Container:
    """A container of `GET /containers/ID/json`; of one that does not run, `ports` are those that it will have."""
    config, state, host = data.get("Config") or {}, data.get("State") or {}, data.get("HostConfig") or {}
    labels: dict[str, str] = config.get("Labels") or {}
    ended = state.get("Status") in ("exited", "dead", "restarting")
    alive = state.get("Status") in ("running", "paused")  # the engine leaves the last health on what has ended
    return Container(
        id=data["Id"],
        name=str(data.get("Name") or "").lstrip("/"),
        project=labels.get(PROJECT, ""),
        service=labels.get(_SERVICE, ""),
        state=_state(state.get("Status")),
        health=_health((state.get("Health") or {}).get("Status")) if alive else "none",
        image=str(config.get("Image") or ""),
        image_id=str(data.get("Image") or ""),
        labels=labels,
        ports=_inspected_ports((data.get("NetworkSettings") or {}).get("Ports") or host.get("PortBindings") or {}),
        exit_code=state.get("ExitCode") if ended else None,
        oom_killed=bool(state.get("OOMKilled")),
        error=str(state.get("Error") or ""),
        created_at=moment(data.get("Created")),
        started_at=moment(state.get("StartedAt")),
        finished_at=moment(state.get("FinishedAt")),
        lapsed=alive and _lapsed(data),
        restarts=int(data.get("RestartCount") or 0),
        oneoff=labels.get(_ONEOFF, "").lower() == "true",
        volumes=_volumes(data),
        targets={str(m.get("Destination")): str(m["Name"]) for m in data.get("Mounts") or [] if m.get("Name")},
        user="" if config.get("User") in _ROOT else str(config.get("User") or ""),
        joined=_ids(host.get(mode) for mode in ("NetworkMode", "PidMode", "IpcMode")),
        borrowed=_ids(f"container:{one}" for one in host.get("VolumesFrom") or []),
    )


def _ids(modes: Iterable[Any]) -> tuple[str, ...]:
    """The ids of containers in words such as `container:ID`; by its name, one is another's and not the stack's."""
    found = (_SHARED.match(str(mode)) for mode in modes)
    return tuple(dict.fromkeys(match[1] for match in found if match))


def environment(data: Json) -> dict[str, str]:
    """The variables of an inspected container, those of its image among them."""
    pairs = (str(entry).partition("=") for entry in (data.get("Config") or {}).get("Env") or [])
    return {name: value for name, sign, value in pairs if sign}


def probes(data: Json) -> list[ProbeResult]:
    """The runs of the health check in an inspected container, oldest first."""
    log = ((data.get("State") or {}).get("Health") or {}).get("Log") or []
    return [
        ProbeResult(int(run.get("ExitCode", -1)), str(run.get("Output") or ""), moment(run.get("End")) or _EPOCH)
        for run in log
    ]


def _lapsed(data: Json) -> bool:
    """Whether a container that is unhealthy was healthy before. The engine keeps its last five probes only, but counts
    the failures since the last success: if these cannot fill the time since the start, there was one. A probe may take
    a second longer than its timeout, for its process is started and ended, too."""
    state, check = data.get("State") or {}, (data.get("Config") or {}).get("Healthcheck") or {}
    health = state.get("Health") or {}
    runs = health.get("Log") or []
    if health.get("Status") != "unhealthy" or not runs:
        return False
    if any(run.get("ExitCode") == 0 for run in runs):
        return True
    begun, last = moment(state.get("StartedAt")), moment(runs[-1].get("End"))
    if begun is None or last is None:
        return False
    each = (check.get("Interval") or 30e9) + (check.get("Timeout") or 30e9) + 1e9
    failing = (check.get("StartPeriod") or 0) + (health.get("FailingStreak", 0) + 1) * each  # in nanoseconds
    return bool((last - begun).total_seconds() > failing / 1e9)


def health_check(data: Json) -> list[str]:
    """The command of an inspected container's health check; empty when it has none."""
    config = data.get("Config") or {}
    kind, *words = (config.get("Healthcheck") or {}).get("Test") or ["NONE"]
    if kind == "CMD-SHELL":
        return [*(config.get("Shell") or ("/bin/sh", "-c")), *words]
    return words if kind == "CMD" else []


def change(data: Json) -> ContainerChange | None:
    """An event of a container; None for events of other things."""
    actor = data.get("Actor") or {}
    action = str(data.get("Action") or data.get("status") or "")
    if data.get("Type", "container") != "container" or not action:
        return None
    attributes: dict[str, str] = actor.get("Attributes") or {}
    action, _, word = action.partition(":")
    exit_code = attributes.get("exitCode", attributes.get("containerExitCode", ""))
    said = word.strip() or attributes.get("health_status", "")
    return ContainerChange(
        container_id=str(actor.get("ID") or data.get("id") or ""),
        service=attributes.get(_SERVICE, ""),
        action=action,
        at=event_time(data),
        health=_health(said) if action == "health_status" else None,
        exit_code=int(exit_code) if action == "die" and exit_code.lstrip("-").isdigit() else None,
    )


def event_time(data: Json) -> float:
    """When an event happened by the engine's clock, Unix time in seconds."""
    nanoseconds = data.get("timeNano")
    return nanoseconds / 1e9 if isinstance(nanoseconds, int) else float(data.get("time") or 0)


def image(data: Json) -> Image:
    """An image of `GET /images/NAME/json`."""
    config = data.get("Config") or {}
    entrypoint = config.get("Entrypoint") or []
    test = (config.get("Healthcheck") or {}).get("Test") or []
    return Image(
        id=str(data["Id"]),
        tags=tuple(data.get("RepoTags") or ()),
        architecture=str(data.get("Architecture") or ""),
        size=int(data.get("Size") or 0),
        digests=tuple(data.get("RepoDigests") or ()),
        entrypoint=(entrypoint,) if isinstance(entrypoint, str) else tuple(entrypoint),
        healthcheck=bool(test) and test[0] != "NONE",
    )


def engine(version: Json, info: Json, endpoint: str) -> EngineInfo:
    """The answers of `GET /version` and `GET /info`."""
    registries = info.get("RegistryConfig") or {}
    return EngineInfo(
        server_version=version.get("Version"),
        api_version=version.get("ApiVersion"),
        architecture=str(version.get("Arch") or ""),
        operating_system=str(info.get("OperatingSystem") or ""),
        memory=int(info.get("MemTotal") or 0),
        cpus=int(info.get("NCPU") or 0),
        root_dir=str(info.get("DockerRootDir") or ""),
        endpoint=endpoint,
        registry_mirrors=tuple(registries.get("Mirrors") or ()),
    )


def platforms(distribution: Json) -> tuple[str, ...]:
    """The answer of `GET /distribution/NAME/json`: platforms as `linux/arm64/v8`, without attestations' own."""
    found: dict[str, None] = {}
    for one in distribution.get("Platforms") or ():
        parts = [str(one.get(key) or "") for key in ("os", "architecture", "variant")]
        if parts[1] and "unknown" not in parts:
            found.setdefault("/".join(part for part in parts if part))
    return tuple(found)


_EPOCH = datetime.fromtimestamp(0, UTC)


def moment(text: Any) -> datetime | None:
    """A time as the engine writes it (nanoseconds, any offset); None for none and for Go's zero time."""
    found = _TIME.match(text) if isinstance(text, str) else None
    if found is None or found[1].startswith("0001-"):
        return None
    day, clock, fraction, zone = found.groups()
    offset = "+00:00" if zone in (None, "Z") else zone
    return datetime.fromisoformat(f"{day}T{clock}.{(fraction or '0')[:6]:0<6}{offset}").astimezone(UTC)


def _volumes(data: Json) -> tuple[str, ...]:
    mounts = data.get("Mounts") or []
    return tuple(
        str(mount.get("Name") or "") for mount in mounts if mount.get("Type") == "volume" and mount.get("Name")
    )


def _networks(data: Json) -> tuple[str, ...]:
    attached = (data.get("NetworkSettings") or {}).get("Networks") or {}
    return tuple(str(one["NetworkID"]) for one in attached.values() if one and one.get("NetworkID"))


def _state(word: Any) -> State:
    return cast(State, word) if word in _STATES else "created"


def _health(word: Any) -> Health:
    return cast(Health, word) if word in _HEALTHS else "none"


def _health_in(status: str) -> Health:
    """The health in the listing's words: `Up 5 seconds (health: starting)`, `Up 2 hours (healthy)`."""
    if not status.startswith("Up"):
        return "none"
    for word, health in (("(health: starting)", "starting"), ("(healthy)", "healthy"), ("(unhealthy)", "unhealthy")):
        if word in status:
            return cast(Health, health)
    return "none"


def _listed_ports(ports: list[Json]) -> dict[tuple[int, str], tuple[str, int]]:
    found: dict[tuple[int, str], tuple[str, int]] = {}
    for port in sorted(ports, key=lambda p: ":" in str(p.get("IP") or "")):  # IPv4 first
        if port.get("PublicPort"):
            key = (int(port["PrivatePort"]), str(port.get("Type") or "tcp"))
            found.setdefault(key, (str(port.get("IP") or "0.0.0.0"), int(port["PublicPort"])))  # noqa: S104  # a fact
    return found


def _number(port: Any) -> int:
    """A host port of an inspection; 0 for none, or for the range that it is to be chosen from."""
    return int(port) if str(port).isdigit() else 0


def _inspected_ports(ports: Mapping[str, list[Json] | None]) -> dict[tuple[int, str], tuple[str, int]]:
    flat: list[Json] = []
    for name, bindings in ports.items():
        number, _, protocol = name.partition("/")
        flat += [
            {"PrivatePort": number, "Type": protocol, "IP": b.get("HostIp"), "PublicPort": _number(b.get("HostPort"))}
            for b in bindings or []
        ]
    return _listed_ports(flat)


def refused(what: str, said: Any) -> DevenvError:
    """DE409, with the engine's own words in an answer that refuses something."""
    return DevenvError.of("DE409", what, evidence=[_words(said)])


def not_started(said: Any) -> DevenvError:
    """DE602 when the engine's words are about a host port, else DE601."""
    words = _words(said)
    if not _TAKEN.search(words):
        return DevenvError.of("DE601", "the engine cannot start the container", evidence=[words])
    where = _ADDRESS.search(words)
    port = f"port {where[1]}" if where else "a port of it"
    return DevenvError.of("DE602", f"{port} is taken", evidence=[words])


def _words(said: Any) -> str:
    return str(said.get("message") if isinstance(said, dict) else said).strip()
