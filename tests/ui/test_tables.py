import io
import os
from pathlib import Path

from devenv.ui.console import Console
from devenv.ui.log_lines import LogFormat
from devenv.ui.tables import Cell, table


def test_columns_are_aligned_whatever_is_in_them():
    rows = [(Cell("日本", "red"), "x"), ("a\x1b[31m", "y")]
    assert table(("name", "value"), rows) == "NAME       VALUE\n日本       x\na\\x1b[31m  y"
    assert "\x1b[31m日本\x1b[0m" in table(("name", "value"), rows, colour=True)


def test_the_last_column_is_wrapped_to_the_terminal_and_words_stay_whole():
    text = "one two three four five six seven eight nine ten"
    assert table(("", ""), [("a", text)], width=30) == "a  one two three four five six\n   seven eight nine ten"
    assert table(("", ""), [("a", text)]) == f"a  {text}"


def test_log_lines_have_a_colour_a_service_and_keep_the_programs_own_on_a_terminal():
    show = LogFormat(["db", "orders"], colour=True, terminal=True)
    assert show.line("db", "\x1b[32mok\x1b[0m\x1b[2J") == "\x1b[36mdb     |\x1b[0m \x1b[32mok\x1b[0m\x1b[0m"
    assert show.line("orders", "x").startswith("\x1b[33morders |")
    assert show.line("db", "").startswith("\x1b[36mdb     |")
    assert LogFormat(["db"]).line("db", "\x1b[32mok\x1b[0m\ttab") == "db | ok    tab"


def test_a_console_without_streams_is_no_terminal():
    class Closed:
        def isatty(self):
            raise ValueError("closed")

    where = Console(Closed(), Closed(), Closed(), {})
    assert not where.interactive
    assert not where.live
    assert not where.colour_out
    assert where.width_out is None


def test_results_and_problems_are_as_wide_as_the_terminal_that_each_of_them_goes_to() -> None:
    import pty
    from termios import tcsetwinsize

    master, slave = pty.openpty()
    tcsetwinsize(slave, (24, 47))
    with os.fdopen(slave, "w") as terminal:
        where = Console(io.StringIO(), terminal, io.StringIO(), {})
        assert (where.width_out, where.width_err) == (None, 47)
        assert Console(terminal, terminal, io.StringIO(), {"COLUMNS": "61"}).width_out == 61
    os.close(master)


def test_nothing_is_read_from_the_null_device(tmp_path, monkeypatch) -> None:
    (tmp_path / "rows").write_text("1\n")
    with Path(os.devnull).open() as null, (tmp_path / "rows").open() as rows:
        assert not Console(input=null).has_input
        assert Console(input=rows).has_input
    assert not Console(input=io.StringIO("1\n")).has_input
    monkeypatch.setattr("sys.stdin", None)  # as Python has it when it is closed
    assert not Console().has_input
