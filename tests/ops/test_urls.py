"""Addresses as they are shown."""

from devenv.model.stack import Service
from devenv.ops.urls import urls_of


def service(**outputs: str) -> Service:
    from devenv.model.data import Map

    return Service("db", Map(), host_outputs=outputs)


def test_passwords_are_not_shown() -> None:
    url = "postgresql://app:${DEVENV_SECRET_DB_PASSWORD:-x}@127.0.0.1:${PORT:-5432}/shop"
    variables = {"DEVENV_SECRET_DB_PASSWORD": "hunter2", "PORT": "5433"}
    assert urls_of(service(url=url), variables) == [("url", "postgresql://127.0.0.1:5433/shop")]

    assert urls_of(service(url="http://a:b@c@localhost:80/@x?y@z"), {}) == [("url", "http://localhost:80/@x?y@z")]


def test_a_bare_port_is_left_out_where_a_url_names_its_protocol() -> None:
    outputs = {"main.url": "tcp://127.0.0.1:5432", "url": "redis://127.0.0.1:5432/0", "other.url": "tcp://127.0.0.1:1"}
    assert urls_of(service(**outputs), {}) == [("url", "redis://127.0.0.1:5432/0"), ("other", "tcp://127.0.0.1:1")]
