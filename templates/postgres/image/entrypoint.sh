#!/bin/bash
# Makes a database in an empty data directory, as POSTGRES_* say, and becomes the server.
set -euo pipefail

say() { echo "devenv-postgres: $*" >&2; }

# value NAME DEFAULT: the variable, or the content of the file that NAME_FILE names.
value() {
  local file="$1_FILE"
  if [ -n "${!file:-}" ]; then cat "${!file}"; else printf '%s' "${!1:-$2}"; fi
}

run_init_files() {
  local file
  export PGHOST=/var/run/postgresql PGUSER="$POSTGRES_USER" PGDATABASE="$POSTGRES_DB"
  for file in /docker-entrypoint-initdb.d/*; do
    [ -e "$file" ] || continue
    case "$file" in
      *.sh) say "running $file"; if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
      *.sql) say "running $file"; psql -v ON_ERROR_STOP=1 --no-psqlrc -f "$file" ;;
      *.sql.gz) say "running $file"; gunzip -c "$file" | psql -v ON_ERROR_STOP=1 --no-psqlrc ;;
      *) say "leaving $file alone: only .sh, .sql and .sql.gz are run" ;;
    esac
  done
  unset PGHOST PGUSER PGDATABASE
}

initialise() {
  local password method arguments
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
  # Half a database is of no use to the next start: it would be taken for a whole one.
  trap 'say "the first start failed; the data directory is emptied"; pg_ctl -D "$PGDATA" -m immediate stop >/dev/null 2>&1 || true; find "$PGDATA" -mindepth 1 -delete' EXIT
  # shellcheck disable=SC2086  # POSTGRES_INITDB_ARGS is several arguments
  initdb --username="$POSTGRES_USER" --pwfile=<(printf '%s\n' "$password") $arguments
  printf '\nhost all all all %s\n' "$method" >> "$PGDATA/pg_hba.conf"
  # This server listens on its socket alone, so that nobody takes it for the real one.
  pg_ctl -D "$PGDATA" -w -o "$(printf '%q ' "$@" -c listen_addresses= -p 5432)" start
  if [ "$POSTGRES_DB" != postgres ]; then
    createdb -h /var/run/postgresql -U "$POSTGRES_USER" "$POSTGRES_DB"
  fi
  run_init_files
  pg_ctl -D "$PGDATA" -m fast -w stop
  trap - EXIT
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
