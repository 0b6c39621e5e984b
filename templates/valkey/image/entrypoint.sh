#!/bin/sh
# Becomes the server, as its own user. Inside a container every connection is from outside, hence no protected mode.
set -eu

case "${1:-}" in
  '' | -* | *.conf) set -- valkey-server "$@" ;;
esac
if [ "$1" = valkey-server ]; then
  if [ "$(id -u)" = 0 ]; then
    find /data ! -user valkey -exec chown valkey: {} +
    exec setpriv --reuid=valkey --regid=valkey --clear-groups "$0" "$@"
  fi
  umask 077
  exec "$@" --protected-mode no
fi
exec "$@"
