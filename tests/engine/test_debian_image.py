from pathlib import Path

import pytest

from devenv.engine import debian_image
from devenv.engine.answers import Completed
from devenv.errors import DevenvError


class Programs:
    """Programs that are there, and how runs of them end."""

    def __init__(self, *there: str, code: int = 0) -> None:
        self.there = set(there)
        self.code = code
        self.runs: list[list[str]] = []

    def find(self, program):
        return Path("/usr/bin") / program if program in self.there else None

    def run(self, argv, **options):
        self.runs.append(list(argv))
        if argv[0] == "apt-get":
            self.there.add("mmdebstrap")
        return Completed(self.code, "", "E: no such suite\n" if self.code else "")

    def replace(self, argv, env=None):
        return self.run(argv).code


class Images:
    def __init__(self):
        self.imported = []

    def import_root(self, tar, reference):
        self.imported.append((tar.name, reference))

    def info(self):
        raise AssertionError("not asked")


def no(question):
    return False


def test_the_image_is_made_and_imported():
    programs, images = Programs("mmdebstrap"), Images()
    debian_image.make_base(programs, images, no)
    assert images.imported == [("base.tar", "devenv/debian:trixie-slim")]
    assert programs.runs[0][:3] == ["mmdebstrap", "--variant=minbase", "--format=tar"]


def test_the_machines_own_mirror_is_used():
    assert debian_image.command(Path("/x.tar"), "http://mirror.example/debian")[-3:] == [
        "trixie",
        "/x.tar",
        "http://mirror.example/debian",
    ]
    assert debian_image.command(Path("/x.tar"), "")[-2:] == ["trixie", "/x.tar"]


def test_mmdebstrap_is_installed_after_a_yes(monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 0)
    programs, images, asked = Programs("apt-get"), Images(), []
    debian_image.make_base(programs, images, lambda question: bool(asked.append(question)) or True)
    assert "mmdebstrap" in asked[0] and "apt-get install" in asked[0]
    assert [run[0] for run in programs.runs] == ["apt-get", "mmdebstrap"]
    assert images.imported


def test_without_a_yes_the_command_is_named(monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(DevenvError, match="DE507") as raised:
        debian_image.make_base(Programs("apt-get", "sudo"), Images(), no)
    assert raised.value.problems[0].hint.startswith("run `sudo apt-get install")


def test_without_apt_the_way_by_hand_is_named():
    with pytest.raises(DevenvError, match="DE507") as raised:
        debian_image.make_base(Programs(), Images(), no)
    assert "docker import" in raised.value.problems[0].hint


def test_a_failure_shows_what_was_said():
    with pytest.raises(DevenvError, match="DE507") as raised:
        debian_image.make_base(Programs("mmdebstrap", code=25), Images(), no)
    assert raised.value.problems[0].evidence == ("E: no such suite",)
