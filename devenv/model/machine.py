"""What this machine is, as far as running containers on it goes, and what can be done to it."""

from __future__ import annotations

from typing import Literal

from devenv.records import field, frozen


@frozen
class Plugin:
    """A plugin of the docker client (`compose`, `buildx`)."""

    version: str
    path: str


@frozen
class Client:
    """The docker client that PATH finds first, and what it is set to talk to.

    `socket` is the path of a local endpoint, empty for a remote one; `chosen` says that DOCKER_HOST names the
    endpoint; `permitted` is False when the socket is there but this user may not use it. `error` holds the client's
    words when the engine does not answer; `engine` and `root_dir` are the engine's version and folder, empty then.
    """

    path: str
    version: str
    context: str = "default"
    endpoint: str = ""
    socket: str = ""
    chosen: bool = False
    permitted: bool = True
    compose: Plugin | None = None
    buildx: Plugin | None = None
    engine: str = ""
    root_dir: str = ""
    error: str = ""
    podman: bool = False


@frozen
class Apt:
    """How apt is set up: the mirror and keyring that the distribution's own packages come from.

    `mirror` and `keyring` are empty where unknown or where apt's own list of trusted keys is used. `docker` says
    that Docker's own repository is among the sources, `trixie` that Debian 13 is.
    """

    mirror: str = ""
    keyring: str = ""
    docker: bool = False
    trixie: bool = False


@frozen
class Shadow:
    """Another program called `devenv` on PATH; `first` when it comes before this one."""

    path: str
    what: str
    first: bool


@frozen
class Machine:
    """Facts, no judgement. Sizes are in bytes, 0 where unknown; `architecture` is Docker's name (`amd64`).

    `distribution` is os-release's ID, `like` its ID_LIKE, `release` its VERSION_ID, `codename` its VERSION_CODENAME
    (of Ubuntu's, where it is made from that). `inside` names a container or WSL when this is one. `user` is who runs
    this; `terminal` says that a person is there to be asked. `dockerd` is the path of an engine that is installed,
    empty when there is none. `docker_packages` says that Docker's own apt repository can be reached and has this
    release. `apparmor` says that the kernel has AppArmor and its tool is missing, without which no container starts.
    """

    system: str
    architecture: str
    distribution: str = ""
    like: tuple[str, ...] = ()
    release: str = ""
    codename: str = ""
    name: str = ""
    inside: str = ""
    user: str = ""
    root: bool = False
    sudo: bool = False
    terminal: bool = False
    systemd: bool = False
    memory: int = 0
    cpus: int = 0
    disk_path: str = ""
    disk_free: int = 0
    client: Client | None = None
    dockerd: str = ""
    certificates: bool = True
    apparmor: bool = False
    apt: Apt | None = None
    docker_packages: bool = False
    shadows: tuple[Shadow, ...] = ()


@frozen
class Run:
    """Runs a command as root. `does` is the sentence for people, `undo` the command that takes it back."""

    does: str
    argv: tuple[str, ...]
    undo: str = ""


@frozen
class Write:
    """Writes a text file as root, mode 0644; a file that is there with other content is not replaced."""

    does: str
    path: str
    text: str
    undo: str = ""


@frozen
class Download:
    """Fetches a file over HTTPS, with the certificate checked, and writes it as root, mode 0644."""

    does: str
    url: str
    path: str
    undo: str = ""


@frozen
class Start:
    """Starts the engine. Without systemd it runs on by itself, with its output in `log`."""

    does: str
    argv: tuple[str, ...]
    log: str = ""
    undo: str = ""


Step = Run | Write | Download | Start


@frozen
class Installation:
    """What would make the engine usable.

    `steps` in order, empty when nothing needs doing; `sudo` when each must be run with it. When devenv does not
    do it by itself, `manual` says why in one sentence and `commands` are the exact commands to run by hand.
    """

    steps: tuple[Step, ...] = ()
    sudo: bool = False
    manual: str = ""
    commands: tuple[str, ...] = ()


Status = Literal["ok", "warning", "missing", "failed"]


@frozen
class Finding:
    """One thing that was looked at: its name, how it stands, what was found, and what to do about it."""

    name: str
    status: Status
    value: str
    advice: str = ""


@frozen
class Diagnosis:
    """Everything that was looked at on a machine. `usable` when stacks can be brought up on it."""

    findings: tuple[Finding, ...]
    machine: Machine
    usable: bool
    installation: Installation = field(default_factory=Installation)
