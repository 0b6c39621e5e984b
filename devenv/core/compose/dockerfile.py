"""The base images that a Dockerfile builds on."""

from __future__ import annotations

import re
from collections.abc import Mapping

from devenv.core.compose.interpolate import interpolate
from devenv.errors import DevenvError

_FROM = re.compile(r"FROM\s+(?:--platform=\S+\s+)?(\S+)(?:\s+AS\s+(\S+))?\s*$", re.IGNORECASE)
_ARG = re.compile(r"ARG\s+(\w+)(?:=(\S*))?\s*$", re.IGNORECASE)
_COPY = re.compile(r"COPY\s+.*?--from=(\S+)", re.IGNORECASE)
_SYNTAX = re.compile(r"#\s*syntax\s*=\s*(\S+)\s*$", re.IGNORECASE)
_DIRECTIVE = re.compile(r"#\s*\w+\s*=")


def frontend(text: str) -> str | None:
    """The image that a Dockerfile's `# syntax=` line names: BuildKit runs it to read the file."""
    for line in text.removeprefix("\ufeff").splitlines():
        if found := _SYNTAX.match(line.strip()):
            return found[1]
        if not _DIRECTIVE.match(line.strip()):
            break
    return None


def bases(text: str, arguments: Mapping[str, str] | None = None) -> list[str]:
    """The images that the Dockerfile `text` names in FROM and COPY --from, in order; earlier stages and `scratch` are
    none. `arguments` are the build's own values for ARG."""
    values: dict[str, str] = {}
    stages: set[str] = {"scratch"}
    found: dict[str, None] = {}
    for line in re.sub(r"\\[ \t]*\r?\n", " ", text).splitlines():
        line = line.strip()
        if arg := _ARG.match(line):
            if not found:  # only what stands before the first FROM counts there
                values[arg[1]] = (arguments or {}).get(arg[1], (arg[2] or "").strip("\"'"))
        elif (match := _FROM.match(line)) or (match := _COPY.match(line)):
            name = _replaced(match[1], values)
            if name.lower() not in stages and not name.isdigit():
                found.setdefault(name)
            if match.re is _FROM and match[2]:
                stages.add(match[2].lower())
    return list(found)


def _replaced(name: str, values: Mapping[str, str]) -> str:
    try:
        return interpolate(name, values)
    except DevenvError:
        return name
