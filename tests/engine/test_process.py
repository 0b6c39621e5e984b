import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from devenv.engine import process
from devenv.engine.process import TIMED_OUT, LocalProcesses
from devenv.errors import DevenvError


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


@pytest.fixture
def processes() -> LocalProcesses:
    return LocalProcesses()


def test_returns_code_and_both_streams(processes):
    done = processes.run(python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"))
    assert (done.code, done.output, done.errors) == (3, "out\n", "err\n")


def test_lines_come_while_the_program_runs_and_in_this_thread(processes):
    seen: list[tuple[str, float, int]] = []
    code = "import time; print('first', flush=True); time.sleep(0.4); print('last')"
    done = processes.run(
        python(code), on_line=lambda line: seen.append((line, time.monotonic(), threading.get_ident()))
    )
    assert [line for line, _, _ in seen] == ["first", "last"]
    assert seen[1][1] - seen[0][1] > 0.2
    assert {ident for _, _, ident in seen} == {threading.get_ident()}
    assert done.output == "first\nlast\n"


def test_input_is_handed_over_even_when_it_is_large(processes):
    text = "x" * 300_000 + "é"
    code = "import sys; d = sys.stdin.buffer.read().decode(); sys.stdout.buffer.write(d.encode())"
    assert processes.run(python(code), input=text).output == text + "\n"


def test_without_input_the_program_reads_nothing(processes):
    assert processes.run(python("import sys; print(repr(sys.stdin.read()))")).output == "''\n"


def test_output_that_is_not_utf8_is_replaced(processes):
    assert processes.run(python(r"import sys; sys.stdout.buffer.write(b'a\xffb')")).output == "a\ufffdb\n"


def test_environment_is_the_one_handed_over():
    processes = LocalProcesses({"PATH": os.environ["PATH"], "COLOUR": "blue"})
    code = "import os; print(os.environ.get('COLOUR'), os.environ.get('HOME'))"
    assert processes.run(python(code)).output == "blue None\n"
    assert processes.run(python(code), env={"COLOUR": "red"}).output == "red None\n"


def test_runs_in_the_folder(processes, tmp_path: Path):
    assert processes.run(python("import os; print(os.getcwd())"), cwd=tmp_path).output.strip() == str(tmp_path)


def test_missing_program_and_missing_folder_are_problems(processes, tmp_path: Path):
    with pytest.raises(DevenvError, match="DE703: there is no program 'no-such-program'"):
        processes.run(["no-such-program"])
    with pytest.raises(DevenvError, match=r"DE703: .* no folder"):
        processes.run(python("pass"), cwd=tmp_path / "missing")


def test_program_that_the_system_cannot_run_is_a_problem(processes, tmp_path: Path):
    broken = tmp_path / "broken"
    broken.write_bytes(b"\x7fELF nonsense")
    broken.chmod(0o755)
    with pytest.raises(DevenvError, match="DE703: cannot run"):
        processes.run([str(broken)])


def test_timeout_ends_the_program_and_its_children(processes, tmp_path: Path):
    pid_file = tmp_path / "pid"
    started = time.monotonic()
    done = processes.run(["/bin/sh", "-c", f"sleep 60 & echo $! > {pid_file}; echo before; wait"], timeout=0.5)
    assert time.monotonic() - started < 5
    assert done.code == TIMED_OUT
    assert done.output == "before\n"
    assert "took too long" in done.errors
    assert gone(int(pid_file.read_text()))


@pytest.mark.parametrize("more", ["print('x')", "print('x' * 9000, end='')"])
def test_a_program_that_prints_without_end_is_ended(processes, monkeypatch, more):
    monkeypatch.setattr(process, "MOST", 1 << 20)
    monkeypatch.setattr(process, "_LONGEST", 1 << 16)
    done = processes.run([sys.executable, "-c", f"while True: {more}"], timeout=60)
    assert done.code == TIMED_OUT and "it printed too much" in done.errors
    assert len(done.output) < 20 << 20


def test_child_that_keeps_the_pipe_open_is_not_waited_for(processes, tmp_path: Path):
    pid_file = tmp_path / "pid"
    started = time.monotonic()
    done = processes.run(["/bin/sh", "-c", f"sleep 30 & echo $! > {pid_file}; echo done"])
    assert (done.code, done.output) == (0, "done\n")
    assert time.monotonic() - started < 5
    os.kill(int(pid_file.read_text()), signal.SIGTERM)


def test_signal_is_reported_as_a_shell_does(processes):
    assert processes.run(["/bin/sh", "-c", "kill -TERM $$"]).code == 143


def test_error_of_the_callback_ends_the_program(processes, tmp_path: Path):
    pid_file = tmp_path / "pid"

    def fail(line: str) -> None:
        raise ValueError(line)

    with pytest.raises(ValueError, match="go"):
        processes.run(["/bin/sh", "-c", f"echo $$ > {pid_file}; echo go; exec sleep 60"], on_line=fail)
    assert gone(int(pid_file.read_text()))


def test_ctrl_c_ends_a_program_that_ignores_it(tmp_path: Path):
    """The whole ladder, in a process of its own: the program ignores SIGINT and falls to SIGTERM."""
    pid_file = tmp_path / "pid"
    code = f"""
from devenv.engine.process import LocalProcesses
try:
    LocalProcesses().run(["/bin/sh", "-c", "trap '' INT; echo $$ > {pid_file}; while :; do sleep 1; done"])
except KeyboardInterrupt:
    print("interrupted")
"""
    import subprocess

    outer = subprocess.Popen(python(code), stdout=subprocess.PIPE, text=True)
    while not (pid_file.exists() and pid_file.read_text().strip()):
        time.sleep(0.05)
    outer.send_signal(signal.SIGINT)
    output, _ = outer.communicate(timeout=20)
    assert output == "interrupted\n"
    assert gone(int(pid_file.read_text()))


def test_stop_all_ends_what_other_threads_wait_for(processes):
    codes: list[int] = []
    thread = threading.Thread(target=lambda: codes.append(processes.run(["sleep", "60"]).code))
    thread.start()
    time.sleep(0.3)
    processes.stop_all()
    thread.join(10)
    assert codes == [130]


def test_find_looks_on_the_path_handed_over(tmp_path: Path):
    tool = tmp_path / "tool"
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    processes = LocalProcesses({"PATH": str(tmp_path)})
    assert processes.find("tool") == tool
    assert processes.find("other") is None


def test_replace_uses_this_process_streams(capfd, processes):
    code = processes.replace(["/bin/sh", "-c", "echo seen; exit 7"])
    assert code == 7
    assert capfd.readouterr().out == "seen\n"


def gone(pid: int) -> bool:
    for _ in range(60):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        state = Path(f"/proc/{pid}/stat")
        if state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False
