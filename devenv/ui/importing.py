"""What an import made, as people and programs read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from devenv.records import asdict
from devenv.ui.json_text import json_text
from devenv.ui.text import listed, plural, visible


class Offer(Protocol):
    """A server that a template of the catalog could be, as `ops.importing` describes it."""

    @property
    def service(self) -> str: ...
    @property
    def image(self) -> str: ...
    @property
    def use(self) -> str: ...
    @property
    def taken(self) -> bool: ...
    @property
    def reason(self) -> str: ...


class Imported(Protocol):
    """The result of an import, as `ops.importing` describes it."""

    @property
    def path(self) -> str: ...
    @property
    def files(self) -> Sequence[str]: ...
    @property
    def services(self) -> Sequence[str]: ...
    @property
    def notes(self) -> Sequence[str]: ...
    @property
    def offers(self) -> Sequence[Offer]: ...
    @property
    def compared(self) -> str: ...
    @property
    def written(self) -> bool: ...


_COMPARED = {
    "replaced": "compared with Compose: the same, key by key",
    "written": "compared with Compose as it is written, without values for variables: the same, key by key",
    "": "not compared with Compose",
}


def report_lines(done: Imported, shown: str) -> Iterator[str]:
    """The lines that tell a person what was made; `shown` is the manifest's path as the person would write it."""
    verb = "written" if done.written else "made"
    sources = ", ".join(map(visible, done.files))
    yield f"{visible(shown)}: {verb} from {sources}, {plural(len(done.services), 'service')}"
    added = " but for what the templates add" if done.compared and any(one.taken for one in done.offers) else ""
    yield _COMPARED[done.compared] + added
    for note in done.notes:
        yield f"note: {visible(note)}"
    offers = [offer for offer in done.offers if not offer.taken and not offer.reason]
    alike: dict[str, list[str]] = {}
    for offer in done.offers:
        alike.setdefault(_said(offer), []).append(visible(offer.service))
    for said, names in alike.items():
        yield f"{listed(names)}: {said}"
    if offers:
        yield "`devenv import --templates --force` takes these from the catalog; `devenv catalog show NAME` tells more"


def _said(offer: Offer) -> str:
    if offer.reason and not offer.taken:
        return f"{visible(offer.image)} stays as it is: {visible(offer.reason)}"
    return f"{visible(offer.image)} {'is now' if offer.taken else 'could be'} `use: {visible(offer.use)}`"


def imported_as_json(done: Any) -> str:
    """The result for programs, documented in docs/reference/json.md."""
    data = asdict(done)
    data["file"] = data.pop("path")
    del data["warnings"]
    return json_text(data)
