import shlex
import time

import pytest

from devenv.model import secrecy

GITHUB = "ghp_" + "a1" * 20
AWS = "AKIA" + "Q7RT5WBX2LKM9PZD"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIBabc\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("environment.LEVEL", "info", "info"),
        ("environment.API_TOKEN", "abc", "(secret)"),
        ("environment.API_TOKEN", "${TOKEN}", "${TOKEN}"),
        ("environment.API_TOKEN", "${TOKEN:-abc}", "${TOKEN:-(secret)}"),
        ("environment.PASSWORD_FILE", "/run/secrets/password", "/run/secrets/password"),
        ("environment.URL", "postgres://me:abc@db/x", "postgres://me:(secret)@db/x"),
        ("environment.URL", "postgres://me:${PASSWORD}@db/x", "postgres://me:${PASSWORD}@db/x"),
        ("environment.URL", "postgres://me:${PASSWORD:-abc}@db/x", "postgres://me:${PASSWORD:-(secret)}@db/x"),
        ("environment.URL", "postgres://me:a@b@db/x", "postgres://me:(secret)@db/x"),
        ("environment.URL", "http://db:80/x", "http://db:80/x"),
        ("environment.URL", "postgres://me:pa$$s@db/x", "postgres://me:(secret)@db/x"),
        ("environment.URL", "postgres://me:${DBPW:-abc}@db/x", "postgres://me:${DBPW:-(secret)}@db/x"),
        ("environment.API_TOKEN", "ab$$c", "(secret)"),
        ("environment.API_TOKEN", "${DBPW:-abc}", "${DBPW:-(secret)}"),
        ("environment.API_TOKEN", "${ONE:-${OTHER:-abc}}", "${ONE:-${OTHER:-(secret)}}"),
        ("environment.X", "${PASSWORD-${OTHER:-abc}}", "${PASSWORD-${OTHER:-(secret)}}"),
        ("environment.ACCESSKEY", "abc", "(secret)"),
        ("environment.GH", GITHUB, "(secret)"),
        ("environment.AWS", f"a {AWS} b", "a (secret) b"),
        ("environment.AWS", "AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"),
        ("environment.SEED", "q9XvB2mLzT7wYcR4uK8eHsJ1aDfG5oPn", "(secret)"),
        ("configs.c.content", f"a\n{PEM}\nb", "a\n(secret)\nb"),
        ("configs.c.content", f"a\nprivate_key: {PEM}\nb", "a\nprivate_key: (secret)\nb"),
        ("configs.c.content", "a\npassword: ${PW:-abc}\nb", "a\npassword: ${PW:-(secret)}\nb"),
        ("configs.c.content", "a\npassword_file = /run/x\nb", "a\npassword_file = /run/x\nb"),
        ("command", ["sh", "-c", "a\npassword=abc"], '["sh", "-c", "a\\npassword=(secret)"]'),
        ("command", "redis-server --requirepass abc --port 1", "redis-server --requirepass (secret) --port 1"),
        ("command", "x --token='abc' -v", "x --token='(secret)' -v"),
        ("command", "x --password ${DBPW:-abc}", "x --password ${DBPW:-(secret)}"),
        ("command", ["x", "--requirepass", "abc"], '["x", "--requirepass", "(secret)"]'),
        ("command", ["x", "--requirepass", "${DBPW:-abc}"], '["x", "--requirepass", "${DBPW:-(secret)}"]'),
        ("command", ["x", "--need-token", "--port", "80"], '["x", "--need-token", "--port", "80"]'),
        ("command", ["sh", "-c", "x --password abc"], '["sh", "-c", "x --password (secret)"]'),
        ("checks.x", {"headers": {"api_key": "abc", "a": ["b"]}}, '{"headers": {"api_key": "(secret)", "a": ["b"]}}'),
        ("configs.a.content", "a\npassword = x$$y z\nb", "a\npassword = (secret)\nb"),
        ("configs.a.content", "a\n- export API_TOKEN=$$2y\n", "a\n- export API_TOKEN=(secret)\n"),
        ("configs.a.content", "a\npassword: ${PW}\n", "a\npassword: ${PW}\n"),
        ("configs.a.content", "password:\n  length: 8\n", "password:\n  length: 8\n"),
        ("configs.a.content", f"{PEM}\nb", "(secret)\nb"),
        ("configs.a.content", PEM[:-9], "(secret)"),
        ("environment.CONFIG", '{"password":"abc","user":"u"}', '{"password":"(secret)","user":"u"}'),
        ("environment.CONFIG", '{"a": {"apiKey": "a\\"b"}, "token": 1}', '{"a": {"apiKey": "(secret)"}, "token": 1}'),
        ("environment.CONFIG", '{"token": null, "password": ["a"]}', '{"token": null, "password": ["a"]}'),
        ("environment.CONFIG", r"{\"password\": \"abc\"}", r"{\"password\": \"(secret)\"}"),
        ("configs.a.content", "a:\n  - {user: x, password: abc}\n", "a:\n  - {user: x, password: (secret)}\n"),
        ("configs.a.content", "port 1\nrequirepass abc\n", "port 1\nrequirepass (secret)\n"),
        ("command", "redis-server requirepass abc", "redis-server requirepass (secret)"),
        ("command", ["redis-server", "requirepass", "abc"], '["redis-server", "requirepass", "(secret)"]'),
        ("command", 'x --dbpassword "a b" --key f -e TOKEN=abc', 'x --dbpassword "(secret)" --key f -e TOKEN=(secret)'),
        ("command", "x --token /run/x --token ${T:-abc}", "x --token /run/x --token ${T:-(secret)}"),
        ("command", "PASSWORD=$(cat /run/x) TOKENS=1 x", "PASSWORD=$(cat /run/x) TOKENS=1 x"),
        ("command", "curl -H 'Authorization: Bearer abc' x", "curl -H 'Authorization: Bearer (secret)' x"),
        ("command", "curl -H 'Authorization: Bearer ${T}' x", "curl -H 'Authorization: Bearer ${T}' x"),
        ("environment.HEADERS", "authorization=Basic%20abc,n=1", "authorization=Basic%20(secret),n=1"),
        ("environment.H", "Bearer ab34.cd78", "Bearer (secret)"),
        ("environment.H", "a Bearer token is required", "a Bearer token is required"),
        ("checks.x", {"headers": {"Authorization": "Basic abc"}}, '{"headers": {"Authorization": "(secret)"}}'),
        ("environment.C", "Server=db;User Id=sa;Password=A b,c!;X=y", "Server=db;User Id=sa;Password=(secret);X=y"),
        ("environment.C", "Server=db;Pwd=${PW:-abc};X=y", "Server=db;Pwd=${PW:-(secret)};X=y"),
        ("environment.C", "jdbc:x://db/x?user=u&password=abc&ssl=on", "jdbc:x://db/x?user=u&password=(secret)&ssl=on"),
        ("environment.API_TOKEN", "sw0rdfish-${X:-abc}${Y}", "(secret)-${X:-(secret)}${Y}"),
        ("environment.NEO4J_AUTH", "neo4j/sw0rdfish${X}", "neo4j/(secret)${X}"),
        ("environment.URL", "postgres://me:sw0rdfish${X}@db/x", "postgres://me:(secret)${X}@db/x"),
        ("command", "x --password sw0rdfish${X} --token db-${X}", "x --password (secret)${X} --token db-${X}"),
        ("environment.NEO4J_AUTH", "neo4j/swordfish${X}", "neo4j/(secret)${X}"),
        ("environment.URL", "postgres://me:swordfish${X}@db/x", "postgres://me:(secret)${X}@db/x"),
        ("environment.API_TOKEN", "my-swordfish${X}", "my-swordfish${X}"),
        ("image", "acme/token:1.2", "acme/token:1.2"),
        ("image", "${DEVENV_SECRET_DB_PASSWORD:-devenv-insecure-default}", None),
    ],
)
def test_what_people_see_of_a_value(key, value, shown):
    assert secrecy.shown(key, value) == (value if shown is None else shown)


def test_what_is_hidden_can_be_told_apart():
    one, other = secrecy.shown("API_TOKEN", "abc"), secrecy.shown("API_TOKEN", "def")
    assert one == other == "(secret)"
    assert (getattr(one, "whole", None), getattr(other, "whole", None)) == ("abc", "def")
    assert not hasattr(secrecy.shown("LEVEL", "info"), "whole")


@pytest.mark.parametrize(
    ("text", "hidden", "shown"),
    [
        ("redis-server --requirepass redis", "redis", "redis-server --requirepass ********"),
        ("http://app:app@db  # applied to app-1", "app", "http://********:********@db  # applied to app-1"),
        ("mysql -uroot -proot [-proot]", "root", "mysql -u******** -p******** [-p********]"),
        ("xhunter2y", "hunter2", "x********y"),
        ("a-swordfish-b", "swordfish", "a-********-b"),
    ],
)
def test_a_short_word_is_hidden_where_it_is_a_word(text, hidden, shown):
    assert secrecy.mask(text, {hidden}) == shown


@pytest.mark.parametrize("part", ["a=b ", "password=x ", "token=", "secret: y, "])
def test_a_long_line_takes_no_square_of_its_length(part):
    begun = time.process_time()
    assert "=x" not in secrecy.masked("password " + part * 20_000)
    assert time.process_time() - begun < 3


@pytest.mark.parametrize(
    "command",
    [
        "mysql -uroot -pS3cretQ -e 'select 1;'",
        'sh -c "mysql -uroot -e \'select 1;\' -pS3cretQ" x "y"',
        "mysqladmin ping -h localhost -p'S3cretQ'",
        "exec mariadb \\\n  -uroot \\\n  -pS3cretQ",
        "redis-cli -h x -a S3cretQ ping | grep PONG",
        "curl -fsS -u admin:S3cretQ http://x",
        "curl -fsSu 'admin:S3cretQ' http://x",
        "curl --user admin:S3cretQ http://x",
        "PGPASSWORD=S3cretQ psql -h x",
        "mongosh -u root -p S3cretQ --eval x",
        "sh -c 'mongosh -p \"S3cretQ x\" y'",
        "sshpass -p S3cretQ ssh -p 2222 h",
        "sshpass -pS3cretQ ssh h",
        "docker login -u me -p S3cretQ registry",
        '/opt/mssql-tools/bin/sqlcmd -S localhost -U sa -P "S3cretQ" -Q x',
        "ldapsearch -x -D cn=admin -w S3cretQ",
        "mosquitto_pub -u u -P S3cretQ",
        "etcdctl --user root:S3cretQ get x",
        "rabbitmqctl add_user app S3cretQ",
        "mc alias set local http://minio:9000 me S3cretQ",
        "htpasswd -b /etc/users joe S3cretQ",
        "htpasswd -c -b /etc/users joe 'S3cretQ'",
        "sh -c 'htpasswd -Bbn joe S3cretQ > /etc/users'",
        "htpasswd -n -b joe S3cretQ 2> /dev/null",
        "htpasswd -bnBC 10 '' S3cretQ | tr -d :",
        "arangosh --server.password S3cretQ",
        "keytool -storepass S3cretQ",
        "psql -c \"CREATE USER app WITH PASSWORD 'S3cretQ'\"",
    ],
)
def test_what_programs_take_as_a_password_is_hidden_as_text_and_as_a_list(command):
    said = secrecy.shown("command", command)
    assert "S3cretQ" not in said and said.count("(secret)") == 1
    assert [one for one, _ in secrecy.inside(command)] == ["S3cretQ x" if "S3cretQ x" in command else "S3cretQ"]
    assert "S3cretQ" not in secrecy.shown("command", shlex.split(command))
    assert secrecy.mask(command, set()) == said.replace("(secret)", "********")


@pytest.mark.parametrize(
    "command",
    [
        "mysql -uroot -p",
        "mysql -p shop",
        "mysql -P3306 -h db",
        "mysqld --port 3306 -p3306",
        "redis-cli -a ${PW} ping",
        "curl -u admin: x",
        "curl -fsS -o /dev/null x:1",
        "docker run -p 80:80 x",
        "docker exec -u 0:0 x",
        "mongosh -p --eval x",
        "mongo:8 -p x",
        "sshpass -e ssh -p 22 h",
        "sshpass -f /run/pw ssh -p 22 h",
        "mc event add local/b arn --event put x y",
        "helm install -p x",
        "x --password-file /run/x",
        "htpasswd /etc/users joe",
        "htpasswd -i /etc/users joe",
        "htpasswd -b /etc/users ${U} ${P}",
        "use htpasswd -b then",
        "x --password ~/x",
        "the password is required",
    ],
)
def test_what_only_looks_like_a_password_of_a_program_is_shown(command):
    assert secrecy.shown("command", command) == command
    assert secrecy.masked_words(shlex.split(command)) == shlex.split(command)


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("  a: {image: x, command: mysql -pS3cretQ -e x, prots: 1}", "S3cretQ"),
        ("    command: [redis-cli, -a, S3cretQ , ping]", "S3cretQ"),
        ('    test: ["CMD", "/usr/bin/curl", "-u", "bob:S3cretQ", "http://x"]', "S3cretQ"),
        ("    command: ['x', '--requirepass', 'S3 cret,Q']", "S3 cret,Q"),
        ("    setup: mysqladmin -p'S3cretQ' ping  # and so on", "S3cretQ"),
        ("  U: postgres://me:S3cretQ@db/x", "S3cretQ"),
        ("  - {U: https://S3cretQ@host/x.git}", "S3cretQ"),
        ("  environment: {DB_PASSWORD: S3cretQ, PASSWORD_FILE: /run/x}", "S3cretQ"),
        ("  environment: {DB_PASSWORD: '${PW:-S3cretQ}'}", "S3cretQ"),
        (f"  T: {GITHUB}", GITHUB),
        ("  SEED: q9XvB2mLzT7wYcR4uK8eHsJ1aDfG5oPn", "q9XvB2mLzT7wYcR4uK8eHsJ1aDfG5oPn"),
    ],
)
def test_a_source_line_shows_a_star_for_each_character_of_a_secret(line, secret):
    shown = line.replace(secret, "*" * len(secret))
    assert secrecy.excerpt(line) == shown != line
    assert secrecy.excerpt(shown) == shown


@pytest.mark.parametrize(
    "line",
    [
        "  a: {image: 'x:1', secrets: [token], ports: [80, 81], command: [redis-cli, -a, '${PW}', ping]}",
        "  image: x@sha256:8f14e45fceea167a5a36dedd4bea25438f14e45fceea167a5a36dedd4bea2543",
        "  command: [mysql, -p, shop]  # --password, as always",
        "  build: ./Services/OrdersApi2/src/Release3",
        "  unknown: [a, [b, c], 'd",
    ],
)
def test_every_other_source_line_is_shown_as_it_is(line):
    assert secrecy.excerpt(line) == line
