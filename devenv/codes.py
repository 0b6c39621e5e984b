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
    "DE701": Code("Cannot write a file", 1, "Check permissions and free space."),
    "DE702": Code("Another devenv is at work on this stack", 1, "Wait for it, or end it."),
    "DE704": Code("A file is there already", 1, "Move it away, or work with it as it is."),
    "DE900": Code("Bug in devenv", 70, "Please report it with the file that the message names."),
}
