"""The configuration of this machine, from its files."""

from __future__ import annotations

from devenv.core.config import Config, load_config
from devenv.core.yaml.source import parse
from devenv.engine.world import World
from devenv.errors import Report


def configuration(world: World) -> Config:
    """The person's configuration over the organisation's. Raises DevenvError with every problem of the files."""
    report, config = Report(), Config()
    for file, text in world.configuration():
        config = config.over(load_config(parse(text, file, report), file, report))
    report.raise_if_errors()
    return config
