"""Fixes in a manifest's text: what they change, and that nothing else changes."""

from __future__ import annotations

from time import process_time

import pytest

from devenv.core.lint.fixes import apply, possible
from devenv.core.lint.subject import Subject
from devenv.core.manifest import manifest
from devenv.core.policy.judge import judge
from devenv.core.stack.resolve import resolve
from devenv.core.yaml.source import parse
from devenv.errors import Report
from devenv.model.lint import Fix
from tests.core.lint.linting import TODAY

BEFORE = """\
# a stack that grew
devenv: 1
name:   shop      # three blanks

x-common: &common
  restart: always # everywhere
  environment: { DEBUG: yes, 'quoted': "yes" }

services:
  db:
    image: 'mysql:8'   # eight
    restart: unless-stopped
    volumes: [ data:/var/lib/mysql ]
    ports:
      # the usual one
      - "3306:3306"
      - '0.0.0.0:33060:33060/tcp'   # X protocol
      - 127.0.0.1:1:1
      - 8000-8005:80-85
    healthcheck:
      test: [CMD, mysqladmin, ping]
      interval: 10s
  web:
    <<: *common
    image: web:1
    command: [ssh, 22:22, "no"]
    ports: [8080:80, 443]
  old:
    image: x:1
    restart: always

volumes:
  data:
  # nobody remembers
  forgotten:
    labels: { a: b }
networks: { lost: }

checks:
  on: { tcp: "localhost:80" }
"""

AFTER = """\
# a stack that grew
devenv: 1
name:   shop      # three blanks

x-common: &common
  restart: always # everywhere
  environment: { DEBUG: "yes", 'quoted': "yes" }

services:
  db:
    image: 'mysql:8'   # eight
    volumes: [ data:/var/lib/mysql ]
    ports:
      # the usual one
      - "127.0.0.1:3306:3306"
      - '127.0.0.1:33060:33060/tcp'   # X protocol
      - 127.0.0.1:1:1
      - "127.0.0.1:8000-8005:80-85"
    healthcheck:
      test: [CMD, mysqladmin, ping]
      interval: 10s
      start_interval: 1s
      start_period: 60s
  web:
    <<: *common
    image: web:1
    command: [ssh, "22:22", "no"]
    ports: ["127.0.0.1:8080:80", "127.0.0.1::443"]
  old:
    image: x:1

volumes:
  data:

checks:
  "on": { tcp: "localhost:80" }
"""


def offered(text: str) -> list[Fix]:
    report = Report()
    loaded = manifest.load(parse(text, "devenv.yaml", report), "devenv.yaml", report)
    assert loaded is not None
    stack = resolve(loaded, {}, report)
    assert stack is not None, report.problems
    found = judge(Subject(stack, loaded, report), [], TODAY).findings
    return [one.fix for one in found if one.fix is not None]


def mended(text: str) -> tuple[str, list[str], list[str]]:
    new, made, problems = apply(text, offered(text), "devenv.yaml")
    return new, [fix.title for fix in made], [problem.code for problem in problems]


def test_everything_certain_is_mended_and_the_rest_stays_to_the_byte() -> None:
    new, made, problems = mended(BEFORE)
    assert new == AFTER
    assert problems == []
    assert len(made) == 13


@pytest.mark.parametrize("port", ["${BIND:-}:80:80", "${PORT:-80}:80", "1${PORT:-80}"])
def test_an_address_that_a_variable_may_say_stays(port: str) -> None:
    text = f"devenv: 1\nname: shop\nservices:\n  a: {{image: 'x:1', ports: ['{port}']}}\n"
    assert mended(text)[:2] == (text, [])
    assert mended(text.replace(port, "80:${PORT:-80}"))[0] == text.replace(port, "127.0.0.1:80:${PORT:-80}")


def test_a_second_time_there_is_nothing_to_mend() -> None:
    assert mended(AFTER)[:2] == (AFTER, [])


def test_line_ends_and_a_byte_order_mark_stay() -> None:
    text = "\ufeffdevenv: 1\nname: shop\nservices:\n  a:\n    image: x:1\n    restart: always\n    ports: ['80:80']\n"
    text = text.replace("\n", "\r\n")
    assert mended(text)[0] == text.replace("    restart: always\r\n", "").replace("'80:80'", "'127.0.0.1:80:80'")
    only_quotes = "\ufeffdevenv: 1\nname: shop\nservices: {a: {image: x:1, environment: {A: on}}}\n"
    assert mended(only_quotes)[0] == only_quotes.replace("on}", '"on"}')


SHARED = """\
devenv: 1
name: shop
x-common: &common { image: "x:1", restart: always }
x-ports: &ports ["80:80"]
x-check: &check { test: x }
services:
  a: { <<: *common, ports: *ports, healthcheck: *check }
  b: { image: "x:1", ports: *ports, healthcheck: { <<: *check, interval: 1s } }
  c: { <<: *common, restart: unless-stopped }
  d: { <<: *check, restart: always, environment: &env { A: yes } }
  e: { image: "x:1", environment: *env }
"""


def test_what_aliases_have_elsewhere_cannot_be_mended_and_the_rest_is() -> None:
    fixes = offered(SHARED)
    can = possible(SHARED, fixes, "devenv.yaml")
    assert sorted((fix.title, fix.mark.line) for fix in set(fixes) - can) == [
        ("probe every second while it starts", 5), ("publish it on 127.0.0.1 only", 4), ("remove `restart`", 3),
        ("remove `restart`", 9),
    ]  # fmt: skip
    new, made, problems = apply(SHARED, list(can), "devenv.yaml")
    assert new == SHARED.replace("restart: always, env", "env").replace("yes", '"yes"')
    assert (len(made), problems) == (2, [])


MERGED = """\
devenv: 1
name: shop
x-a: &a { restart: always }
x-b: &b { <<: *a, privileged: true }
x-c: &c { privileged: true }
x-list: &list [*c, *b]
services:
  one: { <<: *a, image: "x:1", restart: always }
  two: { <<: *b, image: "x:1", restart: always }
  three: { <<: [*c, *a], image: "x:1", restart: always }
  four: { <<: *list, image: "x:1", restart: always }
  five: { <<: { restart: always }, image: "x:1", restart: always }
  six: { <<: *c, image: "x:1", restart: always }
  seven: { <<: [*c, { privileged: true }], image: "x:1", restart: always }
"""


def test_what_a_merge_brings_as_well_cannot_be_taken_out() -> None:
    removals = [fix for fix in offered(MERGED) if fix.title == "remove `restart`"]
    can = possible(MERGED, removals, "devenv.yaml")
    assert {fix.mark.line for fix in can} == {13, 14}
    new, _, problems = apply(MERGED, list(can), "devenv.yaml")
    assert new.splitlines()[-2:] == [line[: line.index(", restart")] + " }" for line in MERGED.splitlines()[-2:]]
    assert problems == []


def test_the_fixes_of_a_large_manifest_take_no_square_of_its_length() -> None:
    def seconds(count: int) -> float:
        service = '  s{}: {{ <<: *c, image: "x:1", restart: always, environment: {{A: yes}}, ports: ["{}:80"] }}\n'
        head = MERGED.partition("services:")[0] + "services:\n"
        text = head + "".join(service.format(n, n) for n in range(1_000, 1_000 + count))
        fixes = [fix for fix in offered(text) if fix.mark.line > head.count("\n")]
        begin = process_time()
        assert len(possible(text, fixes, "devenv.yaml")) == 3 * count
        new, made, _ = apply(text, fixes, "devenv.yaml")
        assert len(made) == 3 * count and new.count("127.0.0.1") == new.count('"yes"') == count
        return process_time() - begin

    assert seconds(800) < 16 * seconds(100) + 0.1


def test_what_is_refused_all_the_same_is_told() -> None:
    new, made, problems = apply(SHARED, [fix for fix in offered(SHARED) if fix.mark.line == 9], "devenv.yaml")
    assert (new, made, [problem.code for problem in problems]) == (SHARED, [], ["DE742"])
