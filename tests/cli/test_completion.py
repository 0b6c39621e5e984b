import os
import subprocess
import sys

import pytest

from devenv.cli.commands import COMMANDS
from tests.cli.conftest import SHOP


def complete(line, folder):
    """What the shell is offered at the end of `line`."""
    words = line.split(" ")
    env = os.environ | {
        "_DEVENV_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
    }
    done = subprocess.run([sys.executable, "-m", "devenv"], env=env, cwd=folder, capture_output=True, text=True)
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("devenv ", list(COMMANDS)),
        ("devenv log", ["logs"]),
        ("devenv catalog sh", ["show"]),
        ("devenv up ", ["db", "web"]),
        ("devenv up db w", ["web"]),
        ("devenv exec w", ["web"]),
        ("devenv up --mode ", ["data"]),
        ("devenv catalog show postg", ["postgres"]),
        ("devenv logs --fo", ["--follow"]),
        ("devenv remove d", ["db"]),
        ("devenv set services.w", ["services.web"]),
        ("devenv set services.web.i", ["services.web.image"]),
        ("devenv lint port", ["port-clash", "port-moved"]),
        ("devenv lint port-clash port", ["port-moved"]),
        ("devenv lint DL95", ["DL951", "DL952", "DL953", "DL954"]),
        ("devenv lint --format s", ["sarif"]),
        ("devenv add postgres --with ext", ["extensions="]),
        ("devenv explain web.port", ["web.ports", "web.ports[0]", "web.ports.http"]),
    ],
)
def test_names_are_completed(line, found, tmp_path):
    (tmp_path / "devenv.yaml").write_text(SHOP)
    assert complete(line, tmp_path) == found


@pytest.mark.parametrize("name", [r"\\$(touch x)", "`x`", "a'b", "a\\nb", "a;b", "a*", r"\e[31m"])
def test_what_a_shell_would_act_on_is_no_candidate(name, tmp_path):
    text = f'devenv: 1\nname: x\nservices: {{"{name}": {{image: x}}, web: {{image: x}}}}\nx-a: {{"{name}": 1, b: 1}}\n'
    (tmp_path / "devenv.yaml").write_text(text)
    assert complete("devenv set services.", tmp_path) == ["services.web"]
    assert complete("devenv set x-a.", tmp_path) == ["x-a.b"]


def test_zsh_shows_whole_sentences(tmp_path):
    def shown(line):
        env = os.environ | {"_DEVENV_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": line}
        return subprocess.run(
            [sys.executable, "-m", "devenv"], env=env, cwd=tmp_path, capture_output=True, text=True
        ).stdout

    assert COMMANDS["open"] in shown("devenv ")
    assert "List the templates that have to do with a word." in shown("devenv catalog ")


@pytest.mark.parametrize("manifest", [None, "devenv: [", "devenv: 1\nname: x\nservices: 3\n"])
def test_without_a_readable_manifest_there_are_no_candidates_and_no_noise(manifest, tmp_path):
    if manifest is not None:
        (tmp_path / "devenv.yaml").write_text(manifest)
    assert complete("devenv up ", tmp_path) == []


def test_the_folder_that_was_named_counts(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "devenv.yaml").write_text(SHOP)
    assert complete("devenv -C there up ", tmp_path) == ["db", "web"]
