"""What a stack asks for that a lock pins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from devenv.core.compose.interpolate import interpolate, with_defaults
from devenv.core.inclusion.variables import FromFile, SetIn
from devenv.core.lock.contents import content_of
from devenv.core.lock.state import default_name, filled_name, images_missing, pinned_name
from devenv.engine.dotenv import parse
from devenv.engine.revision import Repository, Revision
from devenv.engine.world import World
from devenv.errors import DevenvError, Mark, Report, Traced
from devenv.model.data import mark_of, text
from devenv.model.lock import LockedTemplate, Wanted
from devenv.model.stack import Service
from devenv.ops.images.builds import foreign_bases
from devenv.ops.load import Loaded
from devenv.records import field, frozen, replace


def tell_unpinned(world: World, loaded: Loaded, wanted: Wanted, report: Report) -> None:
    """Warns of images that the lock does not pin here, because a variable decides which they are: one without a
    value that all have, or one that has a value of its own on this machine."""
    variables = world.project.environment()
    for service in loaded.stack.services.values():
        image = service.image
        if image is None or not _is_pulled(service) or service.setup_of is not None:
            continue
        if filled_name(image, variables) in wanted.images:
            continue
        mark = mark_of(service.compose, "image")
        written, _ = _given(image, mark)
        if default_name(image) is None:
            message = f"'{written}' is not pinned: which image that is depends on a variable"
            hint = "name the version in the manifest, or give each of its variables a default, `${TAG:-1.2}`, or a "
            hint += "value in a `.env` that Git keeps"
        elif "@" in (here := interpolate(image, variables)):
            continue
        else:
            message = f"'{written}' is '{here}' here and not pinned, for a variable in it is set"
            hint = "the lock has what its defaults and a `.env` that Git keeps name; a value can have a digest of its "
            hint += "own: `TAG=1.3@sha256:…`"
        report.add("DE782", message, mark, path=f"services.{service.name}.image", hint=hint, warning=True)


def tell_missing(world: World, loaded: Loaded, report: Report) -> None:
    """Warns of images that a lock lacks which has others: nothing says which bytes they are."""
    lock = loaded.sources.lock
    if lock.images:
        missing = images_missing(lock, wanted_of(world, loaded))
        report.problems += [replace(problem, warning=True) for problem in missing]


def wanted_of(world: World, loaded: Loaded) -> Wanted:
    """The images that are pulled, by the names in the manifest and in templates, and those that Dockerfiles build on;
    the remote sources; and the templates in use that do not lie beside the manifest, where its own version control
    keeps them.

    A name that holds variables stands for what it is with their defaults, and with the `.env` that everybody has. An
    image whose name holds a digest already, or a variable without any such value, is not pinned, and neither is one
    that is built.
    """
    lock, names_of = loaded.sources.lock, locked_names(world, loaded)
    images: dict[str, None] = {}
    for service in loaded.stack.services.values():
        if service.image is None or not _is_pulled(service):
            continue
        for name in names_of[service.name]:
            if "@" not in service.image or service.image == pinned_name(name, lock):
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


def _is_pulled(service: Service) -> bool:
    return not service.build and service.compose.get("pull_policy") != "never"


def locked_names(world: World, loaded: Loaded) -> dict[str, list[str]]:
    """Service → the names by which a lock has its image: the same on all machines."""
    common, kept = common_variables(world), Kept(world)
    return {service.name: [*_locked_names(service, common, kept)] for service in loaded.stack.services.values()}


def _locked_names(service: Service, common: Mapping[str, str], kept: Kept) -> Iterator[str]:
    image, mark = service.image or "", mark_of(service.compose, "image")
    if (name := default_name(_for_all(image, mark, kept))) is not None:
        yield name
    if "$" in image and (name := filled_name(_for_all(image, mark, kept), common)) is not None and "@" not in name:
        yield name


def _for_all(image: str, mark: Mark | None, kept: Kept) -> str:
    """The name as it is for people who have only those files of variables that Git keeps."""
    written, values = _given(image, mark)
    if all(kept(value.file) for value in values.values()):
        return image
    common = {n: one for n, value in values.items() for one in (value, *value.instead)[::-1] if kept(one.file)}
    return with_defaults(written, common)


def _given(image: str, mark: Mark | None) -> tuple[str, Mapping[str, FromFile]]:
    """The name as it is written, and the variables in it that files of variables of an include set."""
    if isinstance(mark, Traced) and isinstance(mark.by, SetIn) and mark.over:
        return text(mark.over[0]), mark.by.values
    return image, {}


@frozen
class Kept:
    """Whether Git keeps a file of this machine, in whatever repository it lies; a file of a remote one is kept."""

    world: World
    seen: dict[str, bool] = field(default_factory=dict)

    def __call__(self, path: str) -> bool:
        if path not in self.seen:
            folder, _, name = path.rpartition("/")
            repository = Repository(self.world.processes, self.world.project.root / folder)
            self.seen[path] = not self.world.project.exists(path, "file") or repository.tracked(name)
        return self.seen[path]


def common_variables(world: World) -> dict[str, str]:
    """The variables that everybody has: those of the `.env` beside the manifest, if Git keeps it. One that Git does not
    keep is a person's own, and so is what the environment says."""
    project = world.project
    try:
        kept = isinstance(project, Revision) or Repository(world.processes, project.root).tracked(".env")
        return parse(project.read(".env")) if kept and project.exists(".env", "file") else {}
    except DevenvError:  # there is no Git, or Compose will say what is wrong with the file
        return {}
