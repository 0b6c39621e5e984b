"""The process in which Pact's verifier runs: a request of `engine.pacts` on stdin, its results on stdout, as JSON."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit


def main() -> int:
    """Verifies the pacts that stdin names; what the verifier says itself goes to stderr."""
    results = os.dup(1)
    os.dup2(2, 1)
    found = _results(json.load(sys.stdin))
    with os.fdopen(results, "w", encoding="utf-8") as out:
        json.dump(found, out)
    return 0


def _results(request: dict[str, Any]) -> dict[str, Any]:
    from pact import Verifier

    verifier = Verifier(request["provider"], host=urlsplit(request["url"]).hostname)
    verifier.set_coloured_output(enabled=False)
    verifier.add_transport(url=request["url"])
    if request["messages"]:
        at = urlsplit(request["messages"])
        verifier.add_transport(protocol="message", scheme=at.scheme, port=at.port, path=at.path)
    if request["states"]:
        verifier.state_handler(request["states"], body=True)
    for file in request["files"]:
        verifier.add_source(file)
    if request["broker"]:
        verifier.broker_source(request["broker"])
    if request["publish"]:
        verifier.set_publish_options(request["publish"]["version"], branch=request["publish"]["branch"] or None)
    with suppress(RuntimeError):  # that is how it says that pacts are not kept; the results tell which
        verifier.verify()
    return verifier.results


if __name__ == "__main__":
    sys.exit(main())
