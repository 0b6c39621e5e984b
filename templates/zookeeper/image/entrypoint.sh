#!/bin/sh
# Writes the configuration from the official image's variables unless there is one, and gives up root.
set -eu

config=$ZOO_CONF_DIR/zoo.cfg
if [ ! -f "$config" ]; then
  cat >"$config" <<CFG
dataDir=$ZOO_DATA_DIR
dataLogDir=$ZOO_DATA_LOG_DIR
clientPort=2181
tickTime=$ZOO_TICK_TIME
initLimit=$ZOO_INIT_LIMIT
syncLimit=$ZOO_SYNC_LIMIT
autopurge.snapRetainCount=$ZOO_AUTOPURGE_SNAPRETAINCOUNT
autopurge.purgeInterval=$ZOO_AUTOPURGE_PURGEINTERVAL
maxClientCnxns=$ZOO_MAX_CLIENT_CNXNS
standaloneEnabled=$ZOO_STANDALONE_ENABLED
admin.enableServer=$ZOO_ADMINSERVER_ENABLED
${ZOO_4LW_COMMANDS_WHITELIST:+4lw.commands.whitelist=$ZOO_4LW_COMMANDS_WHITELIST}
CFG
  for entry in ${ZOO_CFG_EXTRA:-}; do
    echo "$entry" >>"$config"
  done
fi
[ -f "$ZOO_DATA_DIR/myid" ] || echo "${ZOO_MY_ID:-1}" >"$ZOO_DATA_DIR/myid"
if [ "$(id -u)" = 0 ]; then
  find "$ZOO_DATA_DIR" "$ZOO_DATA_LOG_DIR" "$ZOO_LOG_DIR" ! -user zookeeper -exec chown zookeeper: {} +
  exec setpriv --reuid zookeeper --regid zookeeper --init-groups "$@"
fi
exec "$@"
