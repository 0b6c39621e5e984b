#!/bin/sh
# pgAdmin with its settings from PGADMIN_CONFIG_*, and on the first start with the user and the servers that PGADMIN_* name.
set -eu

{
    echo "DATA_DIR = '/var/lib/pgadmin'"
    echo "LOG_FILE = '/dev/null'"
    env | sed -n 's/^PGADMIN_CONFIG_\([A-Z0-9_]*\)=/\1 = /p'
} >"$CONFIG_DISTRO_FILE_PATH"

cd /pgadmin4/app
if [ ! -f /var/lib/pgadmin/pgadmin4.db ]; then
    export PGADMIN_SETUP_EMAIL="$PGADMIN_DEFAULT_EMAIL" PGADMIN_SETUP_PASSWORD="$PGADMIN_DEFAULT_PASSWORD"
    /venv/bin/python setup.py setup-db
    if [ -f "${PGADMIN_SERVER_JSON_FILE:-}" ]; then
        # Without a login there is no user of that name, and the servers are everybody's.
        [ "${PGADMIN_CONFIG_SERVER_MODE:-True}" = False ] || set -- --user "$PGADMIN_DEFAULT_EMAIL"
        /venv/bin/python setup.py load-servers "$PGADMIN_SERVER_JSON_FILE" "$@"
    fi
fi
exec /venv/bin/gunicorn --bind 0.0.0.0:80 --workers 1 --threads 25 --no-control-socket --access-logfile "${GUNICORN_ACCESS_LOGFILE:--}" pgAdmin4:app
