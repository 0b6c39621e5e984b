import hashlib
import json
import socket
from pathlib import Path

import pytest

from devenv.engine import endpoint
from devenv.engine.endpoint import Endpoint, find_endpoint, unreachable
from devenv.errors import DevenvError


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(endpoint, "_DEFAULT", str(tmp_path / "run/docker.sock"))
    (tmp_path / "run").mkdir()
    return tmp_path


def listen(path: Path) -> socket.socket:
    path.parent.mkdir(parents=True, exist_ok=True)
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    server.listen()
    return server


def context(home: Path, name: str, host: str, **more: object) -> Path:
    digest = hashlib.sha256(name.encode()).hexdigest()
    folder = home / ".docker/contexts/meta" / digest
    folder.mkdir(parents=True)
    (folder / "meta.json").write_text(json.dumps({"Name": name, "Endpoints": {"docker": {"Host": host, **more}}}))
    return home / ".docker/contexts/tls" / digest / "docker"


def test_docker_host_comes_first(home):
    found = find_endpoint({"HOME": str(home), "DOCKER_HOST": "tcp://10.0.0.1:2375", "DOCKER_CONTEXT": "other"})
    assert found == Endpoint("tcp://10.0.0.1:2375", "DOCKER_HOST")
    assert found.client_environment == {}


def test_docker_host_with_certificates(home):
    (home / "certs").mkdir()
    for name in ("ca.pem", "cert.pem", "key.pem"):
        (home / "certs" / name).write_text("")
    found = find_endpoint(
        {"DOCKER_HOST": "tcp://h:2376", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(home / "certs")}
    )
    assert (found.tls, found.verify, found.ca) == (True, True, str(home / "certs/ca.pem"))


def test_the_current_context(home):
    tls = context(home, "lab", "tcp://lab:2376", SkipTLSVerify=True)
    tls.mkdir(parents=True)
    (tls / "ca.pem").write_text("")
    (home / ".docker/config.json").write_text('{"currentContext": "lab"}')
    found = find_endpoint({"HOME": str(home)})
    assert (found.host, found.source, found.context, found.tls, found.verify) == (
        "tcp://lab:2376", "context", "lab", True, False,
    )  # fmt: skip
    assert found.client_environment == {}


def test_docker_context_wins_over_the_current_one(home):
    context(home, "a", "unix:///a.sock")
    (home / ".docker/config.json").write_text('{"currentContext": "b"}')
    assert find_endpoint({"HOME": str(home), "DOCKER_CONTEXT": "a"}).host == "unix:///a.sock"


def test_a_context_that_is_not_there(home):
    with pytest.raises(DevenvError, match="DE401: the Docker context 'gone' is not there"):
        find_endpoint({"HOME": str(home), "DOCKER_CONTEXT": "gone"})


@pytest.mark.parametrize("config", ["", "{", "[]", '{"currentContext": 1}', '{"currentContext": "default"}'])
def test_a_damaged_or_empty_config_means_the_usual_socket(home, config):
    (home / ".docker").mkdir()
    (home / ".docker/config.json").write_text(config)
    with listen(home / "run/docker.sock"):
        found = find_endpoint({"HOME": str(home), "XDG_RUNTIME_DIR": str(home / "none")})
    assert found == Endpoint(f"unix://{home}/run/docker.sock", "default")


@pytest.mark.parametrize("path", [".docker/run/docker.sock", ".colima/default/docker.sock", "xdg/docker.sock"])
def test_another_engine_that_answers_is_a_fall_back(home, path):
    with listen(home / path):
        found = find_endpoint({"HOME": str(home), "XDG_RUNTIME_DIR": str(home / "xdg")})
    assert found == Endpoint(f"unix://{home}/{path}", "fall-back")
    assert found.client_environment == {"DOCKER_HOST": f"unix://{home}/{path}"}


def test_a_socket_that_nobody_serves_is_passed_over(home):
    listen(home / "run/docker.sock").close()
    with listen(home / ".rd/docker.sock"):
        found = find_endpoint({"HOME": str(home), "XDG_RUNTIME_DIR": str(home / "none")})
    assert found.host == f"unix://{home}/.rd/docker.sock"


def test_the_reasons_are_told_apart(home):
    (home / "bin").mkdir()
    usual = Endpoint("unix:///var/run/docker.sock", "default")
    refused = "('Connection aborted.', ConnectionRefusedError(111, 'Connection refused'))"

    def message(at: Endpoint, words: str) -> str:
        problem = unreachable(at, words, {"PATH": str(home / "bin")}).problems[0]
        assert problem.code == "DE401" and problem.hint
        return f"{problem.message} | {problem.hint} | {problem.evidence[0]}"

    assert message(usual, refused).startswith("Docker is not installed |")
    (home / "bin/docker").write_text("")
    (home / "bin/docker").chmod(0o755)
    assert "is not running" in message(usual, refused)
    assert message(usual, refused).endswith("| unix:///var/run/docker.sock: Connection refused")
    assert "usermod -aG docker" in message(usual, "('x', PermissionError(13, 'Permission denied'))")
    assert "DOCKER_HOST" in message(Endpoint("tcp://h:1", "DOCKER_HOST"), refused)
    assert "context 'lab'" in message(Endpoint("tcp://h:1", "context", "lab"), refused)
