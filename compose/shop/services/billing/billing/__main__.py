"""Consumes `order.placed` and writes invoices, until SIGTERM."""

import json
import os
import signal
import threading
from decimal import Decimal
from uuid import UUID

import pika
import pika.exceptions
import psycopg

from billing import log

_EXCHANGE = "orders"
_QUEUE = "billing.order-placed"
_PRICE_PER_LETTER = Decimal("2.50")

_stopping = threading.Event()


def main() -> None:
    """Connects, consumes, and connects again when the broker or the database went away."""
    log.start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: _stopping.set())
    while not _stopping.is_set():
        try:
            _consume()
        except (pika.exceptions.AMQPError, OSError) as problem:
            log.warning("broker is away, will try again", problem=str(problem) or type(problem).__name__)
        except psycopg.Error as problem:
            log.warning("database failed, will try again", problem=str(problem).strip())
        _stopping.wait(1.0)
    log.info("stopped")


def _consume() -> None:
    """Until told to stop; raises when a connection breaks, and what was not acknowledged is delivered again."""
    with psycopg.connect(os.environ["DB_URL"], connect_timeout=5) as database:
        broker = pika.BlockingConnection(pika.URLParameters(os.environ["BROKER_URL"]))
        try:
            channel = broker.channel()
            channel.exchange_declare(_EXCHANGE, exchange_type="topic", durable=True)
            channel.queue_declare(_QUEUE, durable=True)
            channel.queue_bind(_QUEUE, _EXCHANGE, "order.placed")
            channel.basic_qos(prefetch_count=10)
            log.info("waiting for orders", queue=_QUEUE)
            for method, _, body in channel.consume(_QUEUE, inactivity_timeout=0.2):
                if _stopping.is_set():
                    break
                if method is not None:
                    _handle(database, channel, method.delivery_tag, body)
        finally:
            if broker.is_open:
                broker.close()


def _handle(
    database: psycopg.Connection[tuple[object, ...]],
    channel: pika.adapters.blocking_connection.BlockingChannel,
    delivery: int,
    body: bytes,
) -> None:
    try:
        order = json.loads(body)
        order_id, item = UUID(order["id"]), str(order["item"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as problem:
        log.warning("not an order, dropped", problem=str(problem))
        channel.basic_reject(delivery, requeue=False)
        return
    number = _write_invoice(database, order_id, item)
    channel.basic_ack(delivery)  # only after the commit: a crash in between delivers the order again, harmlessly
    log.info("invoice written" if number else "invoice was there already", order=str(order_id), invoice=number)


def _write_invoice(database: psycopg.Connection[tuple[object, ...]], order_id: UUID, item: str) -> object | None:
    """The new invoice's number, or None when the order had one."""
    with database.transaction():
        row = database.execute(
            "INSERT INTO invoices (order_id, amount) VALUES (%s, %s) ON CONFLICT DO NOTHING RETURNING number",
            [order_id, _PRICE_PER_LETTER * len(item)],
        ).fetchone()
    return row[0] if row else None


if __name__ == "__main__":
    main()
