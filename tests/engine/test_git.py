"""Remote repositories, read with the real git from repositories that each test makes."""

from __future__ import annotations

import os
import shutil
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from devenv.engine.git import LocalGit, ask, hide_password, refused
from devenv.engine.process import LocalProcesses
from devenv.errors import DevenvError
from tests.remotes import NOBODY, Remote


@pytest.fixture
def remote(tmp_path):
    return Remote(tmp_path / "remote")


@pytest.fixture
def git(tmp_path):
    return LocalGit(LocalProcesses(), tmp_path, tmp_path / "cache", {**os.environ, **NOBODY})


def files_of(tree):
    return {p.relative_to(tree.folder).as_posix(): p.read_text() for p in tree.folder.rglob("*") if p.is_file()}


def failure(ask):
    with pytest.raises(DevenvError) as raised:
        ask()
    (problem,) = raised.value.problems
    return problem


def test_filters_of_a_repositorys_own_are_off_and_those_of_the_person_are_not(tmp_path, monkeypatch, remote):
    remote.commit(a="1\n", b="1\n")
    remote.git("config", "filter.own.clean", f"touch {tmp_path}/ran; cat")
    (remote.root / ".git/info/attributes").write_text("a filter=own\nb filter=mine\n")
    config = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "filter.mine.clean", "GIT_CONFIG_VALUE_0": "echo 1; :"}
    for name, value in config.items():
        monkeypatch.setenv(name, value)
    (remote.root / "a").write_text("2\n")
    (remote.root / "b").write_text("2\n")
    said = ask(LocalProcesses(), remote.root, "status", "--porcelain", "-uno", contents=True)
    assert said.output == " M a\n"
    assert not (tmp_path / "ran").exists()


def test_a_ref_names_a_commit(git, remote):
    first = remote.commit(a="1")
    remote.git("tag", "-a", "-m", "one", "v1")
    remote.git("branch", "same")
    second = remote.commit(a="2")
    remote.git("tag", "same")
    url = str(remote.root)
    assert git.commit(url) == git.commit(url, "main") == git.commit(f"file://{url}", "refs/heads/main") == second
    assert git.commit(url, "v1") == first, "of an annotated tag the commit"
    assert git.commit(url, "same") == second, "a tag counts more than a branch, as for git itself"
    assert git.commit("https://nobody.invalid/x", first) == first, "a commit needs no remote"
    assert git.commit("./remote", "main") == second, "a path begins at the project's folder"


def test_a_remote_tells_its_tags(git, remote, tmp_path):
    remote.commit(a="1")
    assert git.tags(str(remote.root)) == []
    remote.git("tag", "v1")
    remote.git("tag", "-a", "-m", "two", "release/2")
    assert sorted(git.tags(str(remote.root))) == ["release/2", "v1"]
    assert failure(lambda: git.tags(str(tmp_path / "nowhere"))).code == "DE770"


def test_a_tree_is_fetched_once_and_then_without_the_remote(git, remote, tmp_path):
    remote.write("run", "#!/bin/sh\n")
    (remote.root / "run").chmod(0o755)
    first = remote.commit(a="1", deep__b="2")
    second = remote.commit(a="3")
    old = git.tree("./remote", first)
    assert files_of(old) == {"a": "1", "deep/b": "2", "run": "#!/bin/sh\n"}
    assert {oct((old.folder / name).stat().st_mode & 0o777) for name in ("a", "run")} == {"0o444", "0o555"}
    part = git.tree("./remote", second, "deep/")
    assert files_of(part) == {"b": "2"}
    assert git.tree("./remote", first, "deep").content == part.content != old.content
    shutil.rmtree(remote.root)
    assert git.tree("./remote", first) == old
    assert failure(lambda: git.tree("./remote", "0" * 40)).code == "DE770"
    assert not list((tmp_path / "cache").rglob(".new-*"))


def test_what_was_changed_in_the_cache_is_fetched_anew(git, remote):
    commit = remote.commit(a="1", b="1")
    tree = git.tree("./remote", commit)
    (tree.folder / "a").unlink()
    (tree.folder / "a").write_text("2")
    assert files_of(git.tree("./remote", commit)) == {"a": "1", "b": "1"}


def test_many_at_once_fetch_one_tree(git, remote):
    commit = remote.commit(a="1")
    found = []
    threads = [threading.Thread(target=lambda: found.append(git.tree("./remote", commit))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4 and len(set(found)) == 1


def test_what_a_server_hides_is_found_among_its_refs(git, remote):
    commit = remote.commit(a="1")
    remote.commit(a="2")
    remote.git("config", "uploadpack.allowAnySHA1InWant", "false")
    environ = {**os.environ, **NOBODY, "GIT_CONFIG_COUNT": "1"}
    environ |= {"GIT_CONFIG_KEY_0": "protocol.version", "GIT_CONFIG_VALUE_0": "0"}
    assert files_of(
        LocalGit(LocalProcesses(), remote.root.parent, remote.root.parent / "c", environ).tree("./remote", commit)
    )


def test_a_server_that_only_has_files_is_read(git, remote):
    commit = remote.commit(a="1")
    remote.commit(a="2")
    remote.git("update-server-info")
    folder = str(remote.root / ".git")

    class Files(SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=folder)

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Files) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert files_of(git.tree(f"http://127.0.0.1:{server.server_port}/", commit)) == {"a": "1"}
        server.shutdown()


@pytest.mark.parametrize(
    "url",
    [
        "--upload-pack=touch pwned",
        "ext::sh -c 'touch pwned'",
        "fd::17",
        "",
        "https://me:s3cret@host/x",
        "https://token@host/x",
        "http://example.com/x",
        "git://example.com/x",
        "ftp://example.com/x",
        "https:///x",
        "ssh://-oProxyCommand=touch/x",
        "https://host/a\nb",
        "https://g\u0456thub.com/acme/x.git",
        "https://github.com\u2044acme.example/x.git",
    ],
)
def test_addresses_that_are_never_asked(git, url, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    problem = failure(lambda: git.commit(url, "main"))
    assert problem.code == "DE772"
    assert "s3cret" not in problem.message and "token@" not in problem.message
    assert failure(lambda: git.tree(url, "0" * 40)).code == "DE772"
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize(
    "url", ["https://h/x.git", "ssh://git@h:22/x", "git@h:x/y.git", "file:///x", "../x", "http://127.0.0.1:80/x"]
)
def test_addresses_that_may_be_asked(url):
    assert refused(url) == ""


@pytest.mark.parametrize("ref", ["-x", "a b", "a..b", "a:b", "x^{}", "*", "a\n", "refs/heads/../x", "a.lock", "@{u}"])
def test_refs_that_are_never_asked(git, remote, ref):
    remote.commit(a="1")
    assert failure(lambda: git.commit("./remote", ref)).code == "DE772"


@pytest.mark.parametrize("path", ["../x", "a/../..", "a\nb"])
def test_folders_that_are_no_folders(git, remote, path):
    commit = remote.commit(a="1")
    assert failure(lambda: git.tree("./remote", commit, path)).code == "DE772"


def test_what_is_not_there_is_named(git, remote, tmp_path):
    commit = remote.commit(a="1")
    problem = failure(lambda: git.commit("./remote", "nope"))
    assert "no branch or tag 'nope'" in problem.message and "`git ls-remote --refs ./remote`" in (problem.hint or "")
    assert "in full" in (failure(lambda: git.commit("./remote", commit[:8])).hint or "")
    for path in ("nope", "a"):
        problem = failure(lambda path=path: git.tree("./remote", commit, path))
        assert problem.code == "DE771" and f"no folder '{path}'" in problem.message and problem.hint
    problem = failure(lambda: git.commit("./nowhere", "main"))
    assert problem.code == "DE770" and any("does not" in line for line in problem.evidence), "git's own words"
    Remote(tmp_path / "empty")
    tagged = Remote(tmp_path / "tagged")
    tagged.commit(a="1")
    tagged.git("checkout", "-q", "--orphan", "nowhere")
    for where in ("./empty", "./tagged"):  # the second one has commits, and none on its default branch
        problem = failure(lambda where=where: git.commit(where))
        assert problem.code == "DE771" and "has no default branch" in problem.message and "name a ref" in problem.hint


def test_without_git_that_is_said(tmp_path):
    git = LocalGit(LocalProcesses({"PATH": str(tmp_path)}), tmp_path, tmp_path / "cache")
    assert failure(lambda: git.commit("./x")).code == "DE773"


def test_links_stay_in_the_tree_and_so_does_what_is_reached_through_them(git, remote, tmp_path):
    (tmp_path / "secret").write_text("secret")
    remote.commit(top="1", deep__a__b__file="2", x__y="3")
    for name, target in {
        "good": "top",
        "out": "../secret",
        "absolute": str(tmp_path / "secret"),
        "deep/a/b/up": "../../../x",
        "chain": "deep/a/b/up/../../secret",
        "circle": "circle",
        "nowhere": "nope",
        "folder-out": "..",
    }.items():
        (remote.root / name).symlink_to(target)
    tree = git.tree("./remote", remote.take())
    assert tree.left_out == ("absolute", "chain", "circle", "folder-out", "nowhere", "out")
    assert (tree.folder / "good").read_text() == "1" and (tree.folder / "deep/a/b/up/y").read_text() == "3"
    assert "secret" not in "".join(files_of(tree).values())


@pytest.mark.parametrize("name", ["..", ".git", ".GIT"])
def test_names_that_would_leave_the_tree_are_refused(git, remote, name):
    remote.commit(a="1")
    commit = remote.tree_of(("100644", name, b"x"), ("100644", "ok", b"fine"))
    problem = failure(lambda: git.tree("./remote", commit))
    assert problem.code == "DE774" and name in "".join(problem.evidence)


def test_names_that_not_every_system_can_have_are_left_out(git, remote):
    remote.commit(a="1")
    odd = [("100644", name, b"x") for name in ("a\\b", "l\u2028m", "n\x85o")]
    commit = remote.tree_of(*odd, ("100644", "ok", b"fine"), ("100644", "x:y", b"x"))
    tree = git.tree("./remote", commit)
    assert files_of(tree) == {"ok": "fine"} and len(tree.left_out) == 4


def test_a_file_under_a_link_of_the_same_name_is_refused(git, remote, tmp_path):
    remote.commit(a="1")
    sub = remote.git("rev-parse", "HEAD^{tree}")
    blob = remote.git("hash-object", "-w", "--stdin", input=str(tmp_path).encode())
    lines = b"120000 d\0" + bytes.fromhex(blob) + b"40000 d\0" + bytes.fromhex(sub)
    tree = remote.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", input=lines)
    commit = remote.git("commit-tree", "-m", "x", tree)
    remote.git("update-ref", "refs/heads/hostile", commit)
    assert failure(lambda: git.tree("./remote", commit)).code == "DE774"
    assert not (tmp_path / "a").exists()


def test_a_tree_cannot_choose_how_it_is_read_and_nothing_of_it_is_run(git, remote, tmp_path):
    remote.write("a", "1")
    remote.write("b", "$Format:%H$ $Id$\n")
    remote.write("c", "3")
    remote.take()
    remote.write(
        ".gitattributes",
        "a export-ignore\nb export-subst ident text eol=crlf\nc filter=evil working-tree-encoding=UTF-16\n",
    )
    remote.git("add", ".gitattributes")
    remote.git("commit", "-q", "-m", "x")
    hook = remote.root / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/pwned\n")
    hook.chmod(0o755)
    commit = remote.git("rev-parse", "HEAD")
    remote.git("config", "filter.evil.smudge", f"touch {tmp_path}/pwned")
    files = files_of(git.tree("./remote", commit))
    assert (files["a"], files["b"], files["c"]) == ("1", "$Format:%H$ $Id$\n", "3")
    assert not (tmp_path / "pwned").exists()


def test_a_submodule_is_left_out(git, remote):
    remote.commit(a="1")
    remote.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},module")
    remote.git("commit", "-q", "-m", "x")
    tree = git.tree("./remote", remote.git("rev-parse", "HEAD"))
    assert tree.left_out == ("module",)


def test_bounds(git, remote, monkeypatch):
    commit = remote.commit(a="1" * 100, b="2" * 100)
    deep = remote.commit(**{"__".join("d" * 70): "x"})
    monkeypatch.setattr("devenv.engine.git_tree.FILES", 1)
    assert "more than 1 files" in failure(lambda: git.tree("./remote", commit)).message
    monkeypatch.setattr("devenv.engine.git_tree.FILES", 10)
    assert "deep" in failure(lambda: git.tree("./remote", deep)).message
    monkeypatch.setattr("devenv.engine.git_tree.BYTES", 150)
    assert failure(lambda: git.tree("./remote", commit)).code == "DE774"


def test_the_repository_around_this_process_is_not_meant(git, remote, tmp_path, monkeypatch):
    commit = remote.commit(a="1")
    other = Remote(tmp_path / "other")
    environ = {**os.environ, **NOBODY, "GIT_DIR": str(other.root / ".git"), "GIT_INDEX_FILE": "x"}
    git = LocalGit(LocalProcesses(), tmp_path, tmp_path / "cache", environ)
    assert git.commit("./remote") == commit and files_of(git.tree("./remote", commit)) == {"a": "1"}
    assert not other.git("for-each-ref")


def test_passwords_are_not_shown():
    assert hide_password("https://me:s3cret@host/x") == "https://host/x"
    assert hide_password("ssh://git@host/x") == "ssh://git@host/x"
