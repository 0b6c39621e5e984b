"""Rules about what a container may do to the machine beyond running in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from devenv.core.lint.subject import Option, Rule, Subject, found, items, plain
from devenv.model.data import text
from devenv.model.lint import Found, Severity

_NAMESPACES = ("network_mode", "pid", "ipc", "userns_mode", "uts", "cgroup")
_WEAK = ("seccomp=unconfined", "seccomp:unconfined", "apparmor=unconfined", "apparmor:unconfined", "label=disable",
         "label:disable", "systempaths=unconfined")  # fmt: skip


def _privileged(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    for service in subject.services:
        if plain(service.compose.get("privileged")) == "true":
            message = "a privileged container has all of the machine: every device, every capability"
            yield found(service, message, "privileged", hint="name what it needs under `cap_add` or `devices`")


def _capabilities(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    allowed = {_capability(name) for name in options["allow"]}
    for service in subject.services:
        for number, entry in items(service, "cap_add"):
            if _capability(text(entry)) not in allowed:
                yield found(service, f"the capability {text(entry)} is not allowed", "cap_add", number)


def _capability(name: str) -> str:
    return name.upper().removeprefix("CAP_")


def _namespaces(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    for service in subject.services:
        for key in _NAMESPACES:
            if plain(service.compose.get(key)) == "host":
                yield found(service, f"'{key}: host' takes away what separates the container from the machine", key)


def _confinement(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    for service in subject.services:
        for number, entry in items(service, "security_opt"):
            if text(entry).replace(" ", "") in _WEAK:
                yield found(service, f"'{text(entry)}' switches a protection off", "security_opt", number)


def _devices(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    for service in subject.services:
        for number, entry in items(service, "devices"):
            name = plain(entry.get("source")) if isinstance(entry, dict) else plain(entry).split(":")[0]
            if not any(name == one or name.startswith(one.rstrip("/") + "/") for one in options["allow"]):
                yield found(service, f"the device {name} is not allowed", "devices", number)


RULES = (
    Rule(
        "DL401",
        "privileged",
        "A container is privileged",
        "What breaks into it, or a mistake in it, has the whole machine.",
        "Remove `privileged: true`; name the capability or device that the service needs.",
        _privileged,
        severity=Severity.WARNING,
    ),
    Rule(
        "DL402",
        "capabilities",
        "A container is given capabilities",
        "Each capability is a part of root's power over the machine.",
        "Remove it from `cap_add`, or ask for it to be allowed.",
        _capabilities,
        options={"allow": Option("texts", "capabilities that are allowed: `NET_BIND_SERVICE`", default=())},
    ),
    Rule(
        "DL403",
        "host-namespaces",
        "A container shares the machine's network, processes or users",
        "It sees and reaches what runs on the laptop; and the same stack behaves differently on a Mac.",
        "Remove the key; publish ports, and let services find each other by name.",
        _namespaces,
    ),
    Rule(
        "DL404",
        "confinement",
        "A container's confinement is switched off",
        "seccomp, AppArmor and SELinux stop what an attacker does first.",
        "Remove the entry from `security_opt`.",
        _confinement,
    ),
    Rule(
        "DL405",
        "devices",
        "A container is given devices of the machine",
        "A disk or a bus that a container can open is outside of every other protection.",
        "Remove it from `devices`, or ask for it to be allowed.",
        _devices,
        options={"allow": Option("texts", "devices, or folders of them, that are allowed: `/dev/dri`", default=())},
    ),
)
