"""Rules about what a container may do to the machine beyond running in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from devenv.core.lint.subject import Option, Rule, Subject, found, items, plain
from devenv.model.data import text
from devenv.model.lint import Found, Severity
from devenv.model.stack import Service

_NAMESPACES = ("network_mode", "pid", "ipc", "userns_mode", "uts", "cgroup")
_HOOKS = ("post_start", "pre_stop")
_WEAK = ("seccomp=unconfined", "seccomp:unconfined", "apparmor=unconfined", "apparmor:unconfined", "label=disable",
         "label:disable", "systempaths=unconfined")  # fmt: skip


def _privileged(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    hint = "name what it needs under `cap_add` or `devices`"
    for service in subject.services:
        if _is_on(service.compose):
            message = "a privileged container has all of the machine: every device, every capability"
            yield found(service, message, "privileged", hint=hint)
        if _is_on(service.compose.get("build")):
            message = "a privileged build has all of the machine: every device, every capability"
            yield found(service, message, "build", "privileged")
        for hook in _HOOKS:
            for number, entry in items(service, hook):
                if _is_on(entry):
                    message = "a privileged command has all of the machine: every device, every capability"
                    yield found(service, message, hook, number, "privileged", hint=hint)


def _is_on(holder: Any) -> bool:
    return isinstance(holder, dict) and plain(holder.get("privileged")).lower() == "true"


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
        for words, name, keys in _handed_in(service):
            if not any(name == one or name.startswith(one.rstrip("/") + "/") for one in options["allow"]):
                yield found(service, f"{words} not allowed", *keys)


def _handed_in(service: Service) -> Iterator[tuple[str, str, tuple[str | int, ...]]]:
    """What a service has of the machine's devices: in words, what a policy calls it, and where it is written."""
    for number, entry in items(service, "devices"):
        name = plain(entry.get("source")) if isinstance(entry, dict) else plain(entry).split(":")[0]
        yield f"the device {name} is", name, ("devices", number)
    for number, entry in items(service, "device_cgroup_rules"):
        yield f"the rule '{plain(entry)}' for devices is", plain(entry), ("device_cgroup_rules", number)
    reserved = ("deploy", "resources", "reservations", "devices")
    for keys in (("gpus",), reserved):
        at: Any = service.compose
        for key in keys:
            at = at.get(key) if isinstance(at, dict) else None
        if at:
            yield "the machine's GPUs are", "gpus", keys


RULES = (
    Rule(
        "DL401",
        "privileged",
        "A container, a build or a hook is privileged",
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
        "Remove it, or ask for it to be allowed.",
        _devices,
        options={
            "allow": Option(
                "texts",
                "devices, or folders of them, that are allowed: `/dev/dri`; `gpus`; rules of `device_cgroup_rules`",
                default=(),
            )
        },
    ),
)
