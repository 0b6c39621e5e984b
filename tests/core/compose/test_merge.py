from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devenv.core.compose.merge import merge, merge_service, settle
from devenv.core.yaml.source import parse
from devenv.errors import Mark, Report
from devenv.model.data import mark_of


def data(text: str, file: str = "base.yaml"):
    report = Report()
    value = parse(text, file, report)
    assert not report.problems
    return value


def service(base: str, override: str):
    one, other = data(base), data(override, "local.yaml")
    before = copy.deepcopy((one, other))
    merged = merge_service(one, other)
    assert [dict(one), dict(other)] == [dict(before[0]), dict(before[1])] or "!" in override + base
    return merged


CASES = {
    "mappings merge by key": ("x-a: {b: 1, c: 1}", "x-a: {c: 2, d: 2}", {"x-a": {"b": 1, "c": 2, "d": 2}}),
    "scalars are replaced": ("image: a", "image: b", {"image": "b"}),
    "null leaves what was there": ("image: a", "image:", {"image": "a"}),
    "sequences append": ("x-l: [1, 2]", "x-l: [2, 3]", {"x-l": [1, 2, 2, 3]}),
    "command is replaced": ("command: [a, b]", "command: [c]", {"command": ["c"]}),
    "command in another form": ("command: [a, b]", "command: c d", {"command": "c d"}),
    "only a budget leaves what is asked": (
        "ready: {http: /, within: 9}",
        "ready: {within: 90}",
        {"ready": {"http": "/", "within": 90}},
    ),
    "command can be taken away": ("command: [a, b]", "command: null", {"command": None}),
    "entrypoint is replaced": ("entrypoint: a", "entrypoint: [b]", {"entrypoint": ["b"]}),
    "healthcheck merges, its test is replaced": (
        "healthcheck: {test: [CMD, a], interval: 5s}",
        "healthcheck: {test: [CMD, b]}",
        {"healthcheck": {"test": ["CMD", "b"], "interval": "5s"}},
    ),
    "environment mappings": ("environment: {A: 1, B: 1}", "environment: {B: 2}", {"environment": {"A": 1, "B": 2}}),
    "environment lists": ("environment: [A=1, B=1]", "environment: [B=2, C]", {"environment": ["A=1", "B=2", "C"]}),
    "environment in two forms": (
        "environment: [A=1, B=x=y, C]",
        "environment: {B: 2, D: 3}",
        {"environment": {"A": "1", "B": 2, "C": None, "D": 3}},
    ),
    "a variable without a value passes through": (
        "environment: {A: 1, B: 2}",
        "environment: {A: }",
        {"environment": {"A": None, "B": 2}},
    ),
    "labels in two forms": ("labels: {a: 1}", "labels: [b=2]", {"labels": {"a": 1, "b": "2"}}),
    "sysctls": ("sysctls: [a=1]", "sysctls: [a=2]", {"sysctls": ["a=2"]}),
    "build as text and mapping": (
        "build: ./a",
        "build: {target: dev}",
        {"build": {"context": "./a", "target": "dev"}},
    ),
    "build as text twice": ("build: ./a", "build: ./b", {"build": "./b"}),
    "build arguments": (
        "build: {context: ., args: [A=1], tags: [x]}",
        "build: {args: {B: 2}, tags: [x, y]}",
        {"build": {"context": ".", "args": {"A": "1", "B": 2}, "tags": ["x", "y"]}},
    ),
    "ports with the same numbers are one": (
        'ports: ["8080:80", "443"]',
        'ports: ["8080:80", "53:53/udp", "0.0.0.0:8080:80/tcp"]',
        {"ports": ["0.0.0.0:8080:80/tcp", "443", "53:53/udp"]},
    ),
    "ports that differ in what is published are two": (
        'ports: ["8080:80"]',
        'ports: ["9090:80"]',
        {"ports": ["8080:80", "9090:80"]},
    ),
    "ports in long form": (
        'ports: [{target: 80, published: "8080"}]',
        "ports: [{target: 80, published: 8080, protocol: tcp, name: x}]",
        {"ports": [{"target": 80, "published": 8080, "protocol": "tcp", "name": "x"}]},
    ),
    "ports with variables": (
        'ports: ["127.0.0.1:${P:-80}:80"]',
        'ports: ["127.0.0.1:${P:-80}:80"]',
        {"ports": ["127.0.0.1:${P:-80}:80"]},
    ),
    "named ports": (
        "ports: {http: 8000, admin: {port: 9000}, udp: 53}",
        "ports: {http: {publish: 80}, admin: 9001, more: 1}",
        {"ports": {"http": {"port": 8000, "publish": 80}, "admin": {"port": 9001}, "udp": 53, "more": 1}},
    ),
    "volumes by target": (
        "volumes: ['a:/w', 'b:/x:ro']",
        "volumes: ['./c:/w:ro', {type: tmpfs, target: /x}, /y]",
        {"volumes": ["./c:/w:ro", {"type": "tmpfs", "target": "/x"}, "/y"]},
    ),
    "volumes with variables": ("volumes: ['${A:-a}:/w']", "volumes: ['b:/w']", {"volumes": ["b:/w"]}),
    "secrets by target": (
        "secrets: [a, b]",
        "secrets: [{source: c, target: a}, {source: b, mode: 0400}]",
        {"secrets": [{"source": "c", "target": "a"}, {"source": "b", "mode": "0400"}]},
    ),
    "configs by target": (
        "configs: [a]",
        "configs: [{source: z, target: /a}]",
        {"configs": [{"source": "z", "target": "/a"}]},
    ),
    "devices by target": ("devices: ['/dev/a:/dev/x']", "devices: ['/dev/b:/dev/x']", {"devices": ["/dev/b:/dev/x"]}),
    "duplicates are dropped": ("cap_add: [A, B]", "cap_add: [B, C]", {"cap_add": ["A", "B", "C"]}),
    "exposed ports": ("expose: [80]", 'expose: ["80", 81]', {"expose": ["80", 81]}),
    "dns is appended": ("dns: 1.1.1.1", "dns: [8.8.8.8, 1.1.1.1]", {"dns": ["1.1.1.1", "8.8.8.8"]}),
    "env_file is appended": (
        "env_file: a.env",
        "env_file: [{path: b.env, required: false}]",
        {"env_file": ["a.env", {"path": "b.env", "required": False}]},
    ),
    "extra_hosts keep both addresses": (
        "extra_hosts: {h: 1.1.1.1}",
        "extra_hosts: {h: 2.2.2.2}",
        {"extra_hosts": ["h=1.1.1.1", "h=2.2.2.2"]},
    ),
    "extra_hosts of different hosts": (
        "extra_hosts: {h: 1.1.1.1}",
        "extra_hosts: {i: 2.2.2.2}",
        {"extra_hosts": {"h": "1.1.1.1", "i": "2.2.2.2"}},
    ),
    "depends_on lists": ("depends_on: [a]", "depends_on: [a, b]", {"depends_on": ["a", "b"]}),
    "depends_on in two forms": (
        "depends_on: [a]",
        "depends_on: {b: {condition: service_healthy}}",
        {
            "depends_on": {
                "a": {"condition": "service_started", "required": True},
                "b": {"condition": "service_healthy"},
            }
        },
    ),
    "networks in two forms": (
        "networks: [a, b]",
        "networks: {b: {aliases: [x]}}",
        {"networks": {"a": None, "b": {"aliases": ["x"]}}},
    ),
    "aliases": (
        "networks: {a: {aliases: [x]}}",
        "networks: {a: {aliases: [x, y]}}",
        {"networks": {"a": {"aliases": ["x", "y"]}}},
    ),
    "logging of the same driver merges": (
        "logging: {driver: local, options: {a: 1}}",
        "logging: {options: {b: 2}}",
        {"logging": {"driver": "local", "options": {"a": 1, "b": 2}}},
    ),
    "logging of another driver is replaced": (
        "logging: {driver: local, options: {a: 1}}",
        "logging: {driver: syslog}",
        {"logging": {"driver": "syslog"}},
    ),
    "ulimits": (
        "ulimits: {nofile: {soft: 1, hard: 2}, nproc: 5}",
        "ulimits: {nofile: 7}",
        {"ulimits": {"nofile": 7, "nproc": 5}},
    ),
    "needs lists": ("needs: [db]", "needs: [db, cache]", {"needs": ["db", "cache"]}),
    "needs in two forms": (
        "needs: {db: {env: DATABASE}}",
        "needs: [db, cache]",
        {"needs": {"db": {"env": "DATABASE"}, "cache": None}},
    ),
    "with by key": ("with: {a: [1], b: 1}", "with: {a: [2], c: 3}", {"with": {"a": [2], "b": 1, "c": 3}}),
    "setup is replaced": ("setup: [a]", "setup: [b]", {"setup": ["b"]}),
    "ready is replaced": ("ready: {http: /}", "ready: {tcp: main}", {"ready": {"tcp": "main"}}),
    "a health check takes the place of ready": (
        "ready: {http: /}",
        "healthcheck: {test: x}",
        {"healthcheck": {"test": "x"}},
    ),
    "ready takes the place of a health check": (
        "healthcheck: {test: x}",
        "ready: {http: /}",
        {"ready": {"http": "/"}},
    ),
    "use, job and open are replaced": (
        "{use: a, job: true, open: http}",
        "{use: b, job: false, open: admin}",
        {"use": "b", "job": False, "open": "admin"},
    ),
    "reset removes": ("{image: a, ports: [1]}", "ports: !reset []", {"image": "a"}),
    "reset removes one key": ("environment: {A: 1, B: 2}", "environment: {A: !reset null}", {"environment": {"B": 2}}),
    "override replaces": ('ports: ["1:1"]', 'ports: !override ["2:2"]', {"ports": ["2:2"]}),
    "override of a mapping": ("environment: {A: 1}", "environment: !override {B: 2}", {"environment": {"B": 2}}),
    "tags without anything below": ("image: a", "{dns: !override [1], tty: !reset null}", {"image": "a", "dns": [1]}),
    "tags in the base": ("{image: !override a, tty: !reset true}", "init: true", {"image": "a", "init": True}),
    "keys keep the base's order": ("{b: 1, a: 1}", "{c: 2, a: 2, b: 2}", {"b": 2, "a": 2, "c": 2}),
}


@pytest.mark.parametrize("case", CASES)
def test_services_merge_as_in_compose(case: str) -> None:
    base, override, expected = CASES[case]
    merged = service(base, override)
    assert merged == expected
    assert list(merged) == list(expected)


def test_whole_manifests() -> None:
    base = data(
        "devenv: 1\nservices:\n  a: {image: a, command: [x]}\n  b: {image: b}\n"
        "volumes: {v: {labels: [a=1]}}\nnetworks: {n: {ipam: {config: [{subnet: s, gateway: g}]}}}\n"
        "modes: {m: [a, b]}\nchecks: {c: {http: u, expect: {status: 200}}}\n"
    )
    override = data(
        "services:\n  a: {command: [y]}\n  b: !reset null\n  c: {image: c}\n"
        "volumes: {v: {labels: {b: 2}}}\nnetworks: {n: {ipam: {config: [{subnet: s, gateway: h}, {subnet: t}]}}}\n"
        "modes: {m: [a]}\nchecks: {c: {expect: {body: ok}}}\n"
    )
    assert merge(base, override) == {
        "devenv": 1,
        "services": {"a": {"image": "a", "command": ["y"]}, "c": {"image": "c"}},
        "volumes": {"v": {"labels": {"a": "1", "b": 2}}},
        "networks": {"n": {"ipam": {"config": [{"subnet": "s", "gateway": "h"}, {"subnet": "t"}]}}},
        "modes": {"m": ["a"]},
        "checks": {"c": {"http": "u", "expect": {"status": 200, "body": "ok"}}},
    }


def test_a_service_may_be_called_like_a_key() -> None:
    base, override = data("services: {ports: {image: a}, with: {image: a}}"), data("services: {ports: {image: b}}")
    assert merge(base, override)["services"] == {"ports": {"image": "b"}, "with": {"image": "a"}}


def test_marks_travel_with_values() -> None:
    merged = service("image: a\ndns: [x]\nenvironment: {A: 1}\n", "image: b\ndns: [y]\nenvironment:\n  - B=1\n")
    assert mark_of(merged, "image") == Mark("local.yaml", 1, 8, 1)
    assert mark_of(merged["dns"], 0).file == "base.yaml"
    assert mark_of(merged["dns"], 1).file == "local.yaml"
    assert mark_of(merged["environment"], "A").file == "base.yaml"
    assert mark_of(merged["environment"], "B") == Mark("local.yaml", 4, 5, 3)


def test_settle_leaves_untagged_data_alone() -> None:
    plain = data("a: [1, {b: 2}]")
    assert settle(plain) is plain
    assert settle(data("a: [!reset x, !override {c: !reset 1, d: 2}]")) == {"a": [{"d": 2}]}


KEYS = st.sampled_from(["services", "image", "ports", "volumes", "environment", "networks", "build", "needs", "a", "b"])
DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda d: st.lists(d, max_size=3) | st.dictionaries(KEYS, d, max_size=4),
    max_leaves=15,
)


@given(st.dictionaries(KEYS, DATA), st.dictionaries(KEYS, DATA))
def test_merging_anything_never_fails(base: dict, override: dict) -> None:
    before = copy.deepcopy((base, override))
    merge({"services": {"a": base}, **base}, {"services": {"a": override}, **override})
    merge_service(base, override)
    assert (base, override) == before


@given(st.dictionaries(KEYS, DATA))
def test_merging_nothing_changes_nothing(base: dict) -> None:
    assert merge_service(base, {}) == base
    assert merge_service({}, base) == base
