# register.sh URL FOLDER
set -eu

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

register "$1" "$2"
