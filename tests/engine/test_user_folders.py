from pathlib import Path

import platformdirs
import pytest

from devenv.engine.user_folders import user_folder

KINDS = ("cache", "config", "state")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("given", [None, "", "relative", "/some/where"])
def test_they_are_where_platformdirs_has_them(monkeypatch: pytest.MonkeyPatch, kind: str, given: str | None) -> None:
    for one in KINDS:
        monkeypatch.delenv(f"XDG_{one.upper()}_HOME", raising=False)
    if given is not None:
        monkeypatch.setenv(f"XDG_{kind.upper()}_HOME", given)
    assert user_folder(kind) == Path(getattr(platformdirs, f"user_{kind}_dir")("devenv", appauthor=False))
