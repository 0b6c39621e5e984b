# Makes topics, or changes the settings of those that are there: topics.sh BROKER TOPIC..., each "NAME PARTITIONS SETTINGS".
set -eu
broker=$1
shift
export KAFKA_HEAP_OPTS=-Xmx128m
bin=${KAFKA_BIN:-/opt/kafka/bin}

# Each of Kafka's tools is a Java machine of its own; those of all topics run at once.
make() {
  local name=$1 partitions=$2 settings=${3:-} setting options=()
  for setting in ${settings//,/ }; do options+=(--config "$setting"); done
  "$bin/kafka-topics.sh" --bootstrap-server "$broker" --create --if-not-exists --topic "$name" \
    --partitions "$partitions" --replication-factor 1 "${options[@]}"
  [ -z "$settings" ] || "$bin/kafka-configs.sh" --bootstrap-server "$broker" --alter --topic "$name" --add-config "$settings"
}

jobs=()
for topic; do
  # shellcheck disable=SC2086 # the parts of a topic are words
  make $topic &
  jobs+=($!)
done
for job in "${jobs[@]}"; do wait "$job"; done
