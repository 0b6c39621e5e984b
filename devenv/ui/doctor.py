"""What a look at the machine found, with advice."""

from __future__ import annotations

from devenv.model.machine import Diagnosis, Finding
from devenv.ui.console import paint
from devenv.ui.json_text import json_text
from devenv.ui.tables import Cell, table
from devenv.ui.text import wrapped

_STYLES = {"ok": "green", "warning": "yellow", "missing": "bold red", "failed": "bold red"}


def format_diagnosis(diagnosis: Diagnosis, *, colour: bool, width: int | None = None) -> str:
    """A line for each thing looked at, its advice beneath, and what it amounts to. A command is never wrapped."""
    rows: list[tuple[Cell | str, ...]] = []
    for finding in diagnosis.findings:
        rows.append((Cell(finding.status, _STYLES[finding.status]), finding.name, finding.value))
        if finding.advice:
            rows.append(("", "", Cell(finding.advice, "dim")))
    return table(("", "", ""), rows, colour=colour) + "\n\n" + _verdict(diagnosis, colour, width)


def _verdict(diagnosis: Diagnosis, colour: bool, width: int | None) -> str:
    if diagnosis.usable:
        return paint("This machine can bring stacks up.", "green", colour)
    lines = [paint("This machine cannot bring stacks up yet.", "bold red", colour)]
    installation = diagnosis.installation
    if installation.manual:
        lines += [wrapped(installation.manual, width), *(f"  {command}" for command in installation.commands)]
    elif installation.steps:
        how = "with sudo" if installation.sudo else "as root"
        lines.append(f"`devenv doctor --fix` would, {how}, after asking:")
        lines += [f"  {number}. {step.does}" for number, step in enumerate(installation.steps, 1)]
    return "\n".join(lines)


def diagnosis_as_json(diagnosis: Diagnosis) -> str:
    """The findings, documented in docs/reference/json.md."""
    installation = diagnosis.installation
    data = {
        "usable": diagnosis.usable,
        "findings": [_finding(finding) for finding in diagnosis.findings],
        "fix": {
            "steps": [step.does for step in installation.steps],
            "sudo": installation.sudo,
            "manual": installation.manual or None,
            "commands": list(installation.commands),
        },
    }
    return json_text(data)


def _finding(finding: Finding) -> dict[str, str | None]:
    return {
        "name": finding.name,
        "status": finding.status,
        "value": finding.value,
        "advice": finding.advice or None,
    }
