from devenv.events import Event, ServiceChanged
from devenv.model.data import Map
from devenv.model.observed import Container, ContainerChange
from devenv.model.stack import Service
from devenv.ops.bringup.progress import Progress
from devenv.ops.bringup.replacing import Replacing


class Stopping:
    """Two services of which `web` waits for a new container, from the second 100 on."""

    def __init__(self) -> None:
        self.said: list[Event] = []
        services = [Service("web", Map()), Service("db", Map())]
        listed = [Container("db", "db", "shop", "db", "running", "none", "i", "i")]
        progress = Progress(services, listed, {}, lambda *news: None, 100.0, pending=frozenset({"web"}))
        self.replacing = Replacing(progress, self.said.append)

    def hears(self, service: str, action: str, at: float) -> None:
        self.replacing.hear(ContainerChange(f"old-{service}", service, action, at), at)

    def told(self, now: float) -> list[str]:
        self.said.clear()
        self.replacing.tell(now)
        return [event.service for event in self.said if isinstance(event, ServiceChanged)]


def test_a_second_after_the_first_signal_it_is_told_once() -> None:
    stopping = Stopping()
    stopping.hears("web", "kill", 100.0)
    stopping.hears("web", "kill", 100.9)
    assert (stopping.told(100.9), stopping.replacing.times()) == ([], (101.0,))
    assert (stopping.told(101.0), stopping.told(102.0)) == (["web"], [])


def test_what_has_ended_and_what_nobody_waits_for_is_not_spoken_of() -> None:
    stopping = Stopping()
    stopping.hears("web", "kill", 100.0)
    stopping.hears("web", "die", 100.5)
    stopping.hears("db", "kill", 100.0)
    assert (stopping.told(105.0), stopping.replacing.times()) == ([], ())
