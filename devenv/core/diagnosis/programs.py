"""Why a container's program could not be run: missing, not executable, of another machine, or a script in disguise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from shlex import quote

from devenv.core.diagnosis.symptoms import Facts, Known

_MACHINES = {0x3E: "amd64", 0xB7: "arm64", 0x03: "386", 0x28: "arm", 0xF3: "riscv64", 0x15: "ppc64le", 0x16: "s390x"}
_REFUSALS = (
    # runc as its own words, runc in the container's log, and tini (`init: true`) in the log
    r'exec: \\?"(?P<path>[^"\\]+)\\?": (?P<why>executable file not found|stat [^:]+: no such file|permission denied)',
    r'exec: \\?"(?P<path>[^"\\]+)\\?": (?P<why>is a directory)',
    r"^(?:standard_init_linux\S+ )?exec (?P<path>\S+): (?P<why>no such file|exec format error|permission denied)",
    r"\[FATAL tini \(\d+\)\] exec (?P<path>\S+) failed: (?P<why>No such file|Exec format error|Permission denied)",
    r"(?:sh|bash): (?:line )?(?:\d+: )?(?P<path>/\S+): (?P<why>Permission denied)",
    r"(?:sh|bash): (?:line )?(?:\d+: )?(?:exec: )?(?P<path>/\S+): (?P<why>cannot execute: required file not found)",
    r"(?:sh|bash): (?:line )?(?:\d+: )?(?P<path>/\S+): (?P<why>cannot execute binary file)",
)
_CARRIAGE = (
    r"env: .?[\w./-]+\\r.?: No such file",  # env says \r in words
    r"\S\r: (?:bad interpreter|not found|command not found|invalid option|No such file)",
    r"\S\^M: bad interpreter",
    r"\$'[^']*\\r': command not found",
    r": set: (?:Illegal option -|-): ?(?:invalid option)?\r?$",
    r": set: Illegal option -\r?$",
    r": set: pipefail\r?: invalid option name",
)
_SHELL = re.compile(
    r"^(?:/\S*/)?\S*: (?:line )?(?:\d+: )?(?:exec: )?(?P<path>[\w./+-]+): (?:command )?not found\r?$"
    r"|env: .?(?P<env>[\w./+-]+?).?: No such file or directory"
)
_UNASKED = re.compile(
    r'exec: "(?P<exec>[^"]+)": (?:executable file not found|stat [^:]+: no such file)'
    r"|(?:^|: )(?P<shell>[\w./+-]+): (?:command )?not found\s*$",
    re.MULTILINE,
)
_NAMED = re.compile(r"(/[^\s:]+): (?:line )?\d+: ")
_ELF = re.compile(r"\x7fELF")


def program_in(words: str) -> str | None:
    """The path of the program or script that a log or the engine says could not be run."""
    for path, _ in _refused(words):
        return path
    return None


def unrunnable(facts: Facts) -> Known | None:
    """Why the program could not be run, if that is what happened."""
    words = "\n".join((facts.engine, *facts.log))
    for pattern in _CARRIAGE:
        if tripped := re.search(pattern, words, re.MULTILINE):
            return _line_ends(facts, _script(facts, words[: tripped.end()].splitlines()[-1]) or "a script of it")
    if _ELF.search(words) and "not found" in words:
        return _foreign(facts, "its program", "")
    for path, why in _refused(words):
        return _told(facts, path, why.lower())
    if facts.exit_code == 127 and (found := _shell(facts)):
        return _missing(facts, found)
    return None


def unasked(facts: Facts) -> Known | None:
    """The program of the health check that the image does not have, if that is why it fails."""
    if (found := _UNASKED.search(facts.probe)) is None:
        return None
    program = found["exec"] or found["shell"]
    steps = (
        f"install what has '{program}' in its image",
        f"or use `ready` with `http` or `tcp` in {facts.service}, which asks with what the image has",
    )
    return Known("probe-missing", f"its health check runs '{program}', which its image does not have", steps)


def _script(facts: Facts, line: str) -> str | None:
    """The script that a shell complains of: the one that it names or, of those in the command, one that is mounted."""
    found = _NAMED.match(line)
    named = [found[1]] if found else []
    return next((path for path in (*named, *facts.command) if facts.source(path)), next(iter(named), None))


def _refused(words: str) -> Iterator[tuple[str, str]]:
    for pattern in _REFUSALS:
        if found := re.search(pattern, words, re.MULTILINE):
            yield found["path"], found["why"]


def _shell(facts: Facts) -> str | None:
    for line in reversed(facts.log):
        if found := _SHELL.search(line):
            return found["path"] or found["env"]
    return None


def _told(facts: Facts, path: str, why: str) -> Known:
    head = facts.program
    first = head.split(b"\n", 1)[0] if head is not None else b""
    if "permission denied" in why:
        return _not_executable(facts, path)
    if "is a directory" in why:
        steps = (f"check `command` and `entrypoint` of {facts.service}", "`devenv up` tries again")
        return Known("command-missing", f"{path} is a folder, not a program", steps)
    if head is None:
        return _format(facts, path) if "format" in why or "binary" in why else _missing(facts, path)
    if first.startswith((b"#!", b"\xef\xbb\xbf#!")) and first.endswith(b"\r"):
        return _line_ends(facts, path)
    if first.startswith(b"#!"):
        return _no_interpreter(facts, path, first[2:].decode("utf-8", "replace").strip())
    if head.startswith(b"\x7fELF"):
        machine = _MACHINES.get(int.from_bytes(head[18:20], "little"), "")
        return _foreign(facts, path, machine) if "format" in why or "binary" in why else _no_loader(facts, path)
    return _no_shebang(facts, path, head)


def _line_ends(facts: Facts, path: str) -> Known:
    where = facts.source(path)
    built = facts.built and not where
    origin = "that the image is built from" if built else "that it comes from"
    return Known(
        "windows-line-ends",
        f"{path} has Windows line ends (CRLF), with which Linux cannot run it",
        (
            f"`sed -i 's/\\r$//' {quote(where)}` takes them out"
            if where
            else f"`sed -i 's/\\r$//' FILE` takes them out, in the file {origin}",
            "`*.sh text eol=lf` in .gitattributes keeps Git from putting them in again",
            "`devenv up --build` builds the image again" if built else "`devenv up` tries again",
        ),
    )


def _format(facts: Facts, path: str) -> Known:
    mine = f" ({facts.architecture})" if facts.architecture else ""
    return Known(
        "exec-format",
        f"{path} is a program for another architecture than this machine's{mine}, or a script without a #! line",
        (
            "a script: write `#!/bin/sh` in its first line",
            f"a program: build it, or choose the image, for this machine (`platform` of {facts.service})",
        ),
    )


def _foreign(facts: Facts, path: str, machine: str) -> Known:
    what = f"a program for {machine}" if machine else "a program for another architecture"
    mine = facts.architecture or "of another architecture"
    steps: tuple[str, ...]
    if where := facts.source(path):
        steps = (f"build {where} for this machine", "`devenv up` tries again")
    else:
        shown = (
            f"`docker image inspect --format '{{{{.Architecture}}}}' {facts.image}` shows what its image is made for"
        )
        steps = (
            f"build it for this machine, or choose an image that is made for it (`platform` of {facts.service})",
            *([shown] if facts.image else []),
            "`devenv up --build` builds again" if facts.built else "`devenv up` tries again",
        )
    return Known("wrong-architecture", f"{path} is {what}, and this machine is {mine}", steps)


def _no_shebang(facts: Facts, path: str, head: bytes) -> Known:
    mark = head.startswith(b"\xef\xbb\xbf")
    what = "is empty" if not head else "begins with a byte order mark" if mark else "is a script without a #! line"
    where = facts.source(path) or path
    mend = f"save {where} without a byte order mark" if mark else f"write `#!/bin/sh` as the first line of {where}"
    return Known("no-shebang", f"{path} {what}", (mend, f"or name its interpreter: `command: [sh, {path}]`"))


def _no_interpreter(facts: Facts, path: str, interpreter: str) -> Known:
    return Known(
        "interpreter-missing",
        f"{path} wants {interpreter.split()[0] if interpreter else 'an interpreter'}, which its image does not have",
        (f"install it in the image, or write another first line in {facts.source(path) or path}",),
    )


def _no_loader(facts: Facts, path: str) -> Known:
    return Known(
        "loader-missing",
        f"{path} was built for another C library than its image has (glibc and musl do not mix)",
        ("build it in the same base image that it runs in, or link it statically",),
    )


def _missing(facts: Facts, program: str) -> Known:
    written = "`setup`" if facts.setup else "`command` and `entrypoint`"
    steps = [f"check {written} of {facts.service} for a mistake in '{program}'"]
    if " " in program:
        steps.append("a whole line is not a command: write it as text, or as a list of its words")
    steps.append(f"or install what has '{program}' in its image")
    return Known("command-missing", f"its image has no command '{program}'", tuple(steps))


def _not_executable(facts: Facts, path: str) -> Known:
    where = facts.source(path)
    mend = f"`chmod +x {quote(where)}` makes it executable" if where else f"`RUN chmod +x {path}` in its Dockerfile"
    return Known(
        "not-executable",
        f"{path} is not executable",
        (
            mend,
            f"`git update-index --chmod=+x {quote(where or 'FILE')}` keeps that in Git",
            f"or name its interpreter: `command: [sh, {path}]`",
        ),
    )
