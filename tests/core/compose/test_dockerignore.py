import pytest

from devenv.core.compose.dockerignore import Ignore, lines

FILES = [
    "a.txt",
    "b.md",
    "src/a.txt",
    "src/b.md",
    "src/deep/a.txt",
    "src/deep/c+1.log",
    "src/deep/k1.py",
    "node_modules/x/index.js",
    "pkg/node_modules/y/z.js",
    "pkg/keep/node_modules/me.js",
    ".git/HEAD",
    "docs/README.md",
    "docs/a/README.md",
    "docs/a/b.txt",
    "#hash.txt",
    "!bang",
    "build/out.bin",
    "build/keep.txt",
    "tmp1/f",
    "tmp2/f",
    "[x].txt",
]

CASES = {
    "plain": "*.md\nsrc/deep\n",
    "slashes": "/a.txt\n/docs/\n./build\n",
    "any depth": "**/node_modules\n**/*.txt\n",
    "exceptions": "docs\n!docs/README.md\n!docs/a/*.txt\n",
    "all but": "*\n!src\nsrc/deep\n!src/deep/k?.py\n",
    "comments": "# comment\n #hash.txt\n\n  *.md  \n",
    "everything in": "src/**\n!src/**/a.txt\n",
    "sets": "tmp[1]\n[^a].md\nsrc/deep/k[0-9].py\n",
    "the last one wins": "!docs/README.md\ndocs\n",
    "in the middle": "pkg/**/me.js\n**/deep/**\n",
    "no regular expression": "**/c+1.*\n",
    "escapes": "\\[x\\].txt\n\\!bang\n",
    "dots": "..\n.\n!b.md\n",
    "through the parent": "src/../docs\n",
    "a blank after the mark": "*.md\n! b.md\n",
    "everything": "**\n!**/a.txt\n",
    "ends with": "**a.txt\n",
    "back from a folder": "src\n!src/deep/a.txt\n",
}
"""What `tests/journeys/test_changes.py` holds against what Docker really leaves out."""


def kept(text: str, files: list[str]) -> set[str]:
    """The files that are not left out, found as a walk finds them: a hidden folder is not entered."""
    ignore = Ignore(text)
    found = set()
    for file in files:
        parts = file.split("/")
        out, above = False, ()
        for depth in range(1, len(parts) + 1):
            path = "/".join(parts[:depth])
            out, above = ignore.look(path, above)
            if depth < len(parts) and out and ignore.hides(path):
                break
        if not out:
            found.add(file)
    return found


@pytest.mark.parametrize(
    ("case", "out"),
    [
        ("plain", {"b.md", "src/deep/a.txt", "src/deep/c+1.log", "src/deep/k1.py"}),
        (
            "slashes",
            {"a.txt", "docs/README.md", "docs/a/README.md", "docs/a/b.txt", "build/out.bin", "build/keep.txt"},
        ),
        ("exceptions", {"docs/a/README.md"}),
        ("comments", {"#hash.txt", "b.md"}),
        ("sets", {"tmp1/f", "b.md", "src/deep/k1.py"}),
        ("the last one wins", {"docs/README.md", "docs/a/README.md", "docs/a/b.txt"}),
        ("no regular expression", {"src/deep/c+1.log"}),
        ("escapes", {"[x].txt", "!bang"}),
        ("ends with", {"a.txt", "src/a.txt", "src/deep/a.txt"}),
        ("back from a folder", {"src/a.txt", "src/b.md", "src/deep/c+1.log", "src/deep/k1.py"}),
    ],
)
def test_what_is_left_out(case: str, out: set[str]) -> None:
    assert set(FILES) - kept(CASES[case], FILES) == out


def test_nothing_is_left_out_without_patterns() -> None:
    assert kept("", FILES) == set(FILES)
    assert kept("# only a comment\n\n", FILES) == set(FILES)


def test_everything_but() -> None:
    assert kept(CASES["everything"], FILES) == {"a.txt", "src/a.txt", "src/deep/a.txt"}
    assert kept(CASES["all but"], FILES) == {"src/a.txt", "src/b.md", "src/deep/k1.py"}


def test_lines_are_cleaned() -> None:
    assert lines("\ufeff/a/\r\n! ./b//c \n#x\n") == ["a", "!b/c"]


def test_a_folder_hides_what_no_exception_reaches() -> None:
    assert Ignore("docs\n!src/a\n").hides("docs")
    assert not Ignore("docs\n!docs/a\n").hides("docs")
    assert not Ignore("docs\n!**/a\n").hides("docs")


def test_what_is_no_pattern_leaves_nothing_out() -> None:
    assert kept("[z-a]\n!\n", FILES) == set(FILES)
