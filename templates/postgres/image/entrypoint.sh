#!/bin/bash
# Makes a database in an empty data directory, as POSTGRES_* say, and becomes the server.
set -euo pipefail

say() { echo "devenv-postgres: $*" >&2; }

# value NAME DEFAULT: the variable, or the content of the file that NAME_FILE names.
value() {
  local file="$1_FILE"
  if [ -n "${!file:-}" ]; then cat "${!file}"; else printf '%s' "${!1:-$2}"; fi
}

# waiting COMMAND…: runs it so that a signal is acted on at once, not when it is done.
waiting() {
  "$@" <&0 &
  wait "$!"
}

run_init_files() {
  local file
  export PGHOST=/var/run/postgresql PGUSER="$POSTGRES_USER" PGDATABASE="$POSTGRES_DB"
  for file in /docker-entrypoint-initdb.d/*; do
    [ -e "$file" ] || continue
    case "$file" in
      *.sh) say "running $file"; if [ -x "$file" ]; then waiting "$file"; else . "$file"; fi ;;
      *.sql) say "running $file"; waiting psql -v ON_ERROR_STOP=1 --no-psqlrc -f "$file" ;;
      *.sql.gz) say "running $file"; gunzip -c "$file" | waiting psql -v ON_ERROR_STOP=1 --no-psqlrc ;;
      *) say "leaving $file alone: only .sh, .sql and .sql.gz are run" ;;
    esac
  done
  unset PGHOST PGUSER PGDATABASE
}

give_up() {
  local status=$?
  say 'the first start did not finish; nothing of it is kept'
  jobs -p | xargs -r kill -KILL 2>/dev/null || true
  pg_ctl -D "$PGDATA" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$PGDATA" || true  # the next start does it again
  exit "$status"
}

initialise() {
  local password method arguments whole=$PGDATA
  password=$(value POSTGRES_PASSWORD '')
  POSTGRES_USER=$(value POSTGRES_USER postgres)
  POSTGRES_DB=$(value POSTGRES_DB "$POSTGRES_USER")
  arguments=$(value POSTGRES_INITDB_ARGS '')
  method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
  export POSTGRES_USER POSTGRES_DB
  if [ -z "$password" ] && [ "$method" != trust ]; then
    say 'POSTGRES_PASSWORD is not set, and an empty password would let nobody in'
    exit 1
  fi
  # Half a database must not be taken for a whole one by the next start, even after a power cut: it is made aside, and
  # PG_VERSION, which tells them apart, is moved into place last.
  export PGDATA="$whole/.unfinished"
  rm -rf "$PGDATA"
  trap give_up EXIT
  trap 'exit 143' INT TERM
  # shellcheck disable=SC2086  # POSTGRES_INITDB_ARGS is several arguments
  waiting initdb --username="$POSTGRES_USER" --pwfile=<(printf '%s\n' "$password") $arguments
  printf '\nhost all all all %s\n' "$method" >> "$PGDATA/pg_hba.conf"
  # This server listens on its socket alone, so that nobody takes it for the real one.
  waiting pg_ctl -D "$PGDATA" -w -o "$(printf '%q ' "$@" -c listen_addresses= -p 5432)" start
  if [ "$POSTGRES_DB" != postgres ]; then
    createdb -h /var/run/postgresql -U "$POSTGRES_USER" "$POSTGRES_DB"
  fi
  run_init_files
  pg_ctl -D "$PGDATA" -m fast -w stop
  find "$PGDATA" -mindepth 1 -maxdepth 1 ! -name PG_VERSION -exec mv -t "$whole" {} +
  sync
  mv "$PGDATA/PG_VERSION" "$whole"
  rmdir "$PGDATA"
  export PGDATA=$whole
  trap - EXIT INT TERM
  say 'the database is made'
}

case "${1:-postgres}" in -*) set -- postgres "$@" ;; esac
if [ "$1" = postgres ]; then
  if [ "$(id -u)" = 0 ]; then
    mkdir -p "$PGDATA"
    find "$PGDATA" /var/run/postgresql ! -user postgres -exec chown postgres: {} +
    chmod 700 "$PGDATA"
    exec setpriv --reuid=postgres --regid=postgres --init-groups env HOME=/var/lib/postgresql "$0" "$@"
  fi
  umask 077
  [ -s "$PGDATA/PG_VERSION" ] || initialise "${@:2}"
fi
exec "$@"
