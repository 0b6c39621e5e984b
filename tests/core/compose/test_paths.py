from __future__ import annotations

import pytest

from devenv.core.compose.paths import STAY, move_service, move_top, mover
from devenv.core.yaml.source import parse
from devenv.errors import Report


def data(text: str):
    report = Report()
    found = parse(text, "devenv.yaml", report)
    assert not report.problems
    return found


@pytest.mark.parametrize(
    ("path", "moved"),
    [
        ("./a", "../a"), ("a", "../a"), (".", ".."), ("..", "../.."), ("../b", "../../b"), ("a/", "../a/"),
        ("/abs", "/abs"), ("~/x", "~/x"), ("${DIR}/x", "${DIR}/x"), ("C:\\x", "C:\\x"), ("c:/x", "c:/x"),
        ("https://host/repo.git#main", "https://host/repo.git#main"), ("git@host:a/b.git", "git@host:a/b.git"),
        ("${DIR:-./x}", "${DIR:-../x}"), ("", ""),
    ],
)  # fmt: skip
def test_a_path_is_moved_when_it_is_relative(path, moved):
    assert mover(".devenv")(path) == moved


@pytest.mark.parametrize(
    ("path", "moved"),
    [
        ("", ".."), ("${D}", "${D:-..}"), ("$D", "${D:-..}"), ("${D:-}", "${D:-..}"), ("${D-}", "${D:-..}"),
        ("${D:-./d}", "${D:-../d}"), ("${D:?why}", "${D:?why}"), ("${D}/x", "${D}/x"), ("x", "../x"),
    ],
)  # fmt: skip
def test_where_compose_takes_an_empty_path_for_the_folder_it_stays_that_folder(path, moved):
    assert mover(".devenv").folder(path) == moved
    assert STAY.folder(path) == path


def test_a_moved_path_never_looks_like_a_name():
    assert mover(".")("db/x.sql") == "./db/x.sql"


SERVICES = {
    "build: ./a": "build: ../a",
    "build: {dockerfile: D}": "build: {context: .., dockerfile: D}",
    "build: {context: a, dockerfile: b/D}": "build: {context: ../a, dockerfile: b/D}",
    "build: {dockerfile_inline: FROM x}": "build: {context: .., dockerfile_inline: FROM x}",
    "build: {context: a, additional_contexts: [x=./b, y=docker-image://z]}": (
        "build: {context: ../a, additional_contexts: [x=../b, y=docker-image://z]}"
    ),
    "volumes: [./a:/b:ro, name:/c, ../d:/e, '~/f:/g', /h, '${I:-./i}:/i']": (
        "volumes: [../a:/b:ro, name:/c, ../../d:/e, '~/f:/g', /h, '${I:-../i}:/i']"
    ),
    "volumes: [{type: bind, source: a, target: /b}, {type: volume, source: c, target: /d}]": (
        "volumes: [{type: bind, source: ../a, target: /b}, {type: volume, source: c, target: /d}]"
    ),
    "env_file: a.env": "env_file: ../a.env",
    "env_file: [a.env, {path: b.env, required: false}]": "env_file: [../a.env, {path: ../b.env, required: false}]",
    "label_file: [a]": "label_file: [../a]",
    "extends: {file: a.yaml, service: b}": "extends: {file: ../a.yaml, service: b}",
    "extends: b": "extends: b",
    "extends: {service: b}": "extends: {service: b}",
    "develop: {watch: [{path: ./a, target: /a}]}": "develop: {watch: [{path: ../a, target: /a}]}",
    "credential_spec: {file: a.json}": "credential_spec: {file: a.json}",
    "build: {context: ., ssh: [default, key=./id]}": "build: {context: .., ssh: [default, key=../id]}",
    "working_dir: ./a": "working_dir: ./a",
}


@pytest.mark.parametrize("before", SERVICES)
def test_every_path_of_a_service(before):
    written = data(before)
    assert move_service(written, mover(".devenv")) == data(SERVICES[before])
    assert written == data(before)


def test_where_the_process_runs_makes_no_difference(monkeypatch):
    monkeypatch.chdir("/")
    assert mover(".devenv")("../../../a") == "../../../../a"
    assert move_service(data("volumes: ['${V:-../../x:/y:ro}', '$V']"), mover(".devenv", variables=True)) == data(
        "volumes: ['${DEVENV_MOUNT_V-${V:-../../../x:/y:ro}}', '${DEVENV_MOUNT_V-$V}']"
    )


@pytest.mark.parametrize(
    ("key", "before", "after"),
    [
        ("configs", "a: {file: x}", "a: {file: ../x}"),
        ("secrets", "a: {file: ./x}\nb: {environment: X}", "a: {file: ../x}\nb: {environment: X}"),
        (
            "volumes",
            "a: {driver: local, driver_opts: {o: bind, device: x}}\nb: {driver_opts: {o: bind, device: ./x}}",
            "a: {driver: local, driver_opts: {o: bind, device: ../x}}\nb: {driver_opts: {o: bind, device: ./x}}",
        ),
        (
            "volumes",
            "a: {driver_opts: {o: addr=h, device: ':/x'}}\nb:",
            "a: {driver_opts: {o: addr=h, device: ':/x'}}\nb:",
        ),
        ("include", "[a.yaml, {path: [b.yaml], env_file: c}]", "[../a.yaml, {path: [../b.yaml], env_file: ../c}]"),
        ("networks", "a: {driver: ./x}", "a: {driver: ./x}"),
    ],
)
def test_top_level_keys(key, before, after):
    assert move_top(key, data(before), mover(".devenv")) == data(after)
