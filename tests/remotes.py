"""Git repositories that tests make, to be read as remote ones."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

NOBODY = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}


class Remote:
    """A repository that a test fills."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str, input: bytes | None = None) -> str:
        run = subprocess.run(
            ["git", *arguments],
            cwd=self.root,
            env={**os.environ, **NOBODY},
            check=True,
            capture_output=True,
            input=input,
        )
        return run.stdout.decode().strip()

    def commit(self, **files: str) -> str:
        for name, text in files.items():
            self.write(name.replace("__", "/"), text)
        return self.take()

    def write(self, name: str, text: str) -> None:
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(text)

    def take(self) -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "x")
        return self.git("rev-parse", "HEAD")

    def tree_of(self, *entries: tuple[str, str, bytes]) -> str:
        """A commit of entries (mode, name, content) that no working tree could have."""
        lines = b""
        for mode, name, content in entries:
            oid = self.git("hash-object", "-w", "--stdin", input=content)
            lines += f"{mode} {name}\0".encode() + bytes.fromhex(oid)
        tree = self.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", input=lines)
        commit = self.git("commit-tree", "-m", "x", tree)
        self.git("update-ref", "refs/heads/hostile", commit)
        return commit
