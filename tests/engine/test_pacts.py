"""Pact's own verifier against a server that really answers, with pacts from files and from a broker."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from devenv.engine import pacts
from devenv.engine.answers import Completed
from devenv.engine.pacts import Pact, Publish, Request
from devenv.engine.process import LocalProcesses
from devenv.errors import DevenvError
from tests.fakes import FakeProcesses

PACT: dict[str, Any] = {
    "consumer": {"name": "web"},
    "provider": {"name": "orders"},
    "interactions": [
        {
            "description": "an order",
            "providerState": "order 7 exists",
            "request": {"method": "GET", "path": "/orders/7"},
            "response": {"status": 200, "body": {"id": 7}},
        },
        {
            "description": "no order",
            "request": {"method": "GET", "path": "/orders/8"},
            "response": {"status": 404, "body": {"error": "none"}},
        },
    ],
    "metadata": {"pactSpecification": {"version": "2.0.0"}},
}


@dataclass
class Served:
    """A provider and, under /broker, as much of a Pact broker as the verifier asks for. `posted`: path and body."""

    url: str = ""
    closed: bool = False
    missing: dict[str, str] = field(default_factory=lambda: {"error": "none"})
    posted: list[tuple[str, Any]] = field(default_factory=list)

    def answer(self, path: str) -> tuple[int, Any]:
        broker = f"{self.url}/broker"
        pact = {
            **PACT,
            "_links": {
                "pb:publish-verification-results": {"href": f"{broker}/results"},
                "pb:provider": {"href": f"{broker}/provider"},
            },
        }
        branches = {"pb:branch-version": {"href": f"{broker}/{{branch}}/{{version}}", "templated": True}}
        latest = {"_links": {"self": {"href": f"{broker}/of/orders"}}}
        named = {"consumer": {"name": "web"}, "provider": {"name": "orders"}}
        links = {"pb:provider-pacts-for-verification": {"href": f"{broker}/of/{{provider}}", "templated": True}}
        listed = {"shortDescription": "latest", "_links": {"self": {"href": f"{broker}/pact", "name": "web"}}}
        return {
            "/orders/7": (200, {"id": 7}),
            "/orders/8": (404, self.missing),
            "/broker": (200, {"_links": links}),
            "/broker/": (200, {"_links": links}),
            "/broker/of/orders": (200, {**latest, "_embedded": {"pacts": [listed]}}),
            "/broker/provider": (200, {"_links": branches}),
            "/broker/pact": (200, pact),
            "/broker/pacts/latest": (200, {"_embedded": {"pacts": [{"_embedded": named}]}}),
        }.get(path, (404, {}))


@pytest.fixture
def served() -> Iterator[Served]:
    found = Served()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.say(*found.answer(self.path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            found.posted.append((self.path, json.loads(body)))
            status = 403 if found.closed and self.path == "/broker/results" else 200
            self.say(*(found.answer(self.path) if self.path.startswith("/broker/of") else (status, {})))

        do_PUT = do_POST

        def say(self, status: int, data: object) -> None:
            body = json.dumps(data).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/hal+json" if "/broker" in self.path else "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def pact(tmp_path: Path) -> Path:
    file = tmp_path / "pacts" / "web-orders.json"
    file.parent.mkdir()
    file.write_text(json.dumps(PACT), "utf-8")
    return file


def results(request: Request) -> dict[str, str]:
    [found] = pacts.verify(LocalProcesses(), [request], {})
    return {one["description"]: one["result"] for one in found["interactionResults"]}


def test_a_provider_that_keeps_its_pact_and_is_set_up_for_each_state(served: Served, pact: Path) -> None:
    request = Request("orders", served.url, files=(str(pact),), states=f"{served.url}/states")
    assert results(request) == {"an order": "OK", "no order": "OK"}
    assert {"action": "setup", "params": {}, "state": "order 7 exists"} in [body for _, body in served.posted]


def test_a_provider_that_does_not_keep_it_is_told_in_what(served: Served, pact: Path) -> None:
    served.missing = {"error": "gone"}
    [found] = pacts.verify(LocalProcesses(), [Request("orders", served.url, files=(str(pact),))], {})
    kept, broken = found["interactionResults"]
    assert (kept["result"], broken["result"]) == ("OK", "Error")
    [mismatch] = broken["mismatch"]["mismatches"]
    assert (mismatch["path"], mismatch["expected"], mismatch["actual"]) == ("$.error", '"none"', '"gone"')


def test_pacts_of_a_broker_are_verified_and_results_go_back(served: Served) -> None:
    broker = f"{served.url}/broker"
    assert pacts.pacts_of_broker(broker) == [Pact("web", "orders")]
    request = Request("orders", served.url, broker=broker, publish=Publish("1a2b3c", "main"))
    assert results(request) == {"an order": "OK", "no order": "OK"}
    [(_, said)] = [one for one in served.posted if one[0] == "/broker/results"]
    assert (said["success"], said["providerApplicationVersion"]) == (True, "1a2b3c")
    assert "/broker/main/1a2b3c" in [path for path, _ in served.posted], "the branch has that version"


def test_results_that_the_broker_does_not_take_are_told_of(served: Served) -> None:
    served.closed = True
    request = Request("orders", served.url, broker=f"{served.url}/broker", publish=Publish("1a2b3c"))
    [found] = pacts.verify(LocalProcesses(), [request], {})
    assert found["result"] is True
    assert "Publishing of verification results failed" in found["unpublished"]


def test_pacts_are_found_below_folders_and_other_json_is_passed_over(pact: Path, tmp_path: Path) -> None:
    (pact.parent / "package.json").write_text("{}", "utf-8")
    assert pacts.pacts_in(tmp_path, ["pacts"]) == [Pact("web", "orders", str(pact))]
    assert pacts.pacts_in(tmp_path, ["pacts/web-orders.json"]) == [Pact("web", "orders", str(pact))]


@pytest.mark.parametrize(("path", "text", "code"), [("nowhere", "", "DE308"), ("pacts", "{", "DE634")])
def test_pacts_that_cannot_be_read(path: str, text: str, code: str, pact: Path, tmp_path: Path) -> None:
    pact.write_text(text, "utf-8")
    with pytest.raises(DevenvError) as raised:
        pacts.pacts_in(tmp_path, [path])
    assert raised.value.problems[0].code == code


def test_a_broker_that_is_none(served: Served) -> None:
    for url in (served.url, "http://127.0.0.1:9"):
        with pytest.raises(DevenvError) as raised:
            pacts.pacts_of_broker(url)
        assert raised.value.problems[0].code == "DE634"


def test_a_verifier_that_breaks_down_is_told_of_with_its_last_words() -> None:
    processes = FakeProcesses()
    processes.run = lambda *_, **__: Completed(-11, "", "it said\nthis")  # type: ignore[method-assign]
    with pytest.raises(DevenvError) as raised:
        pacts.verify(processes, [Request("orders", "http://127.0.0.1:1")], {})
    assert raised.value.problems[0].code == "DE634"
    assert raised.value.problems[0].evidence == ("it said", "this")


def test_without_the_library_the_hint_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacts, "find_spec", lambda name: None)
    with pytest.raises(DevenvError) as raised:
        pacts.verify(FakeProcesses(), [], {})
    assert raised.value.problems[0].code == "DE635"
    assert "-m pip install 'pact-python" in (raised.value.problems[0].hint or "")
