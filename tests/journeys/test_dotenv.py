"""`.env` files mean to devenv what they mean to Compose: both read the same text."""

from __future__ import annotations

from pathlib import Path

import pytest

from devenv.engine import dotenv
from tests.journeys.engines import Engine

pytestmark = pytest.mark.engine

VALUES = [
    "plain",
    "",
    "two words",
    "a$b",
    "#x",
    "it's $5",
    'say "x" it\'s',
    "end\\",
    " x ",
    "é",
    "a\\nb",
    "'",
    "\\'",
    "a'\\",
]

TEXT = r"""
# note
PLAIN = 1 # why
HASH=a#b
export EXPORTED=2
YAML: 3
SINGLE='x # $PLAIN \n it\'s' # more
DOUBLE="a\tb\\n\"q\" \$X $$Y ${PLAIN}-$HASH"
DEFAULT=${NOPE:-d}-${PLAIN:+set}-${NOPE-${HASH}}-${NOPE:-}
SEVERAL='one
two'
OCTAL="\0123"
"""


def read_by_compose(engine: Engine, folder: Path, text: str, names: list[str]) -> dict[str, str]:
    """What Compose makes of a file's variables, seen through the environment of a service."""
    import json

    (folder / "x.env").write_text(text)
    lines = "".join(f'      {name}: "${{{name}}}"\n' for name in names)
    (folder / "compose.yaml").write_text(f"services:\n  a:\n    image: x\n    environment:\n{lines}")
    command = ("compose", "-f", str(folder / "compose.yaml"), "--env-file", str(folder / "x.env"))
    found = json.loads(engine.docker(*command, "config", "--format", "json"))["services"]["a"]["environment"]
    return {name: value.replace("$$", "$") for name, value in found.items()}


def test_what_devenv_writes_compose_reads(engine: Engine, tmp_path: Path) -> None:
    values = {f"V{number}": value for number, value in enumerate(VALUES)}
    assert read_by_compose(engine, tmp_path, dotenv.dump(values), list(values)) == values


def test_what_compose_reads_devenv_reads(engine: Engine, tmp_path: Path) -> None:
    values = dotenv.parse(TEXT)
    assert len(values) == 9
    assert read_by_compose(engine, tmp_path, TEXT, list(values)) == values
