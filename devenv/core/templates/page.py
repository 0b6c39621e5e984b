"""A template's reference page: what its users have to know, as Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from devenv.model.data import text
from devenv.model.template import Parameter, Template

_WEB = re.compile(r"https?://[^<>\s]+")


def page(template: Template) -> str:
    """The page, ended by a newline. The same template gives the same bytes."""
    return "\n".join(_lines(template)) + "\n"


def _lines(template: Template) -> Iterator[str]:
    default = template.versions[0].version
    yield from (f"# {template.name}", "", f"{_prose(template.summary)}.")
    if template.home:
        yield from ("", f"<{template.home}>" if _WEB.fullmatch(template.home) else _code(template.home))
    yield from ("", "```yaml", "services:", f"  {template.name}:")
    example = template.example.rstrip("\n") or f"use: {template.name}@{default}"
    yield from (f"    {line}".rstrip() for line in example.split("\n"))
    yield from ("```", "", "## Versions", "")
    yield ", ".join(f"`{v.version}`" + (" (default)" if i == 0 else "") for i, v in enumerate(template.versions))
    if template.debian:
        yield from ("", f"Built from Debian's packages where no registry can be reached: {_codes(template.debian)}.")
    yield from ("", "## Parameters", "")
    if template.parameters:
        yield from ("| parameter | type | default | meaning |", "|---|---|---|---|")
        yield from (_row(name, parameter) for name, parameter in template.parameters.items())
    else:
        yield "None."
    yield from ("", "## Outputs", "", "What another service can refer to, as in " + f"`${{{template.name}.host}}`.", "")
    yield from ("| output | in a container |" + (" on the host |" if template.host_outputs else ""),)
    yield "|---|---|" + ("---|" if template.host_outputs else "")
    for name in dict.fromkeys(("host", "port", *template.outputs)):
        yield _output(template, name)
    yield from _rest(template)


def _output(template: Template, name: str) -> str:
    written = template.outputs.get(name, f"${{{name}}}")
    row = f"| `{name}` | {_code(written)} |"
    return row + (f" {_code(template.host_outputs.get(name, written))} |" if template.host_outputs else "")


def _rest(template: Template) -> Iterator[str]:
    if template.secrets:
        names = ", ".join(f"`{name}` ({spec.generate} characters)" for name, spec in template.secrets.items())
        yield from ("", "## Secrets", "", f"Made once for each machine: {names}.")
    yield from ("", "## Data", "")
    if template.data:
        volumes = _codes([f"SERVICE-{name}" for name in template.data])
        yield f"Kept in {volumes}. `devenv down` leaves it; `devenv down --volumes` deletes it, after asking."
    else:
        yield "It keeps none."
    if template.shell:
        yield from ("", "## Client", "", f"`devenv exec {template.name}` runs {_code(' '.join(template.shell))}.")


def _row(name: str, parameter: Parameter) -> str:
    kind = parameter.type if parameter.type != "list" else f"list of {parameter.items}"
    bounds = [
        f"{word} {bound:.15g}" for word, bound in (("from", parameter.min), ("to", parameter.max)) if bound is not None
    ]
    notes = [_prose(parameter.description)] if parameter.description else []
    if parameter.values:
        notes.append(f"one of {_codes(parameter.values)}")
    if bounds:
        notes.append(" ".join(bounds))
    if parameter.pattern is not None:
        notes.append(f"matches {_code(parameter.pattern)}")
    return f"| `{name}` | {kind} | {_default(parameter)} | {_cell('; '.join(notes))} |"


def _default(parameter: Parameter) -> str:
    if parameter.default is None:
        return "none" if parameter.optional else "**required**"
    value: Any = parameter.default
    return _code(json.dumps(value, ensure_ascii=False) if isinstance(value, list) else text(value) or '""')


def _codes(words: Any) -> str:
    return ", ".join(_code(word) for word in words)


def _code(written: str) -> str:
    """Code in a cell of a table, whatever stands in it."""
    fence = "`" * (1 + max(map(len, re.findall("`+", written)), default=0))
    space = " " if written[:1] == "`" or written[-1:] == "`" else ""
    return f"{fence}{space}{_cell(written)}{space}{fence}"


def _prose(written: str) -> str:
    """Words of the author's, in which no reader of Markdown finds HTML or a link."""
    return re.sub(r"<(?=[A-Za-z/!?])|(?<=\])\(", r"\\\g<0>", written)


def _cell(written: str) -> str:
    return written.replace("|", "\\|").replace("\n", " ")
