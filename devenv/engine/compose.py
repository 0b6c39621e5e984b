"""`docker compose` command lines as data, a thin class that runs them, and Compose's words as problems."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from devenv.engine.answers import Completed
from devenv.engine.certificates import bundle
from devenv.engine.compose_config import NOTHING_REMOTE
from devenv.engine.protocols import OnLine, Processes, Project
from devenv.engine.user_folders import home
from devenv.errors import DevenvError

if TYPE_CHECKING:
    from devenv.model.stack import Recipe

FOLDER = ".devenv"
FILE = f"{FOLDER}/compose.yaml"
BUILD_FILE = f"{FOLDER}/build.yaml"
"""Named contexts for builds where no registry answers; given to `build` alone, when it is there."""

_PLUGINS = [Path("/usr") / folder / "docker/cli-plugins" for folder in ("local/lib", "local/libexec", "lib", "libexec")]
_SETTINGS = f"{FOLDER}/.env"
_UNWANTED = ("COMPOSE_PROJECT_NAME", "COMPOSE_FILE", "COMPOSE_ENV_FILES", "COMPOSE_PROFILES")
_OURS = {
    "COMPOSE_ANSI": "never",
    "COMPOSE_PROGRESS": "plain",
    "COMPOSE_IGNORE_ORPHANS": "true",
    "COMPOSE_REMOVE_ORPHANS": "false",
    "DOCKER_CLI_HINTS": "false",
}
"""Said again where people may have said otherwise, in their environment or `.env`: Compose refuses contradictions."""

_LEFT_OUT = "devenv-left-out"  # a profile that is never active
_NAME = re.compile(r"^name: *[\"']?([a-z0-9_-]+)", re.MULTILINE)
_FAILURES = (
    (r"(?i)port is already allocated|address already in use", "DE602", "a port is taken"),
    (r"(?i)non-overlapping|pool overlaps|address pools", "DE604", "no network addresses are left"),
    (r"(?i)container name .* already in use", "DE606", "a container's name is in use already"),
    (r"(?i)no space left", "DE506", "no space is left on the engine's disk"),
    (r"(?i)no such image", "DE509", "an image is not there"),
    (r"(?i)cannot connect to the docker daemon|is the docker daemon running", "DE401", "the engine is gone"),
    (r"(?i)unknown shorthand flag|is not a docker command", "DE703", "Docker's Compose plugin is missing"),
    (
        r"(?m)^(validating |yaml: |error while interpolating|service \".*\" (has|depends|refers)|invalid )",
        "DE603",
        "Compose does not accept the generated file",
    ),
)
"""Patterns of Compose's words, not compiled before one is looked for, with the code and the words of the problem."""


def command(
    project: str,
    *arguments: str,
    folder: Path | None = None,
    own_env: bool = False,
    settings: bool = True,
    build_file: bool = False,
    host: str | None = None,
    plugin: str | None = None,
) -> list[str]:
    """The whole command line of `docker compose` on a stack's generated file.

    `project` is Compose's project name; paths are relative to the manifest's folder unless `folder` names it.
    `own_env`, `settings` and `build_file` say which of `.env`, `.devenv/.env` and `.devenv/build.yaml` there are;
    `host` is the engine's address where the docker command would not find it by itself; `plugin` see `find_plugin`.
    """

    def at(path: str) -> str:
        return path if folder is None else str(folder / path)

    return [
        plugin or "docker",
        *(["--host", host] if host else []),
        *([] if plugin else ["compose"]),
        "--project-directory",
        at(FOLDER),
        "--project-name",
        project,
        "-f",
        at(FILE),
        *(["-f", at(BUILD_FILE)] if build_file else []),
        *(["--env-file", at(".env")] if own_env else []),
        *(["--env-file", at(_SETTINGS)] if settings else []),
        "--progress",
        "plain",
        "--ansi",
        "never",
        *arguments,
    ]


def build_command(
    recipe: Recipe, contexts: Mapping[str, str], host: str | None = None, certificates: str | None = None
) -> list[str]:
    """`docker build` of a recipe; `contexts` maps base image names to what stands in for them, `certificates` is the
    file that its `RUN --mount=type=secret,id=ca` sees."""
    dockerfile = str(Path(recipe.folder) / recipe.dockerfile)
    named = [part for name, source in contexts.items() for part in ("--build-context", f"{name}={source}")]
    values = [part for name, value in recipe.args for part in ("--build-arg", f"{name}={value}")]
    start = ["docker", *(["--host", host] if host else []), "build", "--progress", "plain"]
    secret = ["--secret", f"id=ca,src={certificates}"] if certificates else []
    return [*start, *secret, *named, *values, "--tag", recipe.tag, "--file", dockerfile, recipe.folder]


def find_plugin(environ: Mapping[str, str]) -> str | None:
    """Compose's own program where the docker command has it as a plugin: called by itself it does the same, 0.03 s
    sooner. None where there is none, or the docker command is told to look elsewhere first.

    The folders and their order are those of Docker's documentation of plugins.
    """
    own = Path(environ.get("DOCKER_CONFIG") or home(environ) / ".docker")
    if not own.is_absolute():  # the docker command counts from the folder that it runs in
        return None
    with suppress(OSError):
        if b"cliPluginsExtraDirs" in (own / "config.json").read_bytes():
            return None
    programs = (folder / "docker-compose" for folder in (own / "cli-plugins", *_PLUGINS))
    return next((str(program) for program in programs if os.access(program, os.X_OK)), None)


class ComposeCli:
    """Compose on one project. `environ` is the process's environment; `host` gives the engine's address where the
    docker command would look elsewhere (see `Endpoint.client_environment`), `plugin` Compose's own program."""

    def __init__(
        self,
        processes: Processes,
        project: Project,
        environ: Mapping[str, str] | None = None,
        host: Callable[[], str | None] = lambda: None,
        plugin: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._processes = processes
        self._project = project
        self._environ = os.environ if environ is None else environ
        self._host = host
        self._plugin = plugin

    def create(
        self,
        services: Sequence[str],
        on_line: OnLine | None = None,
        *,
        recreate: bool = False,
        without: Sequence[str] = (),
    ) -> None:
        """Networks, volumes and the missing containers of exactly these services, or with `recreate` new ones for all
        of them: what is outdated was decided before, and Compose is not asked again. Starts, builds and pulls nothing.

        Compose makes the networks and volumes of all services, or fails; not of those that it is to do `without`.
        """
        which = "--force-recreate" if recreate else "--no-recreate"
        left_out = {"services": {name: {"profiles": [_LEFT_OUT]} for name in without}} if without else None
        options = ("--no-start", "--no-deps", which, "--no-build", "--pull", "never")
        self._run(on_line, "up", *options, *services, besides=left_out)

    def build(self, services: Sequence[str], on_line: OnLine | None = None) -> None:
        """Builds the images of these services. Raises DE510 with the failing step and the last lines."""
        from devenv.engine.build_output import BuildLog

        log = BuildLog(services)

        def take(line: str) -> None:
            log.add(line)
            if on_line is not None:
                on_line(line)

        done = self._processes.run(
            self.argv("build", *services), cwd=self._project.root, env=self._environment(), on_line=take
        )
        if done.code:
            raise log.failure(", ".join(services))

    def build_image(self, recipe: Recipe, contexts: Mapping[str, str], on_line: OnLine | None = None) -> None:
        """`docker build` of a recipe, as its tag. Raises DE510 with the failing step and the last lines."""
        from devenv.engine.build_output import BuildLog

        log = BuildLog()

        def take(line: str) -> None:
            log.add(line)
            if on_line is not None:
                on_line(line)

        argv = build_command(recipe, contexts, self._host(), bundle(self._environ))
        if self._processes.run(argv, cwd=self._project.root, env=self._environment(), on_line=take).code:
            raise log.failure(recipe.tag)

    def up_one(self, service: str) -> None:
        self._run(None, "up", "-d", "--no-deps", "--no-recreate", "--no-build", "--pull", "never", service)

    def stop(self, services: Sequence[str], on_line: OnLine | None = None) -> None:
        self._run(on_line, "stop", *services)

    def down(self, *, volumes: bool = False, on_line: OnLine | None = None) -> None:
        """Removes containers (of services that are no longer in the file, or of any profile, too) and networks; with
        `volumes`, data."""
        self._run(on_line, "--profile", "*", "down", "--remove-orphans", *(["--volumes"] if volumes else []))

    def exec_argv(
        self,
        service: str,
        argv: Sequence[str],
        *,
        interactive: bool,
        stdin: bool = False,
        user: str | None = None,
        workdir: str | None = None,
    ) -> list[str]:
        """A command line that works from any folder; without `interactive`, with no terminal. Without `stdin` either,
        nothing is handed on: a client that waits for the end of its input has missed it before now."""
        options = [
            *([] if interactive else ["-T"] if stdin else ["-T", "--interactive=false"]),
            *(["--user", user] if user else []),
            *(["--workdir", workdir] if workdir else []),
        ]
        return self.argv("exec", *options, service, *argv, folder=self._project.root)

    def beside_argv(self, service: str, argv: Sequence[str]) -> list[str]:
        """A command line that works from any folder, for a container that is gone when it has ended."""
        program, *rest = argv
        options = ("--rm", "--no-deps", "-T", "--entrypoint", program)
        return self.argv("run", *options, service, *rest, folder=self._project.root)

    def argv(self, *arguments: str, folder: Path | None = None) -> list[str]:
        """The command line for Compose's `arguments` on this project as it is on disk now."""
        there = self._project.exists
        return command(
            self._name(),
            *arguments,
            folder=folder,
            own_env=there(".env", "file"),
            settings=there(_SETTINGS, "file"),
            build_file=arguments[0] == "build" and there(BUILD_FILE, "file"),
            host=self._host(),
            plugin=self._plugin(),
        )

    def _name(self) -> str:
        """What devenv calls the project: neither the shell nor the person's own `.env` changes it."""
        if name := self._project.settings().get("COMPOSE_PROJECT_NAME"):
            return name
        found = _NAME.search(self._project.read(FILE))
        return found[1] if found else self._project.root.name.lower()

    def _environment(self) -> dict[str, str]:
        """The process's environment, in which `.devenv/.env` has the last word on what is devenv's."""
        ours = {name: value for name, value in self._project.settings().items() if name.startswith("DEVENV_")}
        rest = {name: value for name, value in self._environ.items() if name not in _UNWANTED}
        return {**rest, **ours, **_OURS, **NOTHING_REMOTE}

    def _run(self, on_line: OnLine | None, *arguments: str, besides: Mapping[str, object] | None = None) -> None:
        """`besides` is what another Compose file would say."""
        argv = self.argv(*arguments)
        said = None
        if besides is not None:
            at, said = argv.index("-f") + 2, json.dumps(besides)
            argv = [*argv[:at], "-f", "-", *argv[at:]]
        done = self._processes.run(argv, cwd=self._project.root, env=self._environment(), input=said, on_line=on_line)
        if done.code:
            raise failure(next(word for word in arguments if word[0] not in "-*"), done)


def failure(action: str, done: Completed) -> DevenvError:
    """Compose's failure as a problem: what kind it is, and its own words without its progress lines."""
    lines = [line.strip() for line in (done.errors or done.output).splitlines()]
    words = [line for line in lines if line and not _progress(line)] or lines[-5:]
    text = "\n".join(words)
    evidence = words[-10:] if len(words) > 1 else []  # the message has the last one
    for pattern, code, message in _FAILURES:
        if re.search(pattern, text):
            return DevenvError.of(code, f"{message}: {_plain(words[-1])}", evidence=evidence)
    reason = _plain(words[-1]) if words else f"exit code {done.code}"
    return DevenvError.of("DE605", f"`docker compose {action}` failed: {reason}", evidence=evidence)


def _progress(line: str) -> bool:
    """Whether a line is one of Compose's own reports: `Container shop-db-1  Created`, or a warning."""
    return bool(re.match(r"(Container|Network|Volume|Image) \S+ +\w+$|time=\S+ level=warning", line))


def _plain(words: str) -> str:
    return re.sub(r"^(Error response from daemon|Error|validating [^:]*): *", "", words)
