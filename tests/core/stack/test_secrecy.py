import pytest

from devenv.core.stack import secrecy


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("environment.LEVEL", "info", "info"),
        ("environment.API_TOKEN", "abc", "(secret)"),
        ("environment.API_TOKEN", "${TOKEN}", "${TOKEN}"),
        ("environment.API_TOKEN", "${TOKEN:-abc}", "${TOKEN:-(secret)}"),
        ("environment.PASSWORD_FILE", "/run/secrets/password", "/run/secrets/password"),
        ("environment.URL", "postgres://me:abc@db/x", "postgres://me:(secret)@db/x"),
        ("environment.URL", "postgres://me:${PASSWORD}@db/x", "postgres://me:${PASSWORD}@db/x"),
        ("environment.URL", "postgres://me:${PASSWORD:-abc}@db/x", "postgres://me:${PASSWORD:-(secret)}@db/x"),
        ("environment.URL", "http://db:80/x", "http://db:80/x"),
        ("image", "${DEVENV_SECRET_DB_PASSWORD:-devenv-insecure-default}", None),
    ],
)
def test_what_people_see_of_a_value(key, value, shown):
    assert secrecy.shown(key, value) == (value if shown is None else shown)
