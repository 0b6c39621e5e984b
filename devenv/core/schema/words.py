"""What devenv's keys mean, a line each: the one place that the editor's schema and the reference pages say it from.

`docs/generate` writes the tables of docs/reference/manifest.md and template.md from these.
"""

from __future__ import annotations

TOP: dict[str, str] = {
    "devenv": "format version, `1`; required",
    "name": "the stack's name, which becomes the Compose project's; the folder's name when missing",
    "catalogs": "where templates come from besides the built-in catalog: a list, each entry a folder (`path`) or a Git "
    "repository (`git`, `ref`); of templates with the same name the first one counts",
    "include": "other manifests and plain Compose files that become part of this one: paths, or mappings; see below",
    "services": "the services, by name",
    "modes": "named parts of the stack: `backend: [orders, billing]`; `devenv up --mode backend` brings up these "
    "and what they need",
    "checks": "end-to-end probes of the running stack, for `devenv check`",
    "contracts": "where the pacts of consumers lie, and which services they are about, for `devenv check --contracts`",
    "observability": "`true`: a collector with a place to look, and what OpenTelemetry's SDKs want to know in every "
    "service of yours; a mapping to say more",
    "flags": "a file of feature flags: a server of them, and what its clients want to know in every service of yours; "
    "a mapping to say more",
}

SERVICE: dict[str, str] = {
    "use": "a template of the catalog, with or without a version: `postgres`, `postgres@17`",
    "with": "the template's parameters (`devenv catalog show NAME` lists them), and secrets that are not generated",
    "needs": "what must be ready first: a list of services, or a mapping from service to `{ env, until }`",
    "ports": "as a mapping: name → container port, or name → `{ port, publish, protocol }`. Compose's list form "
    "keeps its meaning",
    "ready": "when the service counts as ready: `http: PATH`, `tcp: PORT-NAME` or `run: [argv]`; with `port` and "
    "`within`, which alone gives a template's service longer",
    "setup": "commands that run as a job in this service's image, after its needs are ready and before it starts",
    "provision": "commands that run as a job in this service's image, once it is ready and before what needs it starts",
    "job": "`true`: it runs to completion, and exit 0 is success",
    "inputs": "with `job: true`: files, folders and globs that make the job run again when they change",
    "open": "the port's name or the URL that `devenv open` shows",
}

CATALOG: dict[str, str] = {
    "path": "a folder of templates, relative to the manifest; with `git`, relative to the repository's top",
    "git": "the address of a Git repository: https, ssh, or a path",
    "ref": "the branch, tag or commit; the default branch when missing. `devenv.lock` pins it to a commit",
}

A_SERVICE = "a service: a template (`use`), an image (`image`) or a folder to build (`build`), and how it runs"

_SERVER: dict[str, str] = {
    "use": "the template of the server that is added",
    "with": "its parameters",
    "service": "a service that is there already, instead of one that is added",
    "as": "the name of the service that is added",
}
_GIVEN: dict[str, str] = {
    "variables": "further variables for every service, or other values for these; may refer to services",
    "except": "services that get none of the variables",
}

OBSERVABILITY: dict[str, str] = {
    **_SERVER,
    "use": "the template of the collector that is added; `otel-lgtm` by default",
    "as": "the name of the service that is added; `telemetry` by default",
    "protocol": "`http/protobuf` (the default) or `grpc`",
    "sampling": "the part of the traces that is kept, from 0 to 1; all by default",
    "environment": "`deployment.environment.name`; `dev` by default",
    "attributes": "further resource attributes, by name",
    **_GIVEN,
}

FLAGS: dict[str, str] = {
    **_SERVER,
    "use": "the template of the server that is added: `flagd` (the default), `unleash`, …",
    "as": "the name of the service that is added; `flags` by default",
    "file": "the file of flags that the server starts with",
    **_GIVEN,
}

CONTRACTS: dict[str, str] = {
    "pacts": "a folder of pacts or a pact, or a list of them, relative to the manifest",
    "broker": "the URL of a Pact broker, which may be a service: `${pacts.url}`",
    "publish": "`false`: results are not sent back to the broker",
    "providers": "provider → the service that answers for it; needed where the names differ",
}

PROVIDER: dict[str, str] = {
    "service": "the service that answers for the provider",
    "port": "the port that is asked, by name; by default the one that readiness asks",
    "path": "where the provider's API begins",
    "states": "a path of the service that takes `{ state, params, action }` by POST, and sets the state up",
    "messages": "a path of the service that takes `{ description, providerStates }` by POST, and answers with the "
    "message",
}

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
    "keywords": "other words that people look for it by, for `devenv catalog search`",
    "home": "the server's site",
    "versions": "what `use: name@version` can name, in letters, digits, `_`, `.` and `-`; the first is the default. An "
    "entry may be `{ version, service }`, whose `service` is merged over the template's by Compose's rules",
    "parameters": "what `with:` can set; see below",
    "secrets": "name → `{ generate: LENGTH }`: random letters and digits (8 to 128), made once for each machine",
    "service": "a service as in a manifest: Compose's keys, and `ports`, `ready`, `setup`, `provision`, `job`",
    "configs": "files that the service mounts: name → `{ content: TEXT }` or `{ file: PATH }` inside the folder, with "
    "placeholders. They stand inline in the generated file",
    "outputs": "what other services can refer to, at most 64 KiB of text together; `host` and `port` are always there",
    "host_outputs": "those that differ when seen from the host",
    "share": "how several stacks share one server, each with a part of its own; see below",
    "adopt": "lets `devenv import` make a service of the template's image one of the template; see below",
    "data": "the named volumes that hold data",
    "shell": "the client that `devenv exec NAME` opens",
    "image": "a Dockerfile in the folder that builds a compatible image from Debian's packages, npm or the Python "
    "index. It gets `ARG VERSION`, and this machine's certificates as the secret `ca`",
    "debian": "the versions that `image` can build",
    "example": "a service entry to paste, shown by `devenv catalog show`",
    "test": "what `devenv template test` runs to prove the template; see below",
}

VERSION: dict[str, str] = {
    "version": "what stands behind `use: NAME@`",
    "service": "what is different with this version: Compose's keys, merged over the template's",
}

SECRET: dict[str, str] = {"generate": "how many letters and digits, 8 to 128"}

CONFIG: dict[str, str] = {
    "content": "the file's text, with placeholders",
    "file": "the file in the template's folder that holds the text",
}

SHARE: dict[str, str] = {
    "parameters": "the parameters that count for a part; all others are the server's own",
    "service": "the job that makes the part, in the server's image: Compose's keys. It may run again at any time",
    "arguments": "what each part adds to the server's `command`, for a server that takes its users from there",
    "shell": "the client that `devenv exec NAME` opens in the server's container, for the part",
    "outputs": "what other services can refer to; `host` and `port` are the server's",
    "host_outputs": "those that differ when seen from the host",
}

INCLUDE: dict[str, str] = {
    "path": "the manifest or Compose file, or its folder; of a list, later files are merged over the first",
    "git": "the Git repository that has it",
    "ref": "the branch, tag or commit there; what it names is pinned in devenv.lock",
    "prefix": "goes before the names of everything that comes from there, with a `-`",
    "mode": "brings only this mode of it, and what that needs",
    "share": "its service → your service of the same template, on whose server it gets a part of its own",
    "project_directory": "the folder that its relative paths are relative to; that of the file by default",
    "env_file": "its variables, instead of the `.env` in its folder",
}

ADOPT: dict[str, str] = {
    "with": "parameters and secrets as the image has them where the service sets nothing; `${NAME}` is another one",
    "environment": "further variables of the image → the parameter or secret that they set",
    "command": "what a command of the service may say → what it sets; see below",
    "mounts": "places that a file or folder may be mounted at → the parameter that names it",
    "same": "variables that the service has to set as the template does, since the image alone is something else",
    "unless": "what says what the template would say: a service that has one of these is left as it is; see below",
    "only": "what a service has to have, or it is left as it is; see below",
    "never": "the reason why no service can be one of the template, which import tells instead",
    "images": "further names of the same image, without tags",
    "tags": "further tags of the image, or their first parts → the version that they count as; the image stays",
}

TEST: dict[str, str] = {
    "connect": "a client's command line that uses the outputs; it runs in a second container of the same image",
    "write": "a command line, run in the container, that leaves something behind",
    "read": "a command line that finds it again after the container was made anew",
    "expect": "a text that `read` then prints",
    "beside": "services that it cannot do without: their name → the template that each uses",
    "with": "parameters that the test sets, as texts; `${NAME.OUTPUT}` refers to what stands beside it",
}

PARAMETER: dict[str, str] = {
    "type": "`string`, `integer`, `number`, `boolean`, `enum`, `file`, `directory`, `list`, `size`, `duration`, "
    "`mapping` (any data; in a text its JSON), and for a list's items `record`",
    "default": "the value when `with:` says nothing; without one, and not `optional`, it must be given",
    "optional": "may be left out; it is then an empty text, and false in a `when:`",
    "description": "shown by `devenv catalog show` and by editors",
    "pattern": "a regular expression for the whole text, or for every item of a list; what refers to another service "
    "is not held to it, and what holds variables only where it is one with a default (`${DB:-shop}`): by that",
    "values": "of an `enum`",
    "min": "the lowest of a number, a size (bytes) or a duration (seconds)",
    "max": "the highest of a number, a size (bytes) or a duration (seconds)",
    "items": "the type of a list's items",
    "fields": "of a `record`: name → parameter; a single value stands for the first of them",
    "each": "what a list's item becomes: a text with `${FIELD}` of a record, or `${item}`, and `${with.NAME}`",
}

POLICY: dict[str, str] = {
    "policy": "format version, `1`; required",
    "name": "what people call the policy, in messages",
    "link": "where the rules are explained, for those that name no page of their own",
    "enforce": "`lint` (the default): `devenv lint` tells; `up`: what is an error is refused by `devenv up`, too",
    "rules": "the rules, by name: a severity alone, or a mapping",
    "waivers": "who is spared which rule, until when",
}

RULE: dict[str, str] = {
    "severity": "`error` (the default of a mapping), `warning`, `info`, or `off`",
    "reason": "why, in your own words: people read it with each finding",
    "link": "a page that tells more",
    "waivable": "`true`: waivers in other policies count, too",
}

WAIVER: dict[str, str] = {
    "rule": "the rule's name",
    "services": "services that are spared: a name or a list, `*` stands for anything",
    "stacks": "stacks that are spared, by the manifest's `name`",
    "owner": "a person or a team that sees to it that the waiver is not needed any more",
    "until": "the last day, as 2026-06-30",
    "reason": "why, in your own words",
}

LOCK: dict[str, str] = {
    "lock": "format version, `1`; required",
    "devenv": "the releases of devenv that generate the same from it",
    "trusted": "the addresses whose first use somebody has agreed to",
    "catalogs": "the remote catalogs of the manifest",
    "includes": "the remote includes of the manifest",
    "templates": "the templates in use from the built-in catalog and from remote ones, by name",
    "images": "the images that are pulled, by the name in the manifest or in a template",
}

PIN: dict[str, str] = {
    "git": "the address, as the manifest writes it",
    "ref": "the ref, as the manifest writes it; missing for the default branch",
    "path": "the folder in the repository, as the manifest writes it",
    "commit": "the commit that the ref named when it was pinned",
    "content": "what stands for names and contents of all files in the folder at that commit",
}

LOCKED_TEMPLATE: dict[str, str] = {
    "catalog": "where it comes from: `built-in`, or a remote catalog",
    "content": "what stands for names and contents of its text files",
}

LOCKED_IMAGE: dict[str, str] = {
    "digest": "what the name stood for in the registry: an index of all platforms where there is one, else the image",
    "platforms": "the digest of each platform's own image, as far as the registry says",
}
