"""A template of the catalog: data with typed parameters and declared outputs."""

from __future__ import annotations

from typing import Any, Literal

from devenv.model.data import Map
from devenv.records import field, frozen

ParameterType = Literal[
    "string",
    "integer",
    "number",
    "boolean",
    "enum",
    "file",
    "directory",
    "list",
    "size",
    "duration",
    "mapping",
    "record",
]


@frozen
class Parameter:
    """What a `with:` may set. `default` is used when it does not; without one and not `optional` it is required.

    `values` lists an enum's; `pattern` is a regular expression for the whole text; `min` and `max` bound a number;
    `items` is the type of a list's items. A `record` is a mapping of `fields`; a text stands for the first of them. A
    `mapping` is any data, and in a text its JSON. `each` is what a list's item is in the service: a text with
    `${field}` of a record, `${item}` of anything else, and `${with.x}`.
    """

    type: ParameterType
    description: str = ""
    default: Any = None
    optional: bool = False
    pattern: str | None = None
    values: tuple[str, ...] = ()
    min: float | None = None
    max: float | None = None
    items: ParameterType = "string"
    fields: dict[str, Parameter] = field(default_factory=dict)
    each: str = ""
    secret: bool = False


@frozen
class SecretSpec:
    """A secret that devenv makes for each instance: `generate` random letters and digits."""

    generate: int


@frozen
class Version:
    """A version that can be chosen with `use: name@version`; `service` is merged over the template's."""

    version: str
    service: Map = field(default_factory=Map)


@frozen
class Listed:
    """A template, the catalog that it comes from, and those that have another one of this name, which does not
    count."""

    template: Template
    catalog: str
    hides: tuple[str, ...] = ()


@frozen(kw_only=True)
class Share:
    """How several stacks share one server of this template, each with a part of its own (a database and its user).

    `service` is what the job that makes the part runs, in the server's image; it may run again at any time.
    `arguments` is what each part adds to the server's command, for servers that know their parts from the start alone.
    `parameters` are those that count for a part, all others are the server's. Besides the part's own placeholders there
    are `${tenant}`, a name made for the part, `${tenant.number}`, the number of the part on its server from 1, and
    `${server.with.x}`, `${server.secret.x}`: the server's own. `host` and `port` are the server's. `shell` is the
    client for the part, in the server's container.
    """

    parameters: tuple[str, ...] = ()
    service: Map
    arguments: tuple[str, ...] = ()
    shell: tuple[str, ...] = ()
    outputs: dict[str, str] = field(default_factory=dict)
    host_outputs: dict[str, str] = field(default_factory=dict)


@frozen
class Adopt:
    """What lets an imported service of the template's image become one of the template (`core.importing.servers`).

    Where the template's environment sets a variable to one parameter or secret, the service's own value of it is that
    one's. `with_` are those that the image has when the variable is not set, as texts that may name others (`${user}`),
    and what must be so besides. `environment` maps further variables of the image to what they set, and `same` are
    those that the service has to set as the template does. With something in `unless` it says what the template would
    say, and without something in `only` nobody does: keys, variables, arguments of its command (`--port`), paths that
    it mounts (`/etc/x.ini`), ports that it publishes (`9200`), each as `NAME`, or `NAME=VALUE` for one value. `images`
    are further names, without tags, under which the same image is published, and `tags` further tags of it → the
    version whose settings fit them. `command` maps phrases that a service's command may be made up of
    (`--user ${user}`) to what else they set; the template's own command then takes its place. `mounts` maps places that
    a file or folder may be mounted at to the parameter that names it. `never` is why no service can be one of the
    template.
    """

    with_: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    command: dict[str, dict[str, str]] = field(default_factory=dict)
    mounts: dict[str, str] = field(default_factory=dict)
    same: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    never: str = ""
    images: tuple[str, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)


@frozen
class SelfTest:
    """How `devenv template test` proves a template, as command lines run in its container with the template's
    placeholders and `${output.NAME}`.

    `connect` is a client that uses the outputs, run in a second container beside it; `write` leaves something behind,
    and `read` finds it again after the container was made anew, printing `expect`. `beside` maps services that it
    cannot do without to what they use, and `with_` parameters to texts that may refer to these.
    """

    connect: tuple[str, ...] = ()
    write: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    expect: str = ""
    beside: dict[str, str] = field(default_factory=dict)
    with_: dict[str, str] = field(default_factory=dict)


@frozen(kw_only=True)
class Template:
    """`service` is raw data with placeholders, instantiated by `core.templates.catalog`.

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
    versions it can build (those that Debian has): any other version has no Recipe. The build gets ARG VERSION. `recipe`
    is what the built image is called: the template's name, or one that no template of another catalog can have.
    """

    format: Literal[1]
    name: str
    summary: str
    keywords: tuple[str, ...] = ()
    home: str = ""
    versions: tuple[Version, ...]
    parameters: dict[str, Parameter] = field(default_factory=dict)
    secrets: dict[str, SecretSpec] = field(default_factory=dict)
    service: Map
    configs: Map = field(default_factory=Map)
    outputs: dict[str, str] = field(default_factory=dict)
    host_outputs: dict[str, str] = field(default_factory=dict)
    share: Share | None = None
    adopt: Adopt | None = None
    data: tuple[str, ...] = ()
    shell: tuple[str, ...] = ()
    test: SelfTest = field(default_factory=SelfTest)
    image: str | None = None
    debian: tuple[str, ...] = ()
    example: str = ""
    source: Map = field(default_factory=Map)
    folder: str = ""
    recipe: str = ""
