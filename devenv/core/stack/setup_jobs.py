"""`setup` and `provision` as services of their own: the commands that must succeed before a service starts, and those
that must succeed before what needs it does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from devenv.core.stack.draft import Draft
from devenv.errors import Report
from devenv.model.data import Map, Seq, mark_of
from devenv.model.stack import Need

_SHARED = (
    "image", "build", "platform", "pull_policy", "environment", "env_file", "volumes", "volumes_from", "tmpfs",
    "networks", "network_mode", "secrets", "configs", "user", "group_add", "working_dir", "extra_hosts", "dns",
    "dns_opt", "dns_search", "profiles", "cap_add", "cap_drop", "security_opt", "privileged", "init", "isolation",
    "runtime", "logging", "links", "external_links", "userns_mode", "sysctls", "ulimits", "shm_size",
)  # fmt: skip


def job_name(service: str, key: str = "setup") -> str:
    """What the job of a service's `setup` or `provision` is called."""
    return f"{service}-{key}"


def name_image(draft: Draft, stack: str) -> None:
    """A built service and its job share one image, so that it is built once."""
    if (draft.spec.setup or draft.spec.provision) and "build" in draft.compose and "image" not in draft.compose:
        draft.compose["image"] = f"${{COMPOSE_PROJECT_NAME:-{stack}}}-{draft.name}"


def await_provisions(drafts: Mapping[str, Draft]) -> None:
    """Who waits until a service is ready waits for what its `provision` does, too."""
    for draft in drafts.values():
        for need in list(draft.needs.values()):
            target = drafts.get(need.service)
            awaited = target is not None and (need.condition == "ready" or not target.has_healthcheck)
            if target is not None and target.spec.provision and awaited:
                job = job_name(need.service, "provision")
                draft.needs.setdefault(job, Need(job, "completed", need.optional, need.required))


def job_of(draft: Draft, key: str, taken: bool, report: Report) -> Map | None:
    """The Compose definition of the job of `setup` or `provision`, without `depends_on`; None, with a problem, when its
    name is `taken`."""
    name = job_name(draft.name, key)
    if taken:
        message = f"the job of its '{key}' is called '{name}', and there is a service of that name"
        report.add("DE318", message, mark_of(draft.spec.source, key, of_key=True), path=f"{draft.path}.{key}")
        return None
    compose = Map((key, draft.compose[key]) for key in _SHARED if key in draft.compose)
    if isinstance(networks := compose.get("networks"), dict):
        compose["networks"] = Map((network, _without_aliases(entry)) for network, entry in networks.items())
    compose["restart"] = "no"
    commands = draft.spec.setup if key == "setup" else draft.spec.provision
    if len(commands) == 1 and not isinstance(commands[0], str):
        compose["entrypoint"], compose["command"] = Seq(commands[0]), Seq()
    else:
        lines = [c if isinstance(c, str) else " ".join(_quoted(word) for word in c) for c in commands]
        compose["entrypoint"], compose["command"] = Seq(["/bin/sh", "-ec"]), Seq(["\n".join(lines)])
    return compose


def _without_aliases(entry: Any) -> Any:
    """What a service is called on a network is not what its job is called."""
    if not isinstance(entry, dict):
        return entry
    return Map((key, value) for key, value in entry.items() if key != "aliases") or None


def _quoted(word: str) -> str:
    """A word of an argv for the shell; Compose's `$` forms stay, and their values count as one word."""
    return "'" + word.replace("'", "'\"'\"'") + "'" if not word or set(word) - _PLAIN else word


_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@%+,")
