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
# 7xx project and command line, 8xx policies and lint.
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
    "DE201": Code("Not a manifest", 3, "A manifest is a mapping that starts with `devenv: 1`."),
    "DE202": Code("Format not read", 3, "Write `devenv: 1`, or update devenv for a newer format."),
    "DE203": Code("Unknown key", 3, "Compare the key with the reference of the manifest and of Compose."),
    "DE204": Code("Value of the wrong kind", 3, "Write the kind of value that the message names."),
    "DE205": Code("Name not allowed", 3, "Use letters, digits, `-` and `_`, as the message says."),
    "DE206": Code("No such service", 3, "Name a service that stands under `services`."),
    "DE207": Code("What the service runs is unclear", 3, "Say one of `use`, `image` and `build`."),
    "DE208": Code("Port not understood", 3, "Write `name: container-port`, or Compose's list."),
    "DE209": Code("Readiness not understood", 3, "Say exactly one of `http`, `tcp` and `run` under `ready`."),
    "DE210": Code("Duration not understood", 3, "Write seconds, or a duration such as `90s` or `1m30s`."),
    "DE211": Code("Named twice", 3, "Keep one of the two."),
    "DE212": Code("Service needs itself", 3, "Remove the service from its own `needs`."),
    "DE213": Code("Not in this release", 3, "The message says what this release reads instead."),
    "DE214": Code("Value not allowed", 3, "Write one of the values that the message names."),
    "DE215": Code("No services", 3, "Add at least one entry under `services`."),
    "DE216": Code("No port of that name", 3, "Name a port that stands under the service's `ports`."),
    "DE217": Code("Key is missing", 3, "Add the key."),
    "DE218": Code("Key has no effect", 3, "Remove it."),
    "DE219": Code("Keys that exclude each other", 3, "Keep one of the two."),
    "DE220": Code("Check not understood", 3, "Say exactly one of `http`, `tcp` and `run` in a check."),
    "DE221": Code(
        "Name of an added service is taken", 3, "Say `service:` to use the one there is, or `as:` for another name."
    ),
    "DE260": Code("Variable is not set", 3, "Set it in the environment or in the file `.env` beside the manifest."),
    "DE301": Code("No such template", 3, "`devenv catalog` lists the templates."),
    "DE302": Code(
        "No such version of a template", 3, "Choose a version that the hint names, or leave it out for the default."
    ),
    "DE303": Code(
        "Template is not valid",
        3,
        "Mend the template's file at the place shown; docs/reference/template.md has the format.",
    ),
    "DE304": Code(
        "Placeholder or condition means nothing",
        3,
        "A template can use its own parameters, version, secrets and address; `$$` is a dollar.",
    ),
    "DE305": Code(
        "Unknown parameter", 3, "Use a parameter that the template has; `devenv catalog show NAME` lists them."
    ),
    "DE306": Code("Parameter is missing", 3, "Set it under `with:`."),
    "DE307": Code("Parameter has a wrong value", 3, "Give a value of the parameter's type and within its bounds."),
    "DE308": Code(
        "File or folder is missing", 3, "Make it, or mend the path; paths are relative to the manifest's folder."
    ),
    "DE309": Code("Mounted path is missing", 3, "Make the file or folder before, or mend the path."),
    "DE310": Code(
        "Reference to an unknown service", 3, "Write `${service.output}` with the name of a service; `$${…}` is text."
    ),
    "DE311": Code("Unknown output", 3, "Use an output that the service has; the hint lists them."),
    "DE312": Code("Outputs refer to each other", 3, "Take one of the references out."),
    "DE314": Code("Services wait for each other", 3, "Take one of the needs in the cycle out."),
    "DE318": Code("Name is taken by a setup job", 3, "Rename the service that has the job's name."),
    "DE319": Code("Not declared", 3, "Declare the volume, network, config or secret at the top level."),
    "DE321": Code(
        "One host port is published twice",
        3,
        "Give one of the two another number, or name the port and leave `publish` out, so that devenv chooses.",
    ),
    "DE322": Code(
        "Template reaches too far",
        3,
        "Take the key out of the template; who needs it writes it in the manifest, under the service.",
    ),
    "DE330": Code(
        "Compose does not accept the stack", 3, "Mend what Compose names; its reference describes every key."
    ),
    "DE331": Code("Variable is not set", 3, "Set it, give it a default, or write `$$` for a dollar."),
    "DE340": Code("Included file cannot be had", 3, "Name a manifest or Compose file that is there, or its folder."),
    "DE341": Code("One name from two places", 3, "Give an include a `prefix`, or rename one of the two."),
    "DE342": Code("Files include each other", 3, "Take one of the includes in the circle out."),
    "DE343": Code(
        "Not for a file from another repository", 3, "Leave the key out there, or copy the file into this repository."
    ),
    "DE344": Code("Server cannot be shared", 3, "Share servers of one template and version, as the message says."),
    "DE345": Code("No such mode in an included file", 3, "Name a mode that stands under `modes` there."),
    "DE346": Code("No effect on a shared server", 3, "Set it where the server is, or leave it out."),
    "DE347": Code(
        "Another repository opens a port to the network", 3, "See whether it should; `ports: !override` takes others."
    ),
    "DE370": Code("Compose does not accept the files", 3, "Mend what Compose names; then import them."),
    "DE371": Code("Cannot be carried over", 3, "Change the place shown as the message says; then import again."),
    "DE372": Code(
        "The manifest would mean something else",
        3,
        "Please report it with the lines shown; nothing was written.",
    ),
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
    "DE606": Code("Container name in use", 1, "Remove the other container, or choose another `container_name`."),
    "DE607": Code("Network cannot be made anew", 1, "Take off the network what the message names, or stop it."),
    "DE620": Code("Not ready in time", 5, "Read the log and the probe; raise `ready.within` if it is only slow."),
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
    "DE633": Code("Not confirmed", 1, "Confirm, or pass `--yes`."),
    "DE634": Code("Contracts cannot be verified", 1, "Read what the verifier or the broker says."),
    "DE635": Code("Verifier is not installed", 1, "Install devenv with its extra `contracts`, as the hint says."),
    "DE636": Code("Service ended with its engine", 5, "Run `devenv up` again."),
    "DE637": Code(
        "Service is not healthy any more", 5, "Read the probe and the log; `devenv restart NAME` starts it anew."
    ),
    "DE701": Code("Cannot write a file", 1, "Check permissions and free space."),
    "DE702": Code("Another devenv is at work on this stack", 1, "Wait for it, or end it."),
    "DE703": Code("Program cannot be run", 1, "Install it, or put it on PATH."),
    "DE704": Code("A file is there already", 1, "Move it away, or work with it as it is."),
    "DE705": Code(
        "No valid manifest can be made", 3, "Mend what the problems beside it name, or write devenv.yaml by hand."
    ),
    "DE770": Code("Git repository cannot be read", 1, "Check the address, the network, and `git ls-remote`."),
    "DE771": Code("No such ref in a Git repository", 1, "Check the name of the branch, tag, commit or folder."),
    "DE772": Code("Git address or ref not allowed", 3, "Use https, ssh or a path, without a password."),
    "DE773": Code("Git is not installed", 1, "Install git; remote sources are read with it."),
    "DE774": Code("Files of a Git repository are not taken", 1, "Use another commit, or a folder of the repository."),
    "DE775": Code("Nobody agreed to a new source", 1, "Agree at a terminal, or run `devenv lock --yes`."),
    "DE780": Code("Lock is not valid", 3, "Mend devenv.lock at the place shown, or make it anew with `devenv lock`."),
    "DE781": Code("Source is not what the lock says", 1, "Find out who changed it before you run `devenv upgrade`."),
    "DE782": Code("Lock does not fit the manifest", 1, "Run `devenv lock`, and commit devenv.lock."),
    "DE783": Code("Lock is for another release of devenv", 1, "Use such a release, or run `devenv upgrade devenv`."),
    "DE784": Code("Nothing in the lock has that name", 2, "`devenv.lock` lists what can be named."),
    "DE785": Code("Manifest does not fit what is new", 3, "Mend the manifest, or name what else is to be renewed."),
    "DE786": Code("Kept digests are of other images", 1, "Run `devenv generate` or `devenv up`."),
    "DE710": Code("Command line cannot be understood", 2, "Compare it with `devenv COMMAND --help`."),
    "DE720": Code("Unknown service", 2, "`devenv status` lists the services."),
    "DE721": Code("Unknown mode", 2, "Modes are listed under `modes` in the manifest."),
    "DE722": Code("Nothing to open", 1, "Name a port under `ports`, and say `open: NAME` in the service."),
    "DE723": Code("Unknown check", 2, "Checks are listed under `checks` in the manifest."),
    "DE725": Code("Too many files", 1, "Name fewer files under `inputs`, as the message says."),
    "DE726": Code("Nothing to set up", 2, "Name a job, or a service that has a `setup`."),
    "DE727": Code(
        "No such contracts", 2, "Name the folder of pacts under `contracts`, or a provider that pacts are about."
    ),
    "DE730": Code("No timings yet", 1, "`devenv up` leaves a record of what it does."),
    "DE731": Code("Unknown run", 2, "`devenv timings --list` shows the runs that are remembered."),
    "DE741": Code("Path leads nowhere", 2, "Name a key or item that is there; `devenv set` lists them with TAB."),
    "DE742": Code("Cannot be changed by command", 1, "Change the file by hand at the place shown."),
    "DE743": Code("Edit not written", 3, "Mend what the problems beside it name, or change the edit."),
    "DE744": Code("Service is still named", 1, "Take it out of the places shown, or pass `--cascade`."),
    "DE760": Code("Nothing there to explain", 2, "`devenv explain SERVICE` lists what there is."),
    "DE761": Code("No Git repository", 1, "Keep the manifest in Git, or use `devenv diff --running`."),
    "DE762": Code("Unknown revision", 2, "Name a commit, a branch or a tag; `git log --oneline` shows commits."),
    "DE763": Code("No manifest in that revision", 1, "Name a later revision."),
    "DE801": Code("Not a policy", 3, "A policy is a mapping that starts with `policy: 1`."),
    "DE802": Code("Policy's format not read", 3, "Write `policy: 1`, or update devenv for a newer format."),
    "DE803": Code("No such rule", 3, "[Rules](lint.md) lists the names of all rules."),
    "DE804": Code("Day not understood", 3, "Write year, month and day: `2026-06-30`."),
    "DE810": Code("Against a policy", 1, "Do what the reason asks for, or get a waiver from the policy's owner."),
    "DE900": Code("Bug in devenv", 70, "Please report it with the file that the message names."),
}
