"""Every error code: its title, its exit code, and what a person can do. The source of docs/reference/errors.md."""

from __future__ import annotations

from typing import NamedTuple


class Code(NamedTuple):
    """`exit` is the process's exit code (see `devenv.errors.ExitCode`)."""

    title: str
    exit: int
    remedy: str


# 1xx reading files and YAML, 2xx the manifest's shape, 3xx templates, references and resolving,
# 4xx the engine and its installation, 5xx images and builds, 6xx bring-up and running stacks,
# 7xx project and command line.
CODES: dict[str, Code] = {
    "DE101": Code("No manifest found", 3, "Run `devenv init`, or name the folder with `devenv -C DIR`."),
    "DE102": Code("File cannot be read", 3, "Check that it is a regular file that you may read."),
    "DE103": Code("File too large", 3, "A manifest is at most 4 MiB. Move data into files that services mount."),
    "DE104": Code("Not UTF-8 text", 3, "Save the file as UTF-8."),
    "DE105": Code("YAML syntax", 3, "Mend the YAML at the place shown."),
    "DE106": Code("Duplicate key", 3, "Keep one of the two."),
    "DE107": Code("Aliases expand too far", 3, "Use fewer nested aliases."),
    "DE108": Code("Nested too deeply", 3, "Flatten the structure."),
    "DE109": Code("Unknown YAML tag", 3, "Only Compose's own tags, !reset and !override, are read."),
    "DE110": Code("More than one YAML document", 3, "Keep one document per file."),
    "DE111": Code("Key is not text", 3, "Keys are text. Put a key that looks like something else in quotes."),
    "DE112": Code("Alias cannot be followed", 3, "Define the anchor before the alias; `<<` takes mappings only."),
    "DE260": Code("Variable is not set", 3, "Set it in the environment or in the file `.env` beside the manifest."),
    "DE401": Code("Docker engine cannot be reached", 4, "Start it, or run `devenv doctor` to see what is missing."),
    "DE402": Code("The engine must be set up by hand", 4, "Run the commands shown, then `devenv doctor`."),
    "DE403": Code("Nobody agreed to an installation", 4, "Give --yes, or run the commands shown yourself."),
    "DE404": Code("A step of an installation failed", 4, "See the program's own words; then run it again."),
    "DE405": Code("The engine does not start", 4, "See its log, the last lines of which are shown."),
    "DE409": Code("The engine refuses a request", 4, "Read the engine's words."),
    "DE501": Code("No such image", 1, "Check the name and the tag."),
    "DE502": Code("Registry cannot be reached", 1, "Check the network, or configure a registry mirror."),
    "DE503": Code("Registry refuses access", 1, "Log in with `docker login`."),
    "DE504": Code("Registry's rate limit reached", 1, "Log in with `docker login`, or try again later."),
    "DE505": Code("Image not made for this platform", 1, "Choose another image or tag, or set `platform`."),
    "DE506": Code("No space left for images", 1, "Free space, for example with `docker image prune`."),
    "DE507": Code("Base image cannot be made", 1, "Install mmdebstrap, or make a registry reachable."),
    "DE508": Code("Image pull failed", 1, "Read the engine's words."),
    "DE509": Code("Image is not there", 1, "Run `devenv up`, which pulls or builds it."),
    "DE510": Code("Image build failed", 1, "Read the last lines of the build, and mend the Dockerfile."),
    "DE601": Code("Container cannot be started", 1, "Read the engine's words."),
    "DE602": Code("Port is taken", 1, "End what holds it, or choose another port."),
    "DE603": Code("Compose refuses the generated file", 1, "Check the Compose keys that the message names."),
    "DE604": Code("No free network addresses", 1, "Remove unused networks with `docker network prune`."),
    "DE605": Code("Compose failed", 1, "Read Compose's words."),
    "DE606": Code("Container name in use", 1, "Remove the other container, or drop `container_name`."),
    "DE620": Code(
        "Not ready in time", 5, "Read the log and the probe; raise `ready.within` if it is only slow."
    ),
    "DE621": Code("Service ended", 5, "Read the log's last lines, and mend what they name."),
    "DE622": Code("Out of memory", 5, "Give the service more memory."),
    "DE623": Code("Job failed", 5, "Read the job's log; `devenv up` runs it again."),
    "DE624": Code("Service ended after it was ready", 5, "Read the log's last lines, and mend what they name."),
    "DE625": Code("Service keeps restarting", 5, "Read the log's last lines, and mend what they name."),
    "DE626": Code("Time is up", 5, "Raise `--timeout`, or see what the services wait for."),
    "DE627": Code("Container removed while it came up", 5, "Run `devenv up` again."),
    "DE628": Code("Container not created", 5, "Run `devenv up` again."),
    "DE629": Code("Readiness cannot be probed", 5, "Publish the port that `ready` asks, or use an image with a shell."),
    "DE630": Code("Stack is not up", 1, "Run `devenv up`."),
    "DE631": Code("Service is not running", 1, "Run `devenv up NAME`."),
    "DE632": Code("Check failed", 1, "Read what came back, and the log of the service that was asked."),
    "DE633": Code("Not confirmed", 1, "Confirm, or pass `--yes`."),
    "DE634": Code("Required file or folder is missing", 3, "Create it, or mend the path in the manifest."),
    "DE701": Code("Cannot write a file", 1, "Check permissions and free space."),
    "DE702": Code("Another devenv is at work on this stack", 1, "Wait for it, or end it."),
    "DE703": Code("Program cannot be run", 1, "Install it, or put it on PATH."),
    "DE704": Code("A file is there already", 1, "Move it away, or work with it as it is."),
    "DE710": Code("Command line cannot be understood", 2, "Compare it with `devenv COMMAND --help`."),
    "DE720": Code("Unknown service", 2, "`devenv status` lists the services."),
    "DE721": Code("Unknown mode", 2, "Modes are listed under `modes` in the manifest."),
    "DE722": Code("Nothing to open", 1, "Name a port under `ports`, and say `open: NAME` in the service."),
    "DE723": Code("Unknown check", 2, "Checks are listed under `checks` in the manifest."),
    "DE900": Code("Bug in devenv", 70, "Please report it with the file that the message names."),
}
