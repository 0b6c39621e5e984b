"""Listens to `sensors/ROOM/QUANTITY` and serves the last values at `/metrics`, until SIGTERM."""

import json
import math
import os
import signal
import threading
from typing import Any
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as mqtt
from prometheus_client import Counter, Gauge, start_http_server

from collector import log

_PORT = 9100
_TOPIC = "sensors/+/+"
_QUANTITIES = {"temperature", "humidity"}  # a closed set, and rooms are bounded: labels must not grow without end
_MOST_ROOMS = 1000

_VALUE = Gauge("sensor_value", "The last value that a sensor published", ["room", "quantity"])
_MESSAGES = Counter("sensor_messages_total", "Messages understood", ["quantity"])
_BAD = Counter("sensor_bad_messages_total", "Messages that were not understood, and dropped")
_CONNECTED = Gauge("collector_connected", "1 while the broker is connected")

_rooms: set[str] = set()


def on_connect(client: mqtt.Client, userdata: Any, flags: Any, reason: Any, properties: Any) -> None:
    """Subscribes, also after every reconnection."""
    if reason.is_failure:
        log.warning("broker refused the connection", reason=str(reason))
        return
    client.subscribe(_TOPIC, qos=1)
    _CONNECTED.set(1)
    log.info("connected", topic=_TOPIC)


def on_disconnect(client: mqtt.Client, userdata: Any, flags: Any, reason: Any, properties: Any) -> None:
    """The client connects again by itself."""
    _CONNECTED.set(0)
    log.info("disconnected", reason=str(reason))


def on_message(client: mqtt.Client, userdata: Any, message: mqtt.MQTTMessage) -> None:
    """Keeps a value, or counts it as bad."""
    try:
        _, room, quantity = message.topic.split("/")
        value = float(json.loads(message.payload)["value"])
        if (
            quantity not in _QUANTITIES
            or not math.isfinite(value)
            or (room not in _rooms and len(_rooms) >= _MOST_ROOMS)
        ):
            raise ValueError("not a reading that is collected")
    except (ValueError, TypeError, KeyError, RecursionError) as problem:
        _BAD.inc()
        log.warning("message dropped", topic=message.topic, problem=str(problem))
        return
    _rooms.add(room)
    _VALUE.labels(room, quantity).set(value)
    _MESSAGES.labels(quantity).inc()


def main() -> None:
    """Serves metrics at once, and connects to the broker as soon as it is there."""
    log.start()
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    server, thread = start_http_server(_PORT)
    log.info("listening", port=_PORT)

    broker = urlsplit(os.environ["BROKER_URL"])
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="collector")
    if broker.username:
        client.username_pw_set(unquote(broker.username), unquote(broker.password or ""))
    client.on_connect, client.on_disconnect, client.on_message = on_connect, on_disconnect, on_message
    client.reconnect_delay_set(min_delay=1, max_delay=5)
    client.connect_async(broker.hostname or "broker", broker.port or 1883, keepalive=30)
    client.loop_start()
    stopping.wait()

    client.disconnect()
    client.loop_stop()
    server.shutdown()
    thread.join()
    log.info("stopped")


if __name__ == "__main__":
    main()
