import pytest

from devenv.core.importing.said import hindered, lacking
from devenv.core.yaml.source import parse
from devenv.errors import Report

SERVICE = """\
command: [server, --ip=0.0.0.0, -config.file, "/etc/x", --port, "${PORT:-80}", -q]
environment: [LISTEN=80, EMPTY=, PASSED]
expose: ["70"]
ports: ["127.0.0.1:${P:-1}:90", "200-205:100-105/udp", {target: "${T:-300}", published: 1}]
volumes: [data:/data, "./etc:/etc/a/:ro", {type: bind, source: ./b, target: "${B:-/b/c}"}]
configs: [d, {source: e, target: /etc/e.ini}]
"""


def service(text=SERVICE):
    return parse(text, "", Report())


@pytest.mark.parametrize(
    ("entry", "is_said"),
    [
        ("command", True),
        ("entrypoint", False),
        ("LISTEN", True),
        ("LISTEN=80", True),
        ("LISTEN=81", False),
        ("EMPTY", True),
        ("PASSED", True),
        ("OTHER", False),
        ("--ip", True),
        ("--ip=0.0.0.0", True),
        ("--ip=127.0.0.1", False),
        ("--config.file=/etc/x", True),
        ("--port=80", True),
        ("-q=", True),
        ("--server", False),
        ("/data", True),
        ("/data/x", True),
        ("/dat", False),
        ("/etc/a/b/c", True),
        ("/etc", False),
        ("/b/c", True),
        ("/d", True),
        ("/etc/e.ini", True),
        ("70", True),
        ("90", True),
        ("1", False),
        ("103", True),
        ("106", False),
        ("300", True),
    ],
)
def test_what_a_service_says(entry, is_said):
    assert (lacking(service(), entry, {}) == "") is is_said


def test_a_command_in_one_line():
    assert lacking(service("command: \"sh -c 'server --ip 0.0.0.0'\""), "--ip=0.0.0.0", {}) == ""


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("LISTEN", "its LISTEN says what the template would say"),
        ("LISTEN=80", ""),
        ("LISTEN=81", "its LISTEN says what the template would say"),
        ("OTHER=80", ""),
        ("--ip", "its --ip says what the template would say"),
        ("command", "its command says what the template would say"),
        ("/etc/e.ini", "what it mounts at /etc/e.ini may set what the template sets"),
    ],
)
def test_why_it_cannot_be_the_templates(entry, reason):
    assert hindered(service(), entry, {}) == reason


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("command", "it sets no command of its own"),
        ("LISTEN=80", "it sets no LISTEN=80 of its own"),
        ("--ip=0.0.0.0", "its command does not say --ip 0.0.0.0"),
        ("8080", "it does not publish port 8080, where the template asks whether it is ready"),
    ],
)
def test_what_it_lacks(entry, reason):
    assert lacking(service("image: x"), entry, {}) == reason
    assert lacking(service("ports: !reset []"), entry, {}) == reason
