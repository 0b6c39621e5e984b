#!/bin/bash
# Makes a database in an empty data directory, as MARIADB_* (or MYSQL_*) say, and becomes the server.
set -euo pipefail

data=/var/lib/mysql
socket=/run/mysqld/mysqld.sock

say() { echo "devenv-mariadb: $*" >&2; }

# setting NAME: MARIADB_NAME or MYSQL_NAME, or what the file named by either with _FILE holds.
setting() {
  local prefix name file
  for prefix in MARIADB MYSQL; do
    name="${prefix}_$1" file="${prefix}_$1_FILE"
    if [ -n "${!name:-}" ]; then printf '%s' "${!name}"; return; fi
    if [ -n "${!file:-}" ]; then cat "${!file}"; return; fi
  done
}

# quoted TEXT: as a string of SQL.
quoted() {
  local text=${1//\\/\\\\}
  printf "'%s'" "${text//\'/\'\'}"
}

root() {
  MYSQL_PWD="${root_password:-}" mariadb --no-defaults --protocol=socket --socket="$socket" -uroot --batch "$@"
}

run_init_files() {
  local file
  for file in /docker-entrypoint-initdb.d/*; do
    [ -e "$file" ] || continue
    case "$file" in
      *.sh) say "running $file"; if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
      *.sql) say "running $file"; root ${database:+"$database"} < "$file" ;;
      *.sql.gz) say "running $file"; gunzip -c "$file" | root ${database:+"$database"} ;;
      *) say "leaving $file alone: only .sh, .sql and .sql.gz are run" ;;
    esac
  done
}

statements() {
  echo "SET @@SESSION.SQL_LOG_BIN = 0;"
  echo "DROP DATABASE IF EXISTS test;"
  # The installation makes root once more for every name of this machine, without a password.
  echo "DELETE FROM mysql.global_priv WHERE User IN ('', 'root') AND Host <> 'localhost';"
  echo "FLUSH PRIVILEGES;"
  echo "ALTER USER root@localhost IDENTIFIED BY $(quoted "$1");"
  echo "CREATE USER root@'%' IDENTIFIED BY $(quoted "$1");"
  echo "GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;"
  if [ -n "$database" ]; then echo "CREATE DATABASE IF NOT EXISTS \`$database\`;"; fi
  if [ -n "$user" ]; then
    echo "CREATE USER $(quoted "$user")@'%' IDENTIFIED BY $(quoted "$(setting PASSWORD)");"
    # An underscore in a grant stands for any character, unless it is escaped.
    if [ -n "$database" ]; then echo "GRANT ALL ON \`${database//_/\\_}\`.* TO $(quoted "$user")@'%';"; fi
  fi
}

initialise() {
  local new_password server database user root_password=
  new_password=$(setting ROOT_PASSWORD)
  database=$(setting DATABASE)
  user=$(setting USER)
  if [ -z "$new_password" ] && [ -z "$(setting ALLOW_EMPTY_ROOT_PASSWORD)" ]; then
    say 'MARIADB_ROOT_PASSWORD is not set, and an empty one would let everybody in'
    exit 1
  fi
  # Half a database is of no use to the next start: it would be taken for a whole one.
  trap 'say "the first start failed; the data directory is emptied"; kill -KILL "${server:-}" 2>/dev/null || true; find "$data" -mindepth 1 -delete' EXIT
  mariadb-install-db --datadir="$data" --auth-root-authentication-method=normal --skip-test-db --skip-log-bin >/dev/null
  # This server listens on its socket alone, so that nobody takes it for the real one.
  "$@" --skip-networking --socket="$socket" &
  server=$!
  until root -e 'select 1' >/dev/null 2>&1; do
    kill -0 "$server" 2>/dev/null || { say 'the server did not start'; exit 1; }
    sleep 0.1
  done
  statements "$new_password" | root
  root_password=$new_password
  run_init_files
  kill -TERM "$server"
  wait "$server"
  trap - EXIT
  say 'the database is made'
}

case "${1:-mariadbd}" in
  -*) set -- mariadbd "$@" ;;
  mysqld) set -- mariadbd "${@:2}" ;;
esac
if [ "$1" = mariadbd ]; then
  if [ "$(id -u)" = 0 ]; then
    find "$data" /run/mysqld ! -user mysql -exec chown mysql: {} +
    exec setpriv --reuid=mysql --regid=mysql --init-groups "$0" "$@"
  fi
  [ -d "$data/mysql" ] || initialise "$@"
fi
exec "$@"
