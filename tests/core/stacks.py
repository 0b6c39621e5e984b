"""Stacks from text, for tests of the steps from templates to the generated file."""

from __future__ import annotations

from collections.abc import Mapping

from devenv.core.manifest import manifest
from devenv.core.stack.resolve import resolve
from devenv.core.templates.catalog import load_template
from devenv.core.yaml.source import parse
from devenv.errors import Report
from devenv.model.stack import Stack
from devenv.model.template import Template

POSTGRES = """\
template: 1
summary: PostgreSQL
versions: ["17", "16"]
parameters:
  database: { type: string, default: app, pattern: "[a-z_]+" }
  seed: { type: file, optional: true }
secrets:
  password: { generate: 24 }
service:
  image: postgres:${version}
  ports: { main: 5432 }
  environment: { POSTGRES_DB: "${with.database}", POSTGRES_PASSWORD: "${secret.password}" }
  volumes:
    - data:/var/lib/postgresql/data
    - { when: with.seed, type: bind, source: "${with.seed}", target: /docker-entrypoint-initdb.d/seed.sql }
  ready: { run: [pg_isready, -d, "${with.database}"] }
outputs:
  user: app
  password: ${secret.password}
  url: postgresql://app:${secret.password}@${host}:${port}/${with.database}
data: [data]
shell: [psql, -U, app, "${with.database}"]
image: image/Dockerfile
debian: ["17"]
"""
POSTGRES_FILES = {"image/Dockerfile": "FROM debian:trixie-slim\n"}


def template(text: str, report: Report, name: str = "t", files: Mapping[str, str] | None = None) -> Template | None:
    """The template in `text`, or None with problems in `report`."""
    data = parse(text, f"{name}/template.yaml", report)
    return load_template(name, data, files or {}, f"/templates/{name}", report)


def postgres() -> Template:
    """A small PostgreSQL template."""
    report = Report()
    found = template(POSTGRES, report, "postgres", POSTGRES_FILES)
    assert found is not None, report.problems
    return found


def resolved(text: str, report: Report, *templates: Template) -> Stack | None:
    """The stack in a manifest's text, or None with problems in `report`."""
    data = parse(text, "devenv.yaml", report)
    loaded = manifest.load(data, "devenv.yaml", report, default_name="shop")
    assert loaded is not None, report.problems
    by_name = {one.name: one for one in templates}
    return resolve(loaded, by_name, report, known=sorted(by_name))


def stack(services: str, *templates: Template, more: str = "") -> Stack:
    """The stack with these services (YAML, not indented); fails with the problems that it has."""
    report = Report()
    found = resolved(manifest_text(services, more), report, *templates)
    assert found is not None and not report.errors, report.problems
    return found


def problems(services: str, *templates: Template, more: str = "") -> list[str]:
    """What is wrong with these services: `CODE line:column path: message [hint]`, sorted by place."""
    report = Report()
    resolved(manifest_text(services, more), report, *templates)
    return lines(report)


def manifest_text(services: str, more: str = "") -> str:
    indented = "".join(f"  {line}\n" for line in services.strip("\n").split("\n"))
    return f"devenv: 1\nname: shop\nservices:\n{indented}{more}"


def lines(report: Report) -> list[str]:
    result = []
    for problem in report.sorted(report.problems):
        where = f"{problem.mark.line}:{problem.mark.column} " if problem.mark else ""
        path = f"{problem.path}: " if problem.path else ""
        hint = f" [{problem.hint}]" if problem.hint else ""
        result.append(f"{problem.code} {where}{path}{problem.message}{hint}")
    return result
