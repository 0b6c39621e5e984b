"""Includes: paths, names, modes, and what may not be."""

from __future__ import annotations

import pytest

from devenv.errors import Report
from tests.core.inclusion.files import Files, problems_of, stack_of
from tests.core.stacks import postgres

TOP = "devenv: 1\nname: shop\n"
ORDERS = """\
devenv: 1
name: orders
services:
  db: {use: postgres@17, with: {seed: db/seed.sql}}
  api:
    build: ./api
    needs: [db]
    ports: {http: 8000}
    setup: {run: [migrate], inputs: [migrations/]}
    environment: {U: "${db.url}", PRICE: $$5}
    volumes: [./conf:/conf, cache:/cache]
    env_file: api.env
    secrets: [token]
  ui: {image: ui, needs: [api]}
modes: {backend: [api], all: [api, ui]}
checks:
  answers: {http: "${api.url}/"}
  shows: {run: [true], service: ui}
volumes: {cache: {}}
secrets: {token: {file: ./token.txt}}
"""


def with_orders(entry: str, more: str = "services: {web: {image: x}}\n", orders: str = ORDERS) -> dict[str, str]:
    return {"devenv.yaml": f"{TOP}include:\n  - {entry}\n{more}", "../orders/devenv.yaml": orders}


def test_what_is_included_is_there_with_paths_from_its_own_folder():
    stack = stack_of(with_orders("../orders/devenv.yaml"), postgres())
    assert list(stack.services) == ["web", "db", "api-setup", "api", "ui"]
    api = stack.services["api"].compose
    assert api["build"] == "../orders/api"
    assert api["volumes"] == ["../orders/conf:/conf", "cache:/cache"]
    assert api["env_file"] == "../orders/api.env"
    assert stack.services["api-setup"].inputs == ("../orders/migrations/",)
    assert stack.services["db"].compose["volumes"][1]["source"] == "../orders/db/seed.sql"
    assert stack.top["secrets"]["token"]["file"] == "../orders/token.txt"
    assert {r.path for r in stack.requires} >= {"../orders/db/seed.sql", "../orders/api", "../orders/token.txt"}
    assert stack.modes == {"backend": ("api",), "all": ("api", "ui")}
    assert list(stack.checks) == ["answers", "shows"]


def test_a_prefix_goes_before_every_name_and_changes_nothing_for_the_services():
    more = "services: {web: {image: x, needs: [orders-api], environment: {D: '${orders-db.host}'}}}\n"
    stack = stack_of(with_orders("{path: ../orders/devenv.yaml, prefix: orders}", more), postgres())
    assert list(stack.services) == ["web", "orders-db", "orders-api-setup", "orders-api", "orders-ui"]
    api = stack.services["orders-api"].compose
    assert api["environment"]["U"] == api["environment"]["DB_URL"]
    assert "@orders-db:5432/" in api["environment"]["DB_URL"]
    assert api["environment"]["PRICE"] == "$$5"
    assert [need.service for need in stack.services["orders-api"].needs] == ["orders-db", "orders-api-setup"]
    assert api["volumes"] == ["../orders/conf:/conf", "orders-cache:/cache"]
    assert api["secrets"] == [{"source": "orders-token", "target": "token"}]
    assert stack.services["web"].compose["environment"]["ORDERS_API_URL"] == "http://orders-api:8000"
    assert stack.services["web"].compose["environment"]["D"] == "orders-db"
    assert stack.modes == {"orders-backend": ("orders-api",), "orders-all": ("orders-api", "orders-ui")}
    assert stack.checks["orders-shows"].service == "orders-ui"
    assert stack.checks["orders-answers"].http == "http://127.0.0.1:${DEVENV_PORT_ORDERS_API_HTTP:-8000}/"


def test_with_a_prefix_services_reach_each_other_by_their_short_names():
    stack = stack_of(with_orders("{path: ../orders/devenv.yaml, prefix: orders}"), postgres())
    networks = {"default": None, "orders-default": {"aliases": ["ui"]}}
    assert stack.services["orders-ui"].compose["networks"] == networks
    assert "networks" not in stack.services["web"].compose
    # The engine looks in networks by their names: this one sorts before shop_default.
    assert stack.top["networks"] == {"orders-default": {"name": "${COMPOSE_PROJECT_NAME:-shop}-orders"}}
    job = stack.services["orders-api-setup"].compose["networks"]
    assert job == {"default": None, "orders-default": None}


def test_prefixes_in_each_other_keep_all_short_names_the_nearest_first():
    """What one file calls `db` another one may call so, too: each gets its own."""
    files = {
        "devenv.yaml": TOP + "include: [{path: a/devenv.yaml, prefix: a}]\nservices: {db: {image: w}}\n",
        "a/devenv.yaml": "devenv: 1\ninclude: [{path: b.yaml, prefix: b}]\nservices: {db: {image: y}, y: {image: o}}\n",
        "a/b.yaml": "devenv: 1\nservices:\n  db: {image: x}\n  app: {image: a}\n"
        "  said: {image: s, networks: [default, back]}\n  apart: {image: t, networks: [back]}\nnetworks: {back: {}}\n",
    }
    stack = stack_of(files)
    names = {kind: entry.get("name") for kind, entry in stack.top["networks"].items()}
    top = "${COMPOSE_PROJECT_NAME:-shop}"
    assert names == {"a-b-back": None, "a-b-default": f"{top}--a-b", "a-default": f"{top}-a"}
    assert sorted([f"{top}--a-b", f"{top}-a", f"{top}_default"])[0] == f"{top}--a-b", "where the engine looks first"

    def found(name: str) -> dict[str, list[str]]:
        networks = stack.services[name].compose["networks"]
        return {network: (entry or {}).get("aliases", []) for network, entry in networks.items()}

    assert found("a-b-db") == {"default": [], "a-default": ["b-db"], "a-b-default": ["db"]}
    assert found("a-b-app") == {"default": [], "a-default": ["b-app"], "a-b-default": ["app"]}
    assert found("a-db") == {"default": [], "a-default": ["db"]}
    assert found("a-b-said") == {
        "a-b-default": ["said"],
        "a-b-back": ["b-said", "said"],
        "default": [],
        "a-default": ["b-said"],
    }
    assert found("a-b-apart") == {"a-b-back": ["b-apart", "apart"]}
    assert "networks" not in stack.services["db"].compose


def test_a_service_alone_may_name_its_default_network():
    files = {
        "devenv.yaml": TOP + "include: [{path: a.yaml, prefix: p}]\nservices: {x: {image: x}}\n",
        "a.yaml": "services: {a: {image: a, networks: [default]}}\n",
    }
    stack = stack_of(files)
    assert stack.services["p-a"].compose["networks"] == {"p-default": {"aliases": ["a"]}, "default": None}
    assert list(stack.top["networks"]) == ["p-default"]


COMPOSE = """\
name: legacy
x-any: 1
services:
  app:
    image: a
    depends_on: [db]
    links: [db, "cache:redis"]
    volumes_from: ["db:ro"]
    networks: [back]
    configs: [conf]
    build: {context: ., additional_contexts: [base=service:db], secrets: [key]}
    extends: db
  db: {image: d, network_mode: "service:cache", ipc: "service:cache"}
  cache: {image: c, external_links: [db], depends_on: {other: {condition: service_started}}}
networks: {back: {}, out: {external: true}}
configs: {conf: {content: "${db.host}"}}
secrets: {key: {environment: KEY}}
"""


def test_every_way_to_name_a_service_follows_a_prefix():
    files = {
        "devenv.yaml": TOP + "include: [{path: sub/compose.yaml, prefix: p}]\nservices: {other: {image: x}}\n",
        "sub/compose.yaml": COMPOSE,
    }
    stack = stack_of(files)
    app, db = stack.services["p-app"].compose, stack.services["p-db"].compose
    assert next(iter(app["depends_on"])) == "p-db"
    assert app["links"] == ["p-db:db", "p-cache:redis"]
    assert app["volumes_from"] == ["p-db:ro"]
    assert app["networks"] == {"p-back": {"aliases": ["app"]}}
    assert app["configs"] == [{"source": "p-conf", "target": "/conf"}]
    assert app["build"]["additional_contexts"] == ["base=service:p-db"]
    assert app["build"]["secrets"] == [{"source": "p-key", "target": "key"}]
    assert app["extends"] == "p-db"
    assert (db["network_mode"], db["ipc"]) == ("service:p-cache", "service:p-cache")
    cache = stack.services["p-cache"].compose
    assert cache["external_links"] == ["db"]
    assert list(cache["depends_on"]) == ["other"]  # not its own: the including file's
    assert stack.top["networks"]["p-out"] == {"external": True, "name": "out"}
    assert stack.top["configs"]["p-conf"] == {"content": "p-db"}
    assert "x-any" not in stack.top


def test_a_mode_brings_its_services_and_what_they_need():
    files = with_orders("{path: ../orders/devenv.yaml, mode: backend, prefix: o}")
    stack = stack_of(files, postgres())
    assert list(stack.services) == ["web", "o-db", "o-api-setup", "o-api"]
    assert list(stack.modes) == ["o-backend"]
    assert list(stack.checks) == ["o-answers"]
    assert problems_of(with_orders("{path: ../orders/devenv.yaml, mode: backnd}"), postgres()) == [
        ("DE345", "devenv.yaml", 4, "../orders/devenv.yaml has no mode 'backnd'")
    ]


def test_modes_of_one_name_are_put_together():
    stack = stack_of(
        with_orders("../orders/devenv.yaml", "services: {web: {image: x}}\nmodes: {backend: [web]}\n"), postgres()
    )
    assert stack.modes["backend"] == ("web", "api")


def test_a_service_from_two_places_is_told_with_both():
    more = "services:\n  ui: {image: y}\n"
    assert problems_of(with_orders("../orders/devenv.yaml", more), postgres()) == [
        (
            "DE341",
            "../orders/devenv.yaml",
            14,
            "the service 'ui' comes from two places: devenv.yaml:6 and ../orders/devenv.yaml:14",
        )
    ]


def test_even_an_equal_service_of_another_manifest_is_another_one():
    one = "devenv: 1\nservices: {a: {image: x}}\n"
    files = {"devenv.yaml": f"{TOP}include: [b.yaml, c.yaml]\n", "b.yaml": one, "c.yaml": one}
    assert [p[0] for p in problems_of(files)] == ["DE341"]
    plain = one.removeprefix("devenv: 1\n")  # as in Compose
    assert list(stack_of({**files, "b.yaml": plain, "c.yaml": plain}).services) == ["a"]


def test_the_same_file_by_two_ways_is_there_once():
    files = {
        "devenv.yaml": f"{TOP}include: [a/devenv.yaml, b/devenv.yaml]\n",
        "a/devenv.yaml": "devenv: 1\ninclude: [{path: ../c/devenv.yaml, mode: one}]\n"
        "services: {a: {image: a, needs: [x]}}\n",
        "b/devenv.yaml": "devenv: 1\ninclude: [../c/devenv.yaml]\nservices: {b: {image: b, needs: [y]}}\n",
        "c/devenv.yaml": "devenv: 1\nservices: {x: {image: x}, y: {image: y}}\nmodes: {one: [x]}\nvolumes: {v: {}}\n",
    }
    assert set(stack_of(files).services) == {"a", "b", "x", "y"}
    twice = files["devenv.yaml"].replace("a/devenv.yaml,", "{path: a/devenv.yaml, prefix: p},")
    assert set(stack_of({**files, "devenv.yaml": twice}).services) == {"p-a", "p-x", "b", "x", "y"}


def test_prefixes_add_up():
    files = {
        "devenv.yaml": TOP + "include: [{path: a/devenv.yaml, prefix: a}]\nservices: {w: {image: w, needs: [a-b-x]}}\n",
        "a/devenv.yaml": "devenv: 1\ninclude: [{path: b.yaml, prefix: b}]\nservices: {y: {image: y, needs: [b-x]}}\n",
        "a/b.yaml": "devenv: 1\nservices: {x: {image: x, ports: {http: 80}, volumes: ['v:/v']}}\nvolumes: {v: {}}\n",
    }
    stack = stack_of(files)
    assert list(stack.services) == ["w", "a-y", "a-b-x"]
    assert stack.services["a-y"].compose["environment"]["B_X_URL"] == "http://a-b-x:80"
    assert stack.services["a-b-x"].compose["volumes"] == ["a-b-v:/v"]
    assert stack.services["a-b-x"].compose["networks"]["a-default"] == {"aliases": ["b-x"]}


def test_later_files_of_a_list_are_merged_over_the_first():
    files = with_orders("{path: [../orders/devenv.yaml, mine.yaml]}")
    files["mine.yaml"] = "services: {ui: {image: other, volumes: ['./a:/a']}, db: {with: {database: mine}}}\n"
    stack = stack_of(files, postgres())
    assert stack.services["ui"].image == "other"
    assert stack.services["ui"].compose["volumes"] == ["../orders/a:/a"]
    assert stack.services["db"].compose["environment"]["POSTGRES_DB"] == "mine"


def test_problems_have_the_place_in_the_included_file():
    orders = (
        ORDERS.replace("needs: [db]", "needs: [dbb]")
        .replace("image: ui", "imge: ui")
        .replace("${db.url}", "${db.urll}")
    )
    assert problems_of(with_orders("{path: ../orders/devenv.yaml, prefix: o}", orders=orders), postgres()) == [
        ("DE206", "../orders/devenv.yaml", 7, "there is no service 'dbb'"),
        ("DE311", "../orders/devenv.yaml", 10, "'o-db' has no output 'urll'"),
        ("DE207", "../orders/devenv.yaml", 14, "nothing says what the service runs"),
        ("DE203", "../orders/devenv.yaml", 14, "unknown key 'imge'"),
    ]
    assert problems_of(with_orders("../orders/devenv.yaml", orders="devenv: 2\nservices: {}\n"))[0][:3] == (
        "DE202",
        "../orders/devenv.yaml",
        1,
    )
    assert problems_of(with_orders("../orders/devenv.yaml", orders="devenv: 1\nservces: {}\n"))[0][:3] == (
        "DE203",
        "../orders/devenv.yaml",
        2,
    )


def test_two_stacks_that_include_a_mode_of_each_other():
    files = Files(
        {
            "devenv.yaml": """\
devenv: 1
name: shop
include: [{path: ../pay/devenv.yaml, prefix: pay, mode: core}]
services:
  api: {image: x, ports: {http: 80}}
  web: {image: x, needs: [pay-gate]}
modes: {api: [api]}
""",
            "../pay/devenv.yaml": """\
devenv: 1
name: pay
include: [{path: ../shop/devenv.yaml, prefix: shop, mode: api}]
services:
  gate: {image: y, needs: [shop-api], environment: {A: "${shop-api.url}"}}
  ui: {image: y}
modes: {core: [gate]}
""",
        }
    )
    files.identity = lambda entry, base: "devenv.yaml" if "shop" in entry.paths[0] else entry.paths[0]  # type: ignore[method-assign]
    stack = stack_of(files)
    assert list(stack.services) == ["api", "web", "pay-gate"]
    assert stack.services["pay-gate"].compose["environment"]["A"] == "http://api:80"
    assert stack.services["pay-gate"].compose["environment"]["SHOP_API_HOST"] == "api"
    assert [need.service for need in stack.services["pay-gate"].needs] == ["api"]


def test_a_stack_that_is_included_may_include_back_one_that_includes_it():
    files = {
        "devenv.yaml": TOP + "include: [{path: a.yaml, prefix: a, mode: one}]\n",
        "a.yaml": "devenv: 1\ninclude: [{path: b.yaml, prefix: b}]\n"
        "services: {x: {image: x}, y: {image: y, needs: [b-z]}}\n"
        "modes: {one: [y]}\n",
        "b.yaml": "devenv: 1\ninclude: [{path: a.yaml, prefix: back}]\nservices: {z: {image: z, needs: [back-x]}}\n",
    }
    stack = stack_of(files)
    assert set(stack.services) == {"a-x", "a-y", "a-b-z"}
    assert [need.service for need in stack.services["a-b-z"].needs] == ["a-x"]


@pytest.mark.parametrize("format", ["", "devenv: 1\n"])
def test_files_that_include_themselves(format):
    files = {
        "devenv.yaml": f"{TOP}include: [a.yaml]\n",
        "a.yaml": f"{format}include: [b.yaml]\nservices: {{a: {{image: a}}}}\n",
        "b.yaml": "include: [c.yaml]\nservices: {b: {image: b}}\n",
        "c.yaml": "include: [a.yaml]\n",
    }
    (problem,) = problems_of(files)
    assert problem == ("DE342", "c.yaml", 1, "files include each other: a.yaml → b.yaml → c.yaml → a.yaml")
    itself = {"devenv.yaml": f"{TOP}include: [devenv.yaml]\nservices: {{a: {{image: a}}}}\n"}
    assert problems_of(itself)[0][3] == "files include each other: devenv.yaml → devenv.yaml"


def test_variables_of_a_folder_stand_for_what_nobody_sets():
    files = Files(
        {
            "devenv.yaml": TOP + "include: [sub/compose.yaml]\nservices: {top: {image: 't:${V}'}}\n",
            "sub/compose.yaml": "services:\n  a:\n    image: a:$V-${V:-d}-${W:-d}-${V:+x}-$${V}-${U:?no}\n"
            "    environment: {E: null}\n",
        },
        {"sub": {"V": "1$", "U": "u"}},
    )
    stack = stack_of(files)
    assert stack.services["a"].compose["image"] == "a:${V-1$$}-${V:-1$$}-${W:-d}-x-$${V}-${U:-u}"
    assert stack.services["a"].compose["environment"] == {"E": None}
    assert stack.services["top"].compose["image"] == "t:${V}"


def test_an_included_file_that_is_nothing():
    for text, code in (("", "DE201"), ("- a\n", "DE201"), ("a: [", "DE105")):
        found = problems_of({"devenv.yaml": f"{TOP}include: [a.yaml]\n", "a.yaml": text})
        assert [p[0] for p in found] == [code]


def test_marks_of_included_values_are_kept():
    report = Report()
    stack = stack_of(with_orders("{path: ../orders/devenv.yaml, prefix: o}"), postgres(), report=report)
    volumes = stack.services["o-api"].compose["volumes"]
    assert [(m.file, m.line) for m in volumes.items_at] == [("../orders/devenv.yaml", 11)] * 2
