"""Announces stored orders as `order.placed`. What could not be announced stays in the outbox and is tried again."""

import json
import os
import threading

import pika
import pika.exceptions

from orders import log, store

EXCHANGE = "orders"
_LOOK_AGAIN = 5.0  # seconds; also keeps the broker's heartbeat going


class Outbox(threading.Thread):
    """One thread with the only connection to RabbitMQ, woken by every new order."""

    def __init__(self) -> None:
        super().__init__(name="outbox")
        self._wake = threading.Event()
        self._stopping = threading.Event()

    def wake(self) -> None:
        """There is something to announce."""
        self._wake.set()

    def stop(self) -> None:
        """Ends the thread after what it is at; returns when it has ended."""
        self._stopping.set()
        self._wake.set()
        self.join()

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._announce_until_stopped()
            except (pika.exceptions.AMQPError, OSError) as problem:
                log.warning("broker is away, will try again", problem=str(problem) or type(problem).__name__)
            except store.Unavailable as problem:
                log.warning("database is away, will try again", problem=str(problem).strip())
            except Exception:
                log.error("could not announce orders, will try again")
            self._stopping.wait(1.0)

    def _announce_until_stopped(self) -> None:
        connection = pika.BlockingConnection(pika.URLParameters(os.environ["BROKER_URL"]))
        try:
            channel = connection.channel()
            channel.confirm_delivery()
            channel.exchange_declare(EXCHANGE, exchange_type="topic", durable=True)
            while not self._stopping.is_set():
                connection.process_data_events(0)
                self._announce(channel)
                self._wake.wait(_LOOK_AGAIN)
                self._wake.clear()
        finally:
            if connection.is_open:
                connection.close()

    def _announce(self, channel: pika.adapters.blocking_connection.BlockingChannel) -> None:
        persistent = pika.BasicProperties(content_type="application/json", delivery_mode=2)
        with store.to_announce() as orders:
            for order in orders:
                # `mandatory`: until some queue wants it, the broker hands it back, and it stays in the outbox.
                channel.basic_publish(EXCHANGE, "order.placed", json.dumps(order).encode(), persistent, mandatory=True)
                log.info("order.placed published", order=order["id"])
