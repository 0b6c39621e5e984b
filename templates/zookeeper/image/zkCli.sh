#!/bin/sh
# shellcheck disable=SC2086 # the flags are words
exec java "-Xmx${ZK_CLIENT_HEAP:-256}m" ${CLIENT_JVMFLAGS:-} -Dlog4j.configuration=client.properties \
  -cp "$ZOO_CLASSPATH" org.apache.zookeeper.ZooKeeperMain "$@"
