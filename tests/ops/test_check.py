import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from devenv.engine.answers import Completed
from devenv.engine.catalog import FolderCatalog
from devenv.errors import DevenvError
from devenv.ops.check import Checked, check
from devenv.records import replace
from tests.fakes import FakeDaemon, FakeProcesses, FakeProject, fake_world


class Answers(BaseHTTPRequestHandler):
    failures = 0

    def do_GET(self) -> None:
        self.answer(500 if Answers.failures > 0 else 200, "hello")
        Answers.failures -= 1

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.answer(201, f"{self.headers['Content-Type']} {body}")

    def answer(self, status: int, text: str) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *arguments: object) -> None:
        pass


_TWO = """\
devenv: 1
name: shop
services: { web: { image: x } }
checks: { one: { run: [here] }, two: { run: [ls], service: web } }
"""


@pytest.fixture
def port() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def run(
    checks: str, port: int = 8080, processes: FakeProcesses | None = None, names: tuple[str, ...] = ()
) -> list[Checked]:
    daemon = FakeDaemon()
    daemon.add("web", state="running")
    text = f"devenv: 1\nname: shop\nservices:\n  web: {{ image: web:1, ports: {{ http: 80 }} }}\nchecks:\n{checks}"
    project = FakeProject({"devenv.yaml": text})
    project.variables = {"DEVENV_PORT_WEB_HTTP": str(port)}
    return check(fake_world(daemon, project=project, processes=processes or FakeProcesses()), names)


def test_an_answer_of_2xx_is_good(port: int) -> None:
    [seen] = run('  up: { http: "${web.http.url}/" }\n', port)
    assert seen.ok
    assert (seen.attempts, seen.detail, seen.evidence) == (1, f"GET http://127.0.0.1:{port}/: status 200", ("hello",))


def test_only_a_command_of_this_machine_is_started_with_variables_from_files() -> None:
    given: dict[str, object] = {}

    class Seen(FakeProcesses):
        def run(self, argv, *, env=None, **more):
            given[argv[0]] = env
            return super().run(argv, env=env, **more)

    project = FakeProject({"devenv.yaml": _TWO})
    project.variables = {"LD_PRELOAD": "./x.so"}
    daemon = FakeDaemon()
    daemon.add("web", state="running")
    check(fake_world(daemon, project=project, processes=Seen()))
    (inside,) = (env for program, env in given.items() if program != "here")
    assert "LD_PRELOAD" in given["here"] and "LD_PRELOAD" not in inside


def test_a_post_with_a_body_and_an_expected_status(port: int) -> None:
    expect = "expect: { status: 201, body: '\"a\"' }"
    [seen] = run(f"""  order: {{ http: "${{web.http.url}}/", method: POST, body: '{{"a": 1}}', {expect} }}\n""", port)
    assert seen.ok
    assert seen.evidence == ('application/json {"a": 1}',)


def test_it_is_tried_again_until_it_holds(port: int) -> None:
    Answers.failures = 1
    [seen] = run('  up: { http: "${web.http.url}/", within: 5s }\n', port)
    assert (seen.ok, seen.attempts) == (True, 2)


def test_what_does_not_hold_shows_what_came_back(port: int) -> None:
    [seen] = run('  up: { http: "${web.http.url}/", expect: { status: 204 }, within: 100ms }\n', port)
    assert not seen.ok
    assert seen.detail.endswith("status 200, not 204")
    assert seen.evidence == ("hello",)


def test_nobody_there_is_said_in_words() -> None:
    [http, tcp] = run(
        '  a: { http: "http://127.0.0.1:1/", within: 100ms }\n  b: { tcp: "127.0.0.1:1", within: 100ms }\n'
    )
    assert http.detail == "GET http://127.0.0.1:1/: connection refused"
    assert tcp.detail == "connect to 127.0.0.1:1: connection refused"


def test_a_command_on_the_host_is_split_into_words_without_a_shell() -> None:
    processes = FakeProcesses({"ls -l a b": Completed(2, "", "no such file")})
    [seen] = run("  files: { run: \"ls -l 'a b'\", within: 100ms }\n", processes=processes)
    assert processes.calls == [["ls", "-l", "a b"]]
    assert (seen.ok, seen.detail, seen.evidence) == (False, "`ls -l 'a b'`: exit code 2", ("no such file",))


def test_a_command_in_a_container_has_no_terminal() -> None:
    processes = FakeProcesses()
    [seen] = run("  inside: { run: [true, x], service: web }\n", processes=processes)
    assert seen.ok
    assert processes.calls == [["compose", "exec", "-T", "web", "true", "x"]]


def test_a_command_in_a_part_of_a_shared_server_runs_in_the_server_and_shows_no_secret() -> None:
    checks = 'checks: { asks: { run: [psql, "${db.url}"], service: db, within: 100ms } }\n'
    part = "devenv: 1\nname: one\nservices: { db: { use: postgres } }\n" + checks
    top = "devenv: 1\nname: shop\ninclude: [{ path: one.yaml, prefix: one, share: { db: db } }]\n"
    project = FakeProject({"devenv.yaml": top + "services: { db: { use: postgres } }\n", "one.yaml": part})
    project.variables = {"DEVENV_SECRET_ONE_DB_PASSWORD": "s3cret" * 40}
    daemon = FakeDaemon()
    daemon.add("db", state="running")
    url = f"postgresql://one_db:{'s3cret' * 40}@db:5432/one_db"
    processes = FakeProcesses({f"compose exec -T db psql {url}": Completed(2, "", f"no answer from {url}")})
    [seen] = check(replace(fake_world(daemon, project=project, processes=processes), catalog=FolderCatalog()))
    assert not seen.ok
    assert seen.detail == "`psql postgresql://one_db:********@db:5432/one_db` in db: exit code 2"
    assert seen.evidence == ("no answer from postgresql://one_db:********@db:5432/one_db",)


def test_only_the_named_checks_and_an_unknown_one_is_told(port: int) -> None:
    lines = '  one: { http: "${web.http.url}/" }\n  two: { http: "${web.http.url}/" }\n'
    assert [seen.name for seen in run(lines, port, names=("two",))] == ["two"]
    with pytest.raises(DevenvError) as caught:
        run(lines, port, names=("tow",))
    assert caught.value.problems[0].hint == "did you mean 'two'?"


def test_a_stack_that_is_not_up_cannot_be_checked() -> None:
    text = 'devenv: 1\nname: shop\nservices: { web: { image: "a:1" } }\nchecks: { a: { tcp: "127.0.0.1:1" } }\n'
    with pytest.raises(DevenvError, match="DE630"):
        check(fake_world(project=FakeProject({"devenv.yaml": text})))
