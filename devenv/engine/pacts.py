"""Pacts: which there are, and whether a running provider keeps them, by Pact's own verifier in a process of its own.

The verifier is the library that all of Pact's languages share; `pact-python` brings it. It says what it does on
stdout and may stop hard, hence the process.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from devenv.engine import http
from devenv.engine.protocols import Processes
from devenv.errors import DevenvError
from devenv.records import asdict, frozen

_LARGEST = 4 << 20
_TIMEOUT = 600.0


@frozen
class Pact:
    """One pact: whose it is, and where it lies: a file's path, or '' for one of the broker's."""

    consumer: str
    provider: str
    file: str = ""


@frozen
class Publish:
    """Under which version of the provider (and which branch, '' for none) results go back to the broker."""

    version: str
    branch: str = ""


@frozen
class Request:
    """What the verifier is asked: `provider` at `url`, against `files` and the broker's pacts ('' for no broker)."""

    provider: str
    url: str
    files: tuple[str, ...] = ()
    broker: str = ""
    states: str = ""
    messages: str = ""
    publish: Publish | None = None


def pacts_in(root: Path, paths: Sequence[str]) -> list[Pact]:
    """The pacts in files and folders (with all below them), sorted; JSON that is no pact is passed over.

    Raises DevenvError: DE308 a path leads nowhere, DE634 a pact cannot be read.
    """
    found = []
    for path in paths:
        at = root / path
        if not at.exists():
            raise DevenvError.of("DE308", f"there is no folder or file '{path}' of pacts")
        for file in sorted(at.rglob("*.json")) if at.is_dir() else [at]:
            if (pact := _pact(file)) is not None:
                found.append(pact)
    return found


def pacts_of_broker(broker: str) -> list[Pact]:
    """The latest pacts that a broker has. Raises DevenvError DE634 when it does not answer as one."""
    url = f"{broker.rstrip('/')}/pacts/latest"
    answer = http.request(url, headers={"Accept": "application/hal+json"}, timeout=10.0, limit=_LARGEST)
    if not answer.good:
        said = answer.error or f"status {answer.status}"
        raise DevenvError.of("DE634", f"the Pact broker does not answer: GET {url}: {said}")
    try:
        entries = json.loads(answer.body)["_embedded"]["pacts"]
        named = [entry["_embedded"] for entry in entries]
        return [Pact(one["consumer"]["name"], one["provider"]["name"]) for one in named]
    except (ValueError, KeyError, TypeError):
        raise DevenvError.of("DE634", f"{url} is not what a Pact broker answers") from None


def verify(processes: Processes, requests: Iterable[Request], env: Mapping[str, str]) -> list[dict[str, Any]]:
    """The verifier's results as Pact's own JSON, one for each request; `unpublished` says why a broker has no results.

    Raises DevenvError: DE635 the verifier is not installed, DE634 it broke down.
    """
    if find_spec("pact") is None:
        hint = f"`{sys.executable} -m pip install 'pact-python>=4.2,<5'`, which is devenv-stack's extra 'contracts'"
        raise DevenvError.of("DE635", "contracts are verified by pact-python, which is not installed", hint=hint)
    return [_verify(processes, request, env) for request in requests]


def _verify(processes: Processes, request: Request, env: Mapping[str, str]) -> dict[str, Any]:
    # It would tell its makers of each run, and send requests to this machine through a proxy.
    quiet = {**env, "PACT_DO_NOT_TRACK": "true", "NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"}
    argv = [sys.executable, "-m", "devenv.engine.pact_verifier"]
    done = processes.run(argv, env=quiet, input=json.dumps(asdict(request)), timeout=_TIMEOUT)
    refused = [line.strip() for line in done.errors.splitlines() if "Publishing of verification results failed" in line]
    try:
        return {**json.loads(done.output), "unpublished": refused[0] if refused else ""}
    except ValueError:
        said = tuple(line for line in done.errors.splitlines() if line.strip())[-8:]
        message = f"the verifier broke down at the pacts of '{request.provider}' (exit code {done.code})"
        raise DevenvError.of("DE634", message, evidence=said) from None


def _pact(file: Path) -> Pact | None:
    try:
        if file.stat().st_size > _LARGEST:
            return None
        data = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise DevenvError.of("DE634", f"{file} cannot be read as a pact: {error}") from None
    try:
        return Pact(str(data["consumer"]["name"]), str(data["provider"]["name"]), str(file))
    except (KeyError, TypeError):
        return None
