"""The one way in which commands write JSON."""

import json
from datetime import UTC, datetime

from devenv.records import frozen
from devenv.ui.json_text import json_text

HOSTILE = "a\x1b[2J\x7f\x85\u202e\u2066\ud800 é 😀"


@frozen
class One:
    name: str
    at: datetime


def test_records_and_times():
    at = datetime(2026, 6, 15, tzinfo=UTC)
    assert json.loads(json_text({"all": [One("é", at)]})) == {"all": [{"name": "é", "at": "2026-06-15T00:00:00+00:00"}]}


def test_nothing_that_a_terminal_obeys():
    written = json_text({HOSTILE: HOSTILE})
    assert written.isascii() and written.isprintable()
    assert json.loads(written) == {HOSTILE: HOSTILE}


def test_nothing_that_a_ci_obeys():
    text = "##[set-output name=a;]b ###[error] ##vso[task.setvariable variable=a]b ####"
    written = json_text({text: text})
    assert "##" not in written
    assert json.loads(written) == {text: text}
