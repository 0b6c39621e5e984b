"""Is an image made for this engine's processor? Asked before gigabytes are pulled."""

from __future__ import annotations

from devenv.engine.protocols import Daemon
from devenv.errors import DevenvError
from devenv.model.image_name import canonical

_SAME = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "armhf": "arm", "i386": "386"}


def check(daemon: Daemon, reference: str, platform: str | None) -> None:
    """Raises DevenvError DE505 when the registry has the image for other processors only; says nothing when that
    cannot be known. `platform` is what the service asks for (`linux/arm64`), if it does.

    Docker's official images are not asked for: they are lists of platforms, which a pull itself reads first, and to
    ask would count against the registry's rate limit.
    """
    if canonical(reference).startswith("docker.io/library/"):
        return
    found = daemon.platforms(reference)
    if not found:
        return
    wanted = platform.split("/")[1:2] if platform else []
    architecture = _plain(wanted[0] if wanted else daemon.info().architecture)
    offered = {_plain(one.split("/")[1]) for one in found if one.count("/")}
    if not architecture or not offered or architecture in offered:
        return
    what = platform or f"this engine's processor, {architecture}"
    only = ", ".join(found)
    emulated = f"say `platform: {found[0]}` in the service to run it emulated"
    hint = "choose another image or tag" if platform else f"choose another image or tag, or {emulated}, which is slow"
    message = f"image {reference} is not made for {what}: the registry has it for {only}"
    raise DevenvError.of("DE505", message, hint=hint)


def other(daemon: Daemon, reference: str, platform: str | None) -> str | None:
    """A sentence for people when an image that is here is made for another kind of processor, unasked."""
    image, engine = daemon.image(reference), daemon.info().architecture
    if platform or not image or not image.architecture or not engine or image.architecture == engine:
        return None
    return f"{reference} is made for {image.architecture}, this engine is {engine}: it may run slowly, or not"


def _plain(architecture: str) -> str:
    return _SAME.get(architecture, architecture)
