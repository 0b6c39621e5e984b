#!/bin/sh
# Becomes the server, as its own user. Inside a container every connection is from outside, hence no protected mode.
set -eu

case "${1:-}" in
  '' | -* | *.conf) set -- redis-server "$@" ;;
esac
if [ "$1" = redis-server ]; then
  if [ "$(id -u)" = 0 ]; then
    find /data ! -user redis -exec chown redis: {} +
    exec setpriv --reuid=redis --regid=redis --clear-groups "$0" "$@"
  fi
  umask 077
  exec "$@" --protected-mode no
fi
exec "$@"
