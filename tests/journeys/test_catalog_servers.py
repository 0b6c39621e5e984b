"""Servers of the catalog that Debian, npm and the Python index can supply, for real: used from outside, stopped, found
again. The first ones stand in `test_catalog`."""

from __future__ import annotations

import hashlib
import hmac
import json
import smtplib
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.conftest import Devenv
from tests.journeys.catalogs import Running, bring_up, connect, get
from tests.journeys.engines import Engine, wait_for

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("base_image")]

MANIFEST = """\
devenv: 1
name: NAME
services:
  etcd: { use: etcd, with: { max_request: 64kb } }
  zk: { use: zookeeper, with: { heap: 128 } }
  ldap: { use: openldap, with: { domain: shop.test, base: "dc=shop,dc=test", seed: ./people.ldif } }
  mail: { use: maildev }
  npm: { use: verdaccio, with: { uplink: "${payments.url}" } }
  blobs: { use: azurite, with: { account: shop } }
  payments: { use: wiremock, with: { mappings: ./stubs } }
  recorded: { use: wiremock, with: { upstream: "${payments.url}" } }
  edge: { use: traefik, with: { upstream: "${payments.url}", routes: ./routes.yaml } }
  flows: { use: temporal, with: { namespace: orders } }
  cloud:
    use: localstack
    with: { buckets: [uploads], queues: [orders, late.fifo], topics: [placed], init: ./cloud.sh }
"""

OTHERWISE = """\
devenv: 1
name: NAME
services:
  zk: { use: zookeeper, with: { admin: true, config: ./zoo.cfg } }
  npm: { use: verdaccio, with: { anonymous: false, uplink: "${edge.url}" } }
  blobs: { use: azurite, with: { persistence: false } }
  edge: { use: traefik }
"""

FILES = {
    "people.ldif": (
        "dn: ou=people,dc=shop,dc=test\nobjectClass: organizationalUnit\nou: people\n\n"
        "dn: uid=ada,ou=people,dc=shop,dc=test\nobjectClass: inetOrgPerson\nuid: ada\ncn: Ada\nsn: Lovelace\n"
    ),
    "stubs/charge.json": json.dumps(
        {
            "request": {"method": "GET", "urlPathPattern": "/charges/.*"},
            "response": {"status": 200, "body": "charged {{request.pathSegments.[1]}}"},
        }
    ),
    "routes.yaml": (
        "http:\n  routers:\n    short: { rule: Path(`/short`), middlewares: [long], service: devenv }\n"
        "  middlewares:\n    long: { replacePath: { path: /charges/9 } }\n"
    ),
    "cloud.sh": (
        "awslocal sns subscribe --topic-arn arn:aws:sns:us-east-1:000000000000:placed --protocol sqs"
        " --notification-endpoint arn:aws:sqs:us-east-1:000000000000:orders\n"
    ),
    "zoo.cfg": "dataDir=/data\ndataLogDir=/datalog\nclientPort=2181\ntickTime=1234\nadmin.enableServer=true\n"
    "4lw.commands.whitelist=srvr,conf\n",
}


@pytest.fixture(scope="module")
def running(engine: Engine, devenv: Devenv, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with bring_up(MANIFEST, FILES, engine, devenv, tmp_path_factory.mktemp("servers")) as one:
        yield one


def send(url: str, content: object, *, method: str = "POST", token: str = "") -> tuple[int, bytes]:
    """Status and body of the answer to JSON."""
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    return get(url, data=json.dumps(content).encode(), method=method, headers=headers)


def etcd(running: Running, what: str, content: dict[str, str]) -> tuple[int, bytes]:
    return send(
        f"{running.output('etcd')}/v3/kv/{what}", {k: b64encode(v.encode()).decode() for k, v in content.items()}
    )


def etcd_value(running: Running, key: str) -> str:
    _, answer = etcd(running, "range", {"key": key})
    return b64decode(json.loads(answer)["kvs"][0]["value"]).decode()


def zookeeper(running: Running, *command: str) -> str:
    return running.client("zk", "zkCli.sh", "-server", running.output("zk", "servers"), *command)


def ldap(running: Running, program: str, *arguments: str, entry: str = "", password: str = "") -> str:
    """What a client prints that logs in as the administrator and is given `entry`."""
    user, secret = running.output("ldap", "user"), password or running.output("ldap", "password")
    login = ("-x", "-H", running.output("ldap"), "-D", user, "-w", secret)
    script = 'printf "$0" | "$@"'
    return running.client("ldap", "sh", "-c", script, entry, program, *login, *arguments, check=not password)


def person(running: Running, uid: str) -> str:
    return ldap(running, "ldapsearch", "-LLL", "-b", running.output("ldap", "base"), f"(uid={uid})", "cn")


def package(running: Running, name: str, content: bytes, token: str = "") -> int:
    """Publishes version 1.0.0 of an npm package, as `npm publish` does; the status of the answer."""
    file = f"{name}-1.0.0.tgz"
    dist = {"tarball": f"{running.output('npm')}/{name}/-/{file}", "shasum": hashlib.sha1(content).hexdigest()}
    attached = {"content_type": "application/octet-stream", "data": b64encode(content).decode(), "length": len(content)}
    document = {
        "_id": name,
        "name": name,
        "dist-tags": {"latest": "1.0.0"},
        "versions": {"1.0.0": {"name": name, "version": "1.0.0", "dist": dist}},
        "_attachments": {file: attached},
    }
    return send(f"{running.output('npm')}/{name}", document, method="PUT", token=token)[0]


def fetched(running: Running, name: str) -> bytes:
    return get(f"{running.output('npm')}/{name}/-/{name}-1.0.0.tgz")[1]


def blob(running: Running, method: str, path: str, data: bytes = b"", query: str = "") -> tuple[int, bytes]:
    """A request to the blob service, signed with the account's key."""
    account, key = running.output("blobs", "account"), running.output("blobs", "key")
    headers = {"x-ms-date": formatdate(usegmt=True), "x-ms-version": "2021-08-06"}
    if data:
        headers["x-ms-blob-type"] = "BlockBlob"
    kind = "application/octet-stream" if data else ""
    canonical = "".join(f"{name}:{value}\n" for name, value in sorted(headers.items()))
    resource = f"/{account}/{account}/{path}" + "".join(f"\n{q.replace('=', ':')}" for q in query.split("&") if q)
    lines = [method, "", "", str(len(data) or ""), "", kind, "", "", "", "", "", "", canonical + resource]
    signature = b64encode(hmac.digest(b64decode(key), "\n".join(lines).encode(), "sha256")).decode()
    headers |= {"Authorization": f"SharedKey {account}:{signature}", **({"Content-Type": kind} if kind else {})}
    url = f"{running.output('blobs')}/{path}" + (f"?{query}" if query else "")
    return get(url, data=data or None, method=method, headers=headers)


def workflow(running: Running, *arguments: str) -> str:
    where = ("--address", running.output("flows", "address"), "--namespace", "orders")
    return running.client("flows", "temporal", "workflow", arguments[0], *where, *arguments[1:])


def test_etcd_takes_the_url_and_bounds_requests(running: Running) -> None:
    assert etcd(running, "put", {"key": "a", "value": "one"})[0] == 200
    assert etcd_value(running, "a") == "one"
    status, answer = etcd(running, "put", {"key": "b", "value": "x" * 100_000})
    assert (status, b"too large" in answer) == (400, True)


def test_zookeeper_takes_its_address(running: Running) -> None:
    zookeeper(running, "create", "/first", "hello")
    assert "hello" in zookeeper(running, "get", "/first")


def test_openldap_has_its_seed_and_lets_nobody_in_with_a_wrong_password(running: Running) -> None:
    assert "cn: Ada" in person(running, "ada")
    assert ldap(running, "ldapsearch", "-LLL", "-b", "dc=shop,dc=test", password="wrong") == ""
    anonymous = running.client(
        "ldap", "ldapsearch", "-x", "-LLL", "-H", running.output("ldap"), "-b", "dc=shop,dc=test", check=False
    )
    assert "Ada" not in anonymous


def test_maildev_catches_mail(running: Running) -> None:
    parts = urlsplit(running.output("mail"))
    with smtplib.SMTP(parts.hostname or "", parts.port or 0, timeout=10) as smtp:
        smtp.sendmail("shop@example.org", ["ada@example.org"], "Subject: order 7\r\n\r\nThank you.")
    mails = json.loads(get(f"{running.output('mail', 'ui_url')}/email")[1])
    assert [mail["subject"] for mail in mails] == ["order 7"]


def test_verdaccio_takes_packages_and_gives_them(running: Running) -> None:
    assert package(running, "first", b"a package") == 201
    assert fetched(running, "first") == b"a package"


def test_azurite_takes_the_accounts_key_and_no_other(running: Running) -> None:
    assert blob(running, "PUT", "first", query="restype=container")[0] == 201
    assert blob(running, "PUT", "first/one", b"content")[0] == 201
    assert blob(running, "GET", "first/one") == (200, b"content")
    assert get(f"{running.output('blobs')}/first/one")[0] >= 400
    for service in ("queue_url", "table_url"):
        assert get(running.output("blobs", service) + "?comp=list")[0] >= 400


def test_wiremock_answers_by_stubs_and_passes_on_what_it_has_none_for(running: Running) -> None:
    assert get(running.output("payments") + "/charges/7") == (200, b"charged 7")
    assert get(running.output("payments") + "/refunds/7")[0] == 404
    assert get(running.output("recorded") + "/charges/8") == (200, b"charged 8")


def test_traefik_passes_on_and_takes_routes_from_a_file(running: Running) -> None:
    assert get(running.output("edge") + "/charges/7") == (200, b"charged 7")
    assert get(running.output("edge") + "/short") == (200, b"charged 9")
    assert get(running.output("edge", "dashboard_url"))[0] == 200


def test_temporal_has_its_namespace(running: Running) -> None:
    assert '"workflowId": "first"' in _started(running, "first")


def test_localstack_has_what_is_declared_and_nothing_else(running: Running) -> None:
    url = running.output("cloud")
    assert get(f"{url}/uploads/one", data=b"content", method="PUT")[0] == 200
    assert get(f"{url}/uploads/one") == (200, b"content")
    assert running.exec("cloud", "awslocal", "sqs", "list-queues").count("/000000000000/") == 2
    queue = f"{url}/queue/us-east-1/000000000000/orders"
    assert queue in get(f"{url}/?Action=GetQueueUrl&QueueName=orders")[1].decode(), "an address that works outside"
    published = ("sns", "publish", "--topic-arn", "arn:aws:sns:us-east-1:000000000000:placed", "--message", "order 7")
    running.exec("cloud", "awslocal", *published)
    assert "order 7" in get(f"{queue}?Action=ReceiveMessage&WaitTimeSeconds=5")[1].decode()
    tables = running.stack("exec", "cloud", "--", "awslocal", "dynamodb", "list-tables", code=None)
    assert "not enabled" in tables.stdout + tables.stderr


def _started(running: Running, name: str) -> str:
    return workflow(running, "start", "--type", "T", "--task-queue", "q", "--workflow-id", name, "--output", "json")


def test_every_one_stops_at_once_and_keeps_its_data(running: Running) -> None:
    """Comes last: it takes the stack down, keeping the volumes, and up again."""
    engine, stack = running.stack.engine, running.stack
    assert etcd(running, "put", {"key": "kept", "value": "etcd"})[0] == 200
    zookeeper(running, "create", "/kept", "zookeeper")
    entry = "dn: uid=kept,ou=people,dc=shop,dc=test\\nobjectClass: inetOrgPerson\\nuid: kept\\ncn: Kept\\nsn: Kept\\n"
    ldap(running, "ldapadd", entry=entry)
    assert package(running, "kept", b"verdaccio") == 201
    blob(running, "PUT", "kept", query="restype=container")
    assert blob(running, "PUT", "kept/one", b"azurite")[0] == 201
    stub = {"persistent": True, "request": {"urlPath": "/kept"}, "response": {"body": "wiremock"}}
    assert send(running.output("recorded", "admin_url") + "/mappings", stub)[0] == 201
    _started(running, "kept")

    def stop(item: tuple[str, dict[str, object]]) -> tuple[str, float, int]:
        service, container = item
        begun = time.monotonic()
        engine.docker("stop", str(container["Id"]))
        took = time.monotonic() - begun
        return service, took, int(engine.docker("inspect", "-f", "{{.State.ExitCode}}", str(container["Id"])))

    with ThreadPoolExecutor(3) as pool:
        stopped = list(pool.map(stop, engine.containers(stack.name).items()))
    assert not [s for s in stopped if s[2] == 137], "no service waits to be killed"
    stack("down")
    stack("up", "--yes")

    found: dict[str, Callable[[], object]] = {
        "etcd": lambda: etcd_value(running, "kept"),
        "zookeeper": lambda: "zookeeper" in zookeeper(running, "get", "/kept") and "zookeeper",
        "openldap": lambda: (
            "cn: Kept" in person(running, "kept") and "cn: Ada" in person(running, "ada") and "openldap"
        ),
        "verdaccio": lambda: fetched(running, "kept").decode(),
        "azurite": lambda: blob(running, "GET", "kept/one")[1].decode(),
        "wiremock": lambda: get(running.output("recorded") + "/kept")[1].decode(),
        "temporal": lambda: "kept" in workflow(running, "describe", "--workflow-id", "kept") and "temporal",
    }
    assert {server: look() for server, look in found.items()} == {server: server for server in found}
    assert "cn: Ada" in person(running, "ada"), "a seed is added once"


def test_the_other_settings_work_as_well(engine: Engine, devenv: Devenv, tmp_path: Path) -> None:
    with bring_up(OTHERWISE, FILES, engine, devenv, tmp_path) as other:
        admin = other.output("zk", "admin.url")
        wait_for(lambda: get(f"{admin}/commands/ruok")[0] == 200, 15)
        with connect(other.output("zk")) as wire:
            wire.sendall(b"conf")
            assert b"tickTime=1234" in wire.makefile("rb").read()
        assert package(other, "first", b"a package") == 401
        user = {"name": "ada", "password": "love-and-lace"}
        status, answer = send(other.output("npm") + "/-/user/org.couchdb.user:ada", user, method="PUT")
        assert status == 201, answer
        assert package(other, "first", b"a package", json.loads(answer)["token"]) == 201
        assert blob(other, "PUT", "first", query="restype=container")[0] == 201
        assert get(other.output("edge"))[0] == 404
        assert get(other.output("edge", "dashboard_url"))[0] == 200
