import pytest

from devenv.core.importing.servers import candidates, lost
from devenv.core.yaml.source import dump, parse
from devenv.engine.catalog import FolderCatalog
from devenv.errors import Report
from devenv.ops.load import read_template


@pytest.fixture(scope="module")
def templates():
    names = ("postgres", "mysql", "mariadb", "redis", "rabbitmq", "minio")
    return [read_template(FolderCatalog(), name, Report()) for name in names]


def found(text, templates):
    return candidates({"a": parse(text, "", Report())}, templates)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "image: postgres:17\nenvironment: {POSTGRES_PASSWORD: x}\nports: ['1:5432']",
            'use: postgres@17\nwith:\n  user: postgres\n  database: postgres\n  password: x\nports:\n  - "1:5432"\n',
        ),
        (
            "image: docker.io/library/postgres:16.2-alpine\nenvironment: [POSTGRES_PASSWORD=x, POSTGRES_USER=u, A=b]",
            "use: postgres@16\nwith:\n  user: u\n  database: u\n  password: x\n"
            "image: docker.io/library/postgres:16.2-alpine\nenvironment:\n  - A=b\n",
        ),
        ("image: redis:7.2", 'use: redis@7.2\nwith:\n  password: ""\n  maxmemory: "0"\n'),
        ("image: postgres:17", "it sets no POSTGRES_PASSWORD, and the template would"),
        ("image: postgres:latest", "its tag is none of the template's versions (17, 18, 16, 15, 14)"),
        ("image: postgres:${V:-17}", "its tag is none of the template's versions (17, 18, 16, 15, 14)"),
        ("image: postgres:17\nenv_file: x", "its env_file may set what the template sets"),
        (
            "image: postgres:17\nenvironment: {POSTGRES_PASSWORD: x, POSTGRES_USER_FILE: /u}",
            "POSTGRES_USER_FILE and the template's own setting exclude each other",
        ),
        ("image: redis:7.2\ncommand: redis-server --port 1", "its command says what the template would say"),
        ("image: rabbitmq:4-management", "the template changes settings; see `devenv catalog show`"),
        ("image: mysql:8.0\nenvironment: {MYSQL_DATABASE: a}", "it sets no MYSQL_USER, and the template would"),
    ],
)
def test_a_server_is_what_the_catalog_has(text, expected, templates):
    (one,) = found(text, templates)
    assert (dump(one.service) if one.service is not None else one.reason) == expected


@pytest.mark.parametrize("image", ["bitnami/postgresql:17", "example/postgres:17", "postgis/postgis:17-3.5", "x"])
def test_other_images_are_other_servers(image, templates):
    assert found(f"image: {image}", templates) == []


def test_what_is_added_is_not_lost():
    before = {"ports": [{"target": 1}], "command": None, "environment": {"A": "1"}}
    assert not lost(
        before, {"ports": [{"target": 2}, {"target": 1, "x": 1}], "command": ["x"], "environment": {"A": "1"}}
    )
    assert lost(before, {"ports": [{"target": 2}], "environment": {"A": "1"}})
    assert lost(before, {"ports": [{"target": 1}], "environment": {"A": "2"}})
