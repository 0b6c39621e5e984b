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

    A value that is one placeholder and nothing else keeps the parameter's type (`${with.count}` is a number), but in
    a list it is text; a list as an item of a list is spliced into it; an optional parameter that is not set is an
    empty text. Inside a longer
    text a boolean is `true` or `false`, and a list is joined by commas. A `size` (`256mb`, of 1024s) stands for its
    bytes, a `duration` (`90s`, `7d`) for its seconds, both as whole numbers. A parameter's `pattern` holds for every
    item of a list. In an output, parameters after `://` are percent-encoded (a vhost `/` is `%2F`). `host_outputs`
    are those that differ on the host (a broker that tells its clients where to connect to has a port for each view).

    A mapping with `when:`, as an item of a list or as a value in a mapping, is kept (without `when`) only if the
    condition holds: `with.x` (set, and not false, 0 or empty), `not with.x`, `with.x == text`, `with.x != text`;
    `{when: …, value: V}` stands for V itself.

    `configs` maps names to `{content: TEXT}` or `{file: PATH in the folder}` (read when the template is loaded), with
    placeholders; only those that `service.configs` names are rendered. `example` is a whole service entry, as text.
    `image` names a Dockerfile in the folder that builds a compatible image from Debian's packages; `debian` lists the
    versions it can build (those that Debian has): any other version has no Recipe. The build gets ARG VERSION.
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
    host_outputs: dict[str, Text] = Field(default_factory=dict)
    data: tuple[Text, ...] = ()
    shell: tuple[Text, ...] = ()
    image: Text | None = None
    debian: tuple[Text, ...] = ()
    example: Text = ""
    source: Data = Field(default_factory=Map)
    folder: str = ""
