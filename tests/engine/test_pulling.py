import pytest

from devenv.engine.pulling import Tally, failure
from devenv.model.image_name import host_of, path_and_tag

HUB = 'Get "https://registry-1.docker.io/v2/": '


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (HUB + "dial tcp: lookup registry-1.docker.io on 10.0.0.53:53: no such host", "DE502"),
        (HUB + "dial tcp 127.0.0.1:9: connect: connection refused", "DE502"),
        (HUB + "dial tcp 10.0.0.1:443: i/o timeout", "DE502"),
        (HUB + "net/http: TLS handshake timeout", "DE502"),
        (HUB + "context deadline exceeded (Client.Timeout exceeded while awaiting headers)", "DE502"),
        (HUB + "net/http: request canceled while waiting for connection", "DE502"),
        (HUB + "tls: failed to verify certificate: x509: certificate signed by unknown authority", "DE502"),
        (HUB + "proxyconnect tcp: dial tcp 10.0.0.1:3128: connect: connection refused", "DE502"),
        (HUB + "EOF", "DE502"),
        ("received unexpected HTTP status: 503 Service Unavailable", "DE502"),
        (
            'failed to resolve reference "docker.io/library/x:1": failed to do request: Head '
            '"https://registry-1.docker.io/v2/library/x/manifests/1": dial tcp: lookup registry-1: no such host',
            "DE502",
        ),
        ("manifest for nginx:nope not found: manifest unknown: manifest unknown", "DE501"),
        ("docker.io/library/nginx:nope: not found", "DE501"),
        ("pull access denied for nosuch, repository does not exist or may require 'docker login': denied", "DE501"),
        ("pull access denied, repository does not exist or may require authorization: insufficient_scope", "DE501"),
        ("invalid reference format", "DE501"),
        ('Head "https://ghcr.io/v2/acme/app/manifests/1": unauthorized', "DE503"),
        ("error from registry: denied", "DE503"),
        ("no basic auth credentials", "DE503"),
        ("toomanyrequests: You have reached your pull rate limit.", "DE504"),
        ("no matching manifest for linux/arm64/v8 in the manifest list entries", "DE505"),
        ("failed to register layer: write /usr/lib/x: no space left on device", "DE506"),
        ("something that nobody has seen before", "DE508"),
    ],
)
def test_the_engines_words_become_a_code(words, code):
    problem = failure("acme/app:1", words).problems[0]
    assert problem.code == code
    assert problem.evidence == (words,)
    assert "acme/app:1" in problem.message


@pytest.mark.parametrize("words", ["manifest for x@{} not found: manifest unknown", "docker.io/x@{}: not found"])
def test_bytes_that_a_lock_names_and_the_registry_lost_are_no_wrong_name(words):
    digest = f"sha256:{'a' * 64}"
    problem = failure(f"x:1@{digest}", words.format(digest)).problems[0]
    assert problem.code == "DE501" and problem.hint is not None and "`devenv upgrade`" in problem.hint


def test_login_names_the_registry_unless_it_is_the_usual_one():
    assert failure("ghcr.io/a/b:1", "unauthorized").problems[0].hint == "log in: `docker login ghcr.io`"
    assert failure("a/b:1", "unauthorized").problems[0].hint == "log in: `docker login`"


def test_a_frontend_that_cannot_be_had_is_explained():
    hint = failure("docker/dockerfile:1", "no such host").problems[0].hint
    assert hint is not None and "# syntax=" in hint


@pytest.mark.parametrize(
    ("reference", "host", "path", "tag"),
    [
        ("postgres:17", "docker.io", "library/postgres", "17"),
        ("postgres", "docker.io", "library/postgres", "latest"),
        ("grafana/grafana:11", "docker.io", "grafana/grafana", "11"),
        ("docker.io/library/redis:8", "docker.io", "library/redis", "8"),
        ("index.docker.io/redis", "docker.io", "library/redis", "latest"),
        ("ghcr.io/acme/app:1", "ghcr.io", "acme/app", "1"),
        ("localhost/app", "localhost", "app", "latest"),
        ("127.0.0.1:5000/library/x:1", "127.0.0.1:5000", "library/x", "1"),
        ("redis@sha256:abc", "docker.io", "library/redis", "sha256:abc"),
        ("redis:8@sha256:abc", "docker.io", "library/redis", "sha256:abc"),
    ],
)
def test_references_are_taken_apart(reference, host, path, tag):
    assert (host_of(reference), path_and_tag(reference)) == (host, (path, tag))


def test_bytes_are_summed_over_layers():
    tally = Tally()
    assert not tally.add({"status": "Pulling from library/x", "id": "17"})
    assert not tally.add({"status": "Pulling fs layer", "id": "a", "progressDetail": {}})
    assert tally.total == 0
    assert tally.add({"status": "Downloading", "id": "a", "progressDetail": {"current": 10, "total": 100}})
    assert tally.add({"status": "Downloading", "id": "b", "progressDetail": {"current": 5, "total": 50}})
    assert (tally.current, tally.total) == (15, 150)
    assert tally.add({"status": "Download complete", "id": "a", "progressDetail": {}})
    assert not tally.add({"status": "Extracting", "id": "a", "progressDetail": {"current": 1, "total": 100}})
    assert (tally.current, tally.total) == (105, 150)
    assert not tally.add({"status": "Digest: sha256:1"})
