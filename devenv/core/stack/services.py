"""Draft → Service: the last step, where everything that is known about a service is put in its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from devenv.core.compose.keys import in_order
from devenv.core.stack import graph, resources, setup_jobs
from devenv.core.stack.draft import Draft
from devenv.model.data import Map
from devenv.model.stack import Need, Proof, Service


def own_service(draft: Draft, top: Map) -> Service:
    """The service itself."""
    instance = draft.instance
    return Service(
        name=draft.name,
        compose=_compose(draft.compose, draft.needs, restart="no" if draft.job else None),
        origin=draft.origin,
        needs=tuple(draft.needs.values()),
        ports=draft.ports,
        ready=draft.spec.ready,
        has_healthcheck=draft.has_healthcheck,
        job=draft.job,
        open=_opened(draft),
        outputs=draft.outputs,
        host_outputs=draft.host_outputs,
        image=_image(draft),
        image_variable=draft.image_variable,
        build="build" in draft.compose,
        recipe=draft.recipe,
        data=instance.data if instance is not None else (),
        shell=instance.shell if instance is not None else (),
        proof=instance.proof(draft.outputs) if instance is not None else Proof(),
        inputs=draft.spec.inputs,
        engine_starts=_engine_starts(draft.compose, top),
        server=draft.server.name if draft.server is not None else None,
        number_variable=draft.number_variable,
        mark=draft.written.mark,
    )


def job_service(draft: Draft, key: str, compose: Map, needs: Iterable[Need], top: Map) -> Service:
    """The job of a service's `setup` or `provision`."""
    by_name = {need.service: need for need in needs}
    return Service(
        name=setup_jobs.job_name(draft.name, key),
        compose=_compose(compose, by_name, written=draft.compose),
        origin=draft.origin,
        needs=tuple(by_name.values()),
        job=True,
        setup_of=draft.name,
        image=_image(draft),
        image_variable=draft.image_variable,
        build="build" in compose,
        recipe=draft.recipe,
        inputs=draft.spec.setup_inputs if key == "setup" else draft.spec.provision_inputs,
        engine_starts=_engine_starts(compose, top),
        mark=draft.written.mark,
    )


def _compose(compose: Map, needs: Mapping[str, Need], *, restart: str | None = None, written: Map | None = None) -> Map:
    result = Map(compose, mark=compose.mark, keys_at=compose.keys_at, values_at=compose.values_at)
    if entries := graph.depends_on(needs, written or compose):
        result["depends_on"] = entries
    if restart is not None:
        result.setdefault("restart", restart)
    return in_order(result, "service")


def _image(draft: Draft) -> str | None:
    if draft.image is not None:
        return draft.image
    image = draft.compose.get("image")
    return str(image) if image is not None and "build" not in draft.compose else None


def _opened(draft: Draft) -> str | None:
    name = draft.spec.open
    if name is None or "://" in name or "${" in name:
        return name
    return draft.host_outputs.get(f"{name}.url")


def _engine_starts(compose: Map, top: Map) -> bool:
    """False where Compose itself does something at the start: files that it injects, and hooks."""
    if "post_start" in compose or "provider" in compose:
        return False
    for kind, injected in (("configs", {"content", "environment"}), ("secrets", {"environment"})):
        declared = top.get(kind)
        for name, _ in resources.used(compose, kind):
            entry = declared.get(name) if isinstance(declared, dict) else None
            if isinstance(entry, dict) and injected & set(entry):
                return False
    return True
