"""The text of a new template: one that works as it is, with a comment at each thing that an author changes."""

from __future__ import annotations

_TEXT = """\
# A template is data: a container of its own, and nothing of the machine. Prove it with `devenv template test NAME`.
template: 1
summary: A key-value store in memory        # one line, shown by `devenv catalog`
keywords: [cache, key-value]                # what else people look for it by
home: https://valkey.io/
versions: ["8"]                             # the first is the default; ${version} is the one that was chosen
image: image/Dockerfile                     # how to build it from Debian's packages where no registry answers;
debian: ["8"]                               # leave both out if the image is only to be pulled

parameters:                                 # what `with:` can set: typed, bounded, described
  maxmemory:
    type: size
    default: 64mb
    min: 1048576
    description: Memory for data
  config:
    type: file                              # a path that the person names; it has no default
    optional: true
    description: A file of further settings

secrets:
  password: { generate: 24 }                # made once for each machine

service:                                    # Compose's keys and devenv's, with placeholders
  image: valkey/valkey:${version}
  ports: { main: 6379 }
  command:
    - valkey-server
    - { when: with.config, value: /etc/NAME.conf }
    - --requirepass
    - ${secret.password}
    - --maxmemory
    - ${with.maxmemory}
    - --appendonly
    - "yes"
  environment:
    REDISCLI_AUTH: ${secret.password}
  volumes:
    - data:/data
    - { when: with.config, type: bind, source: "${with.config}", target: /etc/NAME.conf, read_only: true }
  ready: { run: [valkey-cli, -e, ping] }    # true only when it really accepts work

outputs:                                    # what others refer to: ${NAME.url}
  password: ${secret.password}
  url: redis://default:${secret.password}@${host}:${port}/0

data: [data]                                # the volumes that a snapshot saves
shell: [valkey-cli]                         # what `devenv exec NAME` opens

test:                                       # what `devenv template test` runs in the container
  connect: [valkey-cli, -e, -u, "${output.url}", ping]  # -e: fails when the server refuses
  write: [valkey-cli, set, kept, by-its-test]
  read: [valkey-cli, get, kept]
  expect: by-its-test

example: |                                  # shown by `devenv catalog show NAME`, and tried by its test
  use: NAME@8
  with:
    maxmemory: 128mb
"""


def template_text(name: str) -> str:
    """The `template.yaml` of a new template."""
    return _TEXT.replace("NAME", name)


def renamed(text: str, old: str, new: str) -> str:
    """The text of a template that another one starts from: its example names the new one."""
    return text.replace(f"use: {old}", f"use: {new}")
