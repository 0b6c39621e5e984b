"""Options that several commands share, each with one name, one meaning and one help."""

from __future__ import annotations

from typing import Annotated

import typer

from devenv.cli.completion import complete_modes, complete_services, complete_setups, complete_templates

File = Annotated[
    str | None,
    typer.Option(
        "--file", "-f", metavar="FILE", help="This manifest, instead of the devenv.yaml found from here upwards."
    ),
]
LongFile = Annotated[
    str | None,
    typer.Option("--file", metavar="FILE", help="This manifest, instead of the devenv.yaml found from here upwards."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Agree to whatever would be asked.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show only what fails.")]
Plain = Annotated[bool, typer.Option("--plain", help="Show progress as plain lines, not redrawn in place.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Also show what other programs print.")]

Services = Annotated[
    list[str] | None,
    typer.Argument(metavar="SERVICE", help="Only these services.", autocompletion=complete_services),
]
Service = Annotated[str, typer.Argument(metavar="SERVICE", help="The service.", autocompletion=complete_services)]
Template = Annotated[
    str, typer.Argument(metavar="TEMPLATE", help="The template's name.", autocompletion=complete_templates)
]
Mode = Annotated[
    str | None,
    typer.Option("--mode", "-m", metavar="MODE", help="Only the services of this mode.", autocompletion=complete_modes),
]
Setup = Annotated[
    list[str] | None,
    typer.Option(
        "--setup",
        metavar="NAME",
        help="Run this job, or the setup of this service, again; may be given several times.",
        autocompletion=complete_setups,
    ),
]


def _time(written: str) -> float:
    """Seconds, as a number or as durations are written in a manifest."""
    from devenv.model.duration import seconds

    found = float(written) if written.replace(".", "", 1).isdecimal() else seconds(written)
    if found is None or found < 1:
        raise typer.BadParameter(f"'{written}' is no time of a second or more: write 90, 90s or 1m30s")
    return found


Timeout = Annotated[
    float | None,
    typer.Option("--timeout", "-t", metavar="TIME", parser=_time, help="Give up after this time: 90, 90s or 1m30s."),
]
