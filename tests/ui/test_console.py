"""What the server of a CI would take out of a job's log as a command."""

import io

import pytest

from devenv.events import Output, ServiceFailed
from devenv.ui.console import Console
from devenv.ui.progress import progress

COMMANDS = [
    "::error file=a::b",
    "   ::set-output name=a::b",
    "::add-mask::e",
    "::Stop-Commands::x",
    "##[set-output name=a;]b",
    "in ##[add-mask]e",
    "###[error]",
    "##vso[task.setvariable variable=a]b",
    "##teamcity[setParameter name='a' value='b']",
]
WORDS = ["::1 refused", "[::]:80", "::ffff:127.0.0.1 asked", "std::vector", "## a title", "a ::error::"]


@pytest.mark.parametrize("variable", ["GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION"])
def test_nothing_that_is_printed_or_said_in_a_ci_is_a_command_to_it(variable):
    where = Console(io.StringIO(), io.StringIO(), io.StringIO(), {variable: "true"})
    where.print("\n".join(COMMANDS))
    where.say("\n".join(COMMANDS))
    for written in (where.out.getvalue(), where.err.getvalue()):
        assert "##[" not in written and "##vso[" not in written and "##teamcity[" not in written
        assert not any(line.lstrip().startswith("::") for line in written.splitlines())
        assert written.replace("\\x3a", ":").replace("\\x23", "#").splitlines() == COMMANDS
    where.print("\n".join(WORDS))
    assert where.out.getvalue().splitlines()[len(COMMANDS) :] == WORDS


def test_elsewhere_it_is_shown_as_it_is():
    where = Console(io.StringIO(), io.StringIO(), io.StringIO(), {"GITHUB_ACTIONS": ""})
    where.print("\n".join(COMMANDS))
    assert where.out.getvalue().splitlines() == COMMANDS


def test_what_containers_print_is_no_command_of_a_github_job():
    where = Console(io.StringIO(), io.StringIO(), io.StringIO(), {"GITHUB_ACTIONS": "true"})
    failed = ServiceFailed(service="web", code="DE621", reason="ended", log=("##[set-output name=tag;]evil",))
    with progress(where, "plain", verbose=True) as sink:
        sink(Output(source="compose", text="##[add-mask]e"))
        sink(failed)
    with progress(where, "json") as sink:
        sink(failed)
    assert "evil" in where.err.getvalue() and "evil" in where.out.getvalue()
    assert "##[" not in where.err.getvalue() + where.out.getvalue()
