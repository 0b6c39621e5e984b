import pytest

from devenv.core.config import Config, load_config
from devenv.core.yaml.source import parse
from devenv.errors import Report


def config(text: str, report: Report | None = None) -> Config:
    report = report or Report()
    return load_config(parse(text, "config.yaml", report), "config.yaml", report)


@pytest.mark.parametrize(
    ("reference", "pulled"),
    [
        ("postgres:17", "mirror.example/pg:17"),
        ("docker.io/library/postgres:17", "mirror.example/pg:17"),
        ("postgres@sha256:" + "0" * 64, "mirror.example/pg@sha256:" + "0" * 64),
        ("postgres", "mirror.example/pg"),
        ("postgresql:1", "mirror.example/official/postgresql:1"),
        ("redis:8", "mirror.example/official/redis:8"),
        ("acme/app:1", "mirror.example/hub/acme/app:1"),
        ("ghcr.io/acme/app:1", "localhost:5000/acme/app:1"),
        ("ghcr.io/acmeother/app:1", "ghcr.io/acmeother/app:1"),
        ("nats:2", "nats:2"),
        ("nats:2.1", "mirror.example/official/nats:2.1"),
        ("quay.io/x/y", "quay.io/x/y"),
    ],
)
def test_the_longest_entry_decides_by_which_name_an_image_is_pulled(reference: str, pulled: str) -> None:
    text = """\
images:
  docker.io/: mirror.example/hub/
  docker.io/library/: mirror.example/official/
  postgres: mirror.example/pg
  nats:2: nats:2
  ghcr.io/acme/: localhost:5000/acme/
"""
    report = Report()
    assert config(text, report).image(reference) == pulled
    assert not report.problems


def test_a_persons_entries_stand_over_the_organisations() -> None:
    mine = config("images: {postgres: mine/pg}\n")
    theirs = config("images: {docker.io/library/postgres: theirs/pg, docker.io/: theirs.example/}\n")
    both = mine.over(theirs)
    assert both.image("postgres:17") == "mine/pg:17"
    assert both.image("redis:8") == "theirs.example/library/redis:8"


def test_an_empty_file_says_nothing() -> None:
    report = Report()
    assert config("", report) == Config() and config("x-team: core\nimages:\n", report) == Config()
    assert not report.problems


@pytest.mark.parametrize(
    ("text", "code", "line", "words"),
    [
        ("imges: {a: b}\n", "DE203", 1, "did you mean 'images'?"),
        ("- images\n", "DE204", 1, "is a mapping"),
        ("images: [a]\n", "DE204", 1, "maps names"),
        ("images:\n  docker.io/: mirror.example\n", "DE214", 2, "both end with '/'"),
        ("images:\n  postgres: https://mirror.example/pg\n", "DE214", 2, "without `https://`"),
        ("images:\n  'post gres': x\n", "DE214", 2, "not the beginning"),
        ("images:\n  postgres: 17\n", "DE214", 2, "image's name"),
        ("images: {a: b, a: c}\n", "DE106", 1, ""),
    ],
)
def test_problems_have_a_place_and_a_hint(text: str, code: str, line: int, words: str) -> None:
    report = Report()
    config(text, report)
    (problem,) = report.problems
    assert problem.mark is not None
    assert (problem.code, problem.mark.file, problem.mark.line) == (code, "config.yaml", line)
    assert words in f"{problem.message} {problem.hint}"


def test_policies_of_a_person_and_of_the_organisation_both_hold() -> None:
    report = Report()
    theirs = load_config(
        parse("policy: policy.yaml\n", "/etc/devenv/config.yaml", report), "/etc/devenv/config.yaml", report
    )
    mine = load_config(
        parse("policy: [/srv/p.yaml, ../q.yaml]\n", "/home/me/config.yaml", report), "/home/me/config.yaml", report
    )
    assert report.problems == []
    assert mine.over(theirs).policies == ("/etc/devenv/policy.yaml", "/srv/p.yaml", "/home/me/../q.yaml")


@pytest.mark.parametrize("text", ["policy: {a: b}\n", "policy: 5\n", "policy: [a, [b]]\n", "policy: ''\n"])
def test_a_policy_is_named_by_its_path(text: str) -> None:
    report = Report()
    config(text, report)
    assert [(p.code, p.mark.line) for p in report.problems if p.mark] == [("DE204", 1)]
