"""Known causes as data: what a log or the engine says, what that means, and what to do about it."""

from __future__ import annotations

from devenv.core.diagnosis.old_data import OLD_DATA
from devenv.core.diagnosis.rule import Rule

MORE_MEMORY = (
    "give {service} more memory: `mem_limit` or `deploy.resources.limits.memory` in the manifest",
    "`docker stats` shows what running containers use",
)

_AGAIN = "`devenv up` tries again"
_LOG = "`devenv logs {service}` shows the whole log"
_PATH = r"(?P<path>/[^\s'\",:()]+)"
_DENIED = (
    # from the first slash of a word: to begin anew at each of them would take the square of its length
    r"(?<![^\s'\",:()])[^\s'\",:()/]*" + _PATH + r"['\"]?:? (?:failed )?\(?(?:13: )?(?i:permission denied|EACCES)",
    r"(?i:permission denied|EACCES)[^/]*" + _PATH,
)
_WRITING = (
    *(
        r"^(?=.*(?:^|[\s,:(])(?i:mkdir|creat(?:e|ing)|touch|writ(?:e|ing)|append|renam(?:e|ing)|remov(?:e|ing)|unlink)\b)"
        rf".*?{denied}"
        for denied in _DENIED
    ),
    rf"(?:^|[\s'\"=]){_PATH}['\"]? is not writable",
)

# A server that finds data of another version says much else while it goes down: these come first.

_MACHINE = (
    Rule(
        "file-watchers",
        (r"System limit for number of file watchers reached", r"inotify watch limit reached", r"ENOSPC.*\bwatch\b"),
        "this machine allows no more watched files (that is not about disk space)",
        ("`sudo sysctl fs.inotify.max_user_watches=524288` raises the limit", "or let {service} watch fewer folders"),
    ),
    Rule(
        "disk-full",
        (
            r"(?i)no space left on device",
            r"\bENOSPC\b",
            r"(?i)disk quota exceeded",
            r"(?i)database or disk is full",
        ),
        "there is no space left where it writes",
        (
            "`docker system df` shows what takes the engine's space",
            "`docker image prune` and `docker builder prune` free space, and delete no volume",
            "if it is a volume or tmpfs of limited size, raise the limit",
        ),
    ),
    Rule(
        "mount-kind",
        (
            r'error mounting \\?"(?P<source>[^"\\]+)\\?" to rootfs at \\?"(?P<path>[^"\\]+)\\?".*'
            r"(?:not a directory|mount a directory onto)",
        ),
        "{source} is mounted on {path}, and one of them is a file, the other a folder",
        (
            "`ls -ld {source}`: where a file was missing at an earlier start, the engine made a folder of its name",
            "if so, `rmdir {source}`, and put the file there",
            _AGAIN,
        ),
    ),
    Rule(
        "mount-missing",
        (r"bind source path does not exist: (?P<source>\S+)",),
        "{source}, which it mounts, is not there",
        ("put it there, or correct the path under `volumes`", _AGAIN),
    ),
    Rule(
        "external-missing",
        (
            r'external (?P<kind>volume) "(?P<external>[^"]+)" not found',
            r"(?P<kind>network) (?![0-9a-f]{64}\b)(?P<external>\S+) (?:declared as external, but .*|not) (?:be )?found",
        ),
        "there is no {kind} {external}, which is external here",
        ("`docker {kind} create {external}` makes it", "or bring up the stack that it belongs to", _AGAIN),
    ),
    Rule(
        "name-taken",
        (r"network (?P<other>\S+) was found but has incorrect label",),
        "there is a network {other} already, which was not made for this stack",
        ("`docker network rm {other}` removes it if nothing is on it", "or give yours another `name`", _AGAIN),
    ),
    Rule(
        "name-taken",
        (r'container name "/?(?P<other>[^"]+)" is already in use',),
        "another container has the name {other}",
        (
            "`docker rm --force {other}` removes it, with what it has stored",
            "or drop `container_name` of {service}",
            _AGAIN,
        ),
    ),
    Rule(
        "wrong-architecture",
        (r"reference (?P<image>\S+) was found but .* wanted (?P<wanted>[\w/]+), actual: (?P<actual>[\w/]+)",),
        "its image {image} is here for {actual}, and it is to run as {wanted}",
        (
            "`docker pull --platform {wanted} {image}` gets the other one, if there is one",
            "or drop `platform` of {service}, or DOCKER_DEFAULT_PLATFORM from the environment",
            _AGAIN,
        ),
    ),
    Rule(
        "user-missing",
        (r"unable to find user (?P<user>[^:\s]+): no matching entries",),
        "its image has no user '{user}'",
        ("name a user of the image under `user`, or a number", _AGAIN),
    ),
    Rule(
        "device-missing",
        (r"could not select device driver", r"error gathering device information while adding custom device"),
        "it wants a device that this machine, or its engine, does not have",
        ("check `devices`, `gpus` and `deploy.resources.reservations.devices` of {service}", _AGAIN),
    ),
    Rule(
        "heap-full",
        (r"java\.lang\.OutOfMemoryError", r"JavaScript heap out of memory"),
        "its runtime's own memory limit is used up",
        ("raise `-Xmx` (Java) or `NODE_OPTIONS=--max-old-space-size=4096` (Node) under `environment`", _LOG),
    ),
)

_ACCESS = (
    Rule(
        "permission",
        (*_WRITING, *_DENIED),
        "it may not use {path}, which is in the volume {volume}",
        (
            "`docker run --rm -u 0 -v {volume}:{target} --entrypoint chown {image} -R {user} {target}` gives the"
            " volume to its user",
            "a new volume takes over whose {target} is in the image: `devenv down && docker volume rm {volume}` deletes"
            " this one with its data",
            "or run {service} as root: `user: root`",
        ),
        within="volume",
    ),
    Rule(
        "permission",
        _WRITING,
        "it may not write to {path}, which is {source} on this machine",
        (
            "`ls -ldn {place}` shows whose it is: the container's user needs to write there",
            "`sudo chown -R {number} {place}` gives it to the container's user",
            "`chmod -R a+rwX {place}` lets everybody write there",
            'or run {service} as yourself: `user: "1000:1000"` with the numbers of `id`',
        ),
        within="source",
    ),
    Rule(
        "permission",
        _DENIED,
        "it may not use {path}, which is {source} on this machine",
        (
            "`ls -ld {source}` shows whose it is: the container's user needs rights on it",
            "`chmod a+rX {source}` lets everybody read it",
            "if it writes there, `chmod -R a+rwX {folder}` lets everybody do so",
            'or run {service} as yourself: `user: "1000:1000"` with the numbers of `id`',
        ),
        within="source",
    ),
    Rule(
        "permission",
        _DENIED,
        "it may not use {path}",
        (
            "check whose {path} is in the image, or in the volume that is mounted there, and `user` of {service}",
            "for a folder of the image, `chown` it in the Dockerfile; a new volume takes that over",
            _LOG,
        ),
    ),
    Rule(
        "login-refused",
        (
            r"password authentication failed for user \"(?P<user>[^\"]+)\"",
            r"Access denied for user '(?P<user>[^']*)'@",
            r"WRONGPASS invalid username-password pair",
            r"NOAUTH Authentication required",
            r"MongoServerError: Authentication failed",
            r"(?i)ACCESS_REFUSED.*login was refused",
        ),
        "a login was refused",
        (
            "compare the name and password that {service} sends with those of the server: `devenv exec {service} env`",
            "a server takes its password when its volume is empty, once: one that was changed later has no effect",
            "if so and the data may go, `devenv down --volumes` deletes it, after asking",
        ),
    ),
    Rule(
        "undeclared",
        (r'\{not_found,\{resource,<<\\?"[^"]*">>,(?P<kind>exchange|queue),<<\\?"(?P<what>[^"\\]+)',),
        "a binding names the {kind} '{what}', which nobody declares",
        ("declare '{what}' among the exchanges or queues of {service}, or mend its name under `bindings`", _LOG),
    ),
    Rule(
        "port-inside",
        (
            r"(?i)address already in use\D*(?P<port>\d+)?\s*\)?$",
            r"(?i)(?P<port>\d+)\D{0,24}address already in use",
            r"(?i)address already in use",
            r"\bEADDRINUSE\b",
        ),
        "a port that it listens on is in use already inside its container",
        (
            "look for two servers with one port in it, or for one that is started twice",
            "with `network_mode: host` or `service:…` the port is shared: `ss -ltnp` shows who has it",
            _LOG,
        ),
    ),
)

RULES = (*OLD_DATA, *_MACHINE, *_ACCESS)
"""What a log or the engine says, the most telling first."""

CODES = (
    Rule(
        "command-missing",
        (),
        "a command that it runs is not in its image",
        ("check `command` and `entrypoint` of {service}, and what its image has", _LOG),
        codes=frozenset({127}),
    ),
    Rule(
        "not-executable",
        (),
        "a command that it runs is there, but cannot be executed",
        ("check that the file is a program or a script with a #! line, and executable (`chmod +x`)", _LOG),
        codes=frozenset({126}),
    ),
    Rule(
        "killed",
        (),
        "something ended it by force, and not for its own memory limit",
        (
            "`docker kill`, or a stop that took too long, does that",
            "so does the kernel of a machine without free memory: `sudo dmesg | grep -i 'killed process'`",
            _LOG,
        ),
        codes=frozenset({137}),
    ),
    Rule(
        "stopped",
        (),
        "something asked it to end",
        (
            "`docker stop`, `docker compose stop` and the like do that, and so may a program of its own",
            "`devenv up` starts {service} again",
            _LOG,
        ),
        codes=frozenset({143}),
    ),
    Rule(
        "crashed",
        (),
        "the program crashed (a fault in it, or in a native library)",
        (
            "a program for another architecture crashes like this under emulation: check `platform` of {service}",
            _LOG,
        ),
        codes=frozenset({139, 134, 132, 135, 136}),
    ),
)
"""What an exit code says by itself."""
