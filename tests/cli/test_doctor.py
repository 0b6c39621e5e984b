from tests.cli.running import Outside, run
from tests.ops.test_doctor import BARE, READY, FakeHost


def test_a_machine_that_is_ready():
    result = run("doctor", outside=Outside(a_host=FakeHost(READY)))
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("ok  client        26.1.5 (/usr/bin/docker)\n")
    assert result.out.endswith("\n\nThis machine can bring stacks up.\n")


def test_a_machine_that_lacks_an_engine_is_4_and_told_what_would_be_done():
    host = FakeHost(BARE, info=None)
    result = run("doctor", outside=Outside(a_host=host))
    assert result.code == 4
    assert "`devenv doctor --fix` would, as root, after asking:\n  1. " in result.out
    data = run("doctor", "--json", outside=Outside(a_host=host)).data
    assert data["usable"] is False
    assert data["fix"]["steps"]
    assert host.performed == []


def test_fix_asks_at_a_terminal_and_does_nothing_after_a_no():
    host = FakeHost(BARE, info=None)
    result = run("doctor", "--fix", outside=Outside(a_host=host), typed="\n")
    assert result.code == 4
    assert "Do this now? [y/N] " in result.err
    assert "error[DE403]" in result.err
    assert host.performed == []


def test_fix_repairs_after_a_yes_and_shows_other_programs_only_when_asked():
    host = FakeHost(BARE, info=None)
    result = run("doctor", "--fix", outside=Outside(a_host=host), typed="y\n")
    assert "To undo this: " in result.err
    assert "a line" not in result.err
    assert host.performed
    assert result.out.endswith("This machine can bring stacks up.\n") == (result.code == 0)
    assert (
        "  | a line\n" in run("doctor", "--fix", "--yes", "-v", outside=Outside(a_host=FakeHost(BARE, info=None))).err
    )
