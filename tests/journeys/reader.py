"""Somebody who reads a page and does everything that it shows, on a machine of their own."""

from __future__ import annotations

import json
import os
import pty
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from types import TracebackType
from typing import Self

from devenv.engine import dotenv
from devenv.engine.debian_image import BASE
from devenv.engine.user_folders import user_folder
from tests import pages
from tests.conftest import ROOT, Devenv
from tests.journeys.conftest import PREFIX, Stack
from tests.journeys.engines import Engine, alone
from tests.pages import Block

SMALL = Path(__file__).parent / "small-shop"
PATIENCE = 300
_PROGRAMS = {
    "devenv": f"""\
if [ -e devenv.yaml ] && [ ! -e .devenv/.env ]; then
  name=$(sed -n 's/^name: *//p' devenv.yaml)
  project=${{name:-${{PWD##*/}}}}-$SUFFIX-$(wc -l <"$PROJECTS")
  echo "$project" >>"$PROJECTS"
  mkdir -p .devenv
  echo '*' >.devenv/.gitignore
  echo "COMPOSE_PROJECT_NAME=$project" >.devenv/.env
fi
exec {sys.executable} -m devenv "$@"
""",
    "xdg-open": "",
    "mirrored": """\
config=~/.config/devenv/config.yaml
mkdir -p ~/.config/devenv
[ -e $config ] || echo images: >$config
for name; do
  echo "  $name: $MIRROR/$name" >>$config
  docker tag "$BASE" "$MIRROR/$name"
  docker push -q "$MIRROR/$name"
  docker image rm "$MIRROR/$name"
done
""",
}


class Reader:
    """Begins in an empty folder `shop` of an own home.

    `https://git.example/` is the folder `$GIT`; `$STACKS` has the stacks of this repository to copy, and `$SHOP` and
    `$SMALL` are two; `$CHECKOUT` is the repository itself.

    Every stack gets a Compose project of its own, as a second checkout of it would. What the page has made on the
    engine is removed in the end. `variables` are added to the environment. Where it has `MIRROR`, `mirrored NAME…` lets
    that registry have images of these names, to be locked; `PRIVATE` has the same ones for those who log in, and is
    what a page calls `registry.example`."""

    def __init__(self, root: Path, devenv: Devenv, engine: Engine, variables: Mapping[str, str] | None = None) -> None:
        self._devenv = devenv
        self._engine = engine
        self._root = root
        self._private = (variables or {}).get("PRIVATE", "registry.example")
        self._home = root / "home" / "me"
        self._here = self._home / "shop"
        self._here.mkdir(parents=True)
        self._printed = ""
        self._projects = root / "projects"
        self._projects.touch()
        git, programs, stacks = root / "git", root / "bin", root / "stacks"
        shutil.copytree(ROOT / "compose", stacks, ignore=shutil.ignore_patterns(".devenv"))
        git.mkdir()
        programs.mkdir()
        for name, text in _PROGRAMS.items():
            (programs / name).write_text(f"#!/bin/sh -eu\n{text}")
            (programs / name).chmod(0o755)
        (self._home / ".gitconfig").write_text(
            "[user]\nname = Me\nemail = me@example.org\n[init]\ndefaultBranch = main\n"
            f'[url "{git}/"]\ninsteadOf = https://git.example/\ninsteadOf = git@git.example:\n'
        )
        _copy_settings_of_docker(self._home / ".docker")
        self._environment = devenv.environment(
            {
                "HOME": str(self._home),
                "PATH": f"{programs}:{os.environ['PATH']}",
                "DOCKER_CONFIG": str(self._home / ".docker"),
                "XDG_CONFIG_HOME": str(self._home / ".config"),
                "XDG_CACHE_HOME": str(self._home / ".cache"),
                # What other tests bring up meanwhile takes its ports for the same person.
                "XDG_STATE_HOME": str(user_folder("state").parent),
                "GIT_CONFIG_NOSYSTEM": "1",
                "GIT": str(git),
                "BASE": BASE,
                "SUFFIX": f"{PREFIX}{secrets.token_hex(2)}",
                "PROJECTS": str(self._projects),
                "STACKS": str(stacks),
                "SHOP": str(stacks / "shop"),
                "SMALL": str(SMALL),
                "CHECKOUT": str(ROOT),
                **(variables or {}),
            }
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for project in self._projects.read_text().split():
            self._engine.remove(project)
        label = '{{.Label "com.docker.compose.project.working_dir"}}'
        left = [
            at for at in self._engine.docker("ps", "-a", "--format", label).split() if at.startswith(str(self._root))
        ]
        assert not left, f"the page has left containers: {left}"

    def follow(self, page: Path) -> None:
        """Does all of a page. Raises AssertionError where something else happens than the page says."""
        for _ in self.steps(page):
            pass

    def steps(self, page: Path) -> Iterator[str]:
        """`follow`, with a look around after every command line, which is given."""
        for block in pages.blocks(page):
            yield from self._do(block)

    @property
    def stack(self) -> Stack:
        """The stack in the folder where the reader is."""
        settings = dotenv.parse((self._here / ".devenv" / ".env").read_text("utf-8"))
        return Stack(settings["COMPOSE_PROJECT_NAME"], self._here, self._devenv, self._engine)

    def _do(self, block: Block) -> Iterator[str]:
        for text in block.marked("run"):
            self._run(f"set -eu\n{text}", 0, block)
        if block.file is not None:
            self._write(block.file, block.body)
        elif block.is_manifest:
            self._write("devenv.yaml", block.body)
        elif block.language == "text" and block.follows:
            self._compare(block.body, block)
            return
        self._printed = ""
        for line in [*block.commands, *block.steps_of_ci]:
            for text in block.marked("each"):
                self._run(f"set -eu\n{text}", 0, block)
            with alone("template-test") if "devenv template test" in line else nullcontext():
                self._run(line, block.exit_code(line), block, answer=block.answer(line))
            if line in block.printed:
                self._compare(block.printed[line], block)
            yield line

    def _write(self, name: str, text: str) -> None:
        path = Path(name.replace("~", str(self._home), 1)) if name.startswith("~/") else self._here / name
        assert path.is_relative_to(self._home), f"{name}: outside of the reader's home"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("registry.example", self._private), "utf-8")

    def _run(self, line: str, code: int, block: Block, *, answer: str = "") -> None:
        """One command line, in the folder that the one before has led to. One that 130 is expected of is watched for
        a while and interrupted; an `answer` is typed at a terminal."""
        here = self._root / "here"
        typed, terminal = pty.openpty() if answer else (-1, subprocess.DEVNULL)
        with (self._root / "printed").open("w+b") as output:
            process = subprocess.Popen(
                ["bash", "-c", f'{self._here_and_now(line)}\ncode=$?\npwd >"{here}"\nexit $code'],
                cwd=self._here,
                env=self._environment,
                stdin=terminal,
                stdout=terminal if answer else output,
                stderr=terminal if answer else output,
                start_new_session=True,
            )
            try:
                if answer:
                    os.write(typed, answer.encode())
                    os.close(terminal)
                    output.write(_until_closed(typed))
                if code == 130:
                    _watch(process, output.fileno())
                process.wait(PATIENCE)
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
            output.seek(0)
            printed = output.read().decode("utf-8", "replace")
        printed = printed.replace(str(self._root), "").replace(self._private, "registry.example")
        assert process.returncode == code, f"{block.where}: {line}: exit code {process.returncode}\n{printed}"
        self._printed += printed
        self._here = Path(here.read_text().strip())

    def _here_and_now(self, line: str) -> str:
        """A command line with what is there instead of what the page has: a registry, and the ports that were free."""
        line = line.replace("registry.example", self._private)
        try:
            stack = (self._here / ".devenv" / "compose.yaml").read_text("utf-8")
        except OSError:
            return line
        settings = dotenv.parse((self._here / ".devenv" / ".env").read_text("utf-8"))
        for variable, port in re.findall(r"\$\{(DEVENV_PORT_\w+):-(\d+)\}", stack):
            line = line.replace(f"127.0.0.1:{port}", f"127.0.0.1:{settings.get(variable, port)}")
        return line

    def _compare(self, shown: str, block: Block) -> None:
        """Every line that is shown was printed, in that order; `…` stands for anything, and times and places are not
        compared."""
        rest = iter(_essence(self._printed))
        for line in _essence(shown):
            pattern = re.compile(".*".join(map(re.escape, line.split("…"))))
            assert any(pattern.fullmatch(one) for one in rest), f"{block.where}: not printed: {line}\n{self._printed}"


def _copy_settings_of_docker(folder: Path) -> None:
    """What the docker command has been told, but for where it keeps passwords: a login of the page stays in it."""
    theirs = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")
    folder.mkdir()
    for one in theirs.iterdir() if theirs.is_dir() else ():
        if one.name != "config.json":
            (folder / one.name).symlink_to(one)
    if (config := theirs / "config.json").exists():
        settings = json.loads(config.read_text("utf-8"))
        settings.pop("credsStore", None)
        (folder / "config.json").write_text(json.dumps(settings))


def _essence(text: str) -> list[str]:
    text = re.sub(r"\d+(\.\d+)? s\b", "# s", text)
    text = re.sub(r"\d+:\d+(:\d+)?\b", "#", text)
    return [" ".join(line.split()) for line in text.split("\n") if line.strip(" …")]


def _watch(process: subprocess.Popen[bytes], output: int) -> None:
    """Interrupts a process once it has printed something."""
    end = time.monotonic() + 20
    while process.poll() is None and not os.fstat(output).st_size and time.monotonic() < end:
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)


def _until_closed(terminal: int) -> bytes:
    found = b""
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # Linux's way to say that nobody has the other end any more
            os.close(terminal)
            return found
        found += part
