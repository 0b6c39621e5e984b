"""A first manifest for a repository, written from what is in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from devenv.core.starter import survey
from devenv.records import field, mutable

_IMAGES = {"postgres", "mariadb", "mysql", "redis", "valkey", "memcached", "rabbitmq", "nats", "nginx", "minio"}
_IMAGE_TEMPLATES = {name: name for name in _IMAGES} | {
    "mongo": "mongodb",
    "eclipse-mosquitto": "mosquitto",
    "mailpit": "mailpit",
    "prometheus": "prometheus",
    "kafka": "kafka",
    "elasticsearch": "elasticsearch",
    "opensearch": "opensearch",
}


FIRST_LINE = "# yaml-language-server: $schema=.devenv/devenv.schema.json"
"""Tells editors what the format is."""


@mutable
class _Guess:
    """A service of the repository itself."""

    name: str
    lines: list[str]
    needs: list[str] = field(default_factory=list)
    environment: list[str] = field(default_factory=list)


def stack_name(folder: str) -> str:
    """A valid Compose project name made from a folder's name; `stack` when nothing of it can be used."""
    return re.sub(r"[^a-z0-9_-]+", "-", folder.lower()).strip("-_") or "stack"


def starter(files: Mapping[str, str], folder: str, templates: frozenset[str]) -> str:
    """The text of a commented manifest.

    `files` maps paths relative to the repository, with `/`, to their text: Dockerfiles, pyproject.toml, package.json,
    go.mod, requirements.txt, an example of `.env`, and what Python programs start with. `folder` is the repository's
    name; `templates` the names that the catalog has.
    """
    name = stack_name(folder)
    servers: dict[str, str] = {}
    services = [_built(path, files, name) for path in sorted(files) if _is_dockerfile(path)]
    if not services:
        services = list(_run_from_source(files, name))
    taken = {service.name for service in services}
    for service in services:
        for template, usual in survey.servers(files, _home(service, files)):
            if template in templates:
                server = usual if usual not in taken else f"{usual}-{template}"
                servers.setdefault(template, server)
                service.needs.append(servers[template])
        service.environment += survey.environment(files, _home(service, files), servers)
    return _compose_text(name, servers, services)


def introduced(text: str, origin: str, templates: frozenset[str]) -> str:
    """The text of a manifest made from the Compose files `origin`; what else could be said stands in comments."""
    head = [FIRST_LINE, f"# Made from {origin} by `devenv init`: Compose's keys mean here what they mean there."]
    offers = [f"#   image: {image}  →  use: {template}" for image, template in _images(text) if template in templates]
    if offers:
        head += [
            "# The catalog has templates for these, with tuned health checks, connection variables and a client",
            "# shell (`devenv catalog show NAME`):",
            *dict.fromkeys(offers),
        ]
    return "\n".join(head) + "\n" + text.removeprefix(f"{FIRST_LINE}\n")


def _images(text: str) -> Iterator[tuple[str, str]]:
    for match in re.finditer(r"(?m)^\s+image:\s*[\"']?([^\s\"'#]+)", text):
        image = match[1]
        bare = image.rsplit("/", 1)[-1].split("@")[0].split(":")[0]
        if bare in _IMAGE_TEMPLATES:
            yield image, _IMAGE_TEMPLATES[bare]


def _compose_text(name: str, servers: Mapping[str, str], services: list[_Guess]) -> str:
    lines = [
        FIRST_LINE,
        "# Everything that this repository needs to run: `./devenvw up` starts it.",
        "# The format is Compose plus a few keys; `devenv validate` says what is wrong with an edit.",
        "devenv: 1",
        f"name: {name}",
        "",
        "services:",
    ]
    for template, server in servers.items():
        lines += [f"  {server}:", f"    use: {template}  # `devenv catalog show {template}` lists its parameters", ""]
    for service in services:
        lines += [f"  {service.name}:", *(f"    {line}" for line in service.lines)]
        if service.needs:
            needs = ", ".join(dict.fromkeys(service.needs))
            lines.append(f"    needs: [{needs}]  # started once these are ready; gives {_prefixes(service.needs)}")
        if service.environment:
            lines += ["    environment:", *(f"      {line}" for line in service.environment)]
        lines.append("")
    if not servers and not services:
        lines += [
            "  # a server from the catalog (`devenv catalog list`)",
            "  db:",
            "    use: postgres",
            "",
            "  # a service of your own",
            "  # app:",
            "  #   build: .",
            "  #   needs: [db]            # waits until db is ready, and gets DB_URL, DB_HOST, …",
            "  #   ports: { http: 8000 }  # on http://127.0.0.1:8000",
            "  #   ready: { http: / }",
            "",
        ]
    return "\n".join(lines).rstrip("\n") + "\n"


def _prefixes(needs: list[str]) -> str:
    return ", ".join(f"{re.sub('[^A-Z0-9]', '_', need.upper())}_URL" for need in dict.fromkeys(needs))


def _is_dockerfile(path: str) -> bool:
    return path.rsplit("/", 1)[-1] == "Dockerfile"


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _built(path: str, files: Mapping[str, str], stack: str) -> _Guess:
    folder = _folder(path)
    name = re.sub(r"[^a-zA-Z0-9_-]+", "-", folder.rsplit("/", 1)[-1]).strip("-_").lower() or stack
    lines = [f"build: ./{folder}" if folder else "build: ."]
    exposed = re.findall(r"(?im)^\s*EXPOSE\s+(\d+)(?:/tcp)?\s*$", files[path])
    if exposed:
        lines += [
            f"ports: {{ http: {exposed[0]} }}  # EXPOSE in its Dockerfile; on 127.0.0.1, moved when busy",
            "# ready: { http: / }  # the path that answers once the service can work",
        ]
    return _Guess(name, lines)


def _run_from_source(files: Mapping[str, str], stack: str) -> Iterator[_Guess]:
    """Without a Dockerfile: the language's own image over the sources."""
    mounted = ["working_dir: /src", "volumes: [.:/src]"]
    guess = "# no Dockerfile found, so this runs the sources in the language's image; adjust the command"
    if "package.json" in files:
        scripts = survey.json_object(files["package.json"]).get("scripts")
        script = "dev" if isinstance(scripts, dict) and "dev" in scripts else "start"
        yield _Guess(stack, [guess, "image: node:22", f"command: sh -c 'npm install && npm run {script}'", *mounted])
    elif "go.mod" in files:
        yield _Guess(stack, [guess, "image: golang:1.25", "command: go run .", *mounted])
    elif "pyproject.toml" in files or "requirements.txt" in files:
        source = "-r requirements.txt" if "requirements.txt" in files else "-e ."
        module = f"-m {stack.replace('-', '_')}"
        program = next((how for name, how in survey.PYTHON_PROGRAMS.items() if name in files), module)
        command = f"command: sh -c 'pip install {source} && python {program}'"
        yield _Guess(stack, [guess, "image: python:3.13", command, *mounted])


def _home(service: _Guess, files: Mapping[str, str]) -> str:
    """The folder of a guessed service, from its build line."""
    build = next((line for line in service.lines if line.startswith("build: ")), "build: .")
    return build.removeprefix("build: ").removeprefix("./").strip(".")
