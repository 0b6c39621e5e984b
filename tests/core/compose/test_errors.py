from __future__ import annotations

from time import process_time

import pytest

from devenv.core.compose.errors import objections, unset
from devenv.core.yaml.source import parse
from devenv.errors import Report
from tests.core.stacks import manifest_text, stack

WEB = "web:\n  image: x\n  setup: [y]\n  deploy: {replicas: z}\n  stop_grace_period: foo\n  volumes: ['a:/b']"
VOLUMES = "volumes: {a: {}}\n"


@pytest.mark.parametrize(
    ("said", "message", "line", "path"),
    [
        ("validating -: services.web Additional property image is not allowed",
         "services.web Additional property image is not allowed", 5, "services.web.image"),
        ("error while interpolating services.web.deploy.replicas: failed to cast to expected type",
         "services.web.deploy.replicas: failed to cast to expected type", 7, "services.web.deploy.replicas"),
        ("decoding failed due to (s):\n\nerror decoding 'services[web].stop_grace_period': time: invalid",
         "'services[web].stop_grace_period': time: invalid", 8, "services.web.stop_grace_period"),
        ('service "web" refers to undefined volume a: invalid compose project',
         'service "web" refers to undefined volume a', 4, "services.web"),
        ("validating -: services.web-setup.image must be a string",
         "services.web-setup.image must be a string", 5, "services.web.image"),
        ("validating -: services.web.volumes.0 must be a string",
         "services.web.volumes.0 must be a string", 9, "services.web.volumes.0"),
        ("volumes.a Additional property foo is not allowed",
         "volumes.a Additional property foo is not allowed", 10, "volumes.a"),
        ("services.web.image services.web.image must be a string",
         "services.web.image must be a string", 5, "services.web.image"),
        ("something else altogether", "something else altogether", None, ""),
    ],
)  # fmt: skip
def test_each_objection_is_put_at_its_place(said, message, line, path):
    source = parse(manifest_text(WEB, VOLUMES), "devenv.yaml", Report())
    (found,) = objections(said, source, stack(WEB, more=VOLUMES))
    assert (found.message, found.mark and found.mark.line, found.path) == (message, line, path)


def test_warnings_are_no_objections():
    said = 'time="2026-01-01" level=warning msg="The \\"X\\" variable is not set."\n\n'
    assert not list(objections(said, parse(manifest_text(WEB), "devenv.yaml", Report()), stack(WEB, more=VOLUMES)))


def test_a_variable_that_is_not_set_is_told_where_it_has_no_default():
    text = 'user: "${X:-1}"\ncommand: echo ${XY} $$X ${X+1}\nentrypoint: run ${A:-$X}\nlabels: {a: "${X}"}'
    said = 'time="2026-01-01" level=warning msg="The \\"X\\" variable is not set. Defaulting to a blank string."'
    (found,) = unset(said, parse(text, "devenv.yaml", Report()), {".env": "A=$X"})
    assert (found.message, found.mark.line) == ("the variable X is not set: Compose takes it as empty", 3)


def test_many_variables_that_are_not_set_take_no_square_of_their_number():
    def seconds(count):
        source = parse("\n".join(f"k{n}: 'a$$b${{X{n}}}'" for n in range(count)), "devenv.yaml", Report())
        said = "\n".join(f'The "X{n}" variable is not set.' for n in range(count))
        begin = process_time()
        assert [found.mark.line for found in unset(said, source, {})] == list(range(1, count + 1))
        return process_time() - begin

    assert seconds(1_600) < 16 * seconds(200) + 0.1


def test_a_variable_that_only_a_file_of_variables_names_is_told_there():
    said = 'level=warning msg="The \\"w\\" variable is not set. Defaulting to a blank string."'
    files = {".env": "# $w\nA='$w'\nB=$$w", "app.env": "\nPASSWORD=p$w'd"}
    (found,) = unset(said, parse("user: x", "devenv.yaml", Report()), files)
    assert found.mark == ("app.env", 2, 11, 2)
