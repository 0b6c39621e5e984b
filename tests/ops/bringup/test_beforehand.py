"""What is said before it happens: ports that a file of somebody else's opens."""

from devenv.events import Note
from devenv.ops.plan import plan
from devenv.ops.up import up
from devenv.ops.validate import validate
from devenv.records import replace
from tests.fakes import FakeCompose, FakeDaemon, Life
from tests.ops.test_including import Place, manifest

PORTS = """\
devenv: 1
services:
  gate:
    image: g
    ports: ['80:80', '127.0.0.1:81:81', '[::1]:82:82', '${IP:-[::]}:83:83', '192.168.1.5:84:84', '85', {target: 86}]
  named: {image: n, ports: {http: 8000}}
"""
OPEN = [0, 3, 4, 5, 6]
WORDS = "a file from another repository lets everybody in the network reach this port"


def test_ports_that_a_remote_file_opens_are_told_before_anything_starts(tmp_path):
    place = Place(tmp_path)
    place.pay(**{"devenv.yaml": PORTS})
    place.load(manifest("{git: ../pay, prefix: pay}", "services: {web: {image: x, ports: ['90:90']}}"))
    daemon = FakeDaemon()
    world = replace(place.world(), daemon=daemon, compose=FakeCompose(daemon, {}))
    told = [one for one in validate(world).problems if one.code == "DE347"]
    assert [one.path for one in told] == [f"services.pay-gate.ports[{number}]" for number in OPEN]
    assert all(one.warning and one.mark is not None and one.mark.line == 5 for one in told)
    assert told[0].message == WORDS and "the network of 192.168.1.5" in told[2].message
    notes = [note for note in plan(world).notes if "another repository" in note]
    assert len(notes) == len(OPEN) and notes[0].startswith("../pay")
    assert not [note for note in plan(world, names=["pay-named", "web"]).notes if "another repository" in note]

    daemon.lives = dict.fromkeys(("web", "pay-gate", "pay-named"), Life(checked=False))
    starts = []
    up(
        world,
        lambda event: starts.append([*daemon.starts]) if isinstance(event, Note) and WORDS in event.text else None,
    )
    assert starts == [[]] * 4


def test_the_person_may_open_or_close_them(tmp_path):
    place = Place(tmp_path)
    place.pay(**{"devenv.yaml": PORTS})
    place.load(manifest("{git: ../pay}"))
    for ports in ("['127.0.0.1:80:80']", "['80:80']"):
        own = f"services: {{gate: {{ports: !override {ports}}}}}\n"
        (tmp_path / "shop/devenv.local.yaml").write_text(own)
        assert not [one for one in validate(place.world()).problems if one.code == "DE347"]
