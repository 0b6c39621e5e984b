"""What devenv's keys mean, a line each: the one place that the editor's schema and the reference pages say it from.

`docs/generate` writes the tables of docs/reference/manifest.md and template.md from these.
"""

from __future__ import annotations

TOP: dict[str, str] = {
    "devenv": "format version, `1`; required",
    "name": "the stack's name, which becomes the Compose project's; the folder's name when missing",
    "services": "the services, by name",
    "modes": "named parts of the stack: `backend: [orders, billing]`; `devenv up --mode backend` brings up these "
    "and what they need",
    "checks": "end-to-end probes of the running stack, for `devenv check`",
}

SERVICE: dict[str, str] = {
    "use": "a template of the catalog, with or without a version: `postgres`, `postgres@17`",
    "with": "the template's parameters (`devenv catalog show NAME` lists them)",
    "needs": "what must be ready first: a list of services, or a mapping from service to `{ env, until }`",
    "ports": "as a mapping: name → container port, or name → `{ port, publish, protocol }`. Compose's list form "
    "keeps its meaning",
    "ready": "when the service counts as ready: `http: PATH`, `tcp: PORT-NAME` or `run: [argv]`; with `port` and "
    "`within`",
    "setup": "commands that run as a job in this service's image, after its needs are ready and before it starts",
    "job": "`true`: it runs to completion, and exit 0 is success",
    "inputs": "with `job: true`: files, folders and globs that make the job run again when they change",
    "open": "the port's name or the URL that `devenv open` shows",
}

A_SERVICE = "a service: a template (`use`), an image (`image`) or a folder to build (`build`), and how it runs"

NEED: dict[str, str] = {
    "env": "the prefix of the connection variables, the service's name in capitals by default; `false` for none",
    "until": "what to wait for: `ready` (the default), `started`, or `completed` (the default for jobs)",
}

PORT: dict[str, str] = {
    "port": "the port inside the container",
    "publish": "the port on 127.0.0.1, fixed; `false` keeps the port inside the stack",
    "protocol": "`tcp` or `udp`",
}

READY: dict[str, str] = {
    "http": "a path that answers with a status from 200 to 399",
    "tcp": "the name or number of a port that takes connections",
    "run": "a command in the container that exits 0",
    "port": "the name or number of the port that `http` asks",
    "within": "the start-up budget: `90s`, `2m`",
}

SETUP: dict[str, str] = {
    "run": "the commands: a string is for the shell, a list is an argv",
    "inputs": "files, folders and globs that make the commands run again when they change",
}

CHECK: dict[str, str] = {
    "http": "a URL to ask; may refer to services, as in `${web.http.url}/orders`",
    "tcp": "HOST:PORT that takes connections",
    "run": "a command that exits 0, on the host, or in the container of `service`",
    "service": "the service in whose container `run` runs",
    "method": "the method of the request",
    "headers": "the headers of the request",
    "body": "the body of the request",
    "expect": "what the answer must be",
    "within": "how long to try: `90s`, `2m`; 10 s by default",
}

EXPECT: dict[str, str] = {
    "status": "the status of the answer",
    "body": "text that the answer contains",
}

TEMPLATE: dict[str, str] = {
    "template": "format version, `1`; required",
    "summary": "one line about the server",
    "home": "the server's site",
    "versions": "what `use: name@version` can name; the first is the default. An entry may be `{ version, service }`, "
    "whose `service` is merged over the template's by Compose's rules",
    "parameters": "what `with:` can set; see below",
    "secrets": "name → `{ generate: LENGTH }`: random letters and digits (8 to 128), made once for each machine",
    "service": "a service as in a manifest: Compose's keys, and `ports`, `ready`, `setup`, `job`",
    "configs": "files that the service mounts: name → `{ content: TEXT }` or `{ file: PATH }` inside the folder, with "
    "placeholders. They stand inline in the generated file",
    "outputs": "what other services can refer to; `host` and `port` are always there",
    "host_outputs": "those that differ when seen from the host",
    "data": "the named volumes that hold data",
    "shell": "the client that `devenv exec NAME` opens",
    "image": "a Dockerfile in the folder that builds a compatible image from Debian's packages. It gets `ARG VERSION`",
    "debian": "the versions that `image` can build",
    "example": "a service entry to paste, shown by `devenv catalog show`",
}

PARAMETER: dict[str, str] = {
    "type": "`string`, `integer`, `number`, `boolean`, `enum`, `file`, `directory`, `list`, `size`, `duration`",
    "default": "the value when `with:` says nothing; without one, and not `optional`, it must be given",
    "optional": "may be left out; it is then an empty text, and false in a `when:`",
    "description": "shown by `devenv catalog show` and by editors",
    "pattern": "a regular expression for the whole text, or for every item of a list",
    "values": "of an `enum`",
    "min": "the lowest of a number, a size (bytes) or a duration (seconds)",
    "max": "the highest of a number, a size (bytes) or a duration (seconds)",
    "items": "the type of a list's items",
}
