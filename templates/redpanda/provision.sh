# Makes topics, or changes the settings of those that are there, and registers schemas:
# provision.sh BROKER REGISTRY TOPIC..., each "NAME PARTITIONS SETTINGS".
set -eu
broker=$1 registry=$2
shift 2

make() {
  local name=$1 partitions=$2 settings=${3:-} setting
  rpk topic create "$name" --if-not-exists --partitions "$partitions" --replicas 1 -X "brokers=$broker"
  for setting in ${settings//,/ }; do rpk topic alter-config "$name" --set "$setting" -X "brokers=$broker"; done
}

# Registers every schema of a folder under the subject that its file is named after. Bash alone makes JSON of a text.
register() {
  local url=$1 folder=$2 file name text kind answer
  for file in "$folder"/*; do
    name=${file##*/}
    case $name in
      *.avsc) kind=AVRO ;;
      *.proto) kind=PROTOBUF ;;
      *.json) kind=JSON ;;
      *) continue ;;
    esac
    text=$(<"$file")
    text=${text//\\/\\\\}
    text=${text//\"/\\\"}
    text=${text//$'\n'/\\n}
    text=${text//$'\r'/\\r}
    text=${text//$'\t'/\\t}
    answer=$(curl -sS -X POST -H 'Content-Type: application/vnd.schemaregistry.v1+json' \
      --data-binary "{\"schemaType\": \"$kind\", \"schema\": \"$text\"}" "$url/subjects/${name%.*}/versions")
    case $answer in
      '{"id":'*) echo "schema ${name%.*}: $answer" ;;
      *) echo "schema ${name%.*}: $answer" >&2; return 1 ;;
    esac
  done
}

for topic; do
  # shellcheck disable=SC2086 # the parts of a topic are words
  make $topic
done
[ ! -d /etc/devenv/schemas ] || register "$registry" /etc/devenv/schemas
