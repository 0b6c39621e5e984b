#!/bin/sh
# The server in the foreground, whatever the argument: that is how an image starts it.
# shellcheck disable=SC2086 # the flags are words
exec java "-Xmx${ZK_SERVER_HEAP:-1000}m" ${SERVER_JVMFLAGS:-} ${JVMFLAGS:-} -cp "/conf:$ZOO_CLASSPATH" \
  org.apache.zookeeper.server.quorum.QuorumPeerMain "$ZOO_CONF_DIR/zoo.cfg"
