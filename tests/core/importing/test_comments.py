"""Comments of the files that are merged over the first one."""

from __future__ import annotations

from devenv.core.importing.comments import carried
from devenv.core.importing.layers import ComposeFile
from devenv.core.importing.manifest_text import manifest_text
from devenv.errors import Report

FIRST = """\
services:
  # the app
  app:
    image: a   # which
    environment:
      # A is
      A: 1
"""
SECOND = """\
# mine alone
services:
  app:
    # more of it
    environment:
      # for development
      DEBUG: "1"   # loud
    # and a volume
    volumes:
      # the code
      - ./src:/src  # live
    ports: !override ["80:80"]  # one
  # a helper
  mail: { image: m }  # short
# the end
"""
WHOLE = """\
# yaml-language-server: $schema=.devenv/devenv.schema.json
devenv: 1

# mine alone
services:
  # the app
  app:
    image: a   # which
    # more of it
    environment:
      # A is
      A: 1
      # for development
      DEBUG: "1"  # loud
    # and a volume
    volumes:
      # the code
      - ./src:/src  # live
    ports:  # one
      - "80:80"
  # a helper
  mail:  # short
    image: m
# the end
"""


def test_comments_of_an_overriding_file_stand_where_its_keys_do() -> None:
    files = [ComposeFile("compose.yaml", FIRST), ComposeFile("compose.override.yaml", SECOND)]
    made = manifest_text(files, Report())
    assert made is not None
    assert made.text == WHOLE


def test_what_is_not_there_any_more_is_told_at_what_it_was_part_of() -> None:
    assert carried("a:\n  b: 1\n", ["a:\n  # of c\n  c: !reset null  # gone\n"]) == "# of c\n# gone\na:\n  b: 1\n"


def test_a_comment_that_is_there_already_is_not_said_twice() -> None:
    text = "# top\na:\n  # of b\n  b: 1  # one\n"
    assert carried(text, [text]) == text


def test_a_number_sign_in_a_text_is_no_comment() -> None:
    text = 'a: "x # y"\nb: |\n  # in a text\n  z\nc: d#e\n'
    assert carried("a: 1\nb: 2\nc: 3\n", [text]) == "a: 1\nb: 2\nc: 3\n"
