"""Publishes a temperature and a humidity for every room, each INTERVAL seconds (default: 1), until SIGTERM."""

import json
import math
import os
import signal
import threading
import time
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as mqtt

from thermometers import log

_ROOMS = ("kitchen", "office", "cellar")


def readings(seconds: float) -> dict[str, float]:
    """What the sensors show at a time: slow waves, a little different in each room."""
    shown = {}
    for shift, room in enumerate(_ROOMS):
        wave = math.sin(seconds / 60 + shift)
        shown[f"sensors/{room}/temperature"] = round(20 + 3 * wave - 2 * shift, 2)
        shown[f"sensors/{room}/humidity"] = round(50 - 10 * wave + 5 * shift, 1)
    return shown


def main() -> None:
    """Publishes; while the broker is away, the client queues the newest readings and connects again by itself."""
    log.start()
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    interval = float(os.environ.get("INTERVAL", "1"))

    broker = urlsplit(os.environ["BROKER_URL"])
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="thermometers")
    if broker.username:
        client.username_pw_set(unquote(broker.username), unquote(broker.password or ""))
    client.on_connect = lambda *details: log.info("connected", reason=str(details[3]))
    client.on_disconnect = lambda *details: log.info("disconnected", reason=str(details[3]))
    client.max_queued_messages_set(100)
    client.reconnect_delay_set(min_delay=1, max_delay=5)
    client.connect_async(broker.hostname or "broker", broker.port or 1883, keepalive=30)
    client.loop_start()
    while not stopping.wait(interval):
        for topic, value in readings(time.time()).items():
            client.publish(topic, json.dumps({"value": value}), qos=1)

    client.disconnect()
    client.loop_stop()
    log.info("stopped")


if __name__ == "__main__":
    main()
