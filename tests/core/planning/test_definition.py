"""Definitions as flat values, what is hidden of them, and how their differences are told."""

from __future__ import annotations

import json

import pytest

from devenv.core.planning.definition import changes, digest, env_files, leaves, sources, volume_names
from devenv.model.plan import Leaf
from tests.core.stacks import postgres, stack

SHOP = stack(
    """
db: {use: postgres@17}
web:
  image: web:1
  command: [serve, --level, "${LEVEL:-info}"]
  ports: {http: 8080}
  needs: [db]
  environment: {LEVEL: "${LEVEL:-info}", STRIPE_API_KEY: "${STRIPE:-}", PLAIN: "yes", SITE: "http://me:pw@x/"}
  configs: [motd]
  volumes: ["data:/data", "fixed:/fixed", {type: volume, source: theirs, target: /t}, "./src:/src"]
  env_file: [a.env, {path: b.env, required: false}]
list: {image: x, environment: [A=1, HOME]}
""",
    postgres(),
    more='configs: {motd: {content: "hello ${WHO:-you}\\nbye"}}\n'
    "volumes: {data: {}, fixed: {name: 'f-${WHO:-you}'}, theirs: {external: true}}\n",
)


def values(name: str, files=None, **variables: str) -> dict[str, Leaf]:
    return leaves(SHOP, SHOP.services[name], variables, files or {})


def told(old: dict[str, Leaf], new: dict[str, Leaf]) -> list[str]:
    return [str(change) for change in changes(old, new)]


def test_variables_are_put_in() -> None:
    web = values("web", LEVEL="debug")
    assert web["environment.LEVEL"] == Leaf("debug")
    assert web["command"] == Leaf('["serve", "--level", "debug"]', "list")
    assert web["environment.PLAIN"] == Leaf("yes")
    assert values("list", HOME="/me")["environment.HOME"] == Leaf("/me")


@pytest.mark.parametrize(
    ("service", "key"),
    [
        ("web", "environment.STRIPE_API_KEY"),
        ("web", "environment.DB_PASSWORD"),
        ("web", "environment.DB_URL"),
        ("web", "environment.SITE"),
        ("db", "environment.POSTGRES_PASSWORD"),
    ],
)
def test_secrets_are_digests(service: str, key: str) -> None:
    variables = {"STRIPE": "sk_live_1", "DEVENV_SECRET_DB_PASSWORD": "hunter2"}
    leaf = values(service, **variables)[key]
    assert leaf.kind == "secret"
    assert len(leaf.text) == 16
    assert leaf == values(service, **variables)[key]
    said = str(values(service, **variables))
    assert "hunter2" not in said and "sk_live_1" not in said and "me:pw" not in said


def test_what_differs_is_told_with_old_and_new() -> None:
    assert told(values("web"), values("web", LEVEL="debug")) == [
        'command: "info" → "debug"',
        'environment.LEVEL: "info" → "debug"',
    ]
    assert told(values("web"), values("web", DEVENV_PORT_WEB_HTTP="9000")) == [
        'ports: "127.0.0.1:8080:8080" → "127.0.0.1:9000:8080"'
    ]
    assert told(values("web", STRIPE="1"), values("web", STRIPE="2")) == [
        "environment.STRIPE_API_KEY: (secret), another one"
    ]
    assert told(values("web"), values("web", WHO="me")) == ["configs.motd.content: (content), another one"]
    assert told({"a": Leaf("1")}, {"b": Leaf("2")}) == ['b: "2", new', 'a: "1", gone']
    assert told({"l": Leaf('["a", "b"]', "list")}, {"l": Leaf('["a"]', "list")}) == ['l: "b", gone']
    assert told({"l": Leaf('["a"]', "list")}, {"l": Leaf('["b", "c"]', "list")}) == ['l: ["a"] → ["b", "c"]']
    assert told({"l": Leaf('["x", "a"]', "list")}, {"l": Leaf('["x", "b", "c"]', "list")}) == ['l: ["a"] → ["b", "c"]']
    assert told({"l": Leaf("[]", "list")}, {"l": Leaf('["b"]', "list")}) == ['l: "b", new']


def test_of_lists_with_something_secret_or_long_the_items_that_differ_are_told() -> None:
    def command(*words: str, **variables: str) -> dict[str, Leaf]:
        found = stack(f"web: {{image: x, command: {json.dumps(words)}}}")
        return leaves(found, found.services["web"], variables, {})

    secret, script = "${PASSWORD:-}", "set -e\n" + "x" * 200
    old = command("serve", "--auth", secret, "--size", "16mb", PASSWORD="hunter2")
    assert old["command"].kind == "secret"
    assert "hunter2" not in str(old)
    assert told(old, command("serve", "--auth", secret, "--size", "32mb", PASSWORD="hunter2")) == [
        'command: "16mb" → "32mb"'
    ]
    assert told(old, command("serve", "--auth", secret, "--size", "16mb", PASSWORD="x")) == [
        "command: (secret), another one"
    ]
    assert told(old, command("serve", "--auth", secret, "--size", "32mb", PASSWORD="x")) == [
        'command: ["(secret)", "16mb"] → ["(secret)", "32mb"]'
    ]
    literal = command("serve", "--requirepass", "swordfish", secret)
    assert "swordfish" not in str(literal)
    assert told(literal, command("serve", "--requirepass", "tr0ub4dor", secret)) == ["command: (secret), another one"]
    assert told(command("sh", "-c", script), command("sh", "-e", script)) == ['command: "-c" → "-e"']
    assert told(command("sh", "-c", script), command("sh", "-c", script + "x")) == ["command: (content), another one"]


def test_of_a_text_with_a_secret_in_it_the_rest_is_told() -> None:
    def service(url: str, **variables: str) -> dict[str, Leaf]:
        found = stack(f"web: {{image: x, environment: {{URL: '{url}'}}}}")
        return leaves(found, found.services["web"], variables, {})

    def kept(url: str, **variables: str) -> str:
        found = service(url, **variables)
        assert "hunter2" not in str(found) and found["environment.URL"].kind == "secret"
        return found["environment.URL"].items

    assert kept("db://u:hunter2@db/a") == '"db://u:(secret)@db/a"'
    assert kept("db://u:${PASSWORD}@${HOST}/a", PASSWORD="hunter2", HOST="h") == '"db://u:(secret)@h/a"'
    assert kept("db://u:${X}@db/a", X="hunter2") == '"db://u:(secret)@db/a"'
    assert kept("pw ${PASSWORD:-hunter2} end") == '"pw (secret) end"'
    assert kept("${PASSWORD}", PASSWORD="hunter2") == kept("db://u:hunter2@db/" + "a" * 200) == ""
    old, new = service("db://u:hunter2@db/a"), service("db://u:other@db/b")
    assert told(old, new) == ['environment.URL: "db://u:(secret)@db/a" → "db://u:(secret)@db/b"']
    assert told(old, service("db://u:other@db/a")) == ['environment.URL: "db://u:(secret)@db/a", another one']
    older = {**old, "environment.URL": Leaf(old["environment.URL"].text, "secret")}
    assert told(older, old) == [] and digest(older) == digest(old)
    assert told(older, new) == ["environment.URL: (secret), another one"]


def test_what_an_older_devenv_has_kept_of_a_list_still_counts() -> None:
    new = {"command": Leaf("abc", "secret", '["serve", {"secret": "def"}]')}
    assert told({"command": Leaf("abc", "secret")}, new) == []
    assert told({"command": Leaf("old", "secret")}, new) == ["command: (secret), another one"]
    assert digest({"command": Leaf("abc", "secret")}) == digest(new)


def test_what_lint_would_find_is_not_told() -> None:
    old, new = Leaf('["--requirepass", "swordfish"]', "list"), Leaf('["--requirepass", "tr0ub4dor"]', "list")
    assert told({"command": old}, {"command": new}) == ["command: (secret), another one"]
    assert told({"l": Leaf("1")}, {"l": old}) == ['l: "1" → ["--requirepass", "(secret)"]']
    assert told({"GH": Leaf("ghp_" + "a1" * 20)}, {}) == ["GH: (secret), gone"]


def test_files_of_variables_count() -> None:
    assert env_files(SHOP.services["web"]) == ["a.env", "b.env"]
    old, new = values("web", {"a.env": "1"}), values("web", {"a.env": "2"})
    assert told(old, new) == ["env_file a.env: (content), another one"]
    assert digest(old) != digest(new)
    assert digest(old) == digest(dict(reversed(old.items())))


def test_where_a_value_comes_from() -> None:
    web = SHOP.services["web"]
    named = sources(SHOP, web)
    assert named["environment.LEVEL"] == ["LEVEL"]
    old, new = values("web"), values("web", LEVEL="debug", DEVENV_PORT_WEB_HTTP="9000", DEVENV_SECRET_DB_PASSWORD="x")
    found = {change.key: change.source for change in changes(old, new, named)}
    assert found["environment.LEVEL"] == "from LEVEL"
    assert found["ports"] == "the port moved on this machine"
    assert found["environment.DB_PASSWORD"] == "generated for this machine"


def test_volumes_by_their_names_on_the_engine() -> None:
    assert volume_names(SHOP, SHOP.services["web"], "shop-1", {"WHO": "me"}) == {
        "data": "shop-1_data",
        "fixed": "f-me",
        "theirs": "theirs",
    }
