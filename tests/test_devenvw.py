"""The wrapper: installs once, safely, and then stays out of the way."""

from __future__ import annotations

import hashlib
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pexpect
import pytest

import devenv
from tests.conftest import ROOT

TOOLS = ("cat", "cksum", "cp", "env", "grep", "id", "mkdir", "mv", "readlink", "rm", "sh", "sleep")
SHELLS = [shell for shell in ("dash", "bash", "busybox") if shutil.which(shell)]

APP = """
import os, sys
def main():
    if sys.argv[1:2] == ["exit"]:
        return int(sys.argv[2])
    print(sys.argv[1:], os.environ["DEVENV_WRAPPER"], sys.flags.isolated)
    return 0
"""

# A Python whose environments are made at once, and which notes what is installed into them.
PYTHON = """#!/bin/sh
case "$*" in
*ensurepip*) echo "whole $0" ;;
*"-m venv"*)
    for folder; do :; done
    mkdir -p "$folder/bin"
    echo making >>"$NOTES"
    sleep "${VENV_TAKES:-0}"
    cp "$0" "$folder/bin/python" ;;
*"-m pip"*) echo "pip $*" >>"$NOTES"; [ -z "${PIP_FAILS:-}" ] || { echo "no such thing"; exit 1; } ;;
*) echo "devenv ran" ;;
esac
"""
LACKING = '#!/bin/sh\ncase "$*" in *ensurepip*) echo "lacking $0" ;; *) exit 1 ;; esac\n'


def script(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path


class Machine:
    """A home folder, a PATH of the bare necessities, and a repository with the wrapper in it."""

    def __init__(self, folder: Path) -> None:
        self.home, self.bin, self.repository = folder / "home", folder / "bin", folder / "a repository"
        for each in (self.home, self.bin, self.repository):
            each.mkdir()
        for tool in TOOLS:
            found = shutil.which(tool)
            assert found
            (self.bin / tool).symlink_to(found)
        self.wrapper = self.repository / "devenvw"
        shutil.copy(ROOT / "devenvw", self.wrapper)
        self.notes = folder / "notes"
        self.env = {"HOME": str(self.home), "PATH": str(self.bin), "NOTES": str(self.notes)}

    @property
    def cache(self) -> Path:
        return self.home / ".cache" / "devenv"

    def start(self, *arguments: str, shell: str = "sh", **env: str) -> subprocess.Popen[str]:
        found = shutil.which(shell)
        assert found
        argv = [found, *(["sh"] if shell == "busybox" else []), str(self.wrapper), *arguments]
        return subprocess.Popen(
            argv,
            env={**self.env, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, shell: str = "sh", **env: str) -> tuple[int, str, str]:
        process = self.start(*arguments, shell=shell, **env)
        output, errors = process.communicate(timeout=120)
        return process.returncode, output, errors


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def quick(machine: Machine) -> Machine:
    """A machine whose Python makes environments at once."""
    script(machine.bin / "python3", PYTHON)
    return machine


def wheel(folder: Path) -> str:
    """Puts a `devenv-stack` of our making into `folder`; returns its line in a lock."""
    version = devenv.__version__
    file = folder / f"devenv_stack-{version}-py3-none-any.whl"
    info = f"devenv_stack-{version}.dist-info"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("devenv/__init__.py", "")
        archive.writestr("devenv/cli/__init__.py", "")
        archive.writestr("devenv/cli/app.py", APP)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: devenv-stack\nVersion: {version}\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return f"devenv-stack=={version} --hash=sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}\n"


def test_it_pins_the_version_of_this_checkout() -> None:
    assert f"\nDEVENV_VERSION={devenv.__version__}\n" in (ROOT / "devenvw").read_text()


def test_it_is_clean_for_shellcheck() -> None:
    assert shutil.which("shellcheck"), "install shellcheck (tests/run does)"
    done = subprocess.run(["shellcheck", str(ROOT / "devenvw")], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_it_installs_what_the_lock_holds_and_hands_over(machine: Machine, tmp_path: Path) -> None:
    links = tmp_path / "links"
    links.mkdir()
    (machine.repository / "devenvw.lock").write_text(wheel(links))
    pip = {"DEVENV_PYTHON": sys.executable, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(links)}

    code, output, errors = machine.run("up", "two words", "*", **pip)
    assert (code, output) == (0, f"['up', 'two words', '*'] {machine.wrapper} 1\n")
    assert errors.count("\n") == 1 and "installing devenv" in errors and str(machine.cache) in errors

    links.rename(tmp_path / "gone")
    assert machine.run("exit", "5", **pip) == (5, "", "")
    assert len(list(machine.cache.iterdir())) == 1


def test_what_has_another_hash_is_not_installed(machine: Machine, tmp_path: Path) -> None:
    lock = wheel(tmp_path)
    (machine.repository / "devenvw.lock").write_text(lock[:-9] + "00000000\n")
    pip = {"DEVENV_PYTHON": sys.executable, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path)}
    code, output, errors = machine.run("up", **pip)
    assert (code, output) == (1, "")
    assert "DO NOT MATCH THE HASHES" in errors and "could not install devenv" in errors
    assert list(machine.cache.iterdir()) == []


def test_in_its_own_repository_it_runs_the_checkout(machine: Machine) -> None:
    (machine.repository / "devenv" / "cli").mkdir(parents=True)
    (machine.repository / "devenv" / "__init__.py").touch()
    (machine.repository / "devenv" / "cli" / "app.py").write_text(APP)
    (machine.repository / "requirements.lock").touch()
    (machine.repository / "pyproject.toml").write_text('[project]\nname = "devenv-stack"\n')
    link = machine.home / "link"
    link.symlink_to(machine.wrapper)
    machine.wrapper = link
    for _ in range(2):
        code, output, _ = machine.run("status", DEVENV_PYTHON=sys.executable)
        assert (code, output) == (0, f"['status'] {machine.repository}/devenvw 1\n")


@pytest.mark.parametrize("shell", SHELLS)
def test_it_runs_in_every_shell(quick: Machine, shell: str) -> None:
    code, output, errors = quick.run("up", shell=shell)
    assert (code, output) == (0, "devenv ran\n"), errors
    assert quick.run("up", shell=shell) == (0, "devenv ran\n", "")


def test_without_a_lock_the_pinned_version_is_installed(quick: Machine) -> None:
    quick.run("up")
    assert f"devenv-stack=={devenv.__version__}" in quick.notes.read_text()


def test_a_lock_of_dependencies_alone_is_followed_by_devenv_itself(quick: Machine) -> None:
    (quick.repository / "devenvw.lock").write_text("rich==15.0.0 --hash=sha256:00\n")
    quick.run("up")
    first, second = [line for line in quick.notes.read_text().splitlines() if line.startswith("pip")]
    assert "--require-hashes" in first and "devenvw.lock" in first
    assert f"--no-deps devenv-stack=={devenv.__version__}" in second


def test_another_lock_is_another_environment(quick: Machine) -> None:
    lock = quick.repository / "devenvw.lock"
    for text in ("a==1\n", "a==2\n", "a==1\n"):
        lock.write_text(text)
        assert quick.run("up")[0] == 0
    assert len(list(quick.cache.iterdir())) == 2


def test_an_environment_whose_python_is_gone_is_made_anew(quick: Machine) -> None:
    quick.run("up")
    (environment,) = quick.cache.iterdir()
    (environment / "bin" / "python").unlink()
    (environment / "bin" / "python").symlink_to("/nonexistent/python3.11")
    code, output, errors = quick.run("up")
    assert (code, output) == (0, "devenv ran\n")
    assert "installing" in errors


def test_two_at_once_install_once(quick: Machine) -> None:
    first = quick.start("up", VENV_TAKES="2")
    wait_for(quick.notes)
    second = quick.start("up")
    results = [process.communicate(timeout=60) for process in (first, second)]
    assert [output for output, _ in results] == ["devenv ran\n"] * 2
    assert f"waiting for another devenvw (pid {first.pid})" in results[1][1]
    assert quick.notes.read_text().count("making") == 1
    assert len(list(quick.cache.iterdir())) == 1


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_installation_is_not_taken_as_finished(quick: Machine, how: signal.Signals) -> None:
    interrupted = quick.start("up", VENV_TAKES="1")
    wait_for(quick.notes)
    interrupted.send_signal(how)
    assert interrupted.wait(20) != 0
    code, output, errors = quick.run("up")
    assert (code, output) == (0, "devenv ran\n")
    assert "installing" in errors and "waiting" not in errors
    time.sleep(1.2)  # what the killed one had started may still write
    assert not [path for path in quick.cache.iterdir() if path.name.endswith(".lock")]


def test_a_failed_installation_shows_what_the_installer_said_and_leaves_nothing(quick: Machine) -> None:
    code, output, errors = quick.run("up", PIP_FAILS="1")
    assert (code, output) == (1, "")
    assert "no such thing" in errors
    assert list(quick.cache.iterdir()) == []
    assert quick.run("up")[0] == 0


def test_a_second_call_costs_less_than_30_ms(quick: Machine) -> None:
    (quick.repository / "devenvw.lock").write_bytes((ROOT / "requirements.lock").read_bytes())
    quick.run("up")
    taken = []
    for _ in range(20):
        start = time.perf_counter()
        quick.run("up")
        taken.append(time.perf_counter() - start)
    assert min(taken) < 0.030


class TestWithoutPython:
    """Python or its module ensurepip is missing."""

    @pytest.fixture
    def debian(self, machine: Machine) -> Machine:
        script(machine.bin / "python3", LACKING)
        python = machine.bin / "python3"
        whole = script(machine.home / "whole", PYTHON)
        install = f'echo "apt-get $*" >>"$NOTES"\ncase "$*" in *python3-venv*) cp "{whole}" "{python}" ;; esac\n'
        script(machine.bin / "apt-get", f"#!/bin/sh\n{install}")
        self.become(machine, 0)
        return machine

    def become(self, machine: Machine, user: int) -> None:
        (machine.bin / "id").unlink()
        script(machine.bin / "id", f"#!/bin/sh\necho {user}\n")

    def test_root_with_yes_gets_it_installed(self, debian: Machine) -> None:
        code, output, errors = debian.run("up", "--yes")
        assert (code, output) == (0, "devenv ran\n")
        assert "apt-get install -y --no-install-recommends python3-venv" in errors
        assert "python3-venv" in debian.notes.read_text()

    @pytest.mark.parametrize("arguments", [("up",), ("exec", "db", "apt-get", "--yes"), ("up", "--", "--yes")])
    def test_nothing_is_installed_without_consent(self, debian: Machine, arguments: tuple[str, ...]) -> None:
        code, _, errors = debian.run(*arguments)
        assert code == 1
        assert "apt-get install -y --no-install-recommends python3-venv" in errors and "--yes" in errors
        assert not debian.notes.exists()
        assert list(debian.cache.iterdir()) == []

    @pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 1), ("", 1)])
    def test_at_a_terminal_it_asks(self, debian: Machine, answer: str, code: int) -> None:
        terminal = pexpect.spawn("sh", [str(debian.wrapper), "up"], env=debian.env, encoding="utf-8", timeout=20)
        terminal.expect_exact("run it now? [y/N] ")
        terminal.sendline(answer)
        terminal.expect(pexpect.EOF)
        terminal.close()
        assert terminal.exitstatus == code
        assert debian.notes.exists() is (code == 0)

    def test_who_is_not_root_is_told_the_command(self, debian: Machine) -> None:
        self.become(debian, 1000)
        code, _, errors = debian.run("up", "--yes")
        assert code == 1
        assert "sudo apt-get install -y --no-install-recommends python3-venv" in errors
        assert not debian.notes.exists()

    def test_uv_takes_its_place(self, debian: Machine) -> None:
        make = 'for folder; do :; done; mkdir -p "$folder/bin"; cp "$HOME/whole" "$folder/bin/python"'
        uv = script(debian.bin / "uv", f'#!/bin/sh\necho "uv $*" >>"$NOTES"\ncase $1 in venv) {make} ;; esac\n')
        assert uv.exists()
        code, output, _ = debian.run("up")
        assert (code, output) == (0, "devenv ran\n")
        assert f"devenv-stack=={devenv.__version__}" in debian.notes.read_text()
        assert "apt-get" not in debian.notes.read_text()

    def test_where_there_is_no_apt_the_systems_own_command_is_named(self, machine: Machine) -> None:
        script(machine.bin / "apk", "#!/bin/sh\n")
        code, _, errors = machine.run("up", "--yes")
        assert code == 1
        assert "no Python 3.11 or newer found. Install it: apk add python3" in errors

    def test_a_named_python_must_be_right(self, quick: Machine) -> None:
        code, _, errors = quick.run("up", DEVENV_PYTHON="/nonexistent/python")
        assert code == 1
        assert "DEVENV_PYTHON (/nonexistent/python)" in errors


def test_a_home_that_cannot_be_written_is_named(quick: Machine) -> None:
    (quick.home / ".cache").write_text("a file")
    code, _, errors = quick.run("up")
    assert code == 1
    assert str(quick.cache) in errors and "XDG_CACHE_HOME" in errors


def test_the_lock_of_a_holder_that_died_at_once_is_taken_over(quick: Machine) -> None:
    quick.run("up")
    (environment,) = quick.cache.iterdir()
    shutil.rmtree(environment)
    lock = environment.with_name(environment.name + ".lock")
    lock.mkdir()
    (lock / "pid").write_text(f"{dead_pid()}\n")
    assert quick.run("up")[:2] == (0, "devenv ran\n")
    assert not lock.exists()


def dead_pid() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def wait_for(file: Path) -> None:
    end = time.monotonic() + 20
    while not file.exists():
        assert time.monotonic() < end
        time.sleep(0.02)
