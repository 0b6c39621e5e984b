"""Every rule, with stacks that it objects to and stacks that it does not."""

from __future__ import annotations

import json
from time import process_time
from typing import NamedTuple

import pytest

from devenv.core.lint.rules import FAMILIES, RULES, WAIVERS
from devenv.core.lint.subject import Context
from devenv.errors import Report
from devenv.model.lint import Severity
from devenv.records import replace
from tests.core.lint.linting import of_rule, subject, verdict
from tests.core.stacks import postgres, template

PG = postgres()


class Case(NamedTuple):
    rule: str
    services: str
    expected: list[str]
    options: str = ""
    more: str = ""


def s(text: str) -> str:
    return "services:\n" + "".join(f"  {line}\n" for line in text.strip("\n").split("\n"))


DIGEST = "@sha256:" + "0" * 64

# fmt: off
BAD = [
    Case("registries", "a: {image: 'quay.io/x/y:1'}",
         ["4:14 services.a.image: the image 'quay.io/x/y:1' comes from a registry that is not allowed"],
         "allow: [docker.io/]"),
    Case("registries", "a: {image: 'acme/y:1'}",
         ["4:14 services.a.image: the image 'acme/y:1' comes from a registry that is not allowed"],
         "allow: [docker.io/library/, ghcr.io/acme/]"),
    Case("registries", "a: {image: 'ghcr.io/acmeother/y:1'}",
         ["4:14 services.a.image: the image 'ghcr.io/acmeother/y:1' comes from a registry that is not allowed"],
         "allow: [ghcr.io/acme]"),
    Case("registries", "a: {use: postgres}",
         ["postgres/template.yaml:10:10 services.a.image: the image 'postgres:17' comes from a registry that is not "
          "allowed"], "allow: ghcr.io/acme/"),
    Case("digests", "a: {image: 'redis:8'}\nb: {use: postgres@16}",
         ["4:14 services.a.image: the image 'redis:8' is not pinned by a digest",
          "postgres/template.yaml:10:10 services.b.image: the image 'postgres:16' is not pinned by a digest"]),
    Case("unpinned-tag", "a: {image: redis}\nb: {image: 'ghcr.io/x/y:latest'}\nc: {image: 'localhost:5000/x'}",
         ["4:14 services.a.image: the image 'redis' has no tag: what it means changes without anybody's doing",
          "5:14 services.b.image: the image 'ghcr.io/x/y:latest' has the tag 'latest': what it means changes without "
          "anybody's doing",
          "6:14 services.c.image: the image 'localhost:5000/x' has no tag: what it means changes without anybody's "
          "doing"]),
    Case("unpinned-tag", "a: {image: '${IMG:-redis}'}",
         ["4:14 services.a.image: the image 'redis' has no tag: what it means changes without anybody's doing"]),
    Case("forbidden-images", "a: {image: 'mysql:5.7'}\nb: {image: 'bitnami/redis:8'}",
         ["4:14 services.a.image: the image 'mysql:5.7' is forbidden ('mysql:5.*')",
          "5:14 services.b.image: the image 'bitnami/redis:8' is forbidden ('docker.io/bitnami/*')"],
         "forbid: ['mysql:5.*', 'docker.io/bitnami/*']"),
    Case("loopback", "a: {image: 'x:1', ports: ['80:80', '0.0.0.0:81:81', '10.0.0.5:82:82', '83', 84:84/udp]}",
         ["4:29 services.a.ports[0]: everybody in the network can reach this port",
          "4:38 services.a.ports[1]: everybody in the network can reach this port",
          "4:55 services.a.ports[2]: the network of 10.0.0.5 can reach this port",
          "4:73 services.a.ports[3]: everybody in the network can reach this port",
          "4:79 services.a.ports[4]: everybody in the network can reach this port"]),
    Case("loopback", "a:\n  image: x:1\n  ports:\n    - {target: 80, published: 80}\n    - '${P:-80}:80'",
         ["7:9 services.a.ports[0]: everybody in the network can reach this port",
          "8:9 services.a.ports[1]: everybody in the network can reach this port"]),
    Case("loopback", "a: {image: 'x:1', ports: ['${BIND}:80:80']}",
         ["4:29 services.a.ports[0]: everybody in the network can reach this port"]),
    Case("port-clash", "a: {image: 'x:1', ports: ['80:80']}\nb: {image: 'x:1', ports: ['127.0.0.1:80:81']}",
         ["5:29 services.b.ports[0]: host port 80 is published by 'a' already: only one of them can start"]),
    Case("port-clash", "a: {image: 'x:1', ports: ['80:80'], profiles: [cpu, ci]}\n"
         "b: {image: 'x:1', ports: ['80:80'], profiles: [gpu, ci]}\nc: {image: 'x:1', ports: ['80:1']}",
         ["5:29 services.b.ports[0]: host port 80 is published by 'a' already: only one of them can start",
          "6:29 services.c.ports[0]: host port 80 is published by 'a' already: only one of them can start"]),
    Case("port-clash", "a: {image: 'x:1', ports: ['8000-8005:80-85', '8005:1']}",
         ["4:48 services.a.ports[1]: host port 8005 is published by the service itself already: only one of them can "
          "start"]),
    Case("port-moved", "a: {image: 'x:1', ports: {http: 80}}\nb: {image: 'x:1', ports: {http: 80}}",
         ["5:28 services.b.ports.http: port 'http' would be at 80 on the host, where 'a' is: it is at 81"]),
    Case("readiness", "a: {image: 'x:1'}\nb: {image: 'x:1', healthcheck: {disable: true}}",
         ["4:3 services.a: nothing says when the service is ready",
          "5:3 services.b: nothing says when the service is ready"]),
    Case("slow-probe", "a: {image: 'x:1', healthcheck: {test: x, interval: 10s}}",
         ["4:21 services.a.healthcheck: its first probe comes 10 s after its start; that costs 9.8 s of every `up`"]),
    Case("slow-probe",
         "a: {image: 'x:1', healthcheck: {test: x}}\nb: {image: 'x:1', healthcheck: {test: x, start_period: 1m}, "
         "needs: [a]}\nc: {image: 'x:1', ports: {p: 1}, ready: {tcp: p}, needs: [b]}\n"
         "d: {image: 'x:1', healthcheck: {test: x, interval: 20s}}",
         ["4:21 services.a.healthcheck: its first probe comes 30 s after its start; on the longest path (a → b → c; "
          "35.2 s of probes alone) that costs 29.8 s of every `up`",
          "5:21 services.b.healthcheck: its first probe comes 5 s after its start; on the longest path (a → b → c; "
          "35.2 s of probes alone) that costs 4.8 s of every `up`"]),
    Case("bare-depends-on",
         "a: {use: postgres}\nj: {image: 'x:1', job: true}\nb: {image: 'x:1', depends_on: [a, j]}\n"
         "c: {image: 'x:1', depends_on: {a: {condition: service_started}}}",
         ["6:34 services.b.depends_on: waits for the start of 'a' only, not until it is ready",
          "6:37 services.b.depends_on: waits for the start of 'j' only, not until it has exited 0",
          "7:34 services.c.depends_on: waits for the start of 'a' only, not until it is ready"]),
    Case("unready-need", "a: {image: 'x:1'}\nb: {image: 'x:1', needs: [a]}\nc: {image: 'x:1', needs: [a]}",
         ["4:3 services.a: 'b', 'c' wait for this service, and nothing says when that is ready: they start as soon as "
          "it runs"]),
    Case("unready-need", "a: {image: 'x:1'}\nb: {image: 'x:1', needs: [a]}",
         ["4:3 services.a: 'b' waits for this service, and nothing says when that is ready: it starts as soon as it "
          "runs"]),
    Case("probe-without-curl", "a: {image: 'node:22-alpine', healthcheck: {test: curl -f localhost}}\n"
         "b: {image: 'redis:8', healthcheck: {test: [CMD, curl, -f, x]}}",
         ["4:52 services.a.healthcheck.test: the probe runs curl, which the image 'node:22-alpine' does not have",
          "5:45 services.b.healthcheck.test: the probe runs curl, which the image 'redis:8' does not have"]),
    Case("restarts", "a: {image: 'x:1', restart: always}\nb: {image: 'x:1', restart: unless-stopped}",
         ["4:21 services.a.restart: 'restart: always' starts the service with every boot, and hides why it ended",
          "5:21 services.b.restart: 'restart: unless-stopped' starts the service with every boot, and hides why it "
          "ended"]),
    Case("unmarked-job", "a: {image: 'x:1'}\nb: {image: 'x:1', needs: {a: {until: completed}}}",
         ["4:3 services.a: 'b' waits until this service has ended well, and every `up` runs it anew"]),
    Case("privileged", "a: {image: 'x:1', privileged: true}",
         ["4:33 services.a.privileged: a privileged container has all of the machine: every device, every capability"]),
    Case("privileged", "a: {build: {context: ., privileged: true}}\n"
         "b: {image: 'x:1', post_start: [{command: x, privileged: True}, {command: y}], pre_stop: [{command: z, "
         "privileged: '${P:-true}'}]}",
         ["4:39 services.a.build.privileged: a privileged build has all of the machine: every device, every capability",
          "5:59 services.b.post_start[0].privileged: a privileged command has all of the machine: every device, every "
          "capability",
          "5:117 services.b.pre_stop[0].privileged: a privileged command has all of the machine: every device, every "
          "capability"]),
    Case("capabilities", "a: {image: 'x:1', cap_add: [SYS_ADMIN, NET_BIND_SERVICE]}",
         ["4:31 services.a.cap_add[0]: the capability SYS_ADMIN is not allowed"], "allow: [CAP_NET_BIND_SERVICE]"),
    Case("host-namespaces", "a: {image: 'x:1', network_mode: host, pid: host, ipc: host}",
         ["4:35 services.a.network_mode: 'network_mode: host' takes away what separates the container from the machine",
          "4:46 services.a.pid: 'pid: host' takes away what separates the container from the machine",
          "4:57 services.a.ipc: 'ipc: host' takes away what separates the container from the machine"]),
    Case("confinement", "a: {image: 'x:1', security_opt: ['seccomp:unconfined', 'no-new-privileges:true']}",
         ["4:36 services.a.security_opt[0]: 'seccomp:unconfined' switches a protection off"]),
    Case("devices", "a: {image: 'x:1', devices: ['/dev/sda:/dev/sda', /dev/dri/card0]}",
         ["4:31 services.a.devices[0]: the device /dev/sda is not allowed"], "allow: [/dev/dri]"),
    Case("devices", "a: {image: 'x:1', gpus: all, device_cgroup_rules: ['c 1:3 mr', 'c 13:* rw']}\n"
         "b: {image: 'x:1', deploy: {resources: {reservations: {devices: [{capabilities: [gpu]}]}}}}",
         ["4:27 services.a.gpus: the machine's GPUs are not allowed",
          "4:66 services.a.device_cgroup_rules[1]: the rule 'c 13:* rw' for devices is not allowed",
          "5:66 services.b.deploy.resources.reservations.devices: the machine's GPUs are not allowed"],
         "allow: ['c 1:3 mr']"),
    Case("host-mounts",
         "a: {image: 'x:1', volumes: ['/etc:/e', '~/.aws:/a', '../x:/x', ./y:/y, v:/v, /var/run/docker.sock:/s]}",
         ["4:31 services.a.volumes[0]: '/etc' lies outside of the repository",
          "4:42 services.a.volumes[1]: '~/.aws' lies outside of the repository",
          "4:55 services.a.volumes[2]: '../x' lies outside of the repository",
          "4:80 services.a.volumes[5]: '/var/run/docker.sock' is the engine's socket: whoever has it is root on the "
          "machine"], more="volumes: {v: }\n"),
    Case("host-mounts", "a: {image: 'x:1', volumes: [{type: bind, source: /srv/data, target: /d}, b:/b]}",
         ["4:31 services.a.volumes[0]: '/srv/data' lies outside of the repository",
          "5:58 volumes.b.driver_opts.device: the volume is '/mnt', outside of the repository"],
         more="volumes: {b: {driver_opts: {type: none, o: bind, device: /mnt}}}\n"),
    Case("host-mounts",
         "a: {image: 'x:1', configs: [p], secrets: [{source: k, target: x}]}\n"
         "b: {build: {context: ../.., additional_contexts: {h: /etc, i: ./i}, secrets: [k, l]}}\n"
         "c: {build: ~/c}\nd: {build: {context: ., additional_contexts: [h=../h, g=docker-image://x:1]}}",
         ["5:24 services.b.build.context: the build reads '../..', outside of the repository",
          "5:56 services.b.build.additional_contexts.h: the build reads '/etc', outside of the repository",
          "6:14 services.c.build: the build reads '~/c', outside of the repository",
          "7:49 services.d.build.additional_contexts[0]: the build reads '../h', outside of the repository",
          "8:21 configs.p.file: the config is '/etc/passwd', outside of the repository",
          "9:21 secrets.k.file: the secret is '~/.ssh/id_rsa', outside of the repository"],
         more="configs: {p: {file: /etc/passwd}, unused: {file: /etc/hosts}}\n"
              "secrets: {k: {file: '${KEY:-~/.ssh/id_rsa}'}, l: {file: ./l}}\n"),
    Case("docker-socket", "a: {image: 'x:1', volumes: ['/var/run/docker.sock:/var/run/docker.sock:ro']}",
         ["4:31 services.a.volumes[0]: the engine's socket is mounted: whoever has it can start a container with all "
          "of the machine"]),
    Case("mounted-node-modules", "a: {image: 'x:1', volumes: [./web/node_modules:/app/node_modules]}",
         ["4:31 services.a.volumes[0]: node_modules of the machine is mounted: its native modules fit the machine, "
          "not the container"]),
    Case("data-unkept", "a: {image: 'postgres:17'}\nb: {image: 'mongo:8', volumes: ['/data/configdb', './x:/y']}\n"
         "c: {image: 'mongo:8', volumes: [/data/db]}\n"
         "d: {image: 'mongo:8', volumes: [{type: volume, target: /data/db}]}",
         ["4:14 services.a.image: its data in /var/lib/postgresql/data is on no volume of a name: a new container "
          "starts empty",
          *(f"{line}:14 services.{name}.image: its data in /data/db is on no volume of a name: a new container starts "
            "empty" for line, name in ((5, "b"), (6, "c"), (7, "d")))]),
    Case("large-context", "a: {build: ./big}\nb: {build: {context: ./big}}",
         ["4:14 services.a.build: the build context './big' has no .dockerignore and holds at least 300 MB in 12 "
          "files"]),
    Case("memory-limits", "a: {image: 'x:1'}\nb: {image: 'x:1', mem_limit: 3g}\n"
         "c: {image: 'x:1', deploy: {resources: {limits: {memory: 2500m}}}}",
         ["4:3 services.a: there is no limit on its memory",
          "5:32 services.b.mem_limit: may use 3 GiB, and 2 GiB is the most",
          "6:59 services.c.deploy.resources.limits.memory: may use 2.441 GiB, and 2 GiB is the most"], "max: 2gb"),
    Case("memory-budget", "a: {image: 'x:1', mem_limit: 512m, scale: 3}\nb: {image: 'x:1', mem_limit: 1g}",
         ["3:1 services: the services may use 2.5 GiB together, and 2 GiB is the budget"], "total: 2gb"),
    Case("labels", "a: {image: 'x:1', labels: {team: '9'}}\nb: {use: postgres, labels: [tier=x]}",
         ["4:36 services.a.labels.team: the label 'team' must match [a-z]+",
          "5:3 services.b: the label 'team' is missing"], "require: {team: '[a-z]+'}"),
    Case("labels", f"a: {{image: 'x:1', labels: {{team: '{'a' * 301}'}}}}",
         ["4:36 services.a.labels.team: the label 'team' must match .*"], "require: {team: '.*'}"),
    Case("names", "A_b: {image: 'x:1', ports: {Web: 80}}",
         ["2:7 stack: the name 'shop' must match acme-.*",
          "4:3 services.A_b: the name 'A_b' must match [a-z-]+",
          "4:30 ports.Web: the name 'Web' must match [a-z]+",
          "5:9 modes.M: the name 'M' must match [a-z]+",
          "6:11 volumes.X: the name 'X' must match [a-z]+"],
         "stack: acme-.*, services: '[a-z-]+', ports: '[a-z]+', modes: '[a-z]+', volumes: '[a-z]+'",
         "modes: {M: [A_b]}\nvolumes: {X: }\n"),
    Case("container-name", "a: {image: 'x:1', container_name: mine}",
         ["4:21 services.a.container_name: only one container on a machine can be called 'mine': a second checkout "
          "cannot start"]),
    Case("templates", "a: {use: postgres@16}",
         ["4:12 services.a.use: the template postgres@16 is forbidden ('postgres@16')"], "forbid: [postgres@16]"),
    Case("templates", "a: {use: postgres@16}",
         ["4:12 services.a.use: the template postgres@16 is not allowed"], "allow: [postgres@17, valkey]"),
    Case("unversioned-template", "a: {use: postgres}",
         ["4:12 services.a.use: 'postgres' is whatever version the catalog has first, now 17"]),
    Case("known-secret",
         "a: {image: 'x:1', environment: {K: 'AKIAABCDEFGHIJKLMNOP'}, command: 'x --t ghp_" + "a1" * 20 + "'}",
         ["4:38 services.a: an AWS access key stands here for everybody to read",
          "4:72 services.a: a GitHub token stands here for everybody to read"]),
    Case("known-secret", "a: {image: 'x:1', configs: [k]}",
         ["5:24 configs: a private key stands here for everybody to read"],
         more='configs: {k: {content: "-----BEGIN RSA PRIVATE KEY-----\\nabc"}}\n'),
    Case("plain-secret", "db:\n  use: postgres\n  with: {password: swordfish}\n",
         ["6:22 services.db.with.password: the value of password stands here in plain text"]),
    Case("plain-secret",
         "a:\n  image: x:1\n  environment:\n    - DB_PASSWORD=swordfish\n    - URL=amqp://u:swordfish@mq.example.com/\n"
         "    - SEED=q9XvB2mLzT7wYcR4uK8eHsJ1aDfG5oPn\nb: {build: {context: ., args: {NPM_TOKEN: abc}}}\n"
         "c: {image: 'x:1', command: [serve, --admin-password, swordfish]}\n"
         "d: {image: 'x:1', environment: {DB_PASSWORD: '${DBPW:-sword}', U: 'x:${MY_TOKEN-sword}'}}",
         ["7:9 services.a.environment.DB_PASSWORD: the value of DB_PASSWORD stands here in plain text",
          "8:9 services.a.environment.URL: the password of mq.example.com stands here in plain text",
          "9:9 services.a.environment.SEED: the value of SEED looks like a secret, in plain text",
          "10:45 services.b.build.args.NPM_TOKEN: the value of NPM_TOKEN stands here in plain text",
          "11:56 services.c.command: a secret in a command line, in plain text",
          "12:48 services.d.environment.DB_PASSWORD: the default of DBPW stands here in plain text",
          "12:69 services.d.environment.U: the default of MY_TOKEN stands here in plain text"]),
    Case("plain-secret",
         "a: {image: 'x:1', environment: {C: 'Server=db;User Id=sa;Password=sword fish;',\n"
         "    J: '{\"apiKey\":\"swordfish\"}'}, labels: [h=x-token=swordfish]}\n"
         "b: {image: 'x:1', command: 'curl -H \"Authorization: Bearer swordfish\" http://x',\n"
         "    healthcheck: {test: [CMD, x, --token, swordfish]}}\n"
         "c: {image: 'x:1', ready: {run: [x, --password, swordfish]}, setup: [[x, --password=swordfish]]}",
         ["4:69 services.a.environment: a secret in plain text",
          "5:22 services.a.environment: a secret in plain text",
          "5:56 services.a.labels: a secret in plain text",
          "6:62 services.b.command: a secret in a command line, in plain text",
          "7:45 services.b.healthcheck: a secret in plain text",
          "8:50 services.c.ready: a secret in plain text",
          "8:86 services.c.setup: a secret in plain text",
          "9:37 configs: a secret in plain text",
          "10:39 volumes: a secret in plain text",
          "11:66 checks: a secret in plain text"],
         more="configs: {c: {content: 'requirepass swordfish'}}\nvolumes: {v: {driver_opts: {password: swordfish}}}\n"
              "checks: {x: {http: 'http://far/', headers: {Authorization: Basic swordfish}}}\n"),
    Case("plain-secret",
         "a:\n  image: x:1\n  command: redis-server --requirepass redis\n"
         "  environment:\n    C: |\n      # of c\n      level: info\n      password: swordfish\n",
         ["6:41 services.a.command: a secret in a command line, in plain text",
          "11:19 services.a.environment: a secret in plain text"]),
    Case("plain-secret",
         "a: {image: 'x:1', command: 'mysql -psword-a -h b', setup: ['curl http://u:sword-b@far.example/']}\n"
         "b: {image: 'x:1', healthcheck: {test: [CMD, redis-cli, -a, sword-c, ping]}}\n"
         "c: {image: 'x:1', command: 'x token=sword-d', entrypoint: 'x token=sword-d'}",
         ["4:39 services.a.command: a secret in a command line, in plain text",
          "4:77 services.a.setup: a secret in plain text",
          "5:62 services.b.healthcheck: a secret in plain text",
          "6:39 services.c.command: a secret in a command line, in plain text",
          "6:70 services.c.entrypoint: a secret in a command line, in plain text"]),
    Case("plain-secret",
         "a:\n  image: x:1\n  environment:\n    NEO4J_AUTH: neo4j/swordfish\n    RABBITMQ_ERLANG_COOKIE: swordfish\n"
         "    FLOWER_BASIC_AUTH: me:swordfish\n    HTPASSWD: 'me:$$apr1$$Wc1fVtYc$$YQ8nT3iKq4mG0JwzV7Q9M1'\n"
         "    SFTP_USERS: 'me:swordfish:1001 you:x'\n    REDIS_HOSTS: 'a:redis:6379:0:swordfish'\n"
         "    DATA_SOURCE_NAME: exporter:swordfish@tcp(far.example:3306)/x\n    APP_KEY: base64:c3dvcmRmaXNo\n"
         "    SECRET_KEY_BASE: swordfish\n    PROXY_AUTH: '${USER:-me}:swordfish'\n    LIVEKIT_KEYS: 'k: swordfish'\n"
         "    MEILI_MASTER_KEY: swordfish\n    DB_PW: swordfish\n    WORDPRESS_AUTH_SALT: swordfish\n"
         "b: {image: 'x:1', environment: ['NEO4J_AUTH=${U:-neo4j}/${PASS:-sw0rdf1sh}'], "
         "command: 'flower --basic-auth=me:swordfish'}\n"
         "c: {image: 'x:1', "
         "labels: ['traefik.http.middlewares.a.basicauth.users=me:$$2y$$05$$Wc1fVtYcWc1fVtYcWc1fVe'],\n"
         "    command: [portainer, --admin-password, '$$2y$$05$$Wc1fVtYcWc1fVtYcWc1fVe']}",
         [*(f"{line}:{len(name) + 9} services.a.environment.{name}: {what} stands here in plain text"
            for line, (name, what) in enumerate((
                ("NEO4J_AUTH", "the value of NEO4J_AUTH"),
                ("RABBITMQ_ERLANG_COOKIE", "the value of RABBITMQ_ERLANG_COOKIE"),
                ("FLOWER_BASIC_AUTH", "the value of FLOWER_BASIC_AUTH"),
                ("HTPASSWD", "the hash of a password"),
                ("SFTP_USERS", "the value of SFTP_USERS"),
                ("REDIS_HOSTS", "the value of REDIS_HOSTS"),
                ("DATA_SOURCE_NAME", "the password of far.example"),
                ("APP_KEY", "the value of APP_KEY"),
                ("SECRET_KEY_BASE", "the value of SECRET_KEY_BASE"),
                ("PROXY_AUTH", "the value of PROXY_AUTH"),
                ("LIVEKIT_KEYS", "the value of LIVEKIT_KEYS"),
                ("MEILI_MASTER_KEY", "the value of MEILI_MASTER_KEY"),
                ("DB_PW", "the value of DB_PW"),
                ("WORDPRESS_AUTH_SALT", "the value of WORDPRESS_AUTH_SALT")), start=7)),
          "21:35 services.b.environment.NEO4J_AUTH: the default of PASS stands here in plain text",
          "21:114 services.b.command: a secret in a command line, in plain text",
          "22:77 services.c.labels: the hash of a password stands here in plain text",
          "23:47 services.c.command: the hash of a password stands here in plain text"]),
    Case("plain-secret",
         "a:\n  image: x:1\n  command:\n    - serve\n    - --password\n    - swordfish\n"
         "  entrypoint:\n    - sh\n    - -c\n    - |\n      a\n      b --password swordfish\n"
         "  healthcheck:\n    test:\n      - CMD\n      - redis-cli\n      - -a\n      - 'sword fish'\n"
         "b: {image: 'x:1', command: [sh, -c, 'htpasswd -b /f swordfish swordfish']}",
         ["9:9 services.a.command: a secret in a command line, in plain text",
          "15:22 services.a.entrypoint: a secret in a command line, in plain text",
          "21:12 services.a.healthcheck: a secret in plain text",
          "22:65 services.b.command: a secret in a command line, in plain text"]),
    Case("plain-secret",
         "a:\n  image: x:1\n  environment:\n    NEO4J_AUTH: neo4j/sw0rdfish${X}\n    A_PASSWORD: sw0rdfish-${X}\n"
         "    B_PASSWORD: pre_${X}sw0rdfish\n    C_PASSWORD: pa$$w0rdxyz9\n"
         "    U: postgres://me:sw0rdfish${X}@far.example/x\n    V: postgres://${U:-me}:sw0rdfish@far.example/x\n"
         "    W: postgres://me:${X}@one.example/x,postgres://me:sw0rdfish@far.example/x\n"
         "  command: serve --password sw0rdfish${X} --token sw0rdfish$$(hostname)",
         [*(f"{line}:{len(name) + 9} services.a.environment.{name}: {what} stands here in plain text"
            for line, (name, what) in enumerate((
                ("NEO4J_AUTH", "the value of NEO4J_AUTH"), ("A_PASSWORD", "the value of A_PASSWORD"),
                ("B_PASSWORD", "the value of B_PASSWORD"), ("C_PASSWORD", "the value of C_PASSWORD"),
                ("U", "the password of far.example"), ("V", "the password of far.example"),
                ("W", "the password of far.example")), start=7)),
          "14:31 services.a.command: a secret in a command line, in plain text"]),
    Case("plain-secret",
         "a:\n  image: x:1\n  environment:\n    NEO4J_AUTH: neo4j/swordfish${X}\n"
         "    U: postgres://u:swordfish${X}@far.example/x\n    A_PASSWORD: ${X}swordfish${Y}\n"
         "    V: postgres://u:${X:-hunter22}@far.example/x\n"
         "  command: serve --password ${X:-hunter22} --log ${L:-info}\n"
         "  entrypoint: [x, --port, '80', --password, '${X:-hunter22}']\n"
         "  healthcheck:\n    test: [CMD, redis-cli, -a, '${X:-${Y:-hunter22}}', ping]\n"
         "b: {image: 'x:1', command: 'x postgres://u:${X:-hunter22}@far.example/',\n"
         "    setup: ['x ${DB_PASSWORD:-hunter22}']}",
         [*(f"{line}:{len(name) + 9} services.a.environment.{name}: {what} stands here in plain text"
            for line, (name, what) in enumerate((
                ("NEO4J_AUTH", "the value of NEO4J_AUTH"), ("U", "the password of far.example"),
                ("A_PASSWORD", "the value of A_PASSWORD"), ("V", "the default of X")), start=7)),
          "11:36 services.a.command: the default of X stands here in plain text",
          "12:53 services.a.entrypoint: the default of X stands here in plain text",
          "14:45 services.a.healthcheck: the default of Y stands here in plain text",
          "15:51 services.b.command: the default of X stands here in plain text",
          "16:33 services.b.setup: the default of DB_PASSWORD stands here in plain text"]),
    Case("unused", "a: {image: 'x:1', volumes: ['vol:/v']}",
         ["5:18 volumes.wol: no service uses the volume 'wol'", "6:12 networks.n: no service uses the network 'n'",
          "7:11 configs.c: no service uses the config 'c'", "8:11 secrets.s: no service uses the secret 's'"],
         more="volumes: {vol: , wol: }\nnetworks: {n: , default: }\nconfigs: {c: {content: x}}\n"
              "secrets: {s: {environment: X}}\n"),
    Case("same-mode", "a: {image: 'x:1'}\nb: {image: 'x:1', needs: [a]}\nc: {image: 'x:1'}",
         ["8:9 modes.two: the mode 'two' brings up the same as the mode 'one'",
          "8:22 modes.all: the mode 'all' brings up the same as `devenv up` without a mode"],
         more="modes: {one: [b],\n        two: [a, b], all: [b, c]}\n"),
    Case("host-variable",
         "a: {image: 'x:1', command: 'ls $HOME', healthcheck: {test: [CMD, x, '${USER}']}}\n"
         "b: {image: 'x:1', entrypoint: [sh, -c, 'echo $$$PATH']}",
         ["4:30 services.a.command: Compose puts this machine's HOME in the place of $HOME",
          "4:71 services.a.healthcheck.test: Compose puts this machine's USER in the place of $USER",
          "5:42 services.b.entrypoint: Compose puts this machine's PATH in the place of $PATH"]),
    Case("yaml-1.1", "a:\n  image: x:1\n  environment: {A: yes, B: 22:22, on: x, D: 2024-01-01, E: 1_000, F: Off}",
         ["6:22 services.a.environment.A: devenv and Compose read the text 'yes' here; readers of YAML 1.1 read true",
          "6:30 services.a.environment.B: devenv and Compose read the text '22:22' here; readers of YAML 1.1 read a "
          "number to the base of 60",
          "6:37 services.a.environment: devenv and Compose read the text 'on' here; readers of YAML 1.1 read true",
          "6:47 services.a.environment.D: devenv and Compose read the text '2024-01-01' here; readers of YAML 1.1 "
          "read a date",
          "6:62 services.a.environment.E: devenv and Compose read the text '1_000' here; readers of YAML 1.1 read a "
          "number",
          "6:72 services.a.environment.F: devenv and Compose read the text 'Off' here; readers of YAML 1.1 read "
          "false"]),
]

GOOD = [
    Case("host-variable", "a: {image: 'x:1', command: 'echo $$HOME $HOMES ${LOG_LEVEL}', working_dir: $HOME}", []),
    Case("registries", "a: {image: redis:8}\nb: {image: 'ghcr.io/acme/y:1'}\nc: {build: .}\nd: {use: postgres}\n"
         "e: {image: 'quay.io/x/y:2'}", [], "allow: [docker.io/library/, ghcr.io/acme/, 'quay.io/x/y']"),
    Case("digests", f"a: {{image: 'redis{DIGEST}'}}\nb: {{build: .}}\nc: {{build: ., image: 'mine:1'}}", []),
    Case("unpinned-tag", f"a: {{image: 'redis:8'}}\nb: {{image: 'redis{DIGEST}'}}\nc: {{build: ., image: mine}}\n"
         "d: {image: 'localhost:5000/x:1'}\ne: {image: '${IMG:-redis:8}'}\nf: {use: postgres}", []),
    Case("forbidden-images", "a: {image: 'mysql:8'}", [], "forbid: ['mysql:5.*']"),
    Case("loopback", "a: {image: 'x:1', ports: {http: 80}}\nb: {image: 'x:1', ports: ['127.0.0.1:81:81', "
         "'[::1]:82:82', {target: 1, published: 83, host_ip: 127.0.0.1}, '${BIND:-127.0.0.1}:80:80', '${MAP}']}", []),
    Case("port-clash", "a: {image: 'x:1', ports: ['80:80', '80:80/udp', '127.0.0.1:81:1', '81']}\n"
         "b: {image: 'x:1', ports: ['127.0.0.2:81:1']}", []),
    Case("port-clash", "a: {image: 'x:1', ports: ['80:80'], profiles: [cpu]}\n"
         "b: {image: 'x:1', ports: ['80:80'], profiles: [gpu]}", []),
    Case("port-clash", "a: {image: 'x:1', ports: ['80:80', '0.0.0.0:80:80', '90-99:9', '95:1', '[::1]:80:2']}", []),
    Case("port-moved", "a: {image: 'x:1', ports: {http: 80}}\nb: {image: 'x:1', ports: {http: 81}}\n"
         "c: {image: 'x:1', ports: {http: {port: 80, publish: false}}}\n"
         "d: {image: 'x:1', ports: {http: {port: 80, publish: 90}}}", []),
    Case("readiness",
         "a: {use: postgres}\nb: {image: 'x:1', job: true}\nc: {image: 'x:1', healthcheck: {test: x}}", []),
    Case("slow-probe", "a: {image: 'x:1', healthcheck: {test: x, interval: 1s}}\nb: {use: postgres}\n"
         "c: {image: 'x:1', healthcheck: {test: x, start_period: 1m, start_interval: 1s}}", []),
    Case("slow-probe", "a: {image: 'x:1', healthcheck: {test: x, interval: 30s}}", [], "cost: 60s"),
    Case("bare-depends-on", "a: {use: postgres}\nq: {image: 'x:1'}\nb: {image: 'x:1', depends_on: [q]}\n"
         "c: {image: 'x:1', depends_on: {a: {condition: service_healthy}}}\nd: {image: 'x:1', needs: [a]}", []),
    Case("unready-need", "a: {use: postgres}\nb: {image: 'x:1', needs: [a]}\nc: {image: 'x:1'}\n"
         "d: {image: 'x:1', needs: {c: {until: started}}}", []),
    Case("probe-without-curl", "a: {image: 'nginx:1', healthcheck: {test: curl -f localhost}}\n"
         "b: {image: 'node:22', healthcheck: {test: [CMD, curl, x]}}\n"
         "c: {image: 'redis:8', healthcheck: {test: 'redis-cli ping || curl x'}}\n"
         "d: {image: 'alpine:3', ports: {p: 1}, ready: {http: /}}\n"
         "e: {build: ., image: 'alpine:3', healthcheck: {test: curl x}}", []),
    Case("restarts", "a: {image: 'x:1', restart: on-failure}\nb: {image: 'x:1', restart: 'no'}", []),
    Case("unmarked-job", "a: {image: 'x:1', job: true}\nc: {image: 'x:1'}\n"
         "b: {image: 'x:1', setup: echo, needs: {a: {until: completed}, c: {until: started}}}", []),
    Case("privileged", "a: {image: 'x:1', privileged: false}", []),
    Case("capabilities", "a: {image: 'x:1', cap_add: [net_bind_service], cap_drop: [ALL]}", [],
         "allow: [NET_BIND_SERVICE]"),
    Case("host-namespaces", "a: {image: 'x:1', network_mode: bridge}", []),
    Case("confinement", "a: {image: 'x:1', security_opt: ['no-new-privileges:true']}", []),
    Case("devices", "a: {image: 'x:1', devices: [/dev/dri/card0], gpus: all}", [], "allow: [/dev/dri, gpus]"),
    Case("host-mounts", "a: {build: 'https://example.com/x.git', secrets: [s]}\n"
         "b: {build: {context: /srv/b, additional_contexts: {c: 'service:a'}}}", [], "allow: [/srv]",
         "secrets: {s: {file: ./s}, t: {environment: T}}\n"),
    Case("host-mounts", "a: {image: 'x:1', volumes: [./y:/y, 'v:/v', /anonymous, '/etc/localtime:/l']}", [],
         "allow: [/etc/localtime]", "volumes: {v: }\n"),
    Case("docker-socket", "a: {image: 'x:1', volumes: [./docker.sock:/s]}", []),
    Case("mounted-node-modules", "a: {image: 'x:1', volumes: ['node_modules:/app/node_modules', '.:/app']}", [],
         more="volumes: {node_modules: }\n"),
    Case("data-unkept", "a: {image: 'postgres:17', volumes: ['d:/var/lib/postgresql/data']}\n"
         "b: {image: 'postgres:18', volumes: ['d:/var/lib/postgresql']}\n"
         "c: {image: 'mysql:8', tmpfs: [/var/lib/mysql]}\nd: {use: postgres}\ne: {image: 'redis:8'}\n"
         "f: {image: 'ghcr.io/library/postgres:1'}\ng: {image: 'mongo:8', volumes: [./d:/data]}\n"
         "h: {image: 'mongo:8', volumes: [{type: volume, source: d, target: /data/db}]}\n"
         "i: {image: 'mongo:8', volumes: [{type: tmpfs, target: /data/db}]}", [],
         more="volumes: {d: }\n"),
    Case("large-context", "a: {build: ./small}\nb: {build: ./none}", []),
    Case("large-context", "a: {build: ./big}", [], "size: 1gb"),
    Case("memory-limits", "a: {image: 'x:1', mem_limit: 1g}\n"
         "b: {image: 'x:1', deploy: {resources: {limits: {memory: '${M:-512m}'}}}}", [], "max: 2gb"),
    Case("memory-budget", "a: {image: 'x:1', mem_limit: 1g}\nb: {image: 'x:1', mem_limit: 1g}", [], "total: 2gb"),
    Case("labels", "a: {image: 'x:1', labels: {team: core}}\nb: {image: 'x:1', labels: [team=core]}", [],
         "require: [team]"),
    Case("names", "web: {image: 'x:1'}\ndb: {use: postgres}", [], "stack: '[a-z]+', services: '[a-z]+', ports: x"),
    Case("container-name", "a: {image: 'x:1', container_name: '${NAME:-x}'}\nb: {image: 'x:1'}", []),
    Case("templates", "a: {use: postgres}\nb: {image: 'x:1'}", [], "allow: ['postgres@1[67]'], forbid: [mongodb]"),
    Case("unversioned-template", "a: {use: postgres@16}\nb: {image: 'x:1'}", []),
    Case("known-secret", "a: {image: 'x:1', environment: {K: 'AKIAIOSFODNN7EXAMPLE', L: '${KEY}'}}", []),
    Case("plain-secret",
         "a:\n  image: x:1\n  environment:\n    DB_PASSWORD: ${DB_PASSWORD:?}\n    PASSWORD_FILE: /run/secrets/x\n"
         "    ALLOW_EMPTY_PASSWORD: yes\n    TOKEN_TTL: 3600\n    SECRET: \n    CERT_KEY: /etc/key.pem\n"
         "    URL: postgres://u:p@db/x\n    SHA: 8f14e45fceea167a5a36dedd4bea2543\n    PATHS: /usr/A1/b2/c3/d4/e5/f6\n"
         "    A_PASSWORD: ${P:-postgres}\n    B_PASSWORD: ${P:-change-me}\n    C_TOKEN: ${P:-my-dev-token}\n"
         "    D_SECRET: ${P:-/run/x}\n    E_SECRET: ${P:-${Q}}\n    F: ${LEVEL:-swordfish}\n"
         "db: {use: postgres}", []),
    Case("plain-secret",
         "a:\n  image: x:1\n  environment:\n    A_PASSWORD: change-me\n    B_TOKEN: <your token>\n    C_KEY: test\n"
         "    C: Server=db;Password=${PW:?};Token=<token>;Pwd=$$PW;\n"
         "    J: '{\"password\": null, \"token\": \"...\"}'\n"
         "    U: postgres://u:password@far.example/x\n    P: Bearer authentication\n"
         "    VAPID_PUBLIC_KEY: BNxRk8GQd3lFb7rZz0jA1cV9Q2mE8w4T6yU5iO3pL1kJ7hG2fD9s\n"
         "    HASH: sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==\n"
         "    AZ: AccountName=devstoreaccount1;AccountKey="
         "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;\n"
         "  command: [sh, -c, 'x --password \"$$PW\" --token $(cat /run/t) --secret /run/s']\n"
         "  secrets: [token]\n", [],
         more="secrets: {token: {environment: MY_TOKEN}}\n"
              "checks: {x: {http: 'http://a:1/', headers: {Authorization: 'Bearer ${TOKEN}'}}}\n"),
    Case("plain-secret",
         "a: {image: 'x:1', command: [x, 'your password: twice'], labels: {a: 'password: true'}}\n"
         "b: {image: 'x:1', command: 'mysqladmin ping -p$$PW', setup: ['curl -u me:${PW} http://u:p@a/'],\n"
         "    healthcheck: {test: 'redis-cli -a <password> ping'}}\n"
         "c: {image: 'x:1', setup: [[sshpass, -pchange-me, x]]}", []),
    Case("plain-secret",
         "a:\n  image: x:1\n  environment:\n    NEO4J_AUTH: none\n    N_AUTH: neo4j/x\n    NEO4J_AUTH_FILE: /run/x\n"
         "    BASIC_AUTH: 'true'\n    HTTP_AUTH: auth:8080\n    PROXY_AUTH: http://auth:8080/x\n"
         "    B_BASIC_AUTH: 'me:${PW}'\n"
         "    REDIS_HOSTS: local:redis:6379\n    SFTP_USERS: me\n    APP_KEY: my-app\n    STATS_AUTH: '${A:-none}'\n"
         "    ERLANG_COOKIE: ${COOKIE:?}\n    MASTER_KEY: /run/x\n    SENTRY_DSN: https://public@sentry.example/1\n"
         "    MYSQL_DSN: me:p@tcp(db:3306)/x\n    MAIL: me@(here)\n    C_BASICAUTH: 'me:<password>'\n"
         "    APP_PW: change-me\n    TIME: 10:20@(x)\n    CASH: 'a$$5$$b'\n"
         "  labels: ['traefik.http.middlewares.a.basicauth.users=${USERS:?}', 'a.basicauth.usersfile=/users']\n"
         "b: {image: 'x:1', environment: ['NEO4J_AUTH=${U:-swordfish}/${PW:?}', 'AUTH=${NEO4J_AUTH:-neo4j}']}\n"
         "db: {use: postgres}", []),
    Case("plain-secret",
         "a:\n  image: x:1\n  environment:\n    NEO4J_AUTH: neo4j/${X}\n    A_PASSWORD: $${X}\n    B_PASSWORD: $$X\n"
         "    C_PASSWORD: ${X}-${Y}\n    D_PASSWORD: db-${X}-password\n    E_TOKEN: Bearer2024 ${X}\n"
         "    F_SECRET: base64:${X}\n    G_SECRET: '{\"type\":\"ed25519\",\"key\":\"${X}\"}'\n"
         "    H_SECRET: ${DIR}/secrets2024/x\n    I_SECRET: op://vault1x.example/${X}\n"
         "    J_PASSWORD: '${X:?set {X2024abc} first}'\n    K_PASSWORD: change-me2024x${X}\n"
         "    U: postgres://${U}:${X}@far.example/x\n"
         "  command: serve --password ${X}$$Y --token x$$(cat /run/t2024abc) --secret ${X:-changeit}", []),
    Case("plain-secret",
         "a:\n  image: x:1\n  environment:\n    NEO4J_AUTH: neo4j/sword${X}\n    A_PASSWORD: production${X}\n"
         "    B_PASSWORD: ${X}-swordfish\n    C_PASSWORD: my_swordfish${X}\n    D_SECRET: vault/swordfish${X}\n"
         "    E_TOKEN: ${TENANT}password\n    F_PASSWORD: '${X:?where swordfish is}'\n    G: swordfish${X}\n"
         "    U: postgres://u:swordfish${X}@a/x\n    V: postgres://u:testing${X}@far.example/x\n"
         "    W: postgres://u:${X:-hunter22}@a/x\n    Y: http://${HOST:-swordfish}/\n"
         "  command: serve --password ${X:-postgres} --token ${T:-/run/t} --token ${T:-true} --port ${P:-8080}\n"
         "  entrypoint: [x, --password, '${X:-$$(cat /run/x)}', --token, '${X:-${Y}}', --tokens, '${X:-swordfish}']\n"
         "  healthcheck: {test: 'x --password-file ${X:-swordfish} -p ${LEVEL:-swordfish}'}\n", []),
    Case("unused", "a: {image: 'x:1', volumes: ['v:/v', {type: volume, source: w, target: /w}], networks: [n], "
         "configs: [c], secrets: [{source: s}], build: {context: ., secrets: [t]}}", [],
         more="volumes: {v: , w: }\nnetworks: {n: }\nconfigs: {c: {content: x}}\n"
              "secrets: {s: {environment: X}, t: {environment: Y}}\n"),
    Case("unused", "a: {image: 'x:1', volumes: ['${V:-v}:/v']}", [], more="volumes: {v: }\n"),
    Case("same-mode", "a: {image: 'x:1'}\nb: {image: 'x:1'}", [], more="modes: {one: [a], two: [b]}\n"),
    Case("yaml-1.1", "a:\n  image: x:1\n  environment: {A: 'yes', B: \"22:22\", C: 8080:80, D: true}\n"
         "  command: |\n    on", []),
]
# fmt: on

CONTEXTS = {"./big": Context(300 << 20, 12), "./small": Context(1000, 3)}


@pytest.mark.parametrize("case", BAD, ids=[f"{case.rule}-{n}" for n, case in enumerate(BAD)])
def test_what_a_rule_objects_to(case: Case) -> None:
    looked_at = subject(s(case.services) + case.more, PG, contexts=CONTEXTS)
    assert of_rule(looked_at, case.rule, case.options) == case.expected


@pytest.mark.parametrize("case", GOOD, ids=[f"{case.rule}-{n}" for n, case in enumerate(GOOD)])
def test_what_a_rule_does_not_object_to(case: Case) -> None:
    looked_at = subject(s(case.services) + case.more, PG, contexts=CONTEXTS)
    assert of_rule(looked_at, case.rule, case.options) == case.expected


def test_a_variable_may_name_an_image_without_a_digest_here() -> None:
    services = s(f"a: {{image: 'x:${{TAG:-1{DIGEST}}}'}}")
    assert of_rule(subject(services), "digests") == []
    (said,) = of_rule(subject(services, variables={"TAG": "2"}), "digests")
    assert "the image 'x:2' is not pinned" in said


def test_a_port_is_where_its_variables_say_now() -> None:
    services = s(
        "a: {image: 'x:1', ports: ['${PORT:-8000}:8000', '${BIND:-127.0.0.1}:81:81', '${MUST:?}:82:82']}\n"
        "b: {image: 'x:1', ports: ['8000:1', {target: 1, published: '${OTHER:-8000}', host_ip: '${IP:-}'}]}"
    )
    who = "everybody in the network can reach this port"
    taken = "host port 8000 is published by {} already: only one of them can start"
    assert of_rule(subject(services), "loopback") == [
        f"4:29 services.a.ports[0]: {who}", f"5:29 services.b.ports[0]: {who}", f"5:39 services.b.ports[1]: {who}",
    ]  # fmt: skip
    assert of_rule(subject(services), "port-clash") == [
        "5:29 services.b.ports[0]: " + taken.format("'a'"), "5:39 services.b.ports[1]: " + taken.format("'a'"),
    ]  # fmt: skip
    now = {"PORT": "127.0.0.1:8001", "BIND": "0.0.0.0", "MUST": "10.0.0.5", "OTHER": "8002", "IP": "127.0.0.1"}
    assert of_rule(subject(services, variables=now), "loopback") == [
        f"4:51 services.a.ports[1]: {who}",
        "4:79 services.a.ports[2]: the network of 10.0.0.5 can reach this port",
        f"5:29 services.b.ports[0]: {who}",
    ]
    assert of_rule(subject(services, variables=now), "port-clash") == []


def test_a_mount_is_of_what_its_variables_say_now() -> None:
    services = s(
        "a: {image: 'x:1', volumes: ['${HOME}:/h', '${HOME}/.ssh:/s', '${DATA:-./d}:/d', '$PWD:/p']}\n"
        "b: {image: 'x:1', volumes: [{type: bind, source: '${DATA:-.}', target: /d}]}\nc: {build: '${DATA:-.}'}"
    )
    found = "services.{}: '{}' lies outside of the repository"
    home = {"HOME": "/home/me", "PWD": "/src/shop"}
    assert of_rule(subject(services, variables=home), "host-mounts") == [
        "4:31 " + found.format("a.volumes[0]", "/home/me"), "4:45 " + found.format("a.volumes[1]", "/home/me/.ssh"),
    ]  # fmt: skip
    assert len(of_rule(subject(services, variables=home | {"DATA": "/srv"}), "host-mounts")) == 5


def test_every_rule_has_a_failing_and_a_passing_stack() -> None:
    others = {"unused-parameter"}
    assert set(RULES) - others == {case.rule for case in BAD} == {case.rule for case in GOOD}


TEMPLATE = """\
template: 1
summary: A server
versions: ["1"]
parameters:
  used: { type: string, default: x }
  when: { type: boolean, default: false }
  told: { type: string, default: y }
  lost: { type: string, default: z, description: "${with.lost} in words" }
service:
  image: x:1
  environment: { A: "${with.used}" }
  labels: [{ when: with.when, value: b }]
configs: { c: { content: "${with.told}" } }
"""


def test_a_parameter_that_a_template_does_not_use() -> None:
    report = Report()
    own = template(TEMPLATE, report, "own")
    assert own is not None, report.problems
    looked_at = subject(s("a: {use: own}"), own, report=report)
    assert of_rule(looked_at, "unused-parameter") == [
        "own/template.yaml:8:3 parameters.lost: the parameter 'lost' of the template 'own' is used nowhere in it"
    ]
    assert of_rule(subject(s("a: {use: postgres}"), PG), "unused-parameter") == []


def test_a_mount_inside_the_repository_but_outside_of_the_manifests_folder() -> None:
    text = s("a: {image: 'x:1', volumes: ['../libs:/l', '../../x:/x']}")
    assert len(of_rule(subject(text), "host-mounts")) == 2
    assert of_rule(subject(text, above="deploy"), "host-mounts") == [
        "4:45 services.a.volumes[1]: '../../x' lies outside of the repository"
    ]


def test_advice_is_given_without_a_policy_and_rules_are_not() -> None:
    looked_at = subject(s("a: {image: redis, cap_add: [SYS_ADMIN]}"))
    assert [(one.rule, one.severity) for one in verdict(looked_at).findings] == [("unpinned-tag", Severity.WARNING)]


def test_no_value_of_a_secret_is_ever_shown() -> None:
    text = s(
        "a:\n  image: x:1\n  environment: {DB_PASSWORD: swordfish, FLAG: yes, T: ghp_" + "a1" * 20 + "}\n"
        "  command: [x, --password, swordfish, --u, 'http://u:tr0ub4dor@far.example/']"
    )
    found = verdict(subject(text))
    assert {"known-secret", "plain-secret", "yaml-1.1"} <= {one.rule for one in found.findings}
    for word in ("swordfish", "a1a1a1"):
        assert word not in repr(found)
    masked = next(one for one in found.findings if one.rule == "plain-secret" and "DB_PASSWORD" in one.path)
    stars = "*" * len("ghp_" + "a1" * 20)  # as many: a caret points at what it is about
    assert masked.excerpt == f"    environment: {{DB_PASSWORD: *********, FLAG: yes, T: {stars}}}"


def test_a_secret_that_only_the_template_gives_a_telling_name_is_told_where_it_is_given_and_once() -> None:
    report = Report()
    text = (
        "template: 1\nsummary: x\nversions: ['1']\n"
        "parameters: {a: {type: string, default: ''}, password: {type: string, default: ''}}\n"
        "service: {image: x, environment: {A_TOKEN: '${with.a}', B_PASSWORD: '${with.password}'}}\n"
    )
    own = template(text, report, "own")
    assert own is not None, report.problems
    looked_at = subject(s("a:\n  use: own\n  with:\n    a: swordfish\n    password: tr0ub4dor"), own)
    assert of_rule(looked_at, "plain-secret") == [
        "7:10 services.a.environment.A_TOKEN: the value of A_TOKEN stands here in plain text",
        "8:17 services.a.with.password: the value of password stands here in plain text",
    ]


def test_secrets_in_files_of_variables_are_found_where_they_stand() -> None:
    file = (
        "# DB_PASSWORD=old\nLEVEL=info\nexport DB_PASSWORD = 'sword fish' # x\nB_TOKEN=${B:?}\nC_TOKEN=<token>\n"
        "URL=postgres://u:p@db/x\nC=\nKEY=ghp_"
        + "a1" * 20
        + "\nPASSWORD_FILE=/run/x\nURL=amqp://u:swordfish@far.example/"
    )
    looked_at = subject(s("a: {image: 'x:1', env_file: [./app.env, other.env]}\ndb: {image: 'x:1', env_file: app.env}"))
    looked_at.env_files = {"app.env": file}
    assert of_rule(looked_at, "plain-secret") == [
        "app.env:3:23 services.a.env_file: the value of DB_PASSWORD stands here in plain text",
        "app.env:10:5 services.a.env_file: the password of far.example stands here in plain text",
    ]
    assert of_rule(looked_at, "known-secret") == [
        "app.env:8:1 services.a.env_file: a GitHub token stands here for everybody to read"
    ]


def test_a_manifest_of_one_line_takes_no_longer_than_one_of_many() -> None:
    services = {f"s{n}": {"image": "x:1", "ports": ["80"], "environment": {"A": "${B:-c}"}} for n in range(400)}

    def seconds(text: str) -> float:
        looked_at = subject(text)
        begin = process_time()
        assert (
            len(verdict(looked_at, "rules: {digests: error, readiness: error, memory-limits: error}\n").findings)
            >= 1200
        )
        return process_time() - begin

    lines = "".join(f"  {name}: {json.dumps(one)}\n" for name, one in services.items())
    assert seconds(f"services: {json.dumps(services)}\n") < 3 * seconds(f"services:\n{lines}") + 0.1


def test_a_part_of_another_server_needs_no_limit_of_its_own() -> None:
    looked_at = subject("services: {a: {image: 'x:1'}, b: {image: 'x:1'}}\n")
    services = looked_at.stack.services
    parts = {**services, "b": replace(services["b"], server="a")}  # `mem_limit` has no effect there (DE346)
    looked_at.stack = replace(looked_at.stack, services=parts)
    assert of_rule(looked_at, "memory-limits") == ["3:12 services.a: there is no limit on its memory"]


def test_codes_and_names_are_unique_and_sorted_and_words_are_whole() -> None:
    codes = [rule.code for rule in RULES.values()]
    assert codes == sorted(set(codes)) and not set(codes) & set(WAIVERS)
    assert len(RULES) == sum(map(len, FAMILIES.values()))
    for rule in RULES.values():
        assert rule.name == rule.name.lower() and rule.why.endswith(".") and rule.remedy.endswith(".")
        assert not rule.title.endswith(".")


def test_a_thousand_services_are_linted_in_little_time() -> None:
    import time

    lines = [
        f"s{n}: {{image: 'x:1', ports: {{http: 80}}, ready: {{http: /}}, environment: {{A: b}}}}" for n in range(1000)
    ]
    looked_at = subject(s("\n".join(lines)))
    started = time.process_time()
    verdict(looked_at)
    assert time.process_time() - started < 1
