"""What a file from another repository may not do."""

from __future__ import annotations

import pytest

from devenv.core.inclusion.mounts import check_nested, reached
from devenv.errors import Report
from tests.core.inclusion.files import Files, problems_of, stack_of

TOP = "devenv: 1\nname: shop\ninclude: [{git: r}]\nservices: {web: {image: x}}\n"
AT = ".devenv/includes/r"


def remote(service: str, more: str = "", **variables: str) -> Files:
    text = f"devenv: 1\nservices:\n  a:\n    image: x\n    {service}\n{more}"
    return Files({"devenv.yaml": TOP, f"{AT}/devenv.yaml": text}, {AT: variables} if variables else None)


@pytest.mark.parametrize(
    "key",
    [
        "volumes: [/etc:/etc]",
        "volumes: ['~/.ssh:/ssh']",
        "volumes: ['../../..:/x']",
        "volumes: ['./a/../../b:/x']",
        "volumes: ['C:/x:/x']",
        "volumes: [/var/run/docker.sock:/var/run/docker.sock]",
        "volumes: [{type: bind, source: /, target: /x}]",
        "volumes: [{type: bind, source: ../x, target: /x}]",
        "volumes: [{source: /etc, target: /x}]",
        "volumes: [{type: npipe, source: '//./pipe/x', target: /x}]",
        "volumes_from: ['container:other']",
        "env_file: ../secret.env",
        "env_file: [{path: /etc/passwd}]",
        "label_file: [../x]",
        "build: ..",
        "build: {context: /}",
        "build: {context: ., dockerfile: ../../Dockerfile}",
        "build: {context: ., additional_contexts: {a: ../..}}",
        "build: {context: ., additional_contexts: [a=/]}",
        "build: {context: ., additional_contexts: {a: oci-layout:///var/lib/images}}",
        "build: {context: ., additional_contexts: [a=file:///etc]}",
        "build: {context: 'file:///etc'}",
        "build: 'file:///etc'",
        "build: {context: ., ssh: [default]}",
        "build: {context: ., network: host}",
        "build: {context: ., network: 'container:other'}",
        "build: 'git@example.org:me/private.git'",
        "build: {context: 'ssh://git@example.org/me/private.git'}",
        "build: {context: ., additional_contexts: {a: 'git@example.org:me/private.git'}}",
        "build: {context: ., privileged: true}",
        "build: {context: ., cache_from: ['type=local,src=/']}",
        "build: {context: ., tags: [postgres:17]}",
        "develop: {watch: [{path: ../.., action: sync, target: /}]}",
        "privileged: true",
        "network_mode: host",
        "network_mode: 'container:other'",
        "pid: host",
        "ipc: host",
        "uts: host",
        "cgroup: host",
        "userns_mode: host",
        "devices: [/dev/sda]",
        "gpus: all",
        "deploy: {resources: {reservations: {devices: [{capabilities: [gpu]}]}}}",
        "labels: {com.docker.compose.project: other}",
        "labels: [devenv.hash=1]",
        "cap_add: [SYS_ADMIN]",
        "security_opt: ['seccomp:unconfined']",
        "use_api_socket: true",
        "provider: {type: sh}",
        "extends: {file: base.yaml, service: a}",
        "logging: {driver: syslog}",
        "post_start: [{command: x, privileged: true}]",
        "setup: {run: [x], inputs: [../..]}",
        "volumes: [{type: bind, source: 'github.com/../', target: /x}]",
        "volumes: [{type: bind, source: 'service:x/..', target: /x}]",
        "volumes: ['C:\\x:C:\\y']",
        "label_file: [github.com/../.env]",
        "build: 'service:x/..'",
        "build: {context: 'https://example.org/a.git', dockerfile: /etc/passwd}",
        "build: {context: ., additional_contexts: {a: 'target:x/../../../etc'}}",
        "build: {context: ., additional_contexts: ['a=service:x/../../../etc']}",
        "build: {context: ., additional_contexts: {a: 'docker-image:x/../../../etc'}}",
        "build: {context: ., cache_from: ['type=gha,url=https://example.org/']}",
        "build: {context: ., cache_from: ['TYPE=local,src=/']}",
        "build: {context: ., cache_from: ['type=registry,ref=x,type=gha']}",
    ],
)
def test_what_leads_out_of_its_tree_or_its_containers_is_refused(key):
    found = problems_of(remote(key))
    assert {p[0] for p in found} == {"DE343"}, found
    assert {(p[1], p[2]) for p in found} == {(f"{AT}/devenv.yaml", 5)}


@pytest.mark.parametrize(
    "more",
    [
        "volumes: {v: {driver_opts: {type: none, o: bind, device: /}}}",
        "volumes: {v: {external: true}}",
        "volumes: {v: {name: other_data}}",
        "volumes: {v: {driver: nfs}}",
        "networks: {n: {external: true}}",
        "networks: {n: {driver: macvlan}}",
        "models: {m: {model: x, runtime_flags: [--log-file, /etc/x]}}",
        "secrets: {s: {environment: AWS_SECRET_ACCESS_KEY}}",
        "secrets: {s: {file: /etc/shadow}}",
        "configs: {c: {file: ../../x}}",
        "configs: {c: {file: github.com/../.env}}",
        "secrets: {s: {file: 'git@x/../.env'}}",
        "volumes: {v: {labels: {com.docker.compose.project: other}}}",
        "networks: {n: {labels: [devenv.hash=1]}}",
    ],
)
def test_the_same_at_the_top_level(more):
    assert {p[0] for p in problems_of(remote("init: true", more))} == {"DE343"}


def test_its_own_tree_is_its_own():
    text = "build: {context: ./a, dockerfile: ../Dockerfile}\n    volumes: [./a:/a, v:/v]\n    network_mode: none"
    more = "volumes: {v: {driver: local}}\nnetworks: {n: {driver: bridge}}\nsecrets: {s: {file: ./s}}\n"
    stack = stack_of(remote(text, more))
    assert stack.services["a"].compose["build"]["context"] == f"./{AT}/a"
    assert stack.services["a"].compose["volumes"] == [f"./{AT}/a:/a", "v:/v"]


@pytest.mark.parametrize(
    ("volumes", "more", "said"),
    [
        ("[./data:/d]", "volumes: [./data/x:/x]", "'./data/x' lies in './data'"),
        ("[.:/d]", "volumes: ['./Data/x:/x:ro']", "'./Data/x' lies in '.'"),
        ("['./DATA:/d:z,rw']", "volumes: [{type: bind, source: data/x, target: /x}]", "'./data/x' lies in './DATA'"),
        ("[{type: bind, source: ./a/b, target: /d}]", "build: ./a/b/c", "'./a/b/c' lies in './a/b'"),
        ("[./a:/d]", "build: {context: ./a/b}", "'./a/b' lies in './a'"),
        ("[./a:/d]", "build: {context: ., additional_contexts: [x=./a/b]}", "'./a/b' lies in './a'"),
        ("[./a:/d]", "secrets: [s]", "'./a/s' lies in './a'"),
        ("[./a:/d]", "label_file: ./a/l", "'./a/l' lies in './a'"),
        ("[./a:/d]", "label_file: [./b/l, a/l]", "'./a/l' lies in './a'"),
    ],
)
def test_what_a_container_could_turn_into_a_link_is_not_reached(volumes, more, said):
    text = f"volumes: {volumes}\n  b:\n    image: x\n    {more}\nsecrets: {{s: {{file: ./a/s}}}}\n"
    report = Report()
    stack = stack_of(remote(text))
    check_nested(reached(stack, [AT]), report)
    (problem,) = report.problems
    assert problem.code == "DE343" and problem.mark is not None
    assert said in problem.message and f"{AT}/devenv.yaml:5)" in problem.message


@pytest.mark.parametrize(
    ("volumes", "more"),
    [
        ("['.:/d:ro,z']", "volumes: [./data/x:/x]"),
        ("[{type: bind, source: ., target: /d, read_only: true}]", "build: ./a"),
        ("[./data:/d]", "volumes: [./data:/x, ./database:/y, 'data:/z']"),
        ("[.:/d]", "build: {context: ., dockerfile: a/Dockerfile}"),
    ],
)
def test_what_no_container_can_change_is_reached(volumes, more):
    text = f"volumes: {volumes}\n  b:\n    image: x\n    {more}\nvolumes: {{data: {{}}}}\n"
    report = Report()
    check_nested(reached(stack_of(remote(text)), [AT]), report)
    assert not report.problems


def test_it_sees_no_variables_but_its_own():
    text = "environment: {A: '$HOME-${KEY:-d}-${OWN}-$$X', B: null, OWN: null, C: '${a.host}'}\n"
    text += "    volumes: ['${HOME}:/x']"
    assert [p[0] for p in problems_of(remote(text))] == []  # an empty path is no bind, and Compose says so
    environment = stack_of(remote(text, OWN="o$")).services["a"].compose["environment"]
    assert environment == {"A": "-d-o$$-$$X", "OWN": "o$$", "C": "a"}
    assert [p[:3] for p in problems_of(remote("command: '${KEY:?must be}'"))] == [("DE260", f"{AT}/devenv.yaml", 5)]


def test_its_builds_see_no_variables_but_its_own():
    files = remote("build: {context: ., args: {A: null, B: x, C: null}}", C="c")
    assert stack_of(files).services["a"].compose["build"]["args"] == {"B": "x", "C": "c"}


def test_its_hooks_see_no_variables_but_its_own():
    files = remote("post_start: [{command: x, environment: [A, B=x, C]}, {command: y}]", C="c")
    hooks = stack_of(files).services["a"].compose["post_start"]
    assert hooks == [{"command": "x", "environment": {"B": "x", "C": "c"}}, {"command": "y"}]


def test_builds_have_images_as_contexts_and_caches():
    text = "build: {context: ., additional_contexts: {a: docker-image://x, b: 'service:a', c: 'target:base'}, "
    stack = stack_of(remote(text + "cache_from: ['r.example/x:1', 'type=registry,ref=r.example/x:1']}"))
    assert stack.services["a"].compose["build"]["cache_from"] == ["r.example/x:1", "type=registry,ref=r.example/x:1"]


def test_its_files_of_variables_are_read_for_it():
    files = remote("env_file: [a.env]\n    environment: {B: own}", OWN="1")
    files.variables = {**files.variables, "a.env": {"A": "x$", "B": "file"}}
    compose = stack_of(files).services["a"].compose
    assert "env_file" not in compose
    assert compose["environment"] == {"A": "x$$", "B": "own"}


def test_a_check_that_runs_here_is_left_out_with_a_warning():
    files = remote("init: true", "checks:\n  here: {run: [rm]}\n  there: {run: [ls], service: a}\n")
    report = Report()
    assert list(stack_of(files, report=report).checks) == ["there"]
    assert [(w.code, w.mark.line) for w in report.warnings] == [("DE343", 7)]


@pytest.mark.parametrize("git", ["/home/me/private", "~/private", "file:///home/me/private"])
def test_it_names_no_catalog_of_this_machine(git):
    found = problems_of(remote("init: true", f"catalogs: [{{git: '{git}'}}]\n"))
    assert [(p[0], p[2]) for p in found] == [("DE343", 6)]


def test_what_it_includes_from_its_own_tree_is_held_to_the_same():
    files = Files(
        {
            "devenv.yaml": TOP,
            f"{AT}/devenv.yaml": "devenv: 1\ninclude: [sub/compose.yaml]\nservices: {a: {image: x}}\n",
            f"{AT}/sub/compose.yaml": "services: {b: {image: x, volumes: ['../../..:/x'], build: ../a}}\n",
        }
    )
    assert [(p[0], p[1]) for p in problems_of(files)] == [("DE343", f"{AT}/sub/compose.yaml")]
