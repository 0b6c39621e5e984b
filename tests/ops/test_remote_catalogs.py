"""Catalogs in Git, read with the real git: pinned, offline, and hostile ones."""

from __future__ import annotations

import os

import pytest

from devenv.cli.world import open_world
from devenv.errors import DevenvError, Report
from devenv.ops.catalogs import project_catalog
from devenv.ops.diff import diff
from devenv.ops.load import load_stack
from devenv.ops.sources import load_lock
from devenv.records import replace
from tests.remotes import NOBODY, Remote

STORE = """\
template: 1
summary: A store
versions: ["1"]
service: { image: "store:1", ports: { main: 70 }, configs: [{ source: conf, target: /conf }] }
configs: { conf: { file: FILE } }
"""


@pytest.fixture
def remote(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name, value in NOBODY.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "secret").write_text("top-secret-words")
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "devenv.yaml").write_text(
        "devenv: 1\nname: shop\ncatalogs: [{git: ../remote, ref: main, path: templates}]\n"
        "services: {db: {use: store}}\n"
    )
    return Remote(tmp_path / "remote")


def world(tmp_path, *, agree=True):
    return replace(open_world(tmp_path / "shop", None), agree=lambda question: agree)


def problems(tmp_path):
    with pytest.raises(DevenvError) as raised:
        load_stack(world(tmp_path), Report())
    return list(raised.value.problems)


def text_of(tmp_path, **options):
    return load_stack(world(tmp_path, **options), Report()).text


def test_the_first_use_is_asked_for_and_then_nothing_moves(remote, tmp_path):
    remote.write("templates/store/template.yaml", STORE.replace("FILE", "conf.txt"))
    remote.write("templates/store/conf.txt", "hello")
    first = remote.take()
    with pytest.raises(DevenvError) as raised:
        load_stack(world(tmp_path, agree=False), Report())
    assert [p.code for p in raised.value.problems] == ["DE775"]
    assert not (tmp_path / "shop" / "devenv.lock").exists() and not (tmp_path / "cache").exists()
    text = text_of(tmp_path)
    assert "hello" in text
    lock = load_lock(open_world(tmp_path / "shop", None).project, Report())
    assert lock is not None and [pin.commit for pin in lock.catalogs] == [first] and lock.trusted == ("../remote",)
    remote.write("templates/store/conf.txt", "moved")
    remote.take()
    assert text_of(tmp_path, agree=False) == text, "main has moved, the lock has not"
    remote.root.rename(tmp_path / "gone")
    assert text_of(tmp_path, agree=False) == text, "without the remote, too"


def test_a_second_laptop_gets_the_same_or_nothing(remote, tmp_path, monkeypatch):
    remote.write("templates/store/template.yaml", STORE.replace("FILE", "conf.txt"))
    remote.write("templates/store/conf.txt", "hello")
    remote.take()
    text = text_of(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "other-cache"))
    assert text_of(tmp_path, agree=False) == text
    lock = tmp_path / "shop" / "devenv.lock"
    lock.write_text(lock.read_text().replace("content: sha256:", "content: sha256:0000")[:-5] + "\n")
    assert [p.code for p in problems(tmp_path)] == ["DE781"]


@pytest.mark.parametrize(
    "target", ["../../../secret", "/etc/passwd", "../../../../remote/.git/config", "../other/conf.txt", "up/secret"]
)
def test_a_link_that_leaves_the_template_reads_nothing(remote, tmp_path, target):
    remote.write("templates/store/template.yaml", STORE.replace("FILE", "conf.txt"))
    remote.write("templates/other/conf.txt", "of another template")
    (remote.root / "templates/store/up").symlink_to("../../..")
    (remote.root / "templates/store/conf.txt").symlink_to(target)
    remote.take()
    found = problems(tmp_path)
    assert [p.code for p in found] == ["DE303"] and "no text file 'conf.txt'" in found[0].message
    assert "secret" not in str(found)


@pytest.mark.parametrize("name", ["../../../secret", "/etc/passwd", "../other/conf.txt", "./conf.txt", "up/x"])
def test_a_file_that_is_not_of_the_folder_is_not_there(remote, tmp_path, name):
    remote.write("templates/store/template.yaml", STORE.replace("FILE", name))
    remote.write("templates/other/conf.txt", "of another template")
    remote.take()
    assert [p.code for p in problems(tmp_path)] == ["DE303"]


def test_a_template_that_is_a_link_itself_is_none(remote, tmp_path):
    remote.write("templates/good/template.yaml", STORE.replace("FILE", "x"))
    (remote.root / "templates/store").mkdir(parents=True)
    (remote.root / "templates/store/template.yaml").symlink_to("../good/template.yaml")
    (remote.root / "templates/whole").symlink_to("good")
    remote.take()
    names = project_catalog(world(tmp_path)).catalog.names()
    assert "good" in names and "store" not in names


def test_what_is_no_text_or_too_large_or_oddly_named_is_not_there(remote, tmp_path):
    remote.write("templates/store/template.yaml", STORE.replace("FILE", "conf.txt"))
    (remote.root / "templates/store/conf.txt").write_bytes(b"\xff\xfe\x00")
    remote.write("templates/huge/template.yaml", "#" * (1 << 20) + "\n")
    remote.write("templates/-rf/template.yaml", STORE)
    remote.write("templates/a b/template.yaml", STORE)
    with (remote.root / os.fsdecode(b"templates/\xff")).open("w") as file:
        file.write("x")
    remote.take()
    assert [p.code for p in problems(tmp_path)] == ["DE303"]
    (remote.root / "templates/store/template.yaml").write_bytes(b"template: 1\nsummary: \xff\n")
    remote.take()
    (tmp_path / "shop" / "devenv.lock").unlink()
    assert [(p.code, p.mark and p.mark.file.endswith("store/template.yaml")) for p in problems(tmp_path)] == [
        ("DE104", True)
    ]
    names = set(project_catalog(world(tmp_path)).catalog.names())
    assert "store" in names and not {"huge", "-rf", "a b"} & names


def test_nothing_of_a_repository_runs(remote, tmp_path):
    remote.write("templates/store/template.yaml", STORE.replace("FILE", "conf.txt"))
    remote.write("templates/store/conf.txt", "hello")
    remote.write(".gitattributes", "* filter=evil\n")
    for hook in ("post-checkout", "post-merge", "reference-transaction"):
        remote.write(f".githooks/{hook}", f"#!/bin/sh\ntouch {tmp_path}/pwned\n")
        (remote.root / ".githooks" / hook).chmod(0o755)
    remote.take()
    remote.git("config", "filter.evil.smudge", f"touch {tmp_path}/pwned")
    assert "hello" in text_of(tmp_path)
    assert not (tmp_path / "pwned").exists()


def test_a_revision_without_a_lock_can_be_compared_and_nothing_is_written(remote, tmp_path):
    remote.write("templates/store/template.yaml", STORE.replace("FILE", "conf.txt"))
    remote.write("templates/store/conf.txt", "hello")
    remote.take()
    shop = Remote(tmp_path / "repository")
    text = (tmp_path / "shop" / "devenv.yaml").read_text()
    shop.write("devenv.yaml", text)
    shop.take()
    shop.write("devenv.yaml", text.replace("use: store", "use: store, environment: {A: b}"))
    load_stack(replace(open_world(shop.root, None), agree=lambda question: True), Report())
    lock = (shop.root / "devenv.lock").read_text()
    found = diff(open_world(shop.root, None), "HEAD", report=Report())
    assert "environment.A" in str(found)
    assert (shop.root / "devenv.lock").read_text() == lock


def test_an_answer_stands_in_the_lock_whatever_else_is_wrong(remote, tmp_path):
    remote.write("templates/store/template.yaml", STORE.replace("FILE", "nowhere.txt"))
    commit = remote.take()
    assert [problem.code for problem in problems(tmp_path)] == ["DE303"]
    lock = load_lock(world(tmp_path).project, Report())
    assert lock is not None and lock.trusted and [pin.commit for pin in lock.catalogs] == [commit]


def test_a_lock_that_cannot_be_read_is_not_written_over(remote, tmp_path):
    remote.write("templates/store/template.yaml", STORE.replace("FILE", "template.yaml"))
    remote.take()
    lock = tmp_path / "shop" / "devenv.lock"
    lock.write_text("<<<<<<< ours\nlock: 1\n=======\nlock: 1\n>>>>>>> theirs\n")
    written = lock.read_text()
    assert {problem.mark.file for problem in problems(tmp_path)} == {"devenv.lock"}
    assert "store" in project_catalog(world(tmp_path)).catalog.names()
    assert lock.read_text() == written
