import inspect
import json
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from devenv import __version__
from devenv.cli.bug import bug
from devenv.cli.commands import COMMANDS
from devenv.cli.lazy import load, module_name
from devenv.errors import DevenvError, Mark, Problem
from tests.cli.running import Outside, run


@pytest.mark.parametrize("argv", [["--version"], ["-C", ".", "--version"]])
def test_version(argv):
    result = run(*argv)
    assert (result.code, result.out, result.err) == (0, f"devenv {__version__}\n", "")


@pytest.mark.parametrize("argv", [[], ["--help"], ["-h"]])
def test_help_lists_every_command_with_its_line(argv):
    result = run(*argv)
    assert result.code == 0
    for name, summary in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(summary)}$", result.out, re.MULTILINE), name


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_says_what_the_commands_say(name):
    module = import_module(module_name(name))
    assert inspect.getdoc(module.command).splitlines()[0] == COMMANDS[name]
    assert module.__doc__.splitlines()[0] == COMMANDS[name]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_a_word_for_each_option(name):
    result = run(name, "--help")
    assert result.code == 0
    assert COMMANDS[name] in " ".join(result.out.split())
    assert "<" not in result.out, "Python types mean nothing to people"
    for line in result.out.splitlines():
        assert not re.fullmatch(r"  (-\w, )?--[\w-]+( [A-Z]+)?", line), f"no help: {line}"


def helps(group, path):
    """A command's words and its help, and those of the commands in it."""
    yield path, run(*path, "--help").out
    for name in getattr(group, "commands", {}):
        yield from helps(group.commands[name], [*path, name])


@pytest.mark.parametrize("name", COMMANDS)
def test_help_fits_into_80_columns_and_nothing_is_cut_off(name, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    for path, text in helps(load(name), [name]):
        lines = text.splitlines()
        assert [line for line in lines if len(line) > 80] == [], path
        assert [line for line in lines if line.startswith("  ") and line.endswith("...")] == [], path


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_options_has_no_apostrophe_which_zsh_would_swallow(name):
    commands = [load(name), *getattr(load(name), "commands", {}).values()]
    options = [param for command in commands for param in command.params if param.param_type_name == "option"]
    assert [param.help for param in options if "'" in (param.help or "")] == []


def test_a_group_alone_tells_its_commands():
    result = run("template")
    assert (result.code, result.err) == (0, "")
    assert result.out == run("template", "--help").out


def test_help_and_version_import_no_command_and_nothing_heavy():
    code = (
        "import sys; from devenv.cli.app import main; main(['--help']); "
        "print(*sorted(m for m in sys.modules if m.split('.')[0] in "
        "('rich', 'docker', 'pydantic', 'yaml') or m in "
        f"{ {f'devenv.cli.{name}' for name in COMMANDS}!r}), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.split() == []


def test_up_imports_little_before_it_calls_compose():
    code = (
        "import sys, devenv.cli.app, devenv.cli.world, devenv.ops.up, devenv.ui.progress_plain as _\n"
        "from devenv.engine import config; config.read_files()\n"
        "print(*{'devenv.codes', 'platformdirs', 'shutil', 'tempfile', 'difflib', 'inspect', 'rich', 'docker'} "
        "& sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize(
    ("argv", "message", "hint"),
    [
        (["stauts"], "there is no command 'stauts'", "did you mean 'status'?"),
        (["xyzzy"], "there is no command 'xyzzy'", "`devenv --help` lists the commands"),
        (["catalog", "--jsno"], "devenv catalog: there is no option '--jsno'", "did you mean '--json'?"),
        (["timings", "x"], "devenv timings: invalid value for 'RUN': 'x' is not a whole number", None),
        (["logs", "-n", "x"], "devenv logs: invalid value for '--tail' / '-n': 'x' is not a whole number", None),
        (["schema", "--template", "--policy"], "devenv schema: --template and --policy are two schemas", "ask for one"),
        (["--json"], "devenv: there is no option '--json'", "write it after the command: `devenv COMMAND --json`"),
        (["doctor", "-C", "x"], "devenv doctor: there is no option '-C'", "before the command: `devenv -C DIR doctor`"),
        (["-C", "/no/such"], "devenv: missing command", "`devenv --help` tells what it takes"),
        (["-C", "/no/such", "status"], "-C: there is no folder '/no/such'", None),
        (["catalog", "show"], "devenv catalog show: missing argument 'TEMPLATE'", "`devenv catalog show --help`"),
        (["catalog", "shwo"], "devenv catalog: there is no command 'shwo'", "did you mean 'show'?"),
    ],
)
def test_what_cannot_be_understood_is_2_with_a_way_on(argv, message, hint):
    result = run(*argv)
    assert result.code == 2
    assert result.out == "" or result.data
    assert result.err.startswith(f"error[DE710]: {message}\n")
    if hint:
        assert hint in result.err


def test_a_failure_has_its_code_its_format_and_with_json_its_data():
    mark = Mark("devenv.yaml", 9, 5, 5)
    error = DevenvError(
        Problem("DE105", "first", mark, "services.cache", "a hint", "    prots: [6379]"), Problem("DE701", "second")
    )
    result = run("catalog", outside=Outside(a_catalog=error))
    assert result.code == 3
    assert result.err == (
        "error[DE105] devenv.yaml:9:5: services.cache: first\n"
        "   9 |     prots: [6379]\n"
        "     |     ^^^^^\n"
        "hint: a hint\n\nerror[DE701]: second\n\n2 errors\n"
    )
    result = run("catalog", "--json", outside=Outside(a_catalog=error))
    assert [e["code"] for e in result.data["errors"]] == ["DE105", "DE701"]
    assert result.data["errors"][0]["line"] == 9


def test_an_interrupt_is_130_and_one_line():
    result = run("catalog", outside=Outside(a_catalog=KeyboardInterrupt()))
    assert (result.code, result.out, result.err) == (130, "", "interrupted\n")


def test_termination_is_an_interrupt():
    code = (
        "import os, signal; from devenv.cli.app import _Outside, main\n"
        "_Outside.catalog = lambda self: os.kill(os.getpid(), signal.SIGTERM)\n"
        "raise SystemExit(main(['catalog']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "interrupted\n")


def test_a_bug_is_70_and_one_sentence_with_its_traceback_in_a_file(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    result = run("catalog", outside=Outside(a_catalog=RuntimeError("boom")))
    assert result.code == 70
    assert result.err.startswith("error[DE900]: this is a bug in devenv: RuntimeError: boom\nhint: please report it")
    assert "Traceback" not in result.err
    [file] = tmp_path.rglob("bug-*.log")
    assert str(file) in result.err
    story = file.read_text()
    assert "RuntimeError: boom" in story
    assert "arguments: ['catalog']" in story
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_reader_that_leaves_is_no_error():
    code = "import sys; from devenv.cli.app import main; sys.exit(main(['catalog', '--json']))"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=Path.cwd()
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 1


def test_errors_as_json_are_one_line():
    result = run("catalog", "show", "--json", "--nope")
    assert result.code == 2
    assert len(result.out.splitlines()) == 1
    assert json.loads(result.out)["errors"][0]["code"] == "DE710"


def test_a_bug_is_written_down_where_there_is_no_home(monkeypatch, tmp_path):
    def nobody(_):
        raise KeyError

    monkeypatch.setattr("pwd.getpwuid", nobody)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for name in ("HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    assert str(tmp_path) in str(bug(ValueError("x"), []).hint)
