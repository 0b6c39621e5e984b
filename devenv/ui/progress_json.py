"""Progress for programs: one JSON object a line on stdout, documented in docs/reference/json.md."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from threading import Lock
from types import TracebackType
from typing import Any

from devenv.events import Event, Finished, Note, Output, ServiceChanged, ServiceFailed, Started, Transfer
from devenv.ui.console import Console
from devenv.ui.json_text import json_text


class JsonProgress:
    """Writes each event as it comes, and flushes, so that a reader sees it at once."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lock = Lock()

    def __enter__(self) -> JsonProgress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def suspended(self) -> AbstractContextManager[None]:
        return nullcontext()

    def __call__(self, event: Event) -> None:
        line = json_text(event_as_data(event))
        with self._lock:
            self._console.print(line)
            self._console.out.flush()


def event_as_data(event: Event) -> dict[str, Any]:
    """An event's fields by name, with `event` (its kind) and `time` (UTC, milliseconds) first."""
    kind, fields = _fields(event)
    return {"event": kind, "time": _time(event.at), **fields}


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _fields(event: Event) -> tuple[str, dict[str, Any]]:
    match event:
        case Started(operation=operation, stack=stack):
            services = [{"service": name, "needs": list(needs)} for name, needs in event.services]
            return "started", {"operation": operation, "stack": stack, "services": services}
        case ServiceChanged(service=service, phase=phase, detail=detail):
            seconds = _rounded(event.seconds)
            return "service", {"service": service, "phase": phase.value, "detail": detail, "seconds": seconds}
        case Transfer(image=image, current=current):
            of, total = list(event.services), event.total or None
            return "transfer", {"image": image, "services": of, "current": current, "total": total}
        case Note(level=level, text=text):
            return "note", {"level": level, "text": text}
        case Output(source=source, text=text):
            return "output", {"source": source, "text": text}
        case ServiceFailed():
            return "failed", _failure(event)
        case Finished(operation=operation, ok=ok):
            urls = [{"service": service, "name": name, "url": url} for service, name, url in event.urls]
            fields = {"operation": operation, "ok": ok, "seconds": _rounded(event.seconds)}
            return "finished", {**fields, "urls": urls, "longest_path": list(event.longest)}
    return type(event).__name__.lower(), {}


def _failure(event: ServiceFailed) -> dict[str, Any]:
    return {
        "service": event.service,
        "code": event.code,
        "reason": event.reason,
        "cause": event.cause or None,
        "state": event.state or None,
        "since": None if event.since is None else _time(event.since),
        "log": list(event.log),
        "probe": event.probe,
        "blocked": list(event.blocked),
        "steps": list(event.steps),
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
