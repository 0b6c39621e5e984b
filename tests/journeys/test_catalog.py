"""The catalog's services that Debian can supply, for real: up, used from outside by URL, stopped, found again."""

from __future__ import annotations

import http.client
import json
import re
import struct
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

import pytest

from tests.conftest import Devenv
from tests.journeys.catalogs import Running, bring_up, connect, get
from tests.journeys.conftest import Stack
from tests.journeys.engines import Engine, wait_for

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("base_image")]

MANIFEST = """\
devenv: 1
name: NAME
services:
  pg:
    use: postgres
    with:
      database: shop
      seed: ./pg.sql
      extensions: [pgcrypto, pg_trgm]
      max_connections: 42
      wal_level: logical
  maria:
    use: mariadb
    with: { database: shop_db, seed: ./maria.sql, binlog: true, max_connections: 43 }
  redis:
    use: redis
    with: { maxmemory: 8mb, persistence: aof, notifications: Ex }
  valkey:
    use: valkey
    with: { maxmemory: 8mb, eviction: noeviction }
  memcached:
    use: memcached
    with: { memory: 8, eviction: false, max_item_size: 2mb }
  rabbit:
    use: rabbitmq
    with:
      definitions: ./definitions.json
      exchanges: [events, { name: dead, type: fanout }]
      queues: [billing, { name: mail, arguments: { x-queue-type: quorum, x-dead-letter-exchange: dead } }]
      bindings: [{ from: events, to: billing, key: order.placed }, { from: events, to: dead, kind: exchange }]
  nats:
    use: nats
    with:
      max_payload: 64kb
      streams: [EVENTS, { name: ORDERS, subjects: ["orders.>", "returns.*"], storage: memory, max_age: 7d }]
  mqtt:
    use: mosquitto
    with: { websockets: true }
  metrics:
    use: prometheus
    with: { targets: ["${rabbit.host}:15692"], scrape_interval: 1s, retention: 2d }
  files:
    use: nginx
    with: { root: ./public, max_body: 1mb }
  proxy:
    use: nginx
    with: { upstream: "${metrics.url}" }
  admin:
    use: adminer
    with: { server: "${pg.host}", user: "${pg.user}", database: "${pg.database}" }
  pgadmin:
    use: pgadmin
    with: { server: "${pg.host}", user: "${pg.user}", database: "${pg.database}" }
"""

OTHERWISE = """\
devenv: 1
name: NAME
services:
  redis:
    use: redis
    with: { persistence: none, config: ./redis.conf, maxmemory: 16mb }
  valkey:
    use: valkey
    with: { persistence: aof, config: ./redis.conf, databases: 3 }
  memcached:
    use: memcached
    with: { memory: 8 }
  rabbit:
    use: rabbitmq
    with: { vhost: orders, user: someone, management: false, config: ./rabbitmq.conf }
  nats:
    use: nats
    with: { jetstream: false, login: false }
  mqtt:
    use: mosquitto
    with: { anonymous: true, persistence: false, config: ./mosquitto.conf }
  metrics:
    use: prometheus
    with: { config: ./prometheus.yml }
  ruled:
    use: prometheus
    with: { rules: ./rules.yml, scrape_interval: 1s }
  proxy:
    use: nginx
    with: { config: ./server.conf }
  pgadmin:
    use: pgadmin
    with: { login: true, email: ada@example.org, servers: ./servers.json }
"""

FILES = {
    "servers.json": json.dumps(
        {
            "Servers": {
                "1": {
                    "Name": "elsewhere",
                    "Group": "ours",
                    "Host": "db.example.org",
                    "Port": 5433,
                    "MaintenanceDB": "shop",
                    "Username": "ada",
                }
            }
        }
    ),
    "pg.sql": "create table seeded (x int); insert into seeded select generate_series(1, 100);",
    "maria.sql": "create table seeded (x int); insert into seeded values (1), (2), (3);",
    "definitions.json": json.dumps(
        {"queues": [{"name": "orders", "vhost": "/", "durable": True, "auto_delete": False, "arguments": {}}]}
    ),
    "public/hello.txt": "hello from a file",
    "redis.conf": "maxclients 77\n",
    "rabbitmq.conf": "heartbeat = 17\n",
    "mosquitto.conf": "max_keepalive 99\n",
    "prometheus.yml": "scrape_configs: [{job_name: own, static_configs: [{targets: [localhost:9090]}]}]\n",
    "rules.yml": "groups: [{name: g, rules: [{record: answer, expr: vector(42)}]}]\n",
    "server.conf": "server { listen 80; return 200 own; }\n",
}


@pytest.fixture(scope="module")
def running(engine: Engine, devenv: Devenv, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with bring_up(MANIFEST, FILES, engine, devenv, tmp_path_factory.mktemp("catalog")) as one:
        yield one


def psql(running: Running, sql: str) -> str:
    return running.client("pg", "psql", running.output("pg"), "-tAc", sql).strip()


def maria(running: Running, sql: str) -> str:
    url = urlsplit(running.output("maria"))
    where = (f"-h{url.hostname}", f"-P{url.port}", f"-u{url.username}", f"-p{url.password}")
    return running.client("maria", "mariadb", "--protocol=tcp", *where, "-NBe", sql, url.path[1:]).strip()


def redis(running: Running, service: str, *command: str) -> str:
    url = running.output(service)
    return running.client(service, f"{service}-cli", "-u", url, "--no-auth-warning", *command).strip()


def mqtt(running: Running, program: str, *arguments: str) -> str:
    return running.client("mqtt", program, "-L", running.output("mqtt") + "/devenv/test", *arguments)


class Nats:
    """A NATS client: just enough of the text protocol to ask and be answered."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.socket = connect(url)
        self.lines = self.socket.makefile("rwb")
        assert self.lines.readline().startswith(b"INFO ")
        self.send(f'CONNECT {{"verbose":false,"user":"{parts.username}","pass":"{parts.password}"}}')
        self.send("SUB inbox 1")
        self.send("PING")
        assert self.lines.readline() == b"PONG\r\n"

    def send(self, line: str, payload: bytes | None = None) -> None:
        self.lines.write(line.encode() + b"\r\n" + (b"" if payload is None else payload + b"\r\n"))
        self.lines.flush()

    def ask(self, subject: str, payload: bytes = b"") -> dict[str, object]:
        """The answer to a request."""
        self.send(f"PUB {subject} inbox {len(payload)}", payload)
        header = self.lines.readline().split()
        assert header[0] == b"MSG", header
        answer = self.lines.read(int(header[-1]) + 2)
        return dict(json.loads(answer))


def amqp_login(url: str) -> bytes:
    """Logs in with user, password and virtual host of an AMQP 0-9-1 URL; the class and method of the last answer."""
    parts = urlsplit(url)
    with connect(url) as wire:
        stream = wire.makefile("rwb")

        def method() -> bytes:
            _, _, size = struct.unpack(">BHI", stream.read(7))
            return bytes(stream.read(size + 1)[:4])

        def send(payload: bytes) -> None:
            stream.write(struct.pack(">BHI", 1, 0, len(payload)) + payload + b"\xce")
            stream.flush()

        stream.write(b"AMQP\x00\x00\x09\x01")
        stream.flush()
        assert method() == struct.pack(">HH", 10, 10)
        login = f"\0{unquote(parts.username or '')}\0{unquote(parts.password or '')}".encode()
        send(struct.pack(">HHI", 10, 11, 0) + b"\x05PLAIN" + struct.pack(">I", len(login)) + login + b"\x05en_US")
        assert method() == struct.pack(">HH", 10, 30), "the login was refused"
        send(struct.pack(">HHHIH", 10, 31, 2047, 131072, 0))
        vhost = unquote(parts.path[1:]).encode()
        send(struct.pack(">HHB", 10, 40, len(vhost)) + vhost + b"\0\0")
        return method()


def rabbit_api(running: Running, path: str, body: dict[str, object] | None = None) -> object:
    login = f"{running.output('rabbit', 'user')}:{running.output('rabbit', 'password')}"
    data = None if body is None else json.dumps(body).encode()
    status, answer = get(running.output("rabbit", "management.url") + path, data=data, login=login)
    assert status == 200, (status, answer)
    return json.loads(answer)


def prometheus(running: Running, query: str) -> list[dict[str, list[object]]]:
    _, answer = get(f"{running.output('metrics')}/api/v1/query?query={query}")
    return list(json.loads(answer)["data"]["result"])


def test_postgres_has_its_seed_extensions_and_limits(running: Running) -> None:
    assert psql(running, "select count(*) from seeded") == "100"
    assert psql(running, "select encode(digest('a', 'md5'), 'hex'), similarity('a', 'a')").startswith("0cc175b9")
    assert psql(running, "show max_connections") == "42"
    assert psql(running, "show wal_level") == "logical"
    assert psql(running, "select datcollate from pg_database limit 1") == "en_US.utf8"
    wrong = running.output("pg").replace(running.output("pg", "password"), "wrong")
    assert running.client("pg", "psql", wrong, "-c", "select 1", check=False) == ""


def test_mariadb_has_its_seed_and_limits_and_lets_nobody_in_without_a_password(running: Running) -> None:
    assert maria(running, "select count(*) from seeded") == "3"
    assert maria(running, "select @@max_connections, @@log_bin, @@binlog_format") == "43\t1\tROW"
    assert maria(running, "show databases like 'test'") == ""
    url = urlsplit(running.output("maria"))
    where = ("--protocol=tcp", f"-h{url.hostname}", f"-P{url.port}")
    assert running.client("maria", "mariadb", *where, "-uroot", "-e", "select 1", check=False) == ""
    root = ("-uroot", f"-p{running.output('maria', 'root_password')}")
    assert running.client("maria", "mariadb", *where, *root, "-NBe", "select 1").strip() == "1"
    # The root of the container itself, too, needs the password.
    inside = running.exec("maria", "sh", "-c", "mariadb -h127.0.0.1 -uroot -e 'select 1' 2>&1 || true")
    assert "Access denied" in inside


def fill(running: Running, service: str) -> str:
    """Writes 40 MB into a store of 8 MB, a key at a time."""
    script = "redis.call('set', 'k' .. redis.call('incr', 'n'), string.rep('x', 100000))"
    return redis(running, service, "-r", "400", "eval", script, "0")


def test_redis_evicts_when_its_memory_is_full(running: Running) -> None:
    assert redis(running, "redis", "config", "get", "notify-keyspace-events").split()[-1] == "xE"
    assert "OOM" not in fill(running, "redis")
    assert 10 < int(redis(running, "redis", "dbsize")) < 100
    stats = redis(running, "redis", "info", "stats").split()
    evicted = next(line for line in stats if line.startswith("evicted_keys:"))
    assert int(evicted.partition(":")[2]) > 100


def test_valkey_refuses_writes_when_its_memory_is_full(running: Running) -> None:
    assert "OOM" in fill(running, "valkey")
    assert 10 < int(redis(running, "valkey", "dbsize")) < 100
    assert "NOAUTH" in running.client("valkey", "valkey-cli", "-p", running.output("valkey", "port"), "dbsize")


def test_memcached_stores_up_to_its_memory(running: Running) -> None:
    with connect(running.output("memcached")) as wire:
        stream = wire.makefile("rwb")

        def store(key: str, value: bytes) -> bytes:
            stream.write(f"set {key} 0 0 {len(value)}\r\n".encode() + value + b"\r\n")
            stream.flush()
            return stream.readline()

        assert store("one", b"1") == b"STORED\r\n"
        assert store("large", b"x" * 1_500_000) == b"STORED\r\n"
        answers = {store(f"k{i}", b"x" * 100_000) for i in range(150)}
        assert any(b"out of memory" in answer for answer in answers), answers
        stream.write(b"get one\r\n")
        stream.flush()
        assert stream.readline() == b"VALUE one 0 1\r\n"


def test_rabbitmq_takes_the_url_and_has_imported_its_definitions(running: Running) -> None:
    assert amqp_login(running.output("rabbit")) == struct.pack(">HH", 10, 41)
    queues = rabbit_api(running, "/api/queues/%2F")
    assert isinstance(queues, list)
    assert {q["name"]: q["type"] for q in queues} == {"orders": "classic", "billing": "classic", "mail": "quorum"}


def test_rabbitmq_has_what_is_declared(running: Running) -> None:
    exchanges = rabbit_api(running, "/api/exchanges/%2F")
    assert isinstance(exchanges, list)
    own = {e["name"]: e["type"] for e in exchanges if not e["name"].startswith("amq.") and e["name"]}
    assert own == {"events": "topic", "dead": "fanout"}
    bindings = rabbit_api(running, "/api/exchanges/%2F/events/bindings/source")
    assert isinstance(bindings, list)
    routes = {(b["destination_type"], b["destination"], b["routing_key"]) for b in bindings}
    assert routes == {("queue", "billing", "order.placed"), ("exchange", "dead", "#")}
    mail = rabbit_api(running, "/api/queues/%2F/mail")
    assert isinstance(mail, dict) and mail["arguments"]["x-dead-letter-exchange"] == "dead"


def test_nats_has_the_streams_that_are_declared(running: Running) -> None:
    nats = Nats(running.output("nats"))
    orders = nats.ask("$JS.API.STREAM.INFO.ORDERS")["config"]
    assert isinstance(orders, dict)
    assert (orders["subjects"], orders["storage"]) == (["orders.>", "returns.*"], "memory")
    assert orders["max_age"] == 7 * 86400 * 10**9
    events = nats.ask("$JS.API.STREAM.INFO.EVENTS")["config"]
    assert isinstance(events, dict) and (events["subjects"], events["storage"]) == (["EVENTS"], "file")


def test_nats_takes_the_url_and_bounds_messages(running: Running) -> None:
    nats = Nats(running.output("nats"))
    nats.send("PUB big 70000", b"x" * 70_000)
    assert b"Maximum Payload Violation" in nats.lines.readline()
    status, _ = get(running.output("nats", "monitor.url") + "/jsz")
    assert status == 200


def test_mosquitto_takes_the_url_and_websockets_and_nobody_without_a_password(running: Running) -> None:
    mqtt(running, "mosquitto_pub", "-m", "hello", "-r")
    assert mqtt(running, "mosquitto_sub", "-C", "1", "-W", "5") == "hello\n"
    port = running.output("mqtt", "port")
    assert "not authorised" in running.client("mqtt", "sh", "-c", f"mosquitto_pub -p {port} -t a -m b 2>&1 || true")
    web = http.client.HTTPConnection("127.0.0.1", int(running.output("mqtt", "websockets.port")), timeout=5)
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}
    web.request("GET", "/mqtt", headers={**upgrade, "Sec-WebSocket-Version": "13", "Sec-WebSocket-Protocol": "mqtt"})
    assert web.getresponse().status == 101


def test_prometheus_scrapes_its_targets(running: Running) -> None:
    wait_for(lambda: any(r["value"][1] == "1" for r in prometheus(running, 'up{job="services"}')), 15)
    _, flags = get(running.output("metrics") + "/api/v1/status/flags")
    assert json.loads(flags)["data"]["storage.tsdb.retention.time"] == "2d"


def test_nginx_serves_files_and_passes_on(running: Running) -> None:
    assert get(running.output("files") + "/hello.txt") == (200, b"hello from a file")
    assert get(running.output("files") + "/absent")[0] == 404
    assert get(running.output("files") + "/hello.txt", data=b"x" * 1_500_000, method="POST")[0] == 413
    assert get(running.output("proxy") + "/-/ready")[0] == 200


def test_adminer_proposes_the_server_and_logs_in_with_its_password(running: Running) -> None:
    page = get(running.output("admin"))[1].decode()
    assert 'value="pg"' in page
    assert 'value="app"' in page

    def log_in(password: str) -> bytes:
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        form = {"driver": "pgsql", "server": "pg", "username": "app", "password": password, "db": "shop"}
        data = urlencode({f"auth[{name}]": value for name, value in form.items()}).encode()
        with opener.open(running.output("admin"), data, timeout=10) as answer:
            return bytes(answer.read())

    assert b'name="logout"' in log_in(running.output("pg", "password"))


class PgAdmin:
    """A browser on pgAdmin's page, logged in with `login` where one is asked for."""

    def __init__(self, url: str, login: dict[str, str] | None = None) -> None:
        self._url = url
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self._token = ""
        if login:
            form = re.search(r'csrfToken": "([^"]+)"', self._read("/login"))
            assert form
            self._read("/authenticate/login", {**login, "csrf_token": form[1], "internal_button": "Login"})
        found = re.search(r"csrf_token'\] = '([^']+)'", self._read("/browser/js/utils.js"))
        assert found, "nobody is logged in"
        self._token = found[1]

    def ask(self, path: str, form: dict[str, str] | None = None) -> dict[str, Any]:
        answer = json.loads(self._read(path, form))
        assert isinstance(answer, dict)
        return answer

    def _read(self, path: str, form: dict[str, str] | None = None) -> str:
        data = urlencode(form).encode() if form else None
        request = urllib.request.Request(self._url + path, data, {"X-pgA-CSRFToken": self._token})
        try:
            with self._opener.open(request, timeout=30) as answer:
                return str(answer.read(), "utf-8")
        except urllib.error.HTTPError as problem:
            return str(problem.read(), "utf-8")


def pgadmin_database(running: Running) -> object:
    """The database to which pgAdmin is led by the server that it had from the start."""
    connected = PgAdmin(running.output("pgadmin")).ask(
        "/browser/server/connect/1/1", {"password": running.output("pg", "password")}
    )
    return connected["data"]["db"] if connected["success"] else connected["result"]


def pgadmin_servers(browser: PgAdmin) -> set[tuple[str, str]]:
    """Groups and servers; a group without servers is not looked at."""
    groups = {one["_id"]: one["label"] for one in browser.ask("/browser/nodes/")["data"]}
    lists = {label: browser.ask(f"/browser/server/nodes/{number}/")["result"] for number, label in groups.items()}
    return {(label, server["label"]) for label, servers in lists.items() for server in servers or ()}


def test_pgadmin_has_the_server_and_connects_with_its_password(running: Running) -> None:
    assert pgadmin_database(running) == "shop"
    wrong = PgAdmin(running.output("pgadmin")).ask("/browser/server/connect/1/1", {"password": "wrong"})
    assert (wrong["success"], "password authentication failed" in wrong["result"]["errmsg"]) == (0, True)


def test_every_one_stops_at_once_and_keeps_its_data(running: Running) -> None:
    """Comes last: it takes the stack down, keeping the volumes, and up again."""
    engine, stack = running.stack.engine, running.stack
    psql(running, "create table kept as select 'pg' as x")
    maria(running, "create table kept as select 'maria' as x")
    redis(running, "redis", "set", "kept", "redis")
    redis(running, "valkey", "flushall")
    redis(running, "valkey", "set", "kept", "valkey")
    mqtt(running, "mosquitto_pub", "-m", "mqtt", "-r", "-q", "1")
    message = {"routing_key": "orders", "payload": "rabbit", "payload_encoding": "string"}
    kept = {**message, "properties": {"delivery_mode": 2}}
    assert rabbit_api(running, "/api/exchanges/%2F/amq.default/publish", kept) == {"routed": True}
    nats = Nats(running.output("nats"))
    assert "error" not in nats.ask("$JS.API.STREAM.CREATE.S", b'{"name":"S","subjects":["s.>"],"storage":"file"}')
    assert nats.ask("s.one", b"nats")["seq"] == 1
    nats.socket.close()
    then = time.time()
    before = prometheus(running, f"prometheus_build_info&time={then}")

    def stop(item: tuple[str, dict[str, object]]) -> tuple[str, float, int]:
        service, container = item
        begun = time.monotonic()
        engine.docker("stop", str(container["Id"]))
        took = time.monotonic() - begun
        return service, took, int(engine.docker("inspect", "-f", "{{.State.ExitCode}}", str(container["Id"])))

    with ThreadPoolExecutor(3) as pool:
        stopped = list(pool.map(stop, engine.containers(stack.name).items()))
    assert not [s for s in stopped if s[1] > 6], "no service waits to be killed"
    assert not [s for s in stopped if s[2] != 0], "every service ends well"
    stack("down")
    stack("up", "--yes")

    found: dict[str, Callable[[], object]] = {
        "pg": lambda: psql(running, "select x from kept"),
        "maria": lambda: maria(running, "select x from kept"),
        "redis": lambda: redis(running, "redis", "get", "kept"),
        "valkey": lambda: redis(running, "valkey", "get", "kept"),
        "mqtt": lambda: mqtt(running, "mosquitto_sub", "-C", "1", "-W", "5").strip(),
        "rabbit": lambda: _message(running),
        "nats": lambda: Nats(running.output("nats")).ask("$JS.API.STREAM.INFO.S")["state"]["messages"],  # type: ignore[index]
        "pgadmin": lambda: pgadmin_database(running),
        "metrics": lambda: prometheus(running, f"prometheus_build_info&time={then}") == before != [],
    }
    assert {service: look() for service, look in found.items()} == {
        **{name: name for name in ("pg", "maria", "redis", "valkey", "mqtt", "rabbit")},
        "nats": 1,
        "pgadmin": "shop",
        "metrics": True,
    }
    assert psql(running, "select count(*) from seeded") == "100", "a seed is run once"
    assert pgadmin_servers(PgAdmin(running.output("pgadmin"))) == {("devenv", "pg")}, "and so are servers added once"


def _message(running: Running) -> object:
    wanted: dict[str, object] = {"count": 1, "ackmode": "ack_requeue_false", "encoding": "auto"}
    messages = rabbit_api(running, "/api/queues/%2F/orders/get", wanted)
    assert isinstance(messages, list)
    return messages[0]["payload"] if messages else None


def test_the_other_settings_work_as_well(engine: Engine, devenv: Devenv, tmp_path: Path) -> None:
    with bring_up(OTHERWISE, FILES, engine, devenv, tmp_path) as other:
        assert redis(other, "redis", "config", "get", "maxclients").split()[1] == "77"
        assert redis(other, "redis", "config", "get", "maxmemory").split()[1] == "16777216"
        assert redis(other, "redis", "config", "get", "save").split() == ["save"], "nothing is saved"
        assert redis(other, "valkey", "config", "get", "maxclients").split()[1] == "77"
        assert redis(other, "valkey", "config", "get", "appendonly").split()[1] == "yes"
        assert redis(other, "valkey", "config", "get", "databases").split()[1] == "3"
        with connect(other.output("memcached")) as wire:
            stream = wire.makefile("rwb")
            for i in range(150):
                stream.write(f"set k{i} 0 0 100000\r\n".encode() + b"x" * 100_000 + b"\r\n")
                stream.flush()
                assert stream.readline() == b"STORED\r\n", "what was not used for longest makes room"
        assert other.output("rabbit").endswith("/orders")
        assert "//someone:" in other.output("rabbit")
        assert amqp_login(other.output("rabbit")) == struct.pack(">HH", 10, 41)
        assert "17" in other.exec("rabbit", "rabbitmqctl", "eval", "application:get_env(rabbit, heartbeat).")
        ports = engine.containers(other.stack.name)["rabbit"]["HostConfig"]["PortBindings"]
        assert list(ports) == ["5672/tcp"]
        told = json.loads(get(other.output("nats", "monitor.url") + "/varz")[1])
        assert (told.get("jetstream", {}), told.get("auth_required", False)) == ({}, False)
        port = other.output("mqtt", "port")
        anybody = ("-u", "anybody", "-P", "anything")
        other.client("mqtt", "mosquitto_pub", "-p", port, *anybody, "-t", "a", "-m", "b", "-r")
        assert other.client("mqtt", "mosquitto_sub", "-p", port, "-t", "a", "-C", "1", "-W", "5") == "b\n"
        assert _jobs(other) == {"own"}
        wait_for(lambda: _value(other, "ruled", "answer") == "42", 15)
        assert get(other.output("proxy"))[1] == b"own"
        login = {"email": "ada@example.org", "password": other.output("pgadmin", "password")}
        assert pgadmin_servers(PgAdmin(other.output("pgadmin"), login)) == {("ours", "elsewhere")}
        for nobody in (None, {**login, "password": "wrong"}):
            with pytest.raises(AssertionError, match="nobody is logged in"):
                PgAdmin(other.output("pgadmin"), nobody)


def _jobs(running: Running) -> set[str]:
    _, answer = get(running.output("metrics") + "/api/v1/targets")
    return {target["labels"]["job"] for target in json.loads(answer)["data"]["activeTargets"]}


def _value(running: Running, service: str, query: str) -> object:
    _, answer = get(f"{running.output(service)}/api/v1/query?query={query}")
    found = json.loads(answer)["data"]["result"]
    return found[0]["value"][1] if found else None


BROKEN = """\
devenv: 1
name: NAME
services:
  {name}:
    use: {name}
    with: {{ seed: ./seed.sql }}
"""


@pytest.mark.parametrize("name", ["postgres", "mariadb"])
def test_a_seed_that_fails_fails_the_start_and_is_run_again_when_it_is_mended(
    name: str, stack_of: Callable[[str], Stack]
) -> None:
    stack = stack_of(BROKEN.format(name=name))
    seed = stack.folder / "seed.sql"
    seed.write_text("create table one (x int); insert into missing values (1);", "utf-8")
    failed = stack("up", "--yes", code=5)
    assert "missing" in failed.stderr, "the database's own words are shown"
    seed.write_text("create table one (x int); insert into one values (7);", "utf-8")
    stack("up", "--yes")
    running = Running(stack)
    client = ("psql", "-tAc") if name == "postgres" else ("sh", "-c")
    query = "select x from one"
    asked = query if name == "postgres" else f'mariadb -uapp -p"$MARIADB_PASSWORD" app -NBe "{query}"'
    assert running.exec(name, *client, asked).strip() == "7"
