"""Every known cause, found in the words that real programs and engines say."""

import re
import struct
import time
from inspect import getsource

import pytest

from devenv.core.diagnosis import causes, peers, programs
from devenv.core.diagnosis.causes import known
from devenv.core.diagnosis.names import CAUSES
from devenv.core.diagnosis.programs import program_in
from devenv.core.diagnosis.rules import CODES, RULES
from devenv.core.diagnosis.symptoms import Facts, Known

RUNC = (
    "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: "
)
START = RUNC + "unable to start container process: "
ARM = b"\x7fELF\x02\x01\x01" + b"\0" * 9 + struct.pack("<HH", 2, 0xB7) + b"\0" * 40
AMD = b"\x7fELF\x02\x01\x01" + b"\0" * 9 + struct.pack("<HH", 2, 0x3E) + b"\0" * 40


def cause(*log: str, **more: object) -> Known:
    found = known(Facts("orders", log=log, **more))  # type: ignore[arg-type]
    assert found is not None, log
    assert 1 <= len(found.steps) <= 3
    assert "{" not in found.words + "".join(found.steps).replace("{{.Architecture}}", "")
    return found


@pytest.mark.parametrize(
    ("log", "words"),
    [
        (
            (
                "2025-11-23 16:40:11.123 UTC [1] FATAL:  database files are incompatible with server",
                "2025-11-23 16:40:11.123 UTC [1] DETAIL:  The data directory was initialized by PostgreSQL version 16, "
                "which is not compatible with this version 17.6 (Debian 17.6-0+deb13u1).",
            ),
            "data of PostgreSQL 16, and this is PostgreSQL 17",
        ),
        (
            ("FATAL:  database files are incompatible with server", "DETAIL:  CATALOG_VERSION_NO 202107181"),
            "another major version of PostgreSQL",
        ),
        (
            (
                "2024-05-02T09:00:00.1Z 1 [ERROR] [MY-013171] [InnoDB] Cannot boot server version 80036 on data "
                "directory built by version 80400. Downgrade is not supported",
                "mysqld: Can't open file: 'mysql.ibd' (errno: 0 - )",
            ),
            "MySQL 80400, which MySQL 80036",
        ),
        (
            (
                "[ERROR] [MY-014061] [Server] Invalid MySQL server downgrade: Cannot downgrade from 90001 to 80400. "
                "Target MySQL server version is lower than the current version",
            ),
            "MySQL 90001",
        ),
        (
            (
                "2021-10-30 22:05:27 0 [ERROR] InnoDB: Upgrade after a crash is not supported. "
                "The redo log was created with MariaDB 10.3.27.",
                "2021-10-30 22:05:27 0 [ERROR] InnoDB: Plugin initialization aborted with error Generic error",
                "2021-10-30 22:05:27 0 [ERROR] Unknown/unsupported storage engine: InnoDB",
            ),
            "data of MariaDB 10.3.27",
        ),
        (
            ("2019-08-08T13:26:37.8Z 0 [ERROR] InnoDB: Unsupported redo log format. The redo log was created before",),
            "another version of MariaDB or MySQL",
        ),
        (
            (
                "1:M 10 Jan 2024 08:00:00.000 # Can't handle RDB format version 12",
                "1:M 10 Jan 2024 08:00:00.000 # Fatal error loading the DB, check server logs. Exiting.",
            ),
            "RDB format 12",
        ),
        (
            (
                "2023-12-24 14:16:55.673611+02:00 [error] <0.234.0> Feature flags: `stream_single_active_consumer`: "
                "required feature flag not enabled! It must be enabled before upgrading RabbitMQ.",
                "BOOT FAILED",
            ),
            "older RabbitMQ",
        ),
        (
            (
                '{"t":{"$date":"2024-04-08T10:00:00.000+00:00"},"s":"F","c":"CONTROL","id":20573,"msg":"Wrong mongod '
                'version","attr":{"error":"UPGRADE PROBLEM: Found an invalid featureCompatibilityVersion document '
                '(ERROR: Location4926900: Invalid featureCompatibilityVersion document in admin.system.version"}}',
            ),
            "another major version of MongoDB",
        ),
        (
            (
                "java.lang.IllegalStateException: cannot upgrade a node from version [7.11.2] directly to version "
                "[8.0.0], upgrade to version [7.17.0] first.",
            ),
            "version 7.11.2, which version 8.0.0",
        ),
        (
            (
                "kafka.common.InconsistentClusterIdException: The Cluster ID abc doesn't match stored clusterId "
                "Some(def) in meta.properties.",
            ),
            "another Kafka cluster",
        ),
    ],
)
def test_data_of_another_version(log: tuple[str, ...], words: str) -> None:
    found = cause(*log, exit_code=1)
    assert found.name == "old-data"
    assert words in found.words
    assert any("deletes" in step for step in found.steps)


def test_the_version_that_opens_old_data_is_named_for_a_template() -> None:
    detail = "The data directory was initialized by PostgreSQL version 16, which is not compatible with"
    log = f"DETAIL:  {detail} this version 17.6"
    assert "`use: postgres@16`" in cause(log, template="postgres").steps[0]
    assert "use:" not in "".join(cause(log).steps)


@pytest.mark.parametrize(
    ("line", "name", "words"),
    [
        ("head: error writing 'standard output': No space left on device", "disk-full", "no space left"),
        ("Error: ENOSPC: no space left on device, write", "disk-full", "no space left"),
        (
            'PANIC:  could not write to file "pg_wal/xlogtemp.29": No space left on device',
            "disk-full",
            "no space left",
        ),
        (
            "Error: ENOSPC: System limit for number of file watchers reached, watch '/app/src'",
            "file-watchers",
            "watched files",
        ),
        (
            "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
            "heap-full",
            "memory limit",
        ),
        ('Exception in thread "main" java.lang.OutOfMemoryError: Java heap space', "heap-full", "memory limit"),
        ('FATAL:  password authentication failed for user "app"', "login-refused", "login was refused"),
        (
            "ERROR 1045 (28000): Access denied for user 'app'@'172.18.0.5' (using password: YES)",
            "login-refused",
            "login was refused",
        ),
        ("redis.exceptions.AuthenticationError: WRONGPASS invalid username-password pair", "login-refused", "login"),
        ("MongoServerError: Authentication failed.", "login-refused", "login"),
        (
            "ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN.",
            "login-refused",
            "login",
        ),
        (
            'exit,{5794,{error,{failed_to_import_definitions,"/etc/rabbitmq/definitions.d/00-declared.json",<<"{'
            'resources_missing,[{not_found,{resource,<<\\"/\\">>,exchange,<<\\"ordres\\">>}}]}">>}}},[{rabbit,start_it,1,',
            "undeclared",
            "the exchange 'ordres', which nobody declares",
        ),
        ("nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)", "port-inside", "in use already"),
        ("Error: listen EADDRINUSE: address already in use :::3000", "port-inside", "in use already"),
        ("OSError: [Errno 98] Address already in use", "port-inside", "in use already"),
        ("listen tcp :8080: bind: address already in use", "port-inside", "in use already"),
    ],
)
def test_what_a_log_says(line: str, name: str, words: str) -> None:
    found = cause("starting", line, "bye", exit_code=1)
    assert found.name == name
    assert words in found.words


@pytest.mark.parametrize(
    "line",
    [
        "cat: /etc/app.conf: Permission denied",
        "PermissionError: [Errno 13] Permission denied: '/etc/app.conf'",
        "Error: EACCES: permission denied, open '/etc/app.conf'",
        "panic: open /etc/app.conf: permission denied",
        'nginx: [emerg] open() "/etc/app.conf" failed (13: Permission denied)',
        "/run.sh: 3: /run.sh: cannot create /etc/app.conf: Permission denied",
    ],
)
def test_permission_on_what_is_mounted_names_the_file_on_this_machine(line: str) -> None:
    found = cause(line, exit_code=1, mounts={"/etc/app.conf": "/home/me/shop/app.conf"})
    assert found.name == "permission"
    what = "write to" if "create" in line else "use"
    assert found.words == f"it may not {what} /etc/app.conf, which is /home/me/shop/app.conf on this machine"
    assert re.search(r"`ls -ldn? /home/me/shop/app.conf`", found.steps[0])


def test_permission_below_a_mounted_folder_and_outside_of_every_mount() -> None:
    line = "mkdir: cannot create directory '/data/x': Permission denied"
    assert "/srv/d/x on this machine" in cause(line, mounts={"/data": "/srv/d/", "/d": "/no"}).words
    assert cause(line, mounts={"/dat": "/srv"}).words == "it may not use /data/x"


@pytest.mark.parametrize(
    "line",
    [
        "mkdir: cannot create directory '/data/x': Permission denied",
        "touch: cannot touch '/data/x': Permission denied",
        "/run.sh: 3: /run.sh: cannot create /data/x: Permission denied",
        "Error: EACCES: permission denied, mkdir '/data/x'",
        "GF_PATHS_DATA='/data/x' is not writable.",
    ],
)
def test_what_is_to_be_written_needs_other_rights_on_the_folder_that_it_is_in(line: str) -> None:
    found = cause(line, mounts={"/data": "/srv/d"}, user="1000:100")
    assert found.words == "it may not write to /data/x, which is /srv/d/x on this machine"
    assert found.steps[0].startswith("`ls -ldn /srv/d`")
    assert found.steps[1].startswith("`sudo chown -R 1000:100 /srv/d`")
    assert found.steps[2].startswith("`chmod -R a+rwX /srv/d`")
    named = cause(line, mounts={"/data": "/srv/d"}, user="app")
    assert not any("chown" in step for step in named.steps), "this machine knows other names"
    assert "yourself" in named.steps[2]


def test_who_wants_to_read_or_write_is_told_both_where_nobody_knows() -> None:
    found = cause("PermissionError: [Errno 13] Permission denied: '/data/create/x'", mounts={"/data": "/srv/d"})
    assert found.steps[1].startswith("`chmod a+rX /srv/d/create/x`")
    assert found.steps[2] == "if it writes there, `chmod -R a+rwX /srv/d/create` lets everybody do so"


def test_a_volume_is_given_to_the_containers_user() -> None:
    more = {"volumes": {"/data": "shop_data"}, "mounts": {"/": "/srv"}, "image": "app:1"}
    found = cause("touch: cannot touch '/data/x': Permission denied", user="app", **more)
    assert found.words == "it may not use /data/x, which is in the volume shop_data"
    command = "docker run --rm -u 0 -v shop_data:/data --entrypoint chown app:1 -R app /data"
    assert found.steps[0] == f"`{command}` gives the volume to its user"
    assert len(found.steps) == 3
    assert "chown" not in cause("cat: /data/x: Permission denied", **more).steps[0], "root has no need of it"


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("/src/run.sh: 2: set: Illegal option -", ("sh", "/other.sh")),
        ("/src/run.sh: line 2: $'foo\\r': command not found", ()),
        ("run.sh: line 1: set: pipefail\r: invalid option name", ("bash", "/src/run.sh")),
        ("env: 'bash\\r': No such file or directory", ("/src/run.sh",)),
    ],
)
def test_windows_line_ends_are_taken_out_of_the_script_that_is_mounted(line: str, command: tuple[str, ...]) -> None:
    found = cause(line, command=command, mounts={"/src": "/home/me"}, built=True)
    assert found.words.startswith("/src/run.sh has Windows line ends")
    assert found.steps[0] == "`sed -i 's/\\r$//' /home/me/run.sh` takes them out"
    assert found.steps[2] == "`devenv up` tries again"
    inside = cause(line, command=command, built=True)
    assert inside.steps[2] == "`devenv up --build` builds the image again"


@pytest.mark.parametrize(
    ("engine", "name", "words"),
    [
        (
            START + 'error during container init: error mounting "/home/me/app.conf" to rootfs at "/etc/passwd": mount '
            "/home/me/app.conf:/etc/passwd (via /proc/self/fd/6), flags: 0x5000: not a directory: unknown: Are you "
            "trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is "
            "the expected type",
            "mount-kind",
            "/home/me/app.conf is mounted on /etc/passwd",
        ),
        (
            'invalid mount config for type "bind": bind source path does not exist: /home/me/nope',
            "mount-missing",
            "/home/me/nope, which it mounts, is not there",
        ),
        ("unable to find user nobody2: no matching entries in passwd file", "user-missing", "'nobody2'"),
        (
            'could not select device driver "" with capabilities: [[gpu]]',
            "device-missing",
            "a device",
        ),
        (
            'error gathering device information while adding custom device "/dev/nope": no such file or directory',
            "device-missing",
            "a device",
        ),
        (
            START + 'exec: "nosuchcmd": executable file not found in $PATH: unknown',
            "command-missing",
            "no command 'nosuchcmd'",
        ),
        (START + 'exec: "/run.sh": permission denied: unknown', "not-executable", "/run.sh is not executable"),
        (
            START + 'exec: "/bin/nope": stat /bin/nope: no such file or directory: unknown',
            "command-missing",
            "no command '/bin/nope'",
        ),
        (START + 'exec: "/app": is a directory: unknown', "command-missing", "a folder, not a program"),
        (
            "image with reference a/b:1 was found but does not match the specified platform: "
            "wanted linux/arm64, actual: linux/amd64",
            "wrong-architecture",
            "a/b:1 is here for linux/amd64, and it is to run as linux/arm64",
        ),
        ('external volume "old" not found', "external-missing", "no volume old, which"),
        ("Error response from daemon: network old not found", "external-missing", "no network old, which"),
        (
            'network shop_default was found but has incorrect label com.docker.compose.network set to ""',
            "name-taken",
            "a network shop_default already",
        ),
        (
            "network old declared as external, but could not be found",
            "external-missing",
            "no network old, which",
        ),
        (
            'Error response from daemon: Conflict. The container name "/x" is already in use by container "abc".',
            "name-taken",
            "has the name x",
        ),
    ],
)
def test_what_the_engine_says(engine: str, name: str, words: str) -> None:
    found = cause(engine=engine)
    assert found.name == name
    assert words in found.words


@pytest.mark.parametrize(
    ("log", "code"),
    [
        (("env: 'sh\\r': No such file or directory", "env: use -[v]S to pass options in shebang lines"), 127),
        (("/run.sh: 1: set: Illegal option -",), 2),
        (("/run.sh: line 1: set: -\r: invalid option",), 2),
        (("/run.sh: line 2: $'foo\\r': command not found",), 127),
        (("/run.sh: 2: foo\r: not found",), 127),
        (("/bin/sh: ./run.sh: /bin/sh^M: bad interpreter: No such file or directory",), 126),
    ],
)
def test_windows_line_ends_that_a_shell_trips_over(log: tuple[str, ...], code: int) -> None:
    assert cause(*log, exit_code=code).name == "windows-line-ends"


@pytest.mark.parametrize(
    ("line", "program", "name", "words"),
    [
        (
            "exec /run.sh: no such file or directory",
            b"#!/bin/sh\r\necho\r\n",
            "windows-line-ends",
            "/run.sh has Windows",
        ),
        (
            "[FATAL tini (7)] exec /run.sh failed: No such file or directory",
            b"#!/bin/sh\r\n",
            "windows-line-ends",
            "/run.sh has Windows",
        ),
        ("exec /run.sh: no such file or directory", b"#!/bin/nope\n", "interpreter-missing", "wants /bin/nope"),
        ("exec /run.sh: no such file or directory", AMD, "loader-missing", "another C library"),
        ("exec /run.sh: no such file or directory", None, "command-missing", "no command '/run.sh'"),
        ("exec /run.sh: exec format error", b"echo hi\n", "no-shebang", "a script without a #! line"),
        ("exec /run.sh: exec format error", b"", "no-shebang", "is empty"),
        ("exec /run.sh: exec format error", b"\xef\xbb\xbf#!/bin/sh\n", "no-shebang", "a byte order mark"),
        (
            "exec /run.sh: exec format error",
            ARM,
            "wrong-architecture",
            "a program for arm64, and this machine is amd64",
        ),
        ("standard_init_linux.go:228: exec /run.sh: exec format error", None, "exec-format", "(amd64)"),
        ("exec /run.sh: exec format error", None, "exec-format", "without a #! line"),
        (
            "[FATAL tini (7)] exec /run.sh failed: Permission denied",
            None,
            "not-executable",
            "/run.sh is not executable",
        ),
        ("/run.sh: 1: \x7fELF\x02\x01\x01\x02M-7: not found", None, "wrong-architecture", "another architecture"),
        ("[FATAL tini (7)] exec nosuchcmd failed: No such file or directory", None, "command-missing", "'nosuchcmd'"),
        ("sh: 1: nosuchcmd: not found", None, "command-missing", "no command 'nosuchcmd'"),
        ("/run.sh: line 3: psql: command not found", None, "command-missing", "no command 'psql'"),
        ("sh: 1: exec: nosuch: not found", None, "command-missing", "no command 'nosuch'"),
        ("env: 'python': No such file or directory", None, "command-missing", "no command 'python'"),
    ],
)
def test_what_cannot_be_run(line: str, program: bytes | None, name: str, words: str) -> None:
    found = cause(line, exit_code=127, program=program, architecture="amd64")
    assert found.name == name
    assert words in found.words


def test_a_program_of_another_machine_is_built_where_it_comes_from() -> None:
    def steps(**more: object) -> tuple[str, ...]:
        return cause("exec /run: exec format error", program=ARM, architecture="amd64", **more).steps

    assert steps(mounts={"/run": "/home/me/run"}) == (
        "build /home/me/run for this machine",
        "`devenv up` tries again",
    )
    assert steps(image="shop/web", built=True)[1:] == (
        "`docker image inspect --format '{{.Architecture}}' shop/web` shows what its image is made for",
        "`devenv up --build` builds again",
    )
    assert steps(image="shop/web")[-1] == "`devenv up` tries again"


def test_a_command_of_a_setup_is_looked_for_in_the_setup() -> None:
    line = "/bin/sh: 2: nosuchcmd: not found"
    assert cause(line, exit_code=127).steps[0].startswith("check `command` and `entrypoint` of ")
    assert cause(line, exit_code=127, setup=True).steps[0].startswith("check `setup` of ")


def test_a_mounted_script_is_mended_on_this_machine_one_of_the_image_by_building() -> None:
    line = "exec /run.sh: no such file or directory"
    mounted = cause(line, program=b"#!/bin/sh\r\n", mounts={"/run.sh": "/srv/run.sh"})
    assert mounted.steps[0] == "`sed -i 's/\\r$//' /srv/run.sh` takes them out"
    assert mounted.steps[2] == "`devenv up` tries again"
    assert "--build" in cause(line, program=b"#!/bin/sh\r\n", built=True).steps[2]
    assert cause(line, program=b"#!/bin/sh\r\n").steps[2] == "`devenv up` tries again"


def test_the_program_that_could_not_be_run() -> None:
    assert program_in(START + 'exec: "./run.sh": permission denied: unknown') == "./run.sh"
    assert program_in("exec /run.sh: exec format error") == "/run.sh"
    assert program_in("all is well") is None


NEEDS = {"services": ("db", "orders", "web"), "ports": {5432: "db", 8080: "web"}}


@pytest.mark.parametrize(
    "line",
    [
        'psycopg.OperationalError: could not translate host name "db" to address: Name or service not known',
        "Error: getaddrinfo ENOTFOUND db",
        "Error: getaddrinfo EAI_AGAIN db",
        "dial tcp: lookup db on 127.0.0.11:53: no such host",
        "java.net.UnknownHostException: db: Name or service not known",
        "curl: (6) Could not resolve host: db",
        "php_network_getaddresses: getaddrinfo for db failed: Name or service not known",
        "ERROR 2005 (HY000): Unknown MySQL server host 'db' (-2)",
        "nc: bad address 'db'",
        'nginx: [emerg] host not found in upstream "db" in /etc/nginx/conf.d/default.conf:3',
        "ping: db: Name or service not known",
        'psql: error: connection to server at "db" (172.18.0.2), port 5432 failed: Connection refused',
        "dial tcp 172.18.0.2:5432: connect: connection refused",
        "Error: connect ECONNREFUSED 172.18.0.2:5432",
        "ERROR 2003 (HY000): Can't connect to MySQL server on 'db:3306' (111)",
        "curl: (7) Failed to connect to db port 5432 after 0 ms: Couldn't connect to server",
        "org.postgresql.util.PSQLException: Connection to db:5432 refused. Check that the hostname is correct",
        "redis.exceptions.ConnectionError: Error 111 connecting to db:6379. Connection refused.",
        "HTTPConnectionPool(host='db', port=5432): Max retries exceeded (Caused by: [Errno 111] Connection refused)",
        "Could not connect to Redis at db:6379: Connection refused",
    ],
)
def test_a_need_that_nobody_wrote_down_is_named(line: str) -> None:
    found = cause(line, exit_code=1, **NEEDS)
    assert found.name == "missing-need"
    assert found.words == "it connects to db, but does not need it"
    assert "`needs: [db]`" in found.steps[0]


def test_a_need_that_does_not_answer() -> None:
    refused = 'connection to server at "db" (172.18.0.2), port 5432 failed: Connection refused'
    assert cause(refused, needs=frozenset({"db"}), **NEEDS).words == "db, which it needs, refused the connection"
    wrong = "dial tcp: connect to db:5433: connection refused"
    found = cause(wrong, needs=frozenset({"db"}), **NEEDS)
    assert found.words == "it connects to port 5433 of db, which has 5432"
    assert cause("getaddrinfo ENOTFOUND db", needs=frozenset({"db"}), **NEEDS).name == "name-not-found"


def test_localhost_inside_a_container() -> None:
    found = cause("Error: connect ECONNREFUSED 127.0.0.1:5432", **NEEDS)
    assert found.name == "localhost"
    assert "`db:5432`" in found.steps[0]
    assert known(Facts("orders", log=("connect ECONNREFUSED 127.0.0.1:9",), **NEEDS)) is None  # type: ignore[arg-type]


def test_a_name_that_no_service_has() -> None:
    found = cause("getaddrinfo ENOTFOUND dbs", **NEEDS)
    assert found.words == "it looks for 'dbs', and no service of this stack is called so"
    assert found.steps == ("did you mean 'db'?", "services are reached by their names: db, web")
    assert "api.example.com" in cause("getaddrinfo ENOTFOUND api.example.com", **NEEDS).words


@pytest.mark.parametrize(
    ("code", "name"),
    [(127, "command-missing"), (126, "not-executable"), (137, "killed"), (139, "crashed"), (143, "stopped")],
)
def test_an_exit_code_alone(code: int, name: str) -> None:
    assert cause("nothing to see", exit_code=code).name == name


@pytest.mark.parametrize(
    "line", ["listening on 8080", "Connection refused", "file not found", "404: page not found", "exit 1", ""]
)
def test_what_says_nothing_has_no_cause(line: str) -> None:
    assert known(Facts("orders", exit_code=1, log=(line,), **NEEDS)) is None  # type: ignore[arg-type]


def test_an_early_try_that_failed_is_not_the_cause() -> None:
    log = ("getaddrinfo ENOTFOUND db", *(f"line {n}" for n in range(30)))
    assert known(Facts("orders", exit_code=1, log=log, **NEEDS)) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "probe",
    [
        START + 'exec: "curl": executable file not found in $PATH: unknown',
        "/bin/sh: 1: curl: not found",
        "bash: line 1: curl: command not found\n",
    ],
)
def test_a_health_check_whose_program_is_not_in_the_image(probe: str) -> None:
    found = cause("listening", probe=probe)
    assert (found.name, found.words) == ("probe-missing", "its health check runs 'curl', which its image does not have")
    assert known(Facts("web", probe="curl: (22) The requested URL returned error: 404 Not Found")) is None
    assert known(Facts("web", probe="relation orders: not found here")) is None


def test_a_network_that_only_an_id_names_is_not_an_external_one() -> None:
    assert known(Facts("web", engine=f"network {'a1' * 32} not found")) is None


def test_paths_with_blanks_are_one_word_of_a_command() -> None:
    mounted = {"mounts": {"/data": "/home/me/my shop"}}
    steps = cause("mkdir: cannot create directory '/data/x': Permission denied", **mounted).steps
    assert steps[0].startswith("`ls -ldn '/home/me/my shop'` ")
    steps = cause("/data/run.sh: 2: set: Illegal option -", **mounted).steps
    assert steps[0] == "`sed -i 's/\\r$//' '/home/me/my shop/run.sh'` takes them out"


@pytest.mark.parametrize("line", ["x" * 20_000, "/a" * 10_000, "mkdir " + "/a:" * 5_000, "./" * 10_000])
def test_a_line_takes_no_square_of_its_length(line: str) -> None:
    begun = time.process_time()
    known(Facts("web", exit_code=127, log=(line,), engine=line, probe=line))
    assert time.process_time() - begun < 2


def test_a_process_that_the_kernel_ended_counts_more_than_the_log() -> None:
    found = cause("web: connect ECONNREFUSED db:5432", starved=True)
    assert (found.name, found.steps[0][:20]) == ("memory", "give orders more mem")


def test_every_cause_has_a_meaning_and_every_meaning_a_cause() -> None:
    written = {
        name for module in (causes, programs, peers) for name in re.findall(r'Known\(\s*"([a-z-]+)"', getsource(module))
    }
    assert written | {rule.name for rule in (*RULES, *CODES)} | {"port-taken"} == set(CAUSES)


def test_every_rule_can_be_told() -> None:
    for rule in (*RULES, *CODES):
        assert rule.name and rule.words and rule.steps
        assert rule.patterns or rule.codes
