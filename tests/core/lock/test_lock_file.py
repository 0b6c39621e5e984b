from __future__ import annotations

import pytest

from devenv.core.lock.lock_file import lock_text, read_lock
from devenv.errors import Report
from devenv.model.lock import Lock, LockedImage, LockedTemplate, Pin
from devenv.records import replace

SHA = "sha256:" + "a" * 64
PIN = Pin(git="https://h/x", ref="1.0", path="t", commit="0" * 39 + "1", content=SHA)
WHOLE = Lock(
    devenv=">=0.2, <0.3",
    trusted=("https://h/x",),
    catalogs=(PIN,),
    includes=(replace(PIN, ref="", path=""),),
    templates={"postgres": LockedTemplate(catalog="built-in", content=SHA)},
    images={
        "postgres:17": LockedImage(digest=SHA, platforms={"linux/arm64": SHA, "linux/amd64": SHA}),
        "busybox": LockedImage(digest=SHA),
    },
)


def problems(text):
    report = Report()
    report.source("devenv.lock", text)
    assert read_lock(text, report) is None
    return [(p.code, p.mark and (p.mark.line, p.mark.column), p.path) for p in report.errors]


def test_what_is_written_is_read_again_and_written_the_same():
    text = lock_text(WHOLE)
    read = read_lock(text, Report())
    assert read == WHOLE
    assert lock_text(read) == text
    assert text.index("busybox") < text.index("postgres:17") and text.index("amd64") < text.index("arm64")


def test_nothing_locks_nothing():
    assert read_lock("", Report()) == Lock()
    assert lock_text(Lock()).splitlines()[1:] == ["lock: 1"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("- 1\n", [("DE780", (1, 1), "")]),
        ("trusted: []\n", [("DE780", (1, 1), "lock")]),
        ("lock: 2\n", [("DE780", (1, 7), "lock")]),
        ("lock: 1\nimage: {}\n", [("DE780", (2, 1), "")]),
        ("lock: 1\nimages: {a: {}}\n", [("DE780", (2, 13), "images.a.digest")]),
        ("lock: 1\ntrusted: a\n", [("DE780", (2, 10), "trusted")]),
        ("lock: 1\nimages:\n  a: {digest: latest}\n", [("DE780", (3, 15), "images.a.digest")]),
        ("lock: 1\ncatalogs:\n  - git: x\n    commit: abc\n", None),
        ("lock: 1\nlock: 1\n", [("DE106", (2, 1), "")]),
        ("lock: [\n", None),
    ],
)
def test_a_wrong_lock_is_told_of_with_its_place(text, found):
    told = problems(text)
    assert told and (found is None or told == found)
