"""A template of the catalog: data with typed parameters and declared outputs."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from devenv.model.data import Map
from devenv.model.manifest import Data, Model, Text

ParameterType = Literal[
    "string", "integer", "number", "boolean", "enum", "file", "directory", "list", "size", "duration"
]


class Parameter(Model):
    """What a `with:` may set. `default` is used when it does not; without one and not `optional` it is required.

    `values` lists an enum's; `pattern` is a regular expression for the whole text; `min` and `max` bound a number;
    `items` is the type of a list's items.
    """

    type: ParameterType
    description: Text = ""
    default: Any = None
    optional: bool = False
    pattern: Text | None = None
    values: tuple[Text, ...] = ()
    min: float | None = None
    max: float | None = None
    items: ParameterType = "string"
    secret: bool = False


class SecretSpec(Model):
    """A secret that devenv makes for each instance: `generate` random letters and digits."""

    generate: int = Field(ge=8, le=128)


class Version(Model):
    """A version that can be chosen with `use: name@version`; `service` is merged over the template's."""

    version: Text
    service: Data = Field(default_factory=Map)


class Template(Model):
    """`service` is raw data with placeholders, instantiated by `core.catalog`.

    `files` maps the relative paths of the folder's other text files to their text (for `configs` with `file:`);
    `image` names a Dockerfile among them that builds a compatible image from Debian's packages;
    `debian` maps a version to whether, and as which image version, Debian has it.
    """

    format: Literal[1]
    name: Text
    summary: Text
    home: Text = ""
    versions: tuple[Version, ...]
    parameters: dict[str, Parameter] = Field(default_factory=dict)
    secrets: dict[str, SecretSpec] = Field(default_factory=dict)
    service: Data
    configs: Data = Field(default_factory=Map)
    outputs: dict[str, Text] = Field(default_factory=dict)
    data: tuple[Text, ...] = ()
    shell: tuple[Text, ...] = ()
    image: Text | None = None
    example: Text = ""
    source: Data = Field(default_factory=Map)
    folder: str = ""
