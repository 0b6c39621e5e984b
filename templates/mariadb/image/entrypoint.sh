#!/bin/bash
# Makes a database in an empty data directory, as MARIADB_* (or MYSQL_*) say, and becomes the server.
set -euo pipefail

data=/var/lib/mysql
socket=/run/mysqld/mysqld.sock
unfinished=$data/.unfinished
server='' database='' user='' root_password=''

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
  MYSQL_PWD="$root_password" mariadb --no-defaults --protocol=socket --socket="$socket" -uroot --batch "$@"
}

# waiting COMMAND…: runs it so that a signal is acted on at once, not when it is done.
waiting() {
  "$@" <&0 &
  wait "$!"
}

run_init_files() {
  local file
  for file in /docker-entrypoint-initdb.d/*; do
    [ -e "$file" ] || continue
    case "$file" in
      *.sh) say "running $file"; if [ -x "$file" ]; then waiting "$file"; else . "$file"; fi ;;
      *.sql) say "running $file"; waiting root ${database:+"$database"} < "$file" ;;
      *.sql.gz) say "running $file"; gunzip -c "$file" | waiting root ${database:+"$database"} ;;
      *) say "leaving $file alone: only .sh, .sql and .sql.gz are run" ;;
    esac
  done
}

give_up() {
  local status=$?
  say 'the first start did not finish; nothing of it is kept'
  jobs -p | xargs -r kill -KILL 2>/dev/null || true
  rm -rf "$unfinished" || true  # the next start does it again
  exit "$status"
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
  local new_password
  new_password=$(setting ROOT_PASSWORD)
  database=$(setting DATABASE)
  user=$(setting USER)
  if [ -z "$new_password" ] && [ -z "$(setting ALLOW_EMPTY_ROOT_PASSWORD)" ]; then
    say 'MARIADB_ROOT_PASSWORD is not set, and an empty one would let everybody in'
    exit 1
  fi
  # Half a database must not be taken for a whole one by the next start, even after a power cut: it is made aside, and
  # its folder `mysql`, which tells them apart, is moved into place last.
  rm -rf "$unfinished"
  trap give_up EXIT
  trap 'exit 143' INT TERM
  waiting mariadb-install-db --datadir="$unfinished" --auth-root-authentication-method=normal --skip-test-db --skip-log-bin \
    >/dev/null
  # This server listens on its socket alone, so that nobody takes it for the real one.
  "$@" --datadir="$unfinished" --skip-networking --socket="$socket" &
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
  find "$unfinished" -mindepth 1 -maxdepth 1 ! -name mysql -exec mv -t "$data" {} +
  sync
  mv "$unfinished/mysql" "$data"
  rmdir "$unfinished"
  trap - EXIT INT TERM
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
