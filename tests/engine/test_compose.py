import json
from pathlib import Path

import pytest

from devenv.engine.answers import Completed
from devenv.engine.compose import ComposeCli, build_command, command, failure, find_plugin
from devenv.engine.files import ProjectFolder
from devenv.errors import DevenvError
from devenv.model.stack import Recipe

OK = Completed(0, "", "")


class Recorded:
    """Stands in for programs: remembers what is run, and answers with `answer`."""

    def __init__(self, answer: Completed = OK, lines: tuple[str, ...] = ()) -> None:
        self.answer = answer
        self.lines = lines
        self.argv: list[str] = []
        self.env: dict[str, str] = {}
        self.cwd: Path | None = None
        self.input: str | None = None

    def find(self, program):
        return Path("/usr/bin") / program

    def run(self, argv, *, cwd=None, env=None, input=None, on_line=None, timeout=None):
        self.argv, self.env, self.cwd, self.input = list(argv), dict(env or {}), cwd, input
        for line in self.lines:
            on_line(line)
        return self.answer


@pytest.fixture
def project(tmp_path: Path) -> ProjectFolder:
    folder = ProjectFolder(tmp_path, environ={})
    folder.write(".devenv/compose.yaml", "# made by devenv\nname: shop\nservices: {}\n")
    folder.save_settings({"DEVENV_PORT_WEB_HTTP": "8081"})
    return folder


START = ["docker", "compose", "--project-directory", ".devenv", "--project-name", "shop", "-f", ".devenv/compose.yaml"]
END = ["--env-file", ".devenv/.env", "--progress", "plain", "--ansi", "never"]


def test_create_builds_and_pulls_nothing(project):
    ran = Recorded()
    ComposeCli(ran, project, {}).create(["db", "web"])
    assert ran.argv == [
        *START,
        *END,
        *("up", "--no-start", "--no-deps", "--no-recreate"),
        "--no-build",
        "--pull",
        "never",
        "db",
        "web",
    ]
    assert ran.cwd == project.root


def test_composes_own_variables_do_not_contradict_our_options(project):
    ran = Recorded()
    mine = {"COMPOSE_REMOVE_ORPHANS": "1", "COMPOSE_ANSI": "always", "COMPOSE_PROGRESS": "json", "HOME": "/home/me"}
    ComposeCli(ran, project, mine).create(["db"])
    assert [ran.env[name] for name in mine] == ["false", "never", "plain", "/home/me"]


def test_create_turns_off_what_it_is_to_do_without(project):
    ran = Recorded()
    ComposeCli(ran, project, {}).create(["db"], without=["web"])
    assert ran.argv[: len(START) + 2] == [*START, "-f", "-"]
    assert json.loads(ran.input) == {"services": {"web": {"profiles": ["devenv-left-out"]}}}


def test_every_action(project):
    ran = Recorded()
    compose = ComposeCli(ran, project, {})
    compose.up_one("db")
    assert ran.argv[len(START + END) :] == [
        *("up", "-d", "--no-deps", "--no-recreate", "--no-build", "--pull", "never", "db")
    ]
    compose.stop(["db"])
    assert ran.argv[len(START + END) :] == ["stop", "db"]
    compose.down()
    assert ran.argv[len(START + END) :] == ["--profile", "*", "down", "--remove-orphans"]
    compose.down(volumes=True)
    assert ran.argv[len(START + END) :] == ["--profile", "*", "down", "--remove-orphans", "--volumes"]


def test_the_persons_env_file_comes_under_devenvs(project):
    project.write(".env", "A=1\n")
    ran = Recorded()
    ComposeCli(ran, project, {}).create([])
    assert ran.argv[len(START) : len(START) + 4] == ["--env-file", ".env", "--env-file", ".devenv/.env"]


def test_the_build_file_is_for_builds_alone(project):
    project.write(".devenv/build.yaml", "{}")
    ran = Recorded()
    compose = ComposeCli(ran, project, {})
    compose.create([])
    assert ".devenv/build.yaml" not in ran.argv
    compose.build(["web"])
    assert ran.argv == [*START, "-f", ".devenv/build.yaml", *END, "build", "web"]


def test_what_is_devenvs_is_never_taken_from_the_shell(project):
    ran = Recorded()
    shell = {"DEVENV_PORT_WEB_HTTP": "1", "COMPOSE_PROJECT_NAME": "x", "COMPOSE_FILE": "y", "HOME": "/home/ann"}
    ComposeCli(ran, project, shell).create([])
    assert ran.env["DEVENV_PORT_WEB_HTTP"] == "8081"
    assert ran.env["HOME"] == "/home/ann"
    assert not {"COMPOSE_PROJECT_NAME", "COMPOSE_FILE"} & ran.env.keys()


def test_the_name_of_another_checkout_wins_over_the_files(project):
    project.save_settings({"COMPOSE_PROJECT_NAME": "shop-2"})
    ran = Recorded()
    ComposeCli(ran, project, {}).create([])
    assert ran.argv[4:6] == ["--project-name", "shop-2"]


def test_exec_works_from_any_folder(project):
    argv = ComposeCli(Recorded(), project, {}, host=lambda: "unix:///x").exec_argv(
        "db", ["psql", "-c", "select 1"], interactive=False, user="postgres", workdir="/tmp"
    )
    at = str(project.root)
    assert argv[:5] == ["docker", "--host", "unix:///x", "compose", "--project-directory"]
    assert argv[5] == f"{at}/.devenv" and f"{at}/.devenv/compose.yaml" in argv and f"{at}/.devenv/.env" in argv
    assert argv[-11:-9] == ["exec", "-T"]
    assert argv[-9:-4] == ["--interactive=false", "--user", "postgres", "--workdir", "/tmp"]
    assert argv[-4:] == ["db", "psql", "-c", "select 1"]
    assert "-T" in (piped := ComposeCli(Recorded(), project, {}).exec_argv("db", ["sh"], interactive=False, stdin=True))
    assert "--interactive=false" not in piped
    assert "-T" not in ComposeCli(Recorded(), project, {}).exec_argv("db", ["sh"], interactive=True)


def test_composes_own_program_is_called_where_the_docker_command_has_it(project, tmp_path, monkeypatch):
    config = tmp_path / "docker"
    program = config / "cli-plugins/docker-compose"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    environ = {"DOCKER_CONFIG": str(config)}
    assert find_plugin(environ) != str(program)  # nobody can run it
    program.chmod(0o755)
    assert find_plugin(environ) == str(program)
    monkeypatch.chdir(tmp_path)
    assert find_plugin({"DOCKER_CONFIG": "docker"}) is None, "Compose runs in another folder"
    ran = Recorded()
    ComposeCli(ran, project, {}, lambda: "unix:///x", lambda: find_plugin(environ)).create(["db"])
    assert ran.argv[:4] == [str(program), "--host", "unix:///x", "--project-directory"]
    (config / "config.json").write_text('{"cliPluginsExtraDirs": ["/opt/plugins"]}')
    assert find_plugin(environ) is None


def test_command_is_data():
    assert command("shop", "ps", settings=False) == [*START, "--progress", "plain", "--ansi", "never", "ps"]


def test_a_recipe_is_built_on_named_contexts():
    recipe = Recipe("/t/postgres/image", "Dockerfile", "devenv/postgres:17-debian", (("VERSION", "17"),))
    assert build_command(recipe, {"debian:trixie-slim": "docker-image://devenv/debian:trixie-slim"}) == [
        *("docker", "build", "--progress", "plain"),
        *("--build-context", "debian:trixie-slim=docker-image://devenv/debian:trixie-slim"),
        *("--build-arg", "VERSION=17"),
        *("--tag", "devenv/postgres:17-debian"),
        *("--file", "/t/postgres/image/Dockerfile", "/t/postgres/image"),
    ]


def test_a_recipe_may_see_the_certificates_that_this_machine_trusts(project, tmp_path):
    own = tmp_path / "own.crt"
    own.write_text("certificate", "utf-8")
    recipe = Recipe("/t/verdaccio/image", "Dockerfile", "devenv/verdaccio:6-debian")
    ran = Recorded()
    ComposeCli(ran, project, {"SSL_CERT_FILE": str(own)}).build_image(recipe, {})
    assert ran.argv[4:6] == ["--secret", f"id=ca,src={own}"]
    assert "--secret" not in build_command(recipe, {})


def test_a_failed_build_says_which_step(project):
    ran = Recorded(Completed(17, "", ""), ("#6 [web 3/3] RUN make", "#6 0.1 no rule", "#6 ERROR: exit code: 2"))
    seen: list[str] = []
    with pytest.raises(DevenvError, match="DE510: building web failed in step 3/3 RUN make") as raised:
        ComposeCli(ran, project, {}).build(["web"], seen.append)
    assert raised.value.problems[0].evidence == ("no rule", "exit code: 2")
    assert seen == list(ran.lines)


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (
            " Container shop-c-1  Creating\nError response from daemon: No such image: nosuch:1",
            "DE509",
            "an image is not there: No such image: nosuch:1",
        ),
        (
            "validating /x/compose.yaml: services.a.image must be a string",
            "DE603",
            "Compose does not accept the generated file: services.a.image must be a string",
        ),
        (
            "failed to create network shop_default: Error response from daemon: could not find an available, "
            "non-overlapping IPv4 address pool among the defaults to assign to the network",
            "DE604",
            None,
        ),
        (
            'Error response from daemon: Conflict. The container name "/x" is already in use by container "abc".',
            "DE606",
            None,
        ),
        ("Error: driver failed: Bind for 127.0.0.1:80 failed: port is already allocated", "DE602", None),
        ("Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?", "DE401", None),
        (
            'time="2026" level=warning msg="x"\n Network shop_default  Creating\nsomething else',
            "DE605",
            "`docker compose create` failed: something else",
        ),
    ],
)
def test_composes_words_become_a_problem(words, code, message):
    problem = failure("create", Completed(1, "", words)).problems[0]
    assert problem.code == code
    assert message is None or problem.message == message
    assert not any("Creating" in line or "warning" in line for line in problem.evidence)
