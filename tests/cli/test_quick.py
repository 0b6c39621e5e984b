import pytest

from devenv.cli.quick import Line, understood


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (["up"], Line("up", (), frozenset())),
        (["up", "web", "db"], Line("up", ("web", "db"), frozenset())),
        (["up", "-q", "--yes", "web"], Line("up", ("web",), frozenset({"quiet", "yes"}))),
        (["up", "--mode", "data", "--plain"], Line("up", (), frozenset({"plain"}), "data")),
        (["up", "-m", "data"], Line("up", (), frozenset(), "data")),
        (["status", "--json", "web"], Line("status", ("web",), frozenset({"json"}))),
    ],
)
def test_plain_command_lines_are_understood(args: list[str], line: Line) -> None:
    assert understood(args) == line


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["down"],
        ["-C", "x", "up"],
        ["up", "--build"],
        ["up", "--help"],
        ["up", "--file", "x"],
        ["up", "--timeout", "3"],
        ["up", "--", "web"],
        ["up", "--mode"],
        ["up", "--mode", "--plain"],
        ["up", "--mode", "a", "--mode", "b"],
        ["up", "--mode=a"],
        ["up", "-qy"],
        ["up", "--jso"],
        ["up", ""],
        ["status", "--plain"],
    ],
)
def test_everything_else_is_the_parsers(args: list[str]) -> None:
    assert understood(args) is None
