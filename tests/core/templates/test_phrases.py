import pytest

from devenv.core.templates.phrases import settings

PHRASES = {
    "server /data": {},
    "server ${folder}": {},
    "server ./data": {},
    "--jetstream": {"jetstream": "true"},
    "-js": {"jetstream": "true"},
    "--port 4222": {},
    "--user ${user} --pass ${password}": {"login": "true"},
    "--url http://*:2379": {},
    "--memory": {"kept": "false"},
    "-Xmx${heap}": {},
}


@pytest.mark.parametrize(
    ("command", "expected", "rest"),
    [
        (None, {}, ""),
        ("", {}, ""),
        ([], {}, ""),
        ("server /data", {}, ""),
        (["server", "./data"], {}, ""),
        (["server", "/srv"], {"folder": "/srv"}, ""),
        ("--jetstream --port=4222", {"jetstream": "true"}, ""),
        ("-jetstream -port 4222", {"jetstream": "true"}, ""),
        (["--js"], {"jetstream": "true"}, ""),
        ("--pass x --user y", {}, "--pass x"),
        ('--user me --pass "a b"', {"user": "me", "password": "a b", "login": "true"}, ""),
        ("--user ${WHO:-me} --pass=a=b", {"user": "${WHO:-me}", "password": "a=b", "login": "true"}, ""),
        ("--url http://db:2379 -Xmx64m", {"heap": "64m"}, ""),
        ("--url http://a:1,http://b:2379", {}, "--url http://a:1,http://b:2379"),
        ("--port 4223 --jetstream", {}, "--port 4223"),
        ("--port", {}, "--port"),
        ("--jetstream --trace=x y z", {}, "--trace=x y z"),
        ("sh -c 'server /data'", {}, "sh"),
        ("server --port", {}, "server"),
        ("server 'x", {}, "server 'x"),
    ],
)
def test_a_command_is_what_its_phrases_say(command, expected, rest):
    assert settings(command, PHRASES) == (expected, rest)


def test_what_comes_later_in_the_template_wins():
    phrases = {"run": {"kept": "true"}, "--memory": {"kept": "false"}}
    assert settings("--memory run", phrases) == ({"kept": "false"}, "")
