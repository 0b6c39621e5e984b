import pytest

from devenv.core.compose.dockerfile import bases, frontend


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("FROM debian:trixie-slim\n", ["debian:trixie-slim"]),
        ("from --platform=$BUILDPLATFORM golang:1.23 AS build\nFROM scratch\nCOPY --from=build /a /a", ["golang:1.23"]),
        ("ARG TAG=3.12\nFROM python:${TAG}\nFROM python:$TAG-slim", ["python:3.12", "python:3.12-slim"]),
        ('ARG TAG="1"\nFROM x:$TAG\nARG TAG=2\nFROM y:$TAG', ["x:1", "y:1"]),
        ("FROM a AS one\nFROM one AS two\nCOPY --chown=1 --from=nginx:1 /a /b\nCOPY --from=0 /a /b", ["a", "nginx:1"]),
        ("FROM \\\n  debian:13 \\\n  AS x\nRUN echo FROM nothing", ["debian:13"]),
        ("FROM a\nFROM a", ["a"]),
        ("", []),
    ],
)
def test_bases(text, names):
    assert bases(text) == names


def test_build_arguments_replace_defaults():
    assert bases("ARG TAG=1\nFROM x:$TAG", {"TAG": "9"}) == ["x:9"]


@pytest.mark.parametrize(
    ("text", "image"),
    [
        ("# syntax=docker/dockerfile:1\nFROM a", "docker/dockerfile:1"),
        ("\ufeff#syntax = docker/dockerfile:1.7\n", "docker/dockerfile:1.7"),
        ("# escape=\\\n# syntax=x\n", "x"),
        ("# a comment\n# syntax=x\n", None),
        ("FROM a\n# syntax=x\n", None),
    ],
)
def test_frontend(text, image):
    assert frontend(text) == image
