"""The schemas that editors read: as text, and kept in `.devenv/`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from devenv import __version__
from devenv.engine.protocols import Project
from devenv.engine.world import Catalog
from devenv.errors import DevenvError, Report
from devenv.model.stack import Stack
from devenv.ops.load import FOLDER, read_template

SCHEMA_FILE = f"{FOLDER}/devenv.schema.json"
_HEAD = 300  # characters in which the stamp stands


def manifest_text(catalog: Catalog, stack: Stack | None = None) -> str:
    """The schema of `devenv.yaml`, with the templates of the catalog in it, and the services of the stack. A template
    that is wrong is left out."""
    from devenv.core.schema.schema import as_text, manifest_schema

    loaded = [read_template(catalog, name, Report()) for name in catalog.names()]
    templates, services = [template for template in loaded if template is not None], _services(stack)
    return as_text(manifest_schema(templates, _stamp(catalog, services), services))


def template_text() -> str:
    """The schema of a `template.yaml`."""
    from devenv.core.schema.schema import as_text, template_schema

    return as_text(template_schema(f"devenv {__version__}"))


def policy_text() -> str:
    """The schema of a policy."""
    from devenv.core.schema.policy import policy_schema
    from devenv.core.schema.schema import as_text

    return as_text(policy_schema(f"devenv {__version__}"))


def keep(project: Project, catalog: Catalog, stack: Stack, *, closely: bool) -> bool:
    """Writes `.devenv/devenv.schema.json` when it is missing or was made by another devenv; whether it did.

    `closely` also looks at the services of the stack, and at the catalog's templates, which within one devenv only its
    developers change; where there are catalogs besides the built-in one, these are always looked at. Raises DevenvError
    DE701.
    """
    closely = closely or len(catalog.origins()) > 1
    try:
        there = project.read(SCHEMA_FILE)[:_HEAD] if project.exists(SCHEMA_FILE, "file") else ""
    except DevenvError:
        there = ""  # what cannot be read is not what we wrote
    if f'"{_stamp(catalog, _services(stack))}"' in there if closely else f'"devenv {__version__}, ' in there:
        return False
    return project.write(SCHEMA_FILE, manifest_text(catalog, stack))


def _services(stack: Stack | None) -> dict[str, str]:
    """What a person may name, and what it is made of."""
    services = stack.services.values() if stack is not None else ()
    return {
        one.name: str(one.origin) if one.origin.template else one.image or "built here"
        for one in services
        if one.setup_of is None
    }


def _stamp(catalog: Catalog, services: Mapping[str, str]) -> str:
    """Stands for all that the schema is made from."""
    digest = hashlib.sha256()
    for name in catalog.names():
        digest.update(f"{name}\0{catalog.files(name).get('template.yaml', '')}\0".encode())
    for pair in services.items():
        digest.update("\0".join((*pair, "")).encode())
    return f"devenv {__version__}, catalog {digest.hexdigest()[:16]}"
