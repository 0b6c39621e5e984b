"""What a template's service may ask of the machine: nothing but a container of its own.

A template is data that somebody else wrote. Its service may say how its container is made and what runs in it; whatever
reaches the host, another service or devenv's own bookkeeping is refused, whichever catalog the template is from. A
person who wants such a key writes it in the manifest, under the service: that is merged over the template's.
Facts about the keys: the Compose Specification.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from devenv.errors import Mark, Report
from devenv.model.data import Map, Seq, Tagged, mark_of, text

ALLOWED = frozenset(
    re.findall(
        r"\w+",
        """
        image platform pull_policy command entrypoint working_dir user environment init tty stdin_open stop_signal
        stop_grace_period hostname domainname extra_hosts dns dns_opt dns_search expose labels annotations restart
        read_only tmpfs shm_size ulimits sysctls cap_add cap_drop volumes configs healthcheck deploy
        cpus cpu_count cpu_percent cpu_shares cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpuset
        mem_limit mem_reservation mem_swappiness memswap_limit pids_limit oom_score_adj oom_kill_disable
        ports ready setup provision inputs job open
        """,
    )
)
"""The keys that a template's service may have. All of them stay inside the container, within the limits below."""

CAPABILITIES = frozenset(
    re.findall(
        r"\w+",
        """
        AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID IPC_LOCK KILL NET_BIND_SERVICE NET_RAW SETFCAP SETGID SETPCAP
        SETUID SYS_CHROOT SYS_NICE
        """,
    )
)
"""What an engine gives by itself, and the two that servers ask for to lock memory and to set priorities."""

_VOLUME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_INSIDE = re.compile(r"/[^:$]*")
OURS = ("com.docker.compose", "devenv.", "dev.devenv")
"""How labels begin that Compose and devenv set."""

_DEPLOY = ("resources", "labels", "restart_policy")
_HINT = "a template cannot have it; whoever needs it writes it in the manifest, under the service"


def confine(service: Map, files: Collection[str], configs: Collection[str] | None, report: Report, path: str) -> None:
    """Reports, as DE322, all of an instantiated service that reaches outside its container.

    `files` are the paths that the person gave to parameters of type `file` and `directory`: only these may be mounted.
    `configs` are the template's own; None while their names are not known yet. `path` is where the service
    stands, for messages.
    """
    _Confinement(files, configs, report, path).service(service)


class _Confinement:
    def __init__(self, files: Collection[str], configs: Collection[str] | None, report: Report, path: str) -> None:
        self.files, self.configs, self.report, self.path = files, configs, report, path

    def bad(self, message: str, mark: Mark | None, path: str, hint: str | None = _HINT) -> None:
        self.report.add("DE322", message, mark, path=f"{self.path}.{path}", hint=hint)

    def service(self, service: Map) -> None:
        for key, value in service.items():
            at = mark_of(service, key, of_key=True)
            if key not in ALLOWED and not key.startswith("x-"):
                self.bad(f"'{key}' reaches outside the template's own container", at, key)
                continue
            check = getattr(self, f"_{key}", None)
            if check is not None:
                check(value.value if isinstance(value, Tagged) else value, mark_of(service, key), key)

    def _environment(self, value: Any, mark: Mark | None, path: str) -> None:
        """A name without a value is what Compose takes from the host's environment."""
        names = [k for k, v in value.items() if v is None] if isinstance(value, dict) else []
        if isinstance(value, list):
            names = [text(item) for item in value if "=" not in text(item)]
        for name in names:
            where = mark_of(value, name if isinstance(value, dict) else 0, of_key=True)
            hint = "give it a value, '' for an empty one"
            self.bad(f"'{name}' without a value would be read from the host's environment", where or mark, path, hint)

    def _volumes(self, value: Any, mark: Mark | None, path: str) -> None:
        for i, item in enumerate(self._items(value, mark, path)):
            at, here = mark_of(value, i) or mark, f"{path}[{i}]"
            if isinstance(item, dict):
                self._mount(item, at, here)
            elif not self._short(text(item)):
                self.bad(
                    "a template mounts its own volumes by name, and files that a parameter names", at, here, _MOUNT
                )

    def _short(self, written: str) -> bool:
        source, colon, _ = written.partition(":")
        return bool(_VOLUME.fullmatch(source)) if colon else bool(_INSIDE.fullmatch(written))

    def _mount(self, item: dict[str, Any], mark: Mark | None, path: str) -> None:
        kind, source = text(item.get("type")), text(item.get("source"))
        known = kind in ("volume", "tmpfs", "bind")
        if kind == "volume" and source and not _VOLUME.fullmatch(source):
            known = False
        if kind == "bind" and source not in self.files:
            known = False
        if not known:
            self.bad(
                f"a template cannot mount '{source or kind}' of the host", mark_of(item, "source") or mark, path, _MOUNT
            )
        elif (
            kind == "bind" and isinstance(bind := item.get("bind"), dict) and (more := set(bind) - {"create_host_path"})
        ):
            self.bad(f"'{sorted(more)[0]}' reaches outside the template's own container", mark, path)

    def _configs(self, value: Any, mark: Mark | None, path: str) -> None:
        for i, item in enumerate(self._items(value, mark, path)):
            name = text(item.get("source")) if isinstance(item, dict) else text(item)
            if self.configs is not None and name not in self.configs:
                hint = f"it has {', '.join(self.configs)}" if self.configs else "declare it under 'configs'"
                self.bad(f"'{name}' is no config of the template", mark_of(value, i) or mark, f"{path}[{i}]", hint)

    def _ports(self, value: Any, mark: Mark | None, path: str) -> None:
        if not isinstance(value, dict):
            self.bad(
                "a template's ports have names", mark, path, "write ports: {main: 5432}; devenv publishes on loopback"
            )
            return
        for name, port in value.items():
            if isinstance(port, dict) and not isinstance(port.get("publish"), bool | None):
                where = mark_of(port, "publish") or mark
                self.bad("a template does not choose a port of the host", where, f"{path}.{name}.publish", _PUBLISH)

    def _labels(self, value: Any, mark: Mark | None, path: str) -> None:
        names = list(value) if isinstance(value, dict) else [text(item) for item in value or ()]
        for i, name in enumerate(names):
            if name.startswith(OURS):
                where = mark_of(value, name if isinstance(value, dict) else i, of_key=True) or mark
                self.bad(f"the label '{name.partition('=')[0]}' is one that Compose or devenv sets", where, path, None)

    def _cap_add(self, value: Any, mark: Mark | None, path: str) -> None:
        for i, item in enumerate(self._items(value, mark, path)):
            if text(item).upper().removeprefix("CAP_") not in CAPABILITIES:
                hint = f"it may have {', '.join(sorted(CAPABILITIES))}"
                self.bad(f"'{text(item)}' gives power over the host", mark_of(value, i) or mark, f"{path}[{i}]", hint)

    def _deploy(self, value: Any, mark: Mark | None, path: str) -> None:
        for key in value if isinstance(value, dict) else ():
            if key not in _DEPLOY:
                self.bad(f"'{key}' is not for templates", mark_of(value, key, of_key=True), f"{path}.{key}")
        resources = value.get("resources") if isinstance(value, dict) else None
        reserved = resources.get("reservations") if isinstance(resources, dict) else None
        if isinstance(reserved, dict) and "devices" in reserved:
            self.bad("'devices' are the host's", mark_of(reserved, "devices", of_key=True), f"{path}.resources")

    def _open(self, value: Any, mark: Mark | None, path: str) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_-]+", text(value)):
            self.bad("a template opens one of its ports", mark, path, "name a port; a URL is for the manifest")

    def _inputs(self, value: Any, mark: Mark | None, path: str) -> None:
        for i, item in enumerate(self._items(value, mark, path)):
            if text(item) not in self.files:
                self.bad(f"a template cannot look at '{text(item)}' of the host", mark_of(value, i) or mark, path, None)

    def _setup(self, value: Any, mark: Mark | None, path: str) -> None:
        if isinstance(value, dict) and value.get("inputs") is not None:
            self._inputs(value["inputs"], mark_of(value, "inputs"), f"{path}.inputs")

    _provision = _setup

    def _items(self, value: Any, mark: Mark | None, path: str) -> Seq:
        """The list, or none of it with a problem when it is something else."""
        if isinstance(value, Seq):
            return value
        if value is not None:
            self.bad("a list is written out here", mark, path, None)
        return Seq()


_PUBLISH = "leave it out, or write 'publish: false'; whoever needs a certain one writes it in the manifest"
_MOUNT = (
    "write NAME:/path for a volume, or {type: bind, source: '${with.x}'} with a parameter of type file or directory"
)
