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


def made_of(*texts: str) -> str:
    files = [ComposeFile(f"{n}.yaml", text) for n, text in enumerate(texts)]
    made = manifest_text(files, Report())
    assert made is not None
    return made.text.partition("devenv: 1\n\n")[2]


BASE = """\
services:
  a:
    image: x
    volumes:
      - d:/d
      # - ./d:/d
  # b: off

volumes:
  d:
"""
MORE = """\
services:
  a:
    environment:
      B: 2
      # C: 3
    # tty: true
    ports: [80:80]
  c: {image: z}
"""
BOTH = """\
services:
  a:
    image: x
    volumes:
      - d:/d
      # - ./d:/d
    environment:
      B: 2
      # C: 3
    # tty: true
    ports:
      - "80:80"
  # b: off
  c:
    image: z

volumes:
  d:
"""


def test_comments_that_end_a_collection_stay_in_it() -> None:
    assert made_of(BASE, MORE) == BOTH


QUOTED = """\
services:
  a:
    ports:
      # debugger
      - 127.0.0.1:1:1  # eol
      # in flow
    command:
      # why
      []
"""
BARE = """\
services:
  a:
    image: x
    ports:
      # debugger
      - "127.0.0.1:1:1"  # eol
      # in flow
    # why
    command: []
"""


def test_an_item_is_the_same_in_other_quotes() -> None:
    assert made_of("services:\n  a:\n    image: x\n", QUOTED) == BARE


ANCHORED = """\
services:
  a: &a
    image: 'x'
  b:
    <<: *a
    command:
    - "y"   # because
"""
WRITTEN_OUT = """\
services:
  a: &a
    image: 'x'
    hostname: h
  b:
    image: x
    command:
    - "y"   # because
"""


def test_a_base_that_gains_a_key_leaves_the_lines_of_who_takes_it_over() -> None:
    assert made_of(ANCHORED, "services: {a: {hostname: h}}\n") == WRITTEN_OUT


APART = """\
version: '3'

services:

  a:
    image: x

  b:
    image: z

volumes:
  v:
"""


def test_new_keys_come_last_and_as_far_apart_as_the_others() -> None:
    more = "# for development\nversion: '3'\nservices:\n  c:\n    image: z\nnetworks:\n  m:\n"
    body = APART.removeprefix("version: '3'\n\n").replace("\n\nvolumes", "\n\n  c:\n    image: z\n\nvolumes")
    assert made_of(APART, more) == f"# for development\n{body}\nnetworks:\n  m:\n"


def test_what_is_said_beside_the_version_outlives_it() -> None:
    more = "# for development\nversion: 3.8 # also old\nservices:\n  b:\n    init: true\n"
    whole = made_of(f"# head\n\nversion: '3'\t# no longer read\n{APART.partition(chr(10))[2]}", more)
    assert whole.startswith("# head\n\n# no longer read\n\n# for development\n# also old\nservices:\n")


def test_comments_of_a_list_that_is_another_now_stand_above_it() -> None:
    base = "services:\n  a:\n    image: x\n    command:\n      # one\n      - --one\n      # log\n      - --log\n"
    more = "services:\n  a:\n    command:\n      # two\n      - --two\n      # log\n      - --log\n"
    whole = "    # one\n    command:\n      # two\n      - --two\n      # log\n      - --log\n"
    assert made_of(base, more).endswith(whole)


LISTED = """\
services:
  a:
    environment:
      - A=1   # why A
      # about B
      - B=2   # two
    image: x   # which
"""


def test_comments_of_a_variable_follow_it_into_another_list_or_a_mapping() -> None:
    whole = "    environment:\n      - A=1  # why A\n      # about B\n      - B=3  # two\n    image: x   # which\n"
    assert made_of(LISTED, "services: {a: {environment: [B=3]}}\n").endswith(whole)
    whole = whole.replace("- A=1", 'A: "1"').replace("- B=3", "B: 3")
    assert made_of(LISTED, "services: {a: {environment: {B: 3}}}\n").endswith(whole)


def test_comments_of_a_flow_that_becomes_a_block_stand_at_its_key() -> None:
    base = "services:\n  b: {image: x, # in\n    # of y\n    tty: '# no'}  # behind\n"
    whole = (
        "services:\n  # in\n  # of y\n  b:  # behind\n    image: x\n    tty: '# no'\n    ports:  # p\n      - \"1:1\"\n"
    )
    assert made_of(base, 'services:\n  b:\n    ports: ["1:1"] # p\n').replace('"# no"', "'# no'") == whole


def test_comments_of_what_is_taken_out_stand_above_what_it_was_part_of() -> None:
    base = "services:\n  b:\n    image: x\n    # labels\n    labels:\n      # of l\n      l: 1  # one\n"
    more = "services:\n  b:\n    labels: !reset null\n"
    assert made_of(base, more) == "services:\n  # labels\n  # of l\n  # one\n  b:\n    image: x\n"


def test_no_comment_goes_where_the_text_has_to_be_written_anew() -> None:
    base = "# head\nservices:\n  a: &a\n    image: x  # of x\n  b: {<<: *a, tty: true}  # of b\n"
    made = made_of(base, "services: {a: {image: z}}\n")
    assert all(words in made for words in ("# head\n", "# of x\n", "# of b\n"))


def test_only_one_line_says_what_the_schema_is() -> None:
    text = "# yaml-language-server: $schema=x\nservices: {a: {image: x}}\n"
    made = manifest_text([ComposeFile("a", text)], Report())
    assert made is not None
    assert made.text.count("yaml-language-server") == 1


def test_what_is_included_is_written_out_and_that_is_said() -> None:
    part = ComposeFile("sub/more.yaml", "services: {b: {image: y}}\n", "sub")
    made = manifest_text(
        [ComposeFile("a", "include: [sub/more.yaml]\nservices: {a: {image: x}}\n", ".", ((part,),))], Report()
    )
    assert made is not None
    assert made.notes == ("what 'include' brings is written out: sub/more.yaml can change without the manifest",)


ODD = """\
services:
  a:
    environment: &env  # beside an anchor
      TEXT: |+  # beside a bar
        keep

# below a text that keeps its lines
      MORE: >-
        folded
    command:  # before a list
      # and again
      [a, b]
    image:  # before a name
      x  # behind it
    ports:
      -  # beside a dash
        target: 80
      - &b  # beside an anchor's dash
        target: 81
    labels: *env  # beside an alias
    hostname: 'of

      lines'  # behind a text of lines
"""


def test_comments_in_odd_places_are_all_carried() -> None:
    made = made_of("services:\n  a: {image: y}\n", ODD)
    said = [line.partition("# ")[2].rstrip() for line in ODD.splitlines() if "#" in line]
    assert len(said) == 11
    assert sorted(line.partition("# ")[2] for line in made.splitlines() if "#" in line) == sorted(said)


INDENTED = """\
  # all of it
  version: '3'
  services:
    a:
      image: x   # which
      command: |
        one
          two
      # tty: true

 # the end
"""
FLUSH = """\
# all of it
services:
  a:
    image: x   # which
    command: |
      one
        two
    # tty: true

 # the end
"""


def test_a_file_that_is_indented_as_a_whole_keeps_its_lines() -> None:
    assert made_of(INDENTED) == FLUSH
    assert made_of(INDENTED, "services: {a: {tty: true}}\n").count("#") == 4
