"""The shop: an event-driven system, end to end."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, Devenv
from tests.journeys.conftest import Stack
from tests.journeys.engines import Engine, free_ports, wait_for
from tests.journeys.reader import Reader

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("base_image")]

SERVICES = ["db", "cache", "broker", "orders-setup", "orders", "billing", "web"]
Make = Callable[[str], Stack]


def ask(url: str, body: Any = None) -> tuple[int, Any]:
    """The status and the JSON of an answer; with `body`, of a POST."""
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data), timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)


def invoice(web: str, order: str, within: float = 15) -> dict[str, Any]:
    """The invoice that billing wrote for an order."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        status, data = ask(f"{web}/orders/{order}")
        assert status == 200, data
        if data["invoice"]:
            return data["invoice"]
        time.sleep(0.2)
    raise AssertionError(f"no invoice for {order} within {within:g} seconds")


def address(shop: Stack) -> str:
    """Where web is published."""
    port = shop.engine.docker("port", f"{shop.name}-web-1", "8080").strip()
    return f"http://{port}"


def states(shop: Stack) -> dict[str, dict[str, Any]]:
    """What `devenv status --json` says of each service."""
    return {service["name"]: service for service in json.loads(shop("status", "--json").stdout)["services"]}


def container_ids(shop: Stack) -> dict[str, str]:
    """Which containers there are; a service that was made anew has another."""
    return {name: container["Id"] for name, container in shop.engine.containers(shop.name).items()}


def test_a_day_with_the_shop(tmp_path: Path, devenv: Devenv, engine: Engine) -> None:
    """What its README shows, and a look around on the way."""
    with Reader(tmp_path, devenv, engine) as reader:
        for line in reader.steps(ROOT / "compose" / "shop" / "README.md"):
            if line.startswith("devenv check"):
                order = look_around(reader.stack)
        shop = reader.stack
        shop("up")
        assert ask(f"{address(shop)}/orders/{order}")[1]["invoice"]["amount"] == "10.00"

        shop("down", "--volumes", "--yes")
        assert shop.engine.names("volume", shop.name) == []
        shop("up")
        assert ask(f"{address(shop)}/orders/{order}")[0] == 404


def look_around(shop: Stack) -> str:
    """Places an order in a shop that is up, and looks at it from all sides; returns the order."""
    web = address(shop)
    status, order = ask(f"{web}/orders", {"item": "book"})
    assert (status, order["item"], order["invoice"]) == (201, "book", None)
    assert invoice(web, order["id"])["amount"] == "10.00"
    assert ask(f"{web}/orders", {})[0] == 400
    assert ask(f"{web}/orders/{'0' * 8}-0000-0000-0000-{'0' * 12}")[0] == 404

    seen = states(shop)
    assert list(seen) == SERVICES
    assert {name for name, service in seen.items() if service["state"] == "running"} == {*SERVICES} - {"orders-setup"}

    logs = shop("logs", "billing").stdout
    assert order["id"] in logs
    assert "invoice written" in logs
    table = shop("exec", "db", "--", "psql", "-U", "app", "-d", "shop", "-Atc", "SELECT count(*) FROM invoices").stdout
    assert int(table) >= 1

    ids = container_ids(shop)
    started = time.monotonic()
    up = shop("up")
    assert time.monotonic() - started < 5
    assert web in up.stdout + up.stderr
    assert container_ids(shop) == ids
    return str(order["id"])


def test_a_mode_is_enough_to_bill_and_an_event_delivered_twice_makes_one_invoice(stack_of: Make) -> None:
    shop = stack_of("shop")
    shop("up", "--mode", "backend", timeout=600)
    running = {n for n, c in shop.engine.containers(shop.name).items() if c["State"]["Running"]}
    assert running == {"db", "broker", "orders", "billing"}
    orders = ("exec", "orders", "--", "python3", "-m", "orders.smoke")
    assert "has invoice 1" in shop(*orders).stdout

    def sql(command: str) -> str:
        return shop("exec", "db", "--", "psql", "-U", "app", "-d", "shop", "-Atc", command).stdout.strip()

    sql("UPDATE orders SET announced = false")
    wait_for(lambda: "invoice was there already" in shop("logs", "billing").stdout, 20)
    assert sql("SELECT count(*), bool_and(announced) FROM orders JOIN invoices ON order_id = id") == "1|t"


def test_the_generated_file_is_enough_by_itself_and_both_can_be_mixed(stack_of: Make) -> None:
    shop = stack_of("shop")
    shop("up", timeout=600)  # makes the images that no registry has, and their names in .devenv/.env
    shop("down", "--volumes", "--yes")

    # Compose moves no port out of the way: the stacks beside this one may have those that the file proposes.
    settings = shop.folder / ".devenv" / ".env"
    proposed = re.findall(r"\$\{(DEVENV_PORT_\w+):-", (shop.folder / ".devenv" / "compose.yaml").read_text("utf-8"))
    lines = [line for line in settings.read_text("utf-8").splitlines() if not line.startswith("DEVENV_PORT_")]
    lines += [f"{name}={port}" for name, port in zip(proposed, free_ports(len(proposed)), strict=True)]
    settings.write_text("\n".join(lines) + "\n", "utf-8")

    compose = ("compose", "-f", ".devenv/compose.yaml")
    shop.engine.docker(*compose, "up", "-d", "--wait", cwd=shop.folder)
    web = address(shop)
    order = ask(f"{web}/orders", {"item": "pen"})[1]["id"]
    assert invoice(web, order)["amount"] == "7.50"
    assert {n for n, s in states(shop).items() if s["state"] == "running"} == {*SERVICES} - {"orders-setup"}

    ids = container_ids(shop)
    shop("up")  # devenv finds nothing to do on what Compose started
    assert container_ids(shop) == ids
    shop.engine.docker(*compose, "stop", "billing", cwd=shop.folder)
    shop("up")
    assert invoice(web, ask(f"{web}/orders", {"item": "ink"})[1]["id"])
    shop.engine.docker(*compose, "down", "--volumes", cwd=shop.folder)
    assert shop.engine.containers(shop.name) == {}
