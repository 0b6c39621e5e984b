"""Private keys in a program's lines."""

import base64
import hashlib

import pytest

from devenv.model.secrecy import mask

BODY = base64.b64encode(b"".join(hashlib.sha512(bytes([n])).digest() for n in range(9))[:550]).decode()
LINES = [BODY[n : n + 64] for n in range(0, len(BODY), 64)]
KEY = ["-----BEGIN RSA PRIVATE KEY-----", *LINES, "-----END RSA PRIVATE KEY-----"]
SHORT = ["-----BEGIN PRIVATE KEY-----", LINES[0], "MC4+AQ", "-----END PRIVATE KEY-----"]
OTHERS = ["ready", "listening on port 8080", "Killed", "GET /usr/share/nginx/html/index", "", "sha256:" + "0a1b" * 16]


@pytest.mark.parametrize("before", ["", "  ", "2026-01-01T00:00:00Z INFO ", '{"message":"', "\x1b[32mapp |\x1b[0m "])
@pytest.mark.parametrize("key", [KEY, SHORT])
@pytest.mark.parametrize("cut", [(0, None), (1, None), (0, -1), (2, None)])
@pytest.mark.parametrize("between", [[], OTHERS])
def test_each_line_of_a_key_is_hidden_wherever_it_is_cut_and_no_other(before, key, cut, between):
    after = '"}' if "{" in before else ""
    said = [line for part in key[slice(*cut)] for line in (f"{before}{part}{after}", *between)]
    shown = mask("\n".join([*OTHERS, *said]), set()).split("\n")
    assert len(shown) == len(OTHERS) + len(said)
    assert not any(part in line for part in key[1:-1] for line in shown)
    for line in OTHERS:
        assert shown.count(line) == [*OTHERS, *said].count(line)


def test_lines_of_a_key_without_its_beginning_and_its_end_are_hidden():
    assert mask("\n".join(LINES[2:5]), set()) == "********\n********\n********"


def test_a_key_in_one_line_is_hidden_and_what_follows_is_shown():
    escaped = "\\n".join(KEY)
    assert mask(f"loading {escaped} failed\nexit code 1", set()) == "loading ******** failed\nexit code 1"
    assert (
        mask("no -----BEGIN PRIVATE KEY----- in it\nexit code 1\nKilled", set()) == "no ********\nexit code 1\nKilled"
    )


def test_a_key_that_is_no_secret_is_shown():
    public = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA+Zk\n-----END PUBLIC KEY-----"
    assert mask(public, set()) == public
