"""What Compose is handed to interpolate with."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest

from devenv.engine import dotenv
from devenv.engine.compose_config import handed_over


def test_what_is_no_variable_of_this_process_is_handed_over_in_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINE", "1")
    with handed_over({"MINE": "1", "DEVENV_X": "2", "LD_PRELOAD": "evil.so"}) as options:
        assert dotenv.parse(Path(options[1]).read_text("utf-8")) == {"LD_PRELOAD": "evil.so"}


def test_many_variables_are_handed_over_in_as_long_as_there_are() -> None:
    def seconds(count: int) -> float:
        variables = {f"VARIABLE_{n}": "x" for n in range(count)}
        begin = process_time()
        with handed_over(variables):
            pass
        return process_time() - begin

    assert seconds(4_000) < 16 * seconds(500) + 0.1
