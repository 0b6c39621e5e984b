"""`devenv check --contracts`: which pacts are verified against which service, and what is made of the results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from devenv.engine.answers import Completed
from devenv.errors import DevenvError
from devenv.ops.contracts import Mismatch, Verification, verify
from devenv.ui.contracts import contracts_as_json, format_contracts
from tests.fakes import FakeDaemon, FakeProcesses, FakeProject, fake_world

SERVICES = """\
devenv: 1
name: shop
services:
  orders: { image: x, ports: { http: 8000, admin: 9000 } }
  mail: { image: x, ports: { main: 25 } }
"""
OK = {"consumer": "web", "description": "an order", "duration": "150ms", "result": "OK", "providerStates": ["it is"]}
WRONG = {
    **OK,
    "description": "none",
    "result": "Error",
    "mismatch": {
        "type": "mismatches",
        "mismatches": [
            {"type": "StatusMismatch", "expected": 404, "actual": 200, "mismatch": "expected 404 but was 200"}
        ],
    },
}
UNSET_UP = {**OK, "result": "Error", "mismatch": {"type": "error", "message": "a state could not be set up"}}


class Verifier(FakeProcesses):
    """Answers for the verifier with `said`, and remembers what it was asked."""

    def __init__(self, *said: dict[str, Any]) -> None:
        super().__init__()
        self.said, self.asked = said, list[dict[str, Any]]()
        self.failure: dict[str, Any] = {}

    def run(self, argv: Any, *, input: str | None = None, **options: Any) -> Completed:
        if argv[-1] != "devenv.engine.pact_verifier":
            return super().run(argv, **options)
        self.asked.append(json.loads(input or ""))
        return Completed(0, json.dumps({"interactionResults": self.said, **self.failure}), "")


def run(tmp_path: Path, contracts: str, processes: FakeProcesses, *names: str, up: bool = True) -> Verification:
    folder = tmp_path / "pacts"
    folder.mkdir(exist_ok=True)
    for provider in ("orders", "orders-api", "stranger"):
        pact = {"consumer": {"name": "web"}, "provider": {"name": provider}}
        (folder / f"{provider}.json").write_text(json.dumps(pact), "utf-8")
    daemon = FakeDaemon()
    if up:
        daemon.add("orders", state="running")
    project = FakeProject({"devenv.yaml": SERVICES + contracts})
    project.root = tmp_path
    project.variables = {"DEVENV_PORT_ORDERS_HTTP": "18000"}
    return verify(fake_world(daemon, project=project, processes=processes), names)


def code(raised: pytest.ExceptionInfo[DevenvError]) -> str:
    return raised.value.problems[0].code


def test_pacts_are_verified_against_the_service_of_the_providers_name(tmp_path: Path) -> None:
    verifier = Verifier(OK)
    found = run(tmp_path, "contracts: ./pacts\n", verifier)
    [asked] = verifier.asked
    assert (asked["provider"], asked["url"]) == ("orders", "http://127.0.0.1:18000")
    assert asked["files"] == [str(tmp_path / "pacts" / "orders.json")]
    assert found.ok and found.elsewhere == (("web", "orders-api"), ("web", "stranger"))
    assert found.interactions[0].states == ("it is",) and found.interactions[0].seconds == 0.15


def test_a_provider_may_be_another_service_with_paths_of_its_own(tmp_path: Path) -> None:
    provider = "{ service: orders, port: admin, path: /v1/, states: /_s, messages: /_m }"
    verifier = Verifier(OK)
    run(tmp_path, f"contracts: {{ pacts: ./pacts, providers: {{ orders-api: {provider} }} }}\n", verifier, "orders-api")
    [asked] = verifier.asked
    base = "http://127.0.0.1:9000"
    assert (asked["url"], asked["states"], asked["messages"]) == (f"{base}/v1", f"{base}/_s", f"{base}/_m")


def test_what_is_not_kept_is_told_with_its_difference(tmp_path: Path) -> None:
    found = run(tmp_path, "contracts: ./pacts\n", Verifier(OK, WRONG, UNSET_UP))
    assert not found.ok
    assert [one.mismatches for one in found.interactions] == [
        (),
        (Mismatch("status", "expected 404 but was 200", "404", "200"),),
        (Mismatch("", "a state could not be set up"),),
    ]
    text = format_contracts(found, quiet=False, colour=False)
    assert text.split("\n")[:4] == [
        "web → orders",
        "  ok      an order, given it is  0.1 s",
        "  failed  none, given it is  0.1 s",
        "            status: expected 404 but was 200",
    ]
    assert text.endswith("\n1 of 3 interactions kept")
    assert json.loads(contracts_as_json(found))["ok"] is False
    assert "  ok " not in format_contracts(found, quiet=True, colour=False)


def test_a_pending_pact_fails_nobody(tmp_path: Path) -> None:
    assert run(tmp_path, "contracts: ./pacts\n", Verifier(OK, {**WRONG, "pending": True})).ok


def test_nothing_verified_is_not_good(tmp_path: Path) -> None:
    assert not run(tmp_path, "contracts: ./pacts/stranger.json\n", Verifier()).ok


def test_a_verifier_that_got_nowhere_is_an_error_with_its_words(tmp_path: Path) -> None:
    verifier = Verifier()
    verifier.failure = {"errors": [{"interaction": "load", "mismatch": {"message": "no such pact", "type": "error"}}]}
    with pytest.raises(DevenvError) as raised:
        run(tmp_path, "contracts: ./pacts\n", verifier)
    assert (code(raised), raised.value.problems[0].evidence) == ("DE634", ("no such pact",))


def test_who_cannot_be_asked(tmp_path: Path) -> None:
    with pytest.raises(DevenvError) as raised:
        run(tmp_path, "", Verifier())
    assert code(raised) == "DE727"
    with pytest.raises(DevenvError) as raised:
        run(tmp_path, "contracts: ./pacts\n", Verifier(), "ordrs")
    assert (code(raised), raised.value.problems[0].hint) == ("DE727", "did you mean 'orders'?")
    with pytest.raises(DevenvError) as raised:
        run(tmp_path, "contracts: ./pacts\n", Verifier(), up=False)
    assert code(raised) == "DE630"
    with pytest.raises(DevenvError) as raised:
        run(tmp_path, "contracts: { pacts: ./pacts, providers: { orders-api: mail } }\n", Verifier())
    assert code(raised) == "DE631"
    with pytest.raises(DevenvError) as raised:
        run(tmp_path, "contracts: { pacts: ./pacts, providers: { a: { service: orders, port: amdin } } }\n", Verifier())
    assert code(raised) == "DE216"
