"""Runs command lines in this process and keeps what they say."""

import io
import json
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import Any

from devenv.cli.app import main
from devenv.errors import DevenvError
from devenv.ui.console import Console


@dataclass
class Result:
    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


class Typed(io.StringIO):
    """A terminal at which someone types."""

    encoding = "utf-8"

    def isatty(self):
        return True


def run(*argv, outside=None, typed=None, **environ):
    """One command line; `typed` makes input and stderr a terminal with that input waiting."""
    err = io.StringIO() if typed is None else Typed()
    environ = {"TERM": "dumb", **environ}
    console = Console(io.StringIO(), err, io.StringIO() if typed is None else Typed(typed), environ)
    with redirect_stdout(console.out):  # where Typer prints its help
        code = main(list(argv), console=console, outside=outside)
    return Result(int(code), console.out.getvalue(), console.err.getvalue())


@dataclass
class Outside:
    """Hands out what a test has made; what it has not made may not be asked for. An exception is raised."""

    a_world: Any = None
    a_host: Any = None
    a_catalog: Any = None

    def world(self, directory, file):
        self.asked = (directory, file)
        if self.a_world is None and self.a_catalog is not None:
            raise DevenvError.of("DE101", "there is no devenv.yaml here")
        return _given(self.a_world)

    def host(self):
        return _given(self.a_host)

    def catalog(self):
        return _given(self.a_catalog)


def _given(thing):
    if isinstance(thing, BaseException):
        raise thing
    assert thing is not None
    return thing
