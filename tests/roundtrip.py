"""Imports every Compose file below a folder and compares what Compose makes of it before and after.

    python -m tests.roundtrip FOLDER [--each]

Needs Docker's Compose plugin, and no engine. Nothing in FOLDER is changed: each file is imported in a copy of the
folder that it stands in. A file is `equal`, `refused` (with a place and a reason), `different` (the generated file is
not the original, key by key), `crashed`, or `invalid`: Compose itself does not accept it. Exits 1 when one is different
or crashed, or when the import says nothing about one that is invalid.
"""

import argparse
import collections
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from devenv.cli.app import main
from devenv.core.compose.interpolate import variables_of
from devenv.core.importing.compare import differences
from devenv.ui.console import Console

_DEFAULTED = re.compile(r"^note: .* sets (.*); the values are written as defaults$", re.MULTILINE)


def config(folder, *which, interpolate):
    """What Compose shows of files in `folder`, or its complaint."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COMPOSE_")}
    argv = ["docker", "compose", "-p", "roundtrip", "--profile", "*", *which, "config", "--format", "json"]
    argv += [] if interpolate else ["--no-interpolate"]
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, env=environment, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else done.stderr.strip()


def generated(folder, *, interpolate):
    """The same of the file that devenv generates, with the variables that it is brought up with."""
    env_files = [
        part for name in (".env", ".devenv/.env") if (folder / name).is_file() for part in ("--env-file", name)
    ]
    which = ("--project-directory", ".devenv", "-f", ".devenv/compose.yaml")
    return config(folder, *which, *env_files, interpolate=interpolate)


def run(*argv):
    """A devenv command line in this process: exit code and everything it says."""
    out, err = io.StringIO(), io.StringIO()
    code = main(list(argv), console=Console(out, err, io.StringIO(), {"TERM": "dumb"}))
    return int(code), out.getvalue() + err.getvalue()


def round_trip(file, folder):
    """(verdict, what is to be said of it) of the file called `file` in `folder`, which is changed."""
    before = {how: config(folder, "-f", file, interpolate=how) for how in (True, False)}
    code, said = run("-C", str(folder), "import", file)
    if code == 70:
        return "crashed", said
    if isinstance(before[True], str) and code:
        return ("invalid", "") if "Compose:" in said or "error[" in said else ("crashed", f"says nothing: {said}")
    if code:
        return "refused", said
    defaulted = {name for names in _DEFAULTED.findall(said) for name in names.split(", ")}
    code, said = run("-C", str(folder), "generate")
    if code:
        return ("crashed" if code == 70 else "invalid" if isinstance(before[True], str) else "refused"), said
    return compared(before, folder, defaulted)


def compared(before, folder, defaulted=frozenset()):
    """The verdict of two runs of Compose: one with variables replaced, one as they are written, in which those that
    were `defaulted` may stand otherwise."""
    found = []
    folders = ["..", *(os.path.relpath(place, folder) for place, _, _ in os.walk(folder))]
    for how, original in before.items():
        if isinstance(original, str):
            continue
        after = generated(folder, interpolate=how)
        if isinstance(after, str):
            return "different", f"Compose does not accept the result: {after}"
        found += [
            one
            for one in differences(original, after, folders)
            if how or (one.variable and not one.unreadable and not variables_of(f"{one.before}{one.after}") & defaulted)
        ]
    if not found and isinstance(before[True], str):
        return "invalid", ""
    return ("different" if found else "equal"), "\n".join(map(str, found[:10]))


def files_in(folder):
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".yml", ".yaml") and path.is_file() and not path.is_symlink():
            text = path.read_text("utf-8", errors="replace")
            if any(line.startswith(("services:", '"services"', "include:")) for line in text.splitlines()):
                yield path


def all_of(folder, tell):
    """Runs them all; returns how many came to each verdict."""
    verdicts = collections.Counter()
    for path in files_in(folder):
        with tempfile.TemporaryDirectory() as place:
            copy = Path(place) / "root" / "project"
            shutil.copytree(path.parent, copy, symlinks=True)
            for own in (copy / "devenv.yaml", copy / "devenv.yml"):
                own.unlink(missing_ok=True)
            verdict, words = round_trip(path.name, copy)
        verdicts[verdict] += 1
        tell(verdict, path, words)
    return verdicts


def command(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--each", action="store_true", help="also name the files that are equal or invalid")
    options = parser.parse_args(argv)

    def tell(verdict, path, words):
        if options.each or verdict not in ("equal", "invalid"):
            print(f"{verdict}: {path}")
            for line in words.splitlines():
                print(f"    {line}")

    verdicts = all_of(options.folder, tell)
    print(", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items())))
    return 1 if verdicts["different"] + verdicts["crashed"] else 0


if __name__ == "__main__":
    sys.exit(command(sys.argv[1:]))
