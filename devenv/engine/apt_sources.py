"""Reads apt's source files, both forms, to find the mirror and the keyring that this machine uses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from devenv.model.machine import Apt
from devenv.records import frozen

_ONE_LINE = re.compile(r"deb\s+(?:\[(?P<options>[^\]]*)\]\s*)?(?P<uri>\S+)\s+(?P<suite>\S+)\s+(?P<components>.+)")


@frozen
class _Source:
    uri: str
    suites: tuple[str, ...]
    components: tuple[str, ...]
    keyring: str

    def is_distribution(self, codename: str) -> bool:
        """Whether this is the distribution's archive; other people's packages come under its release's name too."""
        own = "archive-keyring" in self.keyring or self.uri.rpartition("/")[2] in ("debian", "ubuntu")
        return own and codename in self.suites and "main" in self.components


def read(folder: Path, codename: str) -> Apt | None:
    """How apt is set up under `folder` (`/etc/apt`); None when there is no such folder.

    The mirror is the first source that has the release `codename` itself (not only its updates).
    """
    if not folder.is_dir():
        return None
    files = [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))]
    sources = [source for file in files for source in _file(file)]
    own = next((source for source in sources if source.is_distribution(codename)), None)
    return Apt(
        mirror=own.uri if own else "",
        keyring=own.keyring if own else "",
        docker=any("download.docker.com" in source.uri for source in sources),
        trixie=any("trixie" in source.suites for source in sources),
    )


def _file(file: Path) -> Iterator[_Source]:
    try:
        text = file.read_text("utf-8", "replace")
    except OSError:
        return
    if file.suffix == ".sources":
        for stanza in re.split(r"\n\s*\n", text):
            yield from _stanza(stanza)
    elif file.suffix == ".list":
        for line in text.splitlines():
            if match := _ONE_LINE.match(line.strip()):
                signed = re.search(r"signed-by=(\S+)", match["options"] or "", re.IGNORECASE)
                components = tuple(match["components"].split())
                yield _Source(match["uri"].rstrip("/"), (match["suite"],), components, signed[1] if signed else "")


def _stanza(text: str) -> Iterator[_Source]:
    fields: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if line[0] in " \t":
            fields[name] = f"{fields.get(name, '')} {line.strip()}"
        elif ":" in line:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            fields[name] = value.strip()
    if fields.get("enabled", "yes").lower() in ("no", "false", "0") or "deb" not in fields.get("types", "").split():
        return
    signed = fields.get("signed-by", "")
    # A key may stand in the file itself; then there is no keyring to name.
    keyring = signed if signed.startswith("/") and " " not in signed else ""
    for uri in fields.get("uris", "").split():
        suites, components = (tuple(fields.get(name, "").split()) for name in ("suites", "components"))
        yield _Source(uri.rstrip("/"), suites, components, keyring)
