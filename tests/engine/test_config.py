from pathlib import Path

import pytest

from devenv.engine import config
from devenv.errors import DevenvError


def test_the_persons_file_comes_before_the_organisations(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    mine, theirs = tmp_path / "mine.yaml", tmp_path / "theirs.yaml"
    monkeypatch.setattr(config, "places", lambda: [mine, theirs])
    assert config.read_files({}) == []
    theirs.write_text("images: {}\n")
    mine.write_text("\ufeffx-a: 1\n")
    assert config.read_files({}) == [(str(mine), "x-a: 1\n"), (str(theirs), "images: {}\n")]


def test_the_places_are_the_platforms_own() -> None:
    assert [path.name for path in config.places()] == ["config.yaml", "config.yaml"]
    assert all(path.parent.name == "devenv" for path in config.places())


def test_a_named_file_is_the_only_one_and_must_be_there(tmp_path: Path) -> None:
    named = tmp_path / "one.yaml"
    with pytest.raises(DevenvError, match="DE102"):
        config.read_files({"DEVENV_CONFIG": str(named)})
    named.write_bytes(b"\xff\xfe")
    with pytest.raises(DevenvError, match="DE104"):
        config.read_files({"DEVENV_CONFIG": str(named)})
    named.write_bytes(b" " * ((1 << 20) + 1))
    with pytest.raises(DevenvError, match="DE103"):
        config.read_files({"DEVENV_CONFIG": str(named)})
    named.write_text("images: {a: b}\n")
    assert config.read_files({"DEVENV_CONFIG": str(named)}) == [(str(named), "images: {a: b}\n")]
