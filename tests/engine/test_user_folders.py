from pathlib import Path

import platformdirs
import pytest

from devenv.engine.user_folders import expanded, user_folder
from devenv.errors import DevenvError

KINDS = ("cache", "config", "state")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("given", [None, "", "relative", "/some/where"])
def test_they_are_where_platformdirs_has_them(monkeypatch: pytest.MonkeyPatch, kind: str, given: str | None) -> None:
    for one in KINDS:
        monkeypatch.delenv(f"XDG_{one.upper()}_HOME", raising=False)
    if given is not None:
        monkeypatch.setenv(f"XDG_{kind.upper()}_HOME", given)
    assert user_folder(kind) == Path(getattr(platformdirs, f"user_{kind}_dir")("devenv", appauthor=False))


def test_who_has_no_home_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(_: int) -> None:
        raise KeyError

    monkeypatch.setattr("pwd.getpwuid", nobody)
    for name in ("HOME", "USERPROFILE", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(DevenvError) as caught:
        user_folder("config")
    assert caught.value.problems[0].hint == "set HOME"


def test_a_user_whom_nobody_knows_is_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    assert [str(expanded(path)) for path in ("~/x", "~nobody-knows/x", "x")] == ["/home/me/x", "~nobody-knows/x", "x"]
