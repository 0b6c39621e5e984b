"""A manifest's text without its secrets: in the lines in which they stand, and only there."""

import time

from devenv.core.edit.hiding import without_secrets

WRITTEN = r"""
# password: swordfish
services:
  postgres: { image: "postgres:17", environment: { POSTGRES_PASSWORD: postgres, POSTGRES_DB: postgres } }
  a:
    image: x:1
    environment:
      NEO4J_AUTH: neo4j/sw0rdfish${X}
      API_TOKEN: ${TOKEN:-swordfish}
      OWN_TOKEN: ${TOKEN}
      URL: "postgres://me:swordfish@far.example/x"
      DB_URL: postgres://me:${PW}@db/x
      ESCAPED_PASSWORD: "a\"b"
      KEY: |
        -----BEGIN PRIVATE KEY-----
        MIIBabc
        -----END PRIVATE KEY-----
        after
      FOLDED: >
        a
        serve --password swordfish
        b
      SPLIT_PASSWORD: "sword
        fish"
    command:
      - --password
      - swordfish
      - --port
      - "80"
    setup: [[mysql, -pswordfish], &one [x, --token, "sword fish"]]
"""
SHOWN = r"""
# password: ********
services:
  postgres: { image: "postgres:17", environment: { POSTGRES_PASSWORD: ********, POSTGRES_DB: postgres } }
  a:
    image: x:1
    environment:
      NEO4J_AUTH: neo4j/********${X}
      API_TOKEN: ${TOKEN:-********}
      OWN_TOKEN: ${TOKEN}
      URL: "postgres://me:********@far.example/x"
      DB_URL: postgres://me:${PW}@db/x
      ESCAPED_PASSWORD: ********
      KEY: |
        ********
        ********
        ********
        after
      FOLDED: >
        a
        serve --password ********
        b
      SPLIT_PASSWORD: ********
********
    command:
      - --password
      - ********
      - --port
      - "80"
    setup: [[mysql, -p********], &one [x, --token, "********"]]
"""


def test_secrets_are_stars_where_they_stand() -> None:
    assert without_secrets(WRITTEN) == SHOWN.splitlines()
    assert without_secrets(WRITTEN.replace("\n", "\r\n")) == SHOWN.splitlines()


def test_a_line_stays_a_line() -> None:
    for text in ("", "a", 'PASSWORD: "b\u2028  c\u0085d"\n', "PASSWORD: |\n\n  a\n\n  b\n\n", "- 1\n- !!str x\n\n\n"):
        assert len(without_secrets(text)) == len(text.splitlines())


def test_a_long_manifest_takes_little_time() -> None:
    begun = time.process_time()
    without_secrets("services:\n" + "".join(f"  s{n}: {{ image: x, environment: {{ A: b }} }}\n" for n in range(1000)))
    assert time.process_time() - begun < 2
