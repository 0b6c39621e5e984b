"""`setup` as a service of its own: the commands that must succeed before a service starts."""

from __future__ import annotations

from devenv.core.drafts import Draft
from devenv.errors import Report
from devenv.model.data import Map, Seq, mark_of
from devenv.model.stack import Need

_SHARED = (
    "image", "build", "platform", "pull_policy", "environment", "env_file", "volumes", "volumes_from", "tmpfs",
    "networks", "network_mode", "secrets", "configs", "user", "group_add", "working_dir", "extra_hosts", "dns",
    "dns_opt", "dns_search", "profiles", "cap_add", "cap_drop", "security_opt", "privileged", "init", "isolation",
    "runtime", "logging", "links", "external_links", "userns_mode", "sysctls", "ulimits", "shm_size",
)  # fmt: skip


def setup_name(service: str) -> str:
    """What the job of a service's `setup` is called."""
    return f"{service}-setup"


def name_image(draft: Draft, stack: str) -> None:
    """A built service and its job share one image, so that it is built once."""
    if draft.spec.setup and "build" in draft.compose and "image" not in draft.compose:
        draft.compose["image"] = f"${{COMPOSE_PROJECT_NAME:-{stack}}}-{draft.name}"


def setup_job(draft: Draft, taken: bool, report: Report) -> Map | None:
    """The Compose definition of the job, without `depends_on`; None, with a problem, when its name is `taken`.

    Adds the job to the service's needs.
    """
    name = setup_name(draft.name)
    if taken:
        message = f"the job of its 'setup' is called '{name}', and there is a service of that name"
        report.add("DE318", message, mark_of(draft.spec.source, "setup", of_key=True), path=f"{draft.path}.setup")
        return None
    compose = Map((key, draft.compose[key]) for key in _SHARED if key in draft.compose)
    compose["restart"] = "no"
    commands = draft.spec.setup
    if len(commands) == 1 and not isinstance(commands[0], str):
        compose["entrypoint"], compose["command"] = Seq(commands[0]), Seq()
    else:
        lines = [c if isinstance(c, str) else " ".join(_quoted(word) for word in c) for c in commands]
        compose["entrypoint"], compose["command"] = Seq(["/bin/sh", "-ec"]), Seq(["\n".join(lines)])
    draft.needs[name] = Need(name, "completed")
    return compose


def _quoted(word: str) -> str:
    """A word of an argv for the shell; Compose's `$` forms stay, and their values count as one word."""
    return "'" + word.replace("'", "'\"'\"'") + "'" if not word or set(word) - _PLAIN else word


_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@%+,")
