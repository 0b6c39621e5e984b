# Makes JetStream streams, or changes those that are there: streams.sh HOST USER PASSWORD STREAM..., each one JSON.
# The image has no client of its own. NATS speaks lines of text: nc speaks them in the official image, bash in others.
set -eu
host=$1 user=$2 password=$3
shift 3

# Sends a request to a subject and prints the answer.
ask() {
  lines=$(printf 'CONNECT {"verbose":false,"user":"%s","pass":"%s"}\r\nSUB answer 1\r\nPUB %s answer %s\r\n%s\r\nx' \
    "$user" "$password" "$1" "${#2}" "$2")
  lines=${lines%x}
  if command -v nc >/dev/null; then
    { printf %s "$lines"; sleep 1; } | nc "$host" 4222
  else
    bash -c 'exec 3<>"/dev/tcp/$0/4222"; printf %s "$1" >&3
      while IFS= read -r -t 5 line <&3; do
        printf "%s\n" "$line"
        case $line in MSG*) IFS= read -r -t 5 line <&3; printf "%s\n" "$line"; exit ;; -ERR*) exit ;; esac
      done' "$host" "$lines"
  fi | sed -n '/^MSG /{n;p;}; /^-ERR/p'
}

for stream; do
  name=${stream#*'"name":"'}
  name=${name%%'"'*}
  answer=$(ask "\$JS.API.STREAM.CREATE.$name" "$stream")
  case $answer in
    *'"error"'*) answer=$(ask "\$JS.API.STREAM.UPDATE.$name" "$stream") ;;
  esac
  case $answer in
    *'"error"'* | -ERR* | '') echo "stream $name: ${answer:-no answer}" >&2; exit 1 ;;
  esac
  echo "stream $name is there"
done
