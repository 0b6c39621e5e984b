"""What web asks of others: the orders service, and valkey as a cache that may be away."""

import json
import os
import urllib.error
import urllib.request
from typing import Any

import redis

from web import log

_TIMEOUT = 5.0  # seconds
_KEEP = 3600  # seconds; an order with its invoice never changes again
_KEEP_OPEN = 1  # second; an order that still waits for its invoice: enough to spare orders from impatient readers

_cache = redis.Redis.from_url(os.environ["CACHE_URL"], socket_timeout=0.5, socket_connect_timeout=0.5)

Answer = tuple[int, dict[str, Any]]


class Unavailable(Exception):
    """The orders service did not answer, or not sensibly; `args` are the status to pass on and the reason."""


def place(body: bytes) -> Answer:
    """Passes an order on."""
    return _ask("/orders", body)


def find(order: str) -> Answer:
    """An order by its id, from the cache where it has it."""
    key = f"order:{order}"
    if (known := _remembered(key)) is not None:
        return 200, known
    status, data = _ask(f"/orders/{order}")
    if status == 200:
        _remember(key, data, _KEEP if data.get("invoice") else _KEEP_OPEN)
    return status, data


def _ask(path: str, body: bytes | None = None) -> Answer:
    request = urllib.request.Request(os.environ["ORDERS_URL"] + path, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:
            return _read(answer.status, answer.read())
    except urllib.error.HTTPError as refused:
        with refused:
            return _read(refused.code, refused.read())
    except OSError as problem:
        log.warning("orders is away", problem=str(problem))
        raise Unavailable(503, "orders cannot be taken now, try again") from problem


def _read(status: int, body: bytes) -> Answer:
    try:
        data = json.loads(body)
    except ValueError:
        data = None
    if status == 503:
        raise Unavailable(503, "orders cannot be taken now, try again")
    if status >= 500 or not isinstance(data, dict):
        log.warning("orders gave no sensible answer", status=status)
        raise Unavailable(502, "the orders service failed")
    return status, data


def _remembered(key: str) -> dict[str, Any] | None:
    try:
        text = _cache.get(key)
    except redis.RedisError as problem:
        log.warning("cache is away, asking orders", problem=str(problem))
        return None
    return json.loads(text) if isinstance(text, bytes) else None


def _remember(key: str, data: dict[str, Any], seconds: int) -> None:
    try:
        _cache.set(key, json.dumps(data), ex=seconds)
    except redis.RedisError as problem:
        log.warning("cache is away, not remembered", problem=str(problem))
