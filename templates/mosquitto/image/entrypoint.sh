#!/bin/sh
# The broker gives up root by itself; its data must be its user's by then.
set -eu

if [ "$(id -u)" = 0 ]; then
  find /mosquitto/data /mosquitto/log ! -user mosquitto -exec chown mosquitto: {} +
fi
exec "$@"
