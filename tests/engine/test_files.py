import errno
import os
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from devenv.engine.files import ProjectFolder
from devenv.engine.unwritable import unwritable
from devenv.errors import DevenvError


@pytest.fixture
def project(tmp_path: Path) -> ProjectFolder:
    (tmp_path / "devenv.yaml").write_text("devenv: 1\n")
    return ProjectFolder(tmp_path, environ={})


def code(error: pytest.ExceptionInfo[DevenvError]) -> str:
    return error.value.problems[0].code


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


class TestFind:
    def test_in_the_folder_and_above_it(self, project):
        deep = project.root / "a" / "b"
        deep.mkdir(parents=True)
        found = ProjectFolder.find(deep)
        assert (found.root, found.manifest) == (project.root.resolve(), "devenv.yaml")

    def test_the_other_extension(self, tmp_path):
        (tmp_path / "devenv.yml").write_text("")
        assert ProjectFolder.find(tmp_path).manifest == "devenv.yml"

    def test_not_above_the_repository(self, project):
        inner = project.root / "inner"
        (inner / ".git").mkdir(parents=True)
        with pytest.raises(DevenvError, match=r"DE101: there is no devenv.yaml or devenv.yml in .*inner") as error:
            ProjectFolder.find(inner / ".git")
        assert "up to" in str(error.value)
        assert "`devenv init`" in (error.value.problems[0].hint or "")

    def test_what_was_brought_up_from_a_folder_without_a_manifest_can_be_ended(self, tmp_path):
        (tmp_path / ".devenv").mkdir()
        (tmp_path / ".devenv/compose.yaml").write_text("")
        with pytest.raises(DevenvError) as error:
            ProjectFolder.find(tmp_path)
        assert f"`docker compose -f {tmp_path}/.devenv/compose.yaml down` ends" in (error.value.problems[0].hint or "")

    def test_named_file(self, project):
        (project.root / "other.yaml").write_text("")
        found = ProjectFolder.find(project.root, "other.yaml")
        assert (found.root, found.manifest) == (project.root, "other.yaml")
        with pytest.raises(DevenvError, match=r"DE101: there is no manifest missing\.yaml in /"):
            ProjectFolder.find(project.root, "missing.yaml")

    def test_missing_folder(self, tmp_path):
        with pytest.raises(DevenvError, match="DE101: there is no folder"):
            ProjectFolder.find(tmp_path / "missing")


class TestRead:
    def test_byte_order_mark_is_taken_off(self, project):
        (project.root / "a").write_bytes(b"\xef\xbb\xbfx: \xc3\xa9\n")
        assert project.read("a") == "x: é\n"

    @pytest.mark.parametrize("make", ["fifo", "folder", "device", "missing", "link to device"])
    def test_what_is_no_regular_file_is_refused_at_once(self, project, make):
        path = project.root / "x"
        if make == "fifo":
            os.mkfifo(path)
        elif make == "folder":
            path.mkdir()
        elif make == "link to device":
            path.symlink_to("/dev/zero")
        started = time.monotonic()
        with pytest.raises(DevenvError) as error:
            project.read("/dev/zero" if make == "device" else "x")
        assert code(error) == "DE102"
        assert time.monotonic() - started < 1

    def test_of_a_lost_file_of_devenvs_own_it_says_who_writes_it(self, project):
        with pytest.raises(DevenvError) as error:
            project.read(".devenv/compose.yaml")
        assert error.value.problems[0].hint == "`devenv up` writes it anew"

    def test_a_nul_in_the_name(self, project):
        with pytest.raises(DevenvError, match="DE102"):
            project.read("a\0b")

    def test_size_is_bounded(self, project):
        (project.root / "a").write_text("x" * 11)
        assert project.read("a", limit=11) == "x" * 11
        with pytest.raises(DevenvError, match="DE103: a is larger than 10 bytes"):
            project.read("a", limit=10)

    def test_other_encodings_are_refused_with_the_place(self, project):
        (project.root / "a").write_bytes(b"ok\nb\xff\n")
        with pytest.raises(DevenvError, match="DE104: a is not UTF-8 text: byte 0xff in line 2"):
            project.read("a")


def test_exists_tells_files_from_folders(project):
    (project.root / "d").mkdir()
    assert project.exists("devenv.yaml", "file") and not project.exists("devenv.yaml", "directory")
    assert project.exists("d", "directory") and not project.exists("d", "file")
    assert not project.exists("none", "file") and not project.exists("none", "directory")


class TestWrite:
    def test_a_second_time_writes_nothing(self, project):
        assert project.write(".devenv/compose.yaml", "name: shop\n") is True
        before = (project.root / ".devenv/compose.yaml").stat()
        assert project.write(".devenv/compose.yaml", "name: shop\n") is False
        after = (project.root / ".devenv/compose.yaml").stat()
        assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)

    def test_leaves_no_staged_file_and_ignores_its_folder(self, project):
        project.write(".devenv/compose.yaml", "x")
        names = sorted(p.name for p in (project.root / ".devenv").iterdir())
        assert names == [".gitignore", "compose.yaml"]
        assert (project.root / ".devenv/.gitignore").read_text() == "*\n"

    def test_links_in_its_folder_lead_the_lock_nowhere(self, project):
        elsewhere = project.root.parent / "elsewhere"
        elsewhere.mkdir()
        (elsewhere / ".theirs.new").write_text("theirs")
        project.write(".devenv/compose.yaml", "x")
        (project.root / ".devenv/lock.holder").symlink_to(elsewhere / ".theirs.new")
        (project.root / ".devenv/timings").symlink_to(elsewhere)
        with project.lock():
            assert not (project.root / ".devenv/lock.holder").is_symlink()
        assert (elsewhere / ".theirs.new").read_text() == "theirs"

    def test_another_run_may_sweep_up_what_this_one_has_staged(self, project, monkeypatch):
        put = Path.replace

        def swept(staged, target):
            staged.unlink()
            monkeypatch.undo()
            return put(staged, target)

        monkeypatch.setattr(Path, "replace", swept)
        with project.lock():
            assert (project.root / ".devenv/lock").exists()

    def test_private_from_the_start_and_mended(self, project):
        project.write(".devenv/.env", "A=1\n", private=True)
        path = project.root / ".devenv/.env"
        assert mode(path) == 0o600
        path.chmod(0o644)
        assert project.write(".devenv/.env", "A=1\n", private=True) is True
        assert mode(path) == 0o600

    def test_keeps_the_mode_of_a_file_that_is_not_private(self, project):
        (project.root / "run.sh").write_text("a")
        (project.root / "run.sh").chmod(0o755)
        project.write("run.sh", "b")
        assert mode(project.root / "run.sh") == 0o755

    def test_through_a_link_of_the_persons_own(self, project):
        (project.root / "real").mkdir()
        (project.root / "real/compose.yaml").write_text("a")
        (project.root / "compose.yaml").symlink_to("real/compose.yaml")
        project.write("compose.yaml", "b")
        assert (project.root / "compose.yaml").is_symlink()
        assert (project.root / "real/compose.yaml").read_text() == "b"

    @pytest.mark.parametrize("there", [False, True])
    def test_not_through_a_link_out_of_the_repository(self, project, tmp_path_factory, there):
        outside = tmp_path_factory.mktemp("home") / ".bash_login"
        if there:
            outside.write_text("mine")
        (project.root / "devenv.lock").symlink_to(outside)
        with pytest.raises(DevenvError, match=r"DE701: .* link out of the repository"):
            project.write("devenv.lock", "x")
        assert outside.exists() is there and (not there or outside.read_text() == "mine")

    def test_a_link_in_place_of_our_file_is_replaced_not_followed(self, project, tmp_path):
        outside = tmp_path / "outside"
        outside.write_text("precious")
        project.write(".devenv/a", "")
        (project.root / ".devenv/.env").symlink_to(outside)
        project.save_settings({"A": "1"})
        assert outside.read_text() == "precious"
        assert not (project.root / ".devenv/.env").is_symlink()

    @pytest.mark.parametrize("link", [".devenv", ".devenv/sub"])
    def test_links_that_leave_the_project_are_refused(self, project, tmp_path_factory, link):
        elsewhere = tmp_path_factory.mktemp("elsewhere")
        at = project.root / link
        at.parent.mkdir(exist_ok=True)
        at.symlink_to(elsewhere)
        with pytest.raises(DevenvError, match=r"DE701: .* symbolic link"):
            project.write(f"{link}/file", "x")
        assert list(elsewhere.iterdir()) == []

    def test_no_way_up_out_of_the_folder(self, project):
        with pytest.raises(DevenvError, match="DE701"):
            project.write(".devenv/../../stolen", "x")

    def test_what_cannot_be_written_is_a_problem(self, project):
        (project.root / "file").write_text("")
        with pytest.raises(DevenvError, match="DE701: cannot write file/x") as caught:
            project.write("file/x", "x")
        assert caught.value.problems[0].hint == "move away what is there in its place"

    @pytest.mark.parametrize(
        ("number", "hint"),
        [
            (errno.ENOSPC, "make room: `df -h {}` shows how full that disk is"),
            (errno.EACCES, "`ls -ld {}` shows who may write there"),
            (errno.EROFS, "mount {} so that it can be written"),
            (errno.EIO, "see what is wrong with {}"),
        ],
    )
    def test_what_cannot_be_written_says_what_to_do(self, tmp_path, number, hint):
        problem = unwritable(".devenv/x", tmp_path / ".devenv/x", OSError(number, "no")).problems[0]
        assert (problem.code, problem.message) == ("DE701", "cannot write .devenv/x: no")
        assert problem.hint == hint.format(tmp_path)

    def test_a_folder_in_a_hint_is_one_that_people_know(self, tmp_path):
        problem = unwritable("x", tmp_path / "no/../../x", OSError(errno.EACCES, "no")).problems[0]
        assert problem.hint == f"`ls -ld {tmp_path.parent}` shows who may write there"

    def test_a_command_in_a_hint_can_be_copied(self, tmp_path):
        (tmp_path / "my shop").mkdir()
        problem = unwritable("x", tmp_path / "my shop/x", OSError(errno.EACCES, "no")).problems[0]
        assert problem.hint == f"`ls -ld '{tmp_path}/my shop'` shows who may write there"


class TestSettings:
    def test_come_back_as_they_were(self, project):
        values = {"DEVENV_SECRET_DB": "a'b\"$c\\", "COMPOSE_PROJECT_NAME": "shop", "EMPTY": ""}
        assert project.settings() == {}
        project.save_settings(values)
        assert project.settings() == values
        assert mode(project.root / ".devenv/.env") == 0o600

    def test_environment_layers(self, project):
        (project.root / ".env").write_text("A=person\nB=person\nC=person\nDEVENV_PORT=person\n")
        project.save_settings({"B": "machine", "C": "machine", "DEVENV_PORT": "machine"})
        environ = {"C": "shell", "DEVENV_PORT": "shell"}
        folder = ProjectFolder(project.root, environ=environ)
        assert folder.environment() == {"A": "person", "B": "machine", "C": "shell", "DEVENV_PORT": "machine"}


class TestState:
    def test_comes_back(self, project):
        project.save_state({"applied": {"db": "abc"}})
        assert project.state() == {"applied": {"db": "abc"}}

    @pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b"\xff", b"[" * 100_000])
    def test_damage_is_as_good_as_nothing(self, project, damage):
        project.save_state({})
        (project.root / ".devenv/state.json").write_bytes(damage)
        assert project.state() == {}


class TestAppend:
    def test_adds_lines(self, project):
        project.append(".devenv/timings/runs.jsonl", "one\n")
        project.append(".devenv/timings/runs.jsonl", "two\n")
        assert project.read(".devenv/timings/runs.jsonl") == "one\ntwo\n"
        assert project.read(".devenv/.gitignore") == "*\n"

    def test_does_not_follow_a_link_out_of_the_folder(self, project, tmp_path):
        (project.root / ".devenv/timings").mkdir(parents=True)
        elsewhere = tmp_path / "elsewhere"
        elsewhere.write_text("mine\n")
        (project.root / ".devenv/timings/runs.jsonl").symlink_to(elsewhere)
        with pytest.raises(DevenvError, match="DE701"):
            project.append(".devenv/timings/runs.jsonl", "x\n")
        assert elsewhere.read_text() == "mine\n"


class TestLock:
    def test_names_the_holder(self, project):
        script = (
            "import sys, pathlib; from devenv.engine.files import ProjectFolder\n"
            "sys.argv = ['/usr/lib/devenv/__main__.py', 'up']\n"
            f"with ProjectFolder(pathlib.Path({str(project.root)!r})).lock():\n"
            "    print('held', flush=True); sys.stdin.read()\n"
        )
        other = subprocess.Popen(
            [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert other.stdout.readline() == "held\n"
        with pytest.raises(DevenvError, match=rf"DE702: process {other.pid} \(devenv up\)"), project.lock():
            pass
        threading.Timer(0.3, other.stdin.close).start()
        with project.lock(wait=10):
            pass
        other.wait(10)

    def test_what_its_holder_has_claimed_is_this_projects(self, project, tmp_path, monkeypatch):
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
        script = (
            "import sys, pathlib; from devenv.engine.files import ProjectFolder\n"
            f"project = ProjectFolder(pathlib.Path({str(project.root)!r}))\n"
            "with project.lock():\n"
            "    print(project.claim('port 80'), project.claimed('port 80'), flush=True); sys.stdin.read()\n"
        )
        other = subprocess.Popen(
            [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert other.stdout.readline() == "True False\n"
        assert (project.claim("port 80"), project.claimed("port 80")) == (False, True)
        assert (project.claim("port 81"), project.claimed("port 81")) == (True, False)
        elsewhere = ProjectFolder(tmp_path / "elsewhere")
        assert (elsewhere.claim("port 80"), elsewhere.claimed("port 80")) == (False, False)
        with elsewhere.lock():
            assert (elsewhere.claim("port 80"), elsewhere.claim("port 81")) == (False, True)
        other.communicate()

    def test_is_free_again_after_an_error(self, project):
        with pytest.raises(ValueError), project.lock():
            raise ValueError
        with project.lock():
            pass

    def test_a_damaged_note_of_the_holder(self, project):
        with project.lock():
            (project.root / ".devenv/lock.holder").write_text("?")
            with pytest.raises(DevenvError, match="DE702: another process"), project.lock():
                pass


def test_a_folder_is_weighed_up_to_a_bound(tmp_path):
    for n in range(4):
        (tmp_path / f"folder{n}").mkdir()
        (tmp_path / f"folder{n}/data").write_bytes(b"x" * 100)
    project = ProjectFolder(tmp_path)
    assert project.weigh(".", 1000, 1000) == (400, 4)
    size, files = project.weigh(".", 150, 1000)
    assert 150 < size < 400 and files < 4
    assert project.weigh(".", 1000, 1)[1] == 2
    assert project.weigh("nowhere", 1000, 1000) == (0, 0)


def test_where_the_manifest_is_in_its_repository(tmp_path):
    (tmp_path / "deploy/here").mkdir(parents=True)
    assert ProjectFolder(tmp_path / "deploy/here").above() == ""
    (tmp_path / ".git").mkdir()
    assert ProjectFolder(tmp_path / "deploy/here").above() == "deploy/here"
    assert ProjectFolder(tmp_path).above() == ""


def test_what_is_no_regular_file_is_not_written_over(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DevenvError) as caught:
        ProjectFolder(tmp_path).write("pipe", "x")
    assert caught.value.problems[0].message.endswith("it is a named pipe, not a regular file")
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"] and (tmp_path / "pipe").is_fifo()
