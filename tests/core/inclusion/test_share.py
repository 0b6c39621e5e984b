"""One server for several includes."""

from __future__ import annotations

import pytest

from devenv.core.stack.tenants import identifier, numbers
from devenv.errors import Report
from devenv.model.template import Template
from tests.core import stacks
from tests.core.inclusion.files import problems_of, stack_of

SHARE = """\
share:
  parameters: [seed]
  service:
    environment:
      PGPASSWORD: ${server.secret.password}
      OWN: ${secret.password}
      NAME: ${tenant}
      N: ${tenant.number}
    command: [make, "${host}", "${port}"]
    volumes:
      - { when: with.seed, type: bind, source: "${with.seed}", target: /seed.sql }
  arguments: [-c, "user=${tenant}:${secret.password}$$"]
  shell: [psql, "${tenant}"]
  outputs:
    database: ${tenant}
    url: postgresql://${tenant}:${secret.password}@${host}:${port}/${tenant}
"""
TOP = """\
devenv: 1
name: shop
include:
  - {path: a/devenv.yaml, prefix: a, share: {db: main}}
  - {path: b/devenv.yaml, share: {db: main}}
services:
  main: {use: postgres@17}
  web: {image: x, environment: {A: "${a-db.url}", B: "${b-db.url}"}}
"""
APP = """\
devenv: 1
name: NAME
services:
  db: {use: postgres, with: {seed: ./s.sql}}
  NAMEapp: {image: y, needs: [db]}
"""


def postgres() -> Template:
    found = stacks.template(stacks.POSTGRES + SHARE, Report(), "postgres", stacks.POSTGRES_FILES)
    assert found is not None
    return found


def files(**changed: str) -> dict[str, str]:
    return {
        "devenv.yaml": TOP,
        "a/devenv.yaml": APP.replace("NAME", "a"),
        "b/devenv.yaml": APP.replace("NAME", "b"),
        **{f"{name}/devenv.yaml" if name != "top" else "devenv.yaml": text for name, text in changed.items()},
    }


def test_each_include_gets_its_own_part_of_one_server():
    stack = stack_of(files(), postgres())
    assert set(stack.services) == {"main", "web", "a-aapp", "bapp", "a-db", "b-db"}
    own = {name: f"${{DEVENV_SECRET_{name.upper()}_PASSWORD:-devenv-insecure-default}}" for name in ("a_db", "b_db")}
    added = [word for name, password in own.items() for word in ("-c", f"user={name}:{password}$$")]
    assert stack.services["main"].compose["command"][-4:] == added
    job = stack.services["a-db"]
    assert (job.job, job.server, job.recipe) == (True, "main", stack.services["main"].recipe)
    assert job.compose["image"] == stack.services["main"].compose["image"]
    assert job.compose["command"] == ["make", "main", "5432"]
    assert job.compose["environment"] == {
        "PGPASSWORD": "${DEVENV_SECRET_MAIN_PASSWORD:-devenv-insecure-default}",
        "OWN": "${DEVENV_SECRET_A_DB_PASSWORD:-devenv-insecure-default}",
        "NAME": "a_db",
        "N": "${DEVENV_NUMBER_MAIN__A_DB:-1}",
    }
    assert job.compose["volumes"][0]["source"] == "./a/s.sql"
    assert job.shell == ("psql", "a_db")
    assert [(n.service, n.condition) for n in job.needs] == [("main", "ready")]
    assert stack.services["b-db"].compose["environment"]["N"] == "${DEVENV_NUMBER_MAIN__B_DB:-2}"
    assert {s.variable for s in stack.secrets} == {
        f"DEVENV_SECRET_{name}_PASSWORD" for name in ("MAIN", "A_DB", "B_DB")
    }


def test_a_part_keeps_its_number_whatever_the_order_and_a_new_one_gets_one_that_none_had():
    first = numbers(stack_of(files(), postgres()), {"DEVENV_PORT_MAIN_MAIN": "1"})
    assert first == {"DEVENV_NUMBER_MAIN__A_DB": "1", "DEVENV_NUMBER_MAIN__B_DB": "2"}
    one, other = TOP.splitlines(keepends=True)[3:5]
    swapped = stack_of(files(top=TOP.replace(one + other, other + one)), postgres())
    assert swapped.services["b-db"].compose["environment"]["N"] == "${DEVENV_NUMBER_MAIN__B_DB:-1}"
    assert numbers(swapped, first) == {}
    before = "  - {path: b/devenv.yaml, prefix: new, share: {db: main}}\n"
    more = stack_of(files(top=TOP.replace(one, before).replace('A: "${a-db.url}", ', "")), postgres())
    assert numbers(more, first) == {"DEVENV_NUMBER_MAIN__NEW_DB": "3"}  # what a-db had is still there


def test_each_server_counts_its_own_parts():
    top = TOP.replace("{path: b/devenv.yaml, share: {db: main}}", "{path: b/devenv.yaml, share: {db: main-b}}")
    stack = stack_of(files(top=top + "  main-b: {use: postgres@17}\n"), postgres())
    assert numbers(stack, {}) == {"DEVENV_NUMBER_MAIN__A_DB": "1", "DEVENV_NUMBER_MAIN_B__B_DB": "1"}


def test_a_part_of_a_server_that_does_not_count_has_no_number():
    share = SHARE.replace("      N: ${tenant.number}\n", "")
    template = stacks.template(stacks.POSTGRES + share, Report(), "postgres", stacks.POSTGRES_FILES)
    assert template is not None
    assert numbers(stack_of(files(), template), {}) == {}


def test_what_parts_add_to_a_command_that_is_one_text():
    top = TOP.replace("{use: postgres@17}", "{use: postgres@17, command: postgres -c a=b}")
    command = stack_of(files(top=top), postgres()).services["main"].compose["command"]
    assert command.startswith("postgres -c a=b -c 'user=a_db:${DEVENV_SECRET_A_DB_PASSWORD:-")


def test_who_needs_a_part_waits_for_it_and_gets_its_address():
    stack = stack_of(files(), postgres())
    app = stack.services["bapp"]
    assert [(n.service, n.condition) for n in app.needs] == [("b-db", "completed")]
    own = "postgresql://b_db:${DEVENV_SECRET_B_DB_PASSWORD:-devenv-insecure-default}@main:5432/b_db"
    assert app.compose["environment"]["DB_URL"] == own == stack.services["web"].compose["environment"]["B"]
    assert app.compose["environment"]["DB_HOST"] == "main"
    assert stack.services["b-db"].host_outputs["url"].endswith("@127.0.0.1:${DEVENV_PORT_MAIN_MAIN:-5432}/b_db")


def test_a_part_may_be_shared_on():
    nested = "devenv: 1\nname: b\ninclude: [{path: ../a/devenv.yaml, prefix: x, share: {db: db}}]\n"
    nested += "services: {db: {use: postgres}}\n"
    top = TOP.replace("  - {path: a/devenv.yaml, prefix: a, share: {db: main}}\n", "").replace('A: "${a-db.url}", ', "")
    stack = stack_of(files(top=top, b=nested), postgres())
    assert stack.services["x-db"].server == "main"
    assert [n.service for n in stack.services["x-db"].needs] == ["main"]


def test_what_a_mode_leaves_out_is_not_made():
    app = APP.replace("NAME", "a") + "  other: {image: z}\nmodes: {small: [other]}\n"
    top = TOP.replace("prefix: a,", "prefix: a, mode: small,").replace('A: "${a-db.url}", ', "")
    assert set(stack_of(files(a=app, top=top), postgres()).services) == {"main", "web", "a-other", "bapp", "b-db"}


def test_two_stacks_that_share_each_other_s_server_have_the_one_of_the_stack_that_is_brought_up():
    app = """\
devenv: 1
name: NAME
include: [{path: ../OTHER/devenv.yaml, prefix: OTHER, mode: api, share: {db: db}}]
services:
  db: {use: postgres@17}
  NAMEapp: {image: y, needs: [db]}
  ui: {image: y, needs: [OTHER-OTHERapp], environment: {A: "${OTHER-db.url}"}}
modes: {api: [NAMEapp]}
"""
    a, b = (app.replace("NAME", own).replace("OTHER", other) for own, other in (("a", "b"), ("b", "a")))
    stack = stack_of(files(top="devenv: 1\nname: shop\ninclude: [a/devenv.yaml]\n", a=a, b=b), postgres())
    assert set(stack.services) == {"db", "aapp", "ui", "b-db", "b-bapp"}
    assert stack.services["b-db"].server == "db" and not stack.services["db"].server


def one(db: str) -> str:
    return f"devenv: 1\nservices:\n  db: {db}\n  app: {{image: x}}\n"


@pytest.mark.parametrize(
    ("changed", "code", "said"),
    [
        (
            {"b": one("{use: postgres@16}")},
            "DE344",
            "'b-db' wants postgres@16 (b/devenv.yaml:3), and 'main' is postgres@17 (devenv.yaml:7)",
        ),
        ({"b": one("{image: postgres}")}, "DE344", "'b-db' (b/devenv.yaml:3) is no server of a template"),
        (
            {"top": TOP.replace("{use: postgres@17}", "{image: x}")},
            "DE344",
            "'main' (devenv.yaml:7) is no server of a template",
        ),
        ({"top": TOP.replace("{db: main}", "{dbb: main}")}, "DE344", "has no service 'dbb' to share"),
        (
            {"top": TOP.replace("{db: main}", "{db: mian}")},
            "DE206",
            "there is no service 'mian' whose server could be shared",
        ),
        (
            {"b": one("{use: postgres, command: [x]}")},
            "DE346",
            "'command' has no effect here: the server is 'main' (devenv.yaml:7)",
        ),
    ],
)
def test_what_cannot_be_shared_is_told_with_both_places(changed, code, said):
    found = problems_of(files(**changed), postgres())
    assert any(p[0] == code and said in p[3] for p in found), found


def test_a_server_whose_template_cannot_be_shared_is_told_with_that_template():
    found = {(code, said) for code, _, _, said in problems_of(files(), stacks.postgres())}
    where = "postgres/template.yaml"
    said = f"'main' (devenv.yaml:7) cannot be shared: its template says no 'share' ({where})"
    assert ("DE344", said) in found, found


def test_a_parameter_that_a_part_has_of_its_own_is_no_reason_for_a_warning():
    found = problems_of(files(b=one("{use: postgres, with: {database: mine}}")), postgres())
    assert not found


def test_names_that_every_server_takes():
    assert identifier("a-db") == "a_db"
    assert identifier("1-db").startswith("t_1_db_")
    assert identifier("A.db") != identifier("a-db")
    assert len(identifier("x" * 60)) <= 30 and identifier("x" * 60) != identifier("x" * 61)
