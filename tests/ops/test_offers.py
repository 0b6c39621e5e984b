"""What the catalog has for an import is tried all at once; what does not fit is found among the rest."""

import pytest

from devenv.engine.compose_config import ComposeConfig
from devenv.ops import offers
from tests.roundtrip import run


def services(count: int, more: str = "") -> str:
    one = "image: memcached:1.6, ports: ['{0}:11211']"
    return "services:\n" + "".join(f"  c{n}: {{{one.format(20000 + n)}}}\n" for n in range(count)) + more


def imported(folder, monkeypatch, text):
    asked = []
    of_text = ComposeConfig.of_text
    monkeypatch.setattr(ComposeConfig, "of_text", lambda *args, **more: asked.append(1) or of_text(*args, **more))
    (folder / "compose.yaml").write_text(text)
    code, said = run("-C", str(folder), "import", "--templates")
    assert code == 0, said
    return said, (folder / "devenv.yaml").read_text(), len(asked)


@pytest.mark.parametrize("count", [1, 40])
def test_compose_is_asked_once_of_all(tmp_path, monkeypatch, count):
    _, text, asked = imported(tmp_path, monkeypatch, services(count))
    assert text.count("use: memcached@1.6") == count
    assert asked == 3, "of the manifest twice, with and without values, and of the templates"


def test_what_nothing_says_the_service_of_is_found_among_the_rest(tmp_path, monkeypatch):
    """Compose refuses the whole, and names none of them."""
    objections = offers.Trial._objections

    def refusing(self, data, names):
        if {"c3", "c6"} & set(names):
            yield None, "Compose says no"
        yield from objections(self, data, names)

    monkeypatch.setattr(offers.Trial, "_objections", refusing)
    said, text, _ = imported(tmp_path, monkeypatch, services(8))
    assert "c3, c6: memcached:1.6 stays as it is: Compose says no" in said
    assert text.count("use: memcached@1.6") == 6


def test_what_is_wrong_with_one_is_told_of_that_one(tmp_path, monkeypatch):
    wrong = "  a.b: {image: zookeeper:3.9, environment: {ZOO_TICK_TIME: many}}\n"
    wrong += "  a: {image: nats:2, volumes: ['./d:/etc/nats']}\n"
    said, text, asked = imported(tmp_path, monkeypatch, services(5, wrong))
    assert "a.b: zookeeper:3.9 stays as it is: the template says: 'tick' takes an integer" in said
    assert text.count("use: memcached@1.6") == 5
    assert asked == 3
