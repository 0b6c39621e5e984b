from devenv.model.plan import Action, Plan, Step
from devenv.ui.plan import format_plan

LOST = "it has no volume: what it has stored in its container is lost"


def told(name: str, columns: int | None) -> list[str]:
    steps = (Step(name, Action.RECREATE, "its definition changed", data=(LOST,)), Step("db", Action.KEEP, "running"))
    return format_plan(Plan("shop", steps), colour=False, columns=columns).split("\n")[2:-2]


def test_what_is_longer_than_the_terminal_goes_on_beneath() -> None:
    assert told("web", 50) == [
        "recreate  web  its definition changed",
        "               it has no volume: what it has",
        "               stored in its container is lost",
        "keep      db   running",
    ]
    assert told("web", None)[1] == " " * 15 + LOST


def test_names_that_leave_no_room_leave_the_breaking_to_the_terminal() -> None:
    assert told("w" * 30, 50)[1] == " " * 42 + LOST
