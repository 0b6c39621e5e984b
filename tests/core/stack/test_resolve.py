from __future__ import annotations

import pytest

from devenv.core.lint.longest import longest_path
from devenv.errors import Report
from devenv.model.stack import Need
from tests.core.stacks import manifest_text, postgres, problems, resolved, stack, template

PROBLEMS = {
    "a misspelt output": (
        "web: {image: x, environment: {A: '${db.urll}'}}\ndb: {use: postgres}",
        ["DE311 4:36 services.web.environment.A: 'db' has no output 'urll' [did you mean 'url'?]"],
    ),
    "a misspelt service": (
        "web: {image: x, command: ['${dbb.url}', '${dbb.url}']}\ndb: {use: postgres}",
        ["DE310 4:29 services.web.command[0]: '${dbb.url}': there is no service 'dbb' [did you mean 'db'?]"],
    ),
    "no output that is near": (
        "web: {image: x, environment: {A: '${api.password}'}}\napi: {image: x}",
        ["DE311 4:36 services.web.environment.A: 'api' has no output 'password' [it has host]"],
    ),
    "references to a service that could not be made are not told of": (
        "web: {image: x, needs: [db], environment: {A: '${db.url}'}}\ndb: {use: postgrs}",
        ["DE301 5:13 services.db.use: there is no template 'postgrs' [did you mean 'postgres'?]"],
    ),
    "an unknown version": (
        "db: {use: postgres@18}",
        ["DE302 4:13 services.db.use: template 'postgres' has no version '18' [it has 17, 16]"],
    ),
    "a cycle is named whole": (
        "a: {image: x, needs: [b]}\nb: {image: x, needs: [c]}\nc: {image: x, needs: [a]}\nd: {image: x, needs: [a]}",
        ["DE314 6:25 services.c: services wait for each other: a → b → c → a"],
    ),
    "a cycle through a reference": (
        "a: {image: x, environment: {B: '${b.host}'}}\nb: {image: x, needs: [a]}",
        ["DE314 5:25 services.b: services wait for each other: a → b → a"],
    ),
    "two cycles": (
        "a: {image: x, needs: [b]}\nb: {image: x, needs: [a]}\nc: {image: x, needs: [d]}\nd: {image: x, needs: [c]}",
        [
            "DE314 5:25 services.b: services wait for each other: a → b → a",
            "DE314 7:25 services.d: services wait for each other: c → d → c",
        ],
    ),
    "depends_on of nobody": (
        "web: {image: x, depends_on: [dbb]}\ndb: {image: x}",
        ["DE206 4:32 services.web.depends_on: there is no service 'dbb' [did you mean 'db'?]"],
    ),
    "one host port twice": (
        "a: {image: x, ports: {h: {port: 1, publish: 80}}}\nb: {image: x, ports: {h: {port: 2, publish: 80}}}",
        [
            "DE321 5:47 services.b.ports.h: host port 80 is published by 'a' already "
            "[choose another number, or leave `publish` out: devenv then takes a free one]"
        ],
    ),
    "ready without a port": (
        "a: {image: x, ready: {http: /}}",
        [
            "DE216 4:24 services.a.ready: 'ready' needs a port, and the service has none by name"
            " [write `ports: {http: 8000}`]"
        ],
    ),
    "a volume that nobody declares": (
        "a: {image: x, volumes: ['dat:/x']}",
        [
            "DE319 4:27 services.a.volumes: 'dat' is not among the top-level volumes"
            " [declare it at the top level: `volumes: { dat: {} }`]"
        ],
    ),
    "a name that a setup job has": (
        "a: {image: x, setup: [x]}\na-setup: {image: x}",
        [
            "DE318 4:17 services.a.setup: the job of its 'setup' is called 'a-setup', and there is a service"
            " of that name"
        ],
    ),
    "outputs that refer to each other": (
        "a: {use: postgres, with: {database: a, seed: '${b.user}'}}\nb: {use: postgrs}",
        ["DE301 5:12 services.b.use: there is no template 'postgrs' [did you mean 'postgres'?]"],
    ),
}


def test_what_need_not_be_there_is_a_need_where_it_is_and_optional_where_a_profile_decides():
    entry = "{condition: service_healthy, required: false}"
    found = stack(
        f"web: {{image: x, setup: [x], depends_on: {{a: {entry}, p: {entry}, gone: {entry}}}}}\n"
        "a: {image: x, healthcheck: {test: x}}\np: {image: x, healthcheck: {test: x}, profiles: [x], provision: [x]}"
    )
    setup = Need("web-setup", "completed")
    may = {"optional": True, "required": False}
    needs = (
        Need("a", "ready", required=False),
        Need("p", "ready", **may),
        Need("p-provision", "completed", **may),
        setup,
    )
    assert found.services["web"].needs == needs
    assert found.services["web-setup"].needs == needs[:-1]
    written = found.services["web-setup"].compose["depends_on"]
    assert written["p-provision"] == {"condition": "service_completed_successfully", "required": False}
    assert found.closure(["web"]) == ["a", "web-setup", "web"]
    assert found.among(["a"]).services["web"].needs == (needs[0], setup)
    assert found.among(["p"]).services["web"].needs == (needs[0], Need("p", "ready", required=False), setup)
    assert longest_path(found, {"p": 1.0, "web": 1.0}) == ["p", "web"]


@pytest.mark.parametrize("case", PROBLEMS)
def test_problems_have_a_place_and_a_hint(case):
    services, expected = PROBLEMS[case]
    assert problems(services, postgres()) == expected


def test_every_problem_is_told_in_one_run():
    found = problems(
        "a: {use: nothing}\nb: {image: x, needs: [c]}\nd: {image: x, environment: {A: '${b.url}'}}", postgres()
    )
    assert [line.split()[0] for line in found] == ["DE301", "DE206", "DE311"]


def test_a_check_sees_the_stack_from_the_host():
    checks = "checks: {c: {http: '${web.url}/x'}, inside: {run: [curl, '${web.url}'], service: web}}\n"
    found = stack("web: {image: x, ports: {http: 80}}", more=checks)
    assert found.checks["c"].http == "http://127.0.0.1:${DEVENV_PORT_WEB_HTTP:-80}/x"
    assert found.checks["inside"].run == ("curl", "http://web:80")


def test_an_unpublished_port_has_no_address_on_the_host():
    report = Report()
    text = manifest_text(
        "web: {image: x, ports: {http: {port: 80, publish: false}}}", "checks: {c: {tcp: '${web.url}'}}\n"
    )
    assert resolved(text, report) is None
    assert report.errors[0].message == "'web' has no output 'url' on the host, because its port is not published"


def test_views():
    web = stack("web: {image: x, ports: {http: 80, db: {port: 5, publish: 50}}, open: http}").services["web"]
    assert web.outputs == {
        "host": "web",
        "http.host": "web", "http.port": "80", "http.url": "http://web:80",
        "db.host": "web", "db.port": "5", "db.url": "tcp://web:5",
    }  # fmt: skip
    assert web.host_outputs["http.url"] == "http://127.0.0.1:${DEVENV_PORT_WEB_HTTP:-80}" == web.open
    assert web.host_outputs["db.url"] == "tcp://127.0.0.1:50"


@pytest.mark.parametrize(
    ("ports", "ready", "url"),
    [
        ("{main: 1}", "", "tcp://web:1"),
        ("{main: 1}", "ready: {http: /}", "http://web:1"),
        ("{https: 1}", "", "https://web:1"),
        ("{admin: 1}", "", "http://web:1"),
        ("{dns: {port: 1, protocol: udp}}", "", "udp://web:1"),
    ],
)
def test_the_scheme_follows_the_ports_name(ports, ready, url):
    assert stack(f"web:\n  image: x\n  ports: {ports}\n  {ready}").services["web"].outputs["url"] == url


def test_an_open_url_may_refer_to_services():
    web = stack("web: {image: x, ports: {http: 80}, open: '${web.url}/admin'}").services["web"]
    assert web.open == "http://127.0.0.1:${DEVENV_PORT_WEB_HTTP:-80}/admin"


def test_needs_put_outputs_in_the_environment_and_ones_own_win():
    found = stack("web: {image: x, needs: [db], environment: {DB_USER: me}}\ndb: {use: postgres}", postgres())
    secret = "${DEVENV_SECRET_DB_PASSWORD:-devenv-insecure-default}"
    assert found.services["web"].compose["environment"] == {
        "DB_USER": "me",
        "DB_HOST": "db",
        "DB_PORT": "5432",
        "DB_URL": f"postgresql://app:{secret}@db:5432/app",
        "DB_PASSWORD": secret,
    }


@pytest.mark.parametrize(
    ("needs", "keys"),
    [
        ("{api: {env: UP}}", {"UP_HOST", "UP_PORT", "UP_URL"}),
        ("{api: {env: false}}", set()),
        ("[two]", {"TWO_HOST", "TWO_A_PORT", "TWO_A_URL", "TWO_B_PORT", "TWO_B_URL"}),
        ("[job]", set()),
    ],
)
def test_which_variables_a_need_gives(needs, keys):
    found = stack(
        f"web: {{image: x, needs: {needs}}}\napi: {{image: x, ports: {{http: 1}}}}\n"
        "two: {image: x, ports: {a: 1, b: 2}}\njob: {image: x, job: true}"
    )
    assert set(found.services["web"].compose.get("environment", {})) == keys


def test_a_reference_is_a_need_wherever_it_stands():
    found = stack(
        "web: {image: x, configs: [c], labels: {a: '${one.host}'}, setup: ['ping ${two.host}']}\n"
        "one: {image: x}\ntwo: {image: x}\nthree: {image: x}",
        more="configs: {c: {content: '${three.host}'}}\n",
    )
    needs = {need.service for need in found.services["web"].needs}
    assert needs == {"one", "two", "three", "web-setup"}
    assert {need.service for need in found.services["web-setup"].needs} == {"one", "two", "three"}


def test_what_a_need_waits_for():
    found = stack(
        "web: {image: x, needs: {a: , b: , c: , d: {until: started}}, depends_on: {e: {condition: service_healthy}}}\n"
        "a: {image: x, job: true}\nb: {image: x, ready: {run: [true]}}\nc: {image: x}\n"
        "d: {image: x, ready: {run: [true]}}\ne: {image: x, healthcheck: {test: [CMD, x]}}"
    )
    assert found.services["web"].needs == (
        Need("a", "completed"), Need("b", "ready"), Need("c", "started"), Need("d", "started"), Need("e", "ready"),
    )  # fmt: skip


def test_a_parameter_may_be_another_services_output():
    found = stack("a: {use: postgres, with: {seed: 'x/${b.host}'}}\nb: {image: x}", postgres())
    assert found.services["a"].compose["volumes"][1]["source"] == "./x/b"
    assert found.services["a"].needs == (Need("b", "started"),)
    assert found.requires == ()


def test_an_image_can_be_replaced_on_one_machine_and_one_that_holds_variables_stays():
    found = stack(
        "a: {use: postgres}\nb: {use: postgres@16}\nc: {use: postgres, image: 'my:1'}\nd: {image: 'my:${TAG}'}\n"
        "e: {build: ., image: 'my:2'}",
        postgres(),
    )
    a, b, c, d, e = found.services.values()
    assert (a.compose["image"], a.image, a.image_variable) == (
        "${DEVENV_IMAGE_A:-postgres:17}", "postgres:17", "DEVENV_IMAGE_A",
    )  # fmt: skip
    assert a.recipe is not None and b.recipe is None and c.recipe is None
    assert (a.recipe.folder, a.recipe.dockerfile, a.recipe.tag, a.recipe.args) == (
        "/templates/postgres/image", "Dockerfile", "devenv/postgres:17-debian", (("VERSION", "17"),),
    )  # fmt: skip
    assert (c.compose["image"], c.image, c.image_variable) == ("${DEVENV_IMAGE_C:-my:1}", "my:1", "DEVENV_IMAGE_C")
    assert (d.compose["image"], d.image, d.image_variable) == ("my:${TAG}", "my:${TAG}", None)
    assert (e.compose["image"], e.image, e.image_variable) == ("my:2", None, None)


def test_a_templates_service_is_ones_own_to_change():
    found = stack(
        "db:\n  use: postgres\n  ports: {main: {port: 6000, publish: 7000}}\n"
        "  environment: {POSTGRES_DB: mine, TZ: UTC}\n"
        "  healthcheck: {test: [CMD, x]}",
        postgres(),
    ).services["db"]
    assert db_environment(db := found) == {"POSTGRES_DB": "mine", "TZ": "UTC"}
    assert db.compose["healthcheck"] == {"test": ["CMD", "x"]}
    assert db.host_outputs["url"].endswith("@127.0.0.1:7000/app") and db.outputs["url"].endswith("@db:6000/app")


@pytest.mark.parametrize(
    ("listed", "port"),
    [
        ('"7000:5432"', "7000"),
        ('"127.0.0.1:${PG:-7000}:5432", "8000:80"', "${PG:-7000}"),
        ("{target: 5432, published: 7000}", "7000"),
        ('"5432"', None),
        ('"7000:80"', None),
    ],
)
def test_a_templates_ports_are_where_composes_list_publishes_them(listed, port):
    db = stack(f"db: {{use: postgres, ports: [{listed}]}}\nweb: {{image: x, needs: [db]}}", postgres()).services["db"]
    assert db.outputs["port"] == "5432" and db.outputs["url"].endswith("@db:5432/app")
    assert (db.host_outputs.get("port"), db.host_outputs.get("main.published")) == (port, port)
    if port is None:
        assert "url" not in db.host_outputs
    else:
        assert db.host_outputs["url"].endswith(f"@127.0.0.1:{port}/app")


TWO_PORTS = """\
template: 1
summary: s
versions: ["1"]
service: { image: x, ports: { main: 25, ui: 80 }, ready: { http: /, port: ui }, open: ui }
"""


@pytest.mark.parametrize(("listed", "opened"), [('"25:25", "8025:80"', "http://127.0.0.1:8025"), ('"25:25"', None)])
def test_a_template_is_asked_at_its_port_and_opened_where_composes_list_publishes_it(listed, opened):
    mail = stack(f"mail: {{use: mail, ports: [{listed}]}}", template(TWO_PORTS, Report(), "mail")).services["mail"]
    assert "127.0.0.1:80/" in str(mail.compose["healthcheck"])
    assert mail.open == opened and len(mail.compose["ports"]) == listed.count(",") + 1


def db_environment(service):
    return {k: v for k, v in service.compose["environment"].items() if "PASSWORD" not in k}


def test_engine_starts_unless_compose_does_something_at_the_start():
    found = stack(
        "a: {image: x, configs: [c]}\nb: {image: x, configs: [f]}\nc: {image: x, secrets: [s]}\n"
        "d: {image: x, post_start: [{command: x}]}\ne: {image: x}",
        more="configs: {c: {content: x}, f: {file: x}}\nsecrets: {s: {environment: X}}\n",
    )
    assert {name: one.engine_starts for name, one in found.services.items()} == {
        "a": False, "b": True, "c": False, "d": False, "e": True,
    }  # fmt: skip
    assert [r.path for r in found.requires] == ["x"]


def test_setup_jobs_stand_before_their_service_and_share_its_image():
    found = stack("db: {image: x}\nweb: {build: ., needs: [db], setup: [a, b], ports: {http: 1}, restart: always}")
    assert list(found.services) == ["db", "web-setup", "web"]
    job = found.services["web-setup"]
    assert job.compose["image"] == found.services["web"].compose["image"] == "${COMPOSE_PROJECT_NAME:-shop}-web"
    assert (job.compose["command"], job.compose["restart"], job.ports) == (["a\nb"], "no", ())
    assert found.closure(["web"]) == ["db", "web-setup", "web"]


def test_a_thousand_services_take_linear_time():
    services = "\n".join(
        f"s{i}: {{image: x, ports: {{http: 80}}, needs: [{f's{i - 1}' if i else ''}]}}" for i in range(1000)
    )
    found = stack(services)
    assert [one.ports[0].default for one in found.services.values()] == list(range(80, 1080))
    assert len(found.closure(["s999"])) == 1000


def test_what_needs_a_service_waits_for_its_provision_too():
    found = stack(
        "broker: {image: b, ready: {run: [ok]}, provision: [[make, 'a b'], 'echo ${broker.host}']}\n"
        "web: {image: w, needs: [broker], setup: [migrate]}\n"
        "early: {image: e, needs: {broker: {until: started}}}"
    )
    assert list(found.services) == ["broker", "broker-provision", "web-setup", "web", "early"]
    job = found.services["broker-provision"]
    assert (job.job, job.setup_of) == (True, "broker")
    assert [(n.service, n.condition) for n in job.needs] == [("broker", "ready")]
    assert job.compose["command"] == ["make 'a b'\necho broker"]
    for name in ("web", "web-setup"):
        assert ("broker-provision", "completed") in [(n.service, n.condition) for n in found.services[name].needs]
        waits = found.services[name].compose["depends_on"]
        assert waits["broker-provision"] == {"condition": "service_completed_successfully"}
    assert [n.service for n in found.services["early"].needs] == ["broker"]


def test_a_service_without_a_probe_is_provisioned_and_awaited_as_soon_as_it_runs():
    found = stack("broker: {image: b, provision: [x]}\nweb: {image: w, needs: [broker]}")
    assert [(n.service, n.condition) for n in found.services["broker-provision"].needs] == [("broker", "started")]
    assert [n.service for n in found.services["web"].needs] == ["broker", "broker-provision"]


@pytest.mark.parametrize("ready", ["{within: 90}", "{within: 90, x-why: slow disks}"])
def test_a_template_is_given_longer_and_asked_as_before(ready: str) -> None:
    found = stack(f"db:\n  use: postgres\n  ready: {ready}", postgres()).services["db"].compose["healthcheck"]
    assert (found["test"][1], found["start_period"]) == ("pg_isready", "90s")
