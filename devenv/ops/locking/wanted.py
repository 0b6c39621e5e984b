"""What a stack asks for that a lock pins."""

from __future__ import annotations

from devenv.core.compose.interpolate import ending, interpolate
from devenv.core.lock.contents import content_of
from devenv.core.lock.state import default_name, pinned_name
from devenv.engine.world import World
from devenv.errors import Report
from devenv.model.data import mark_of
from devenv.model.lock import LockedTemplate, Wanted
from devenv.ops.images.builds import foreign_bases
from devenv.ops.load import Loaded


def tell_unpinned(world: World, loaded: Loaded, report: Report) -> None:
    """Warns of images that the lock does not pin here, because a variable decides which they are: one without a
    default, or one that has a value of its own on this machine."""
    variables = world.project.environment()
    for service in loaded.stack.services.values():
        image = service.image
        if image is None or "$" not in image or service.setup_of is not None:
            continue
        if default_name(image) is None:
            message = f"'{image}' is not pinned: which image that is depends on a variable"
            hint = "name the version in the manifest, or give each of its variables a default: `${TAG:-1.2}`"
        elif "@" in (here := interpolate(ending(image, "@") or "", variables)):
            continue
        else:
            message = f"'{image}' is '{here}' here and not pinned, for a variable in it is set"
            hint = "the lock has what its defaults name; a value can have a digest of its own: `TAG=1.3@sha256:…`"
        mark, path = mark_of(service.compose, "image"), f"services.{service.name}.image"
        report.add("DE782", message, mark, path=path, hint=hint, warning=True)


def wanted_of(world: World, loaded: Loaded) -> Wanted:
    """The images that are pulled, by the names in the manifest and in templates, and those that Dockerfiles build on;
    the remote sources; and the templates in use that do not lie beside the manifest, where its own version control
    keeps them.

    An image whose name holds a digest already, or a variable without a default, is not pinned, and neither is one that
    is built.
    """
    lock = loaded.sources.lock
    images: dict[str, None] = {}
    for service in loaded.stack.services.values():
        if service.image is None or service.build or service.compose.get("pull_policy") == "never":
            continue
        name = default_name(service.image)
        if name is not None and ("@" not in service.image or service.image == pinned_name(name, lock)):
            images.setdefault(name)
    # A named context, which is how a build gets a pinned image, reaches every one of these.
    for names in foreign_bases(world.project, loaded.stack).values():
        images |= dict.fromkeys(name for name in names if "@" not in name)
    templates = {}
    for name in loaded.templates:
        origin = loaded.catalog.origin(name)
        if origin.remote or origin.built_in:
            templates[name] = LockedTemplate(catalog=origin.name, content=content_of(loaded.catalog.files(name)))
    asked = loaded.sources.asked
    return Wanted(
        images=tuple(images),
        catalogs=tuple(asked["catalogs"]),
        includes=tuple(asked["includes"]),
        templates=templates,
    )
