"""What a stack asks for that a lock pins."""

from __future__ import annotations

from devenv.core.lock.contents import content_of
from devenv.core.lock.state import pinned_name, without_digest
from devenv.engine.world import World
from devenv.errors import Report
from devenv.model.data import mark_of
from devenv.model.lock import LockedTemplate, Wanted
from devenv.ops.images.builds import foreign_bases
from devenv.ops.load import Loaded


def tell_unpinned(loaded: Loaded, report: Report) -> None:
    """Warns of images that no lock can pin: what their names stand for depends on a variable."""
    for service in loaded.stack.services.values():
        image = service.compose.get("image")
        if (
            isinstance(image, str)
            and "$" in image
            and service.image_variable is None
            and "build" not in service.compose
        ):
            message = f"'{image}' is not pinned: which image that is depends on a variable"
            mark, path = mark_of(service.compose, "image"), f"services.{service.name}.image"
            report.add("DE782", message, mark, path=path, hint="name the version in the manifest", warning=True)


def wanted_of(world: World, loaded: Loaded) -> Wanted:
    """The images that are pulled, by the names in the manifest and in templates, and those that Dockerfiles build on;
    the remote sources; and the templates in use that do not lie beside the manifest, where its own version control
    keeps them.

    An image whose name holds a variable, or a digest already, is not pinned, and neither is one that is built.
    """
    lock = loaded.sources.lock
    images: dict[str, None] = {}
    for service in loaded.stack.services.values():
        if service.image is None or service.build or service.compose.get("pull_policy") == "never":
            continue
        name = without_digest(service.image)
        if service.image_variable is not None and service.image in (name, pinned_name(name, lock)):
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
