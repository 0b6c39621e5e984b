"""`ready` as a Compose health check, with whatever program an image has."""

from __future__ import annotations

import re

from devenv.model.data import Map, Seq
from devenv.model.manifest import Ready

NO_PROGRAM = "no program for a probe in this image"
"""What a probe prints, with exit code 127, where an image has a shell but none of the programs."""

_WAIT = """\
end=
while :; do
if answer=$$(
exec 2>&1
ASK
); then echo "$$answer"; exit 0; else code=$$?; fi
read -r now _ </proc/uptime; now=$${now%.*}$${now#*.}; end=$${end:-$$((now + SPAN))}
[ $$code -lt 126 ] && [ "$$now" -lt $$end ] && sleep 0.05 || { echo "$$answer"; exit $$code; }
done
"""
"""Asks twenty times a second for SPAN hundredths of one, and prints the last answer.

The engine starts a process in the container for each probe, which takes some 0.07 s of a processor, so that one that
waits by itself is both earlier and cheaper than many.
"""

_UNSAFE = re.compile(r"[\s\"'`\\<>^|;()#@!]")
_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")

# None outlives the engine's patience with it by much: of a probe that took too long, only the shell is ended.
_WGET = "o=$(wget OPTIONS-S -t 1 -T 4 -O /dev/null "
_GOOD = """ 2>&1); echo "$o" | grep 'HTTP/[0-9.]* [23]' || { echo "$o" | tail -n 3; exit 1; }"""
_PYTHON = "\nexcept Exception as e: exit(e)\nprint(s); exit(not 200 <= s < 400)'"

# Cheapest first: they run twenty times a second while a service starts.
_HTTP = (
    ("curl", "curl -fsS -m 4 -o /dev/null 'http://127.0.0.1:PORTPATH'"),
    ("wget", f"{_WGET.replace('OPTIONS', '')}'http://127.0.0.1:PORTPATH'{_GOOD}"),
    (
        "bash",
        "bash -c 'exec 3<>/dev/tcp/127.0.0.1/PORT"
        # printf writes line by line, and a server that answers at the first line closes the connection under the others
        r' && trap "" PIPE && { printf "GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n" "PATH" >&3 2>/dev/null; true; }'
        r""" && read -t 4 -r l <&3 && echo "$l" && [[ $l =~ ^HTTP/[0-9.]+\ [23] ]]'""",
    ),
    (
        "perl",
        "perl -MIO::Socket::INET -e 'alarm 4; $s = IO::Socket::INET->new(PeerAddr => q(127.0.0.1:PORT), Timeout => 4)"
        r' or die "$@\n"; print $s q(GET PATH HTTP/1.0), "\r\nHost: localhost\r\n\r\n";'
        " $_ = <$s>; print; exit !m(^HTTP/[0-9.]+ [23])'",
    ),
    (
        "python3",
        """python3 -c 'import http.client as h\ntry: c = h.HTTPConnection("127.0.0.1", PORT, timeout=4);"""
        f""" c.request("GET", "PATH"); s = c.getresponse().status{_PYTHON}""",
    ),
    (
        "php",
        """php -r '$s = fsockopen("127.0.0.1", PORT, $e, $m, 4) or exit(1); stream_set_timeout($s, 4);"""
        r""" fwrite($s, "GET PATH HTTP/1.0\r\nHost: localhost\r\n\r\n"); echo $l = fgets($s);"""
        """ exit((int) !preg_match("#^HTTP/[0-9.]+ [23]#", $l));'""",
    ),
    (
        "ruby",
        """ruby -rnet/http -rtimeout -e 'begin; s = Timeout.timeout(4) { Net::HTTP.get_response("127.0.0.1", "PATH","""
        """ PORT).code }; rescue => e; abort e.message; end; puts s; exit s.match?(/^[23]/)'""",
    ),
    (
        "node",
        """node -e 'require("http").get("http://127.0.0.1:PORTPATH", { timeout: 4000 }, r => {"""
        " console.log(r.statusCode); process.exit(r.statusCode < 200 || r.statusCode > 399 ? 1 : 0) })"
        """.on("error", e => { console.log(e.message); process.exit(1) })"""
        """.on("timeout", () => { console.log("no answer within 4 s"); process.exit(1) })'""",
    ),
)
_HTTPS = (
    ("curl", "curl -kfsS -m 4 -o /dev/null 'https://127.0.0.1:PORTPATH'"),
    (
        "wget",
        f"{_WGET.replace('OPTIONS', '--no-check-certificate ')}'https://127.0.0.1:PORTPATH'{_GOOD}",
    ),
    (
        "python3",
        """python3 -c 'import http.client as h, ssl\ntry: c = h.HTTPSConnection("127.0.0.1", PORT, timeout=4,"""
        """ context=ssl._create_unverified_context());"""
        f""" c.request("GET", "PATH"); s = c.getresponse().status{_PYTHON}""",
    ),
)
_TCP = (
    ("bash", "bash -c 'exec 3<>/dev/tcp/127.0.0.1/PORT'"),
    ("nc", "nc -z -w 4 127.0.0.1 PORT || nc -w 1 127.0.0.1 PORT </dev/null"),  # Debian's busybox has no -z
    (
        "perl",
        "perl -MIO::Socket::INET -e 'IO::Socket::INET->new(PeerAddr => q(127.0.0.1:PORT), Timeout => 4)"
        r""" or die "$@\n"'""",
    ),
    (
        "python3",
        """python3 -c 'import socket\ntry: socket.create_connection(("127.0.0.1", PORT), 4)\n"""
        """except Exception as e: exit(e)'""",
    ),
    ("php", """php -r 'exit((int) !fsockopen("127.0.0.1", PORT, $e, $m, 4));'"""),
    (
        "ruby",
        """ruby -rsocket -e 'begin; Socket.tcp("127.0.0.1", PORT, connect_timeout: 4).close;"""
        """ rescue => e; abort e.message; end'""",
    ),
    (
        "node",
        """node -e 'require("net").connect(PORT, "127.0.0.1").on("connect", () => process.exit(0))"""
        """.on("error", e => { console.log(e.message); process.exit(1) })'""",
    ),
)


def healthcheck(ready: Ready, port: int | None, *, secure: bool = False) -> Map:
    """Compose's health check for a `ready`; `port` is the container port that `http` and `tcp` ask, `secure` says
    that it speaks HTTPS.
    """
    return Map(
        {
            "test": _test(ready, port or 0, secure),
            "interval": "30s",
            "timeout": "5s",
            "retries": 3,
            "start_period": f"{ready.within:g}s",
            # The first one comes when others that were started with this service are up: it would hold them up.
            "start_interval": "200ms" if ready.run is not None else "100ms",
        }
    )


def reach(host: str, port: int) -> str:
    """A shell script that connects to another container by its name, with the first program there is."""
    return _first(_TCP, port, "").replace("127.0.0.1", host).replace("$$", "$")


def _test(ready: Ready, port: int, secure: bool) -> Seq:
    if ready.http is not None:
        return Seq(
            ["CMD-SHELL", _waiting(_first(_HTTPS if secure else _HTTP, port, _request(ready.http)), ready.within)]
        )
    if ready.tcp is not None:
        return Seq(["CMD-SHELL", _waiting(_first(_TCP, port, ""), ready.within)])
    if isinstance(ready.run, tuple):
        return Seq(["CMD", *ready.run])
    return Seq(["CMD-SHELL", ready.run])


def _waiting(script: str, within: float) -> str:
    """A script that asks for a second, or for half of what the service has."""
    return _WAIT.replace("SPAN", f"{min(1, within / 2) * 100:.0f}").replace("ASK", script)


def _first(programs: tuple[tuple[str, str], ...], port: int, path: str) -> str:
    """A shell script that uses the first program there is; every `$` of its own is doubled for Compose."""
    lines = []
    for i, (program, command) in enumerate(programs):
        lines.append(f"{'el' if i else ''}if command -v {program} >/dev/null; then")
        lines.append("  " + command.replace("$", "$$").replace("PORT", str(port)).replace("PATH", path))
    return "\n".join([*lines, f"else echo '{NO_PROGRAM}'; exit 127; fi"])


def _request(path: str) -> str:
    """The path as an HTTP request has it, with nothing that any of the programs' quoting would act on.

    Compose's `${NAME}` stays; `$$` is a dollar.
    """
    path = _PERCENT.sub("%25", path.replace("$$", "%24"))
    path = _UNSAFE.sub(lambda m: "".join(f"%{b:02X}" for b in m[0].encode()), path)
    return path if path.startswith(("/", "${")) else f"/{path}"
