"""Edits of a YAML file's text that leave every byte alone that they do not have to change."""

from devenv.core.edit.edit import Change, change, put, remove
from devenv.core.edit.fit import fit
from devenv.core.edit.paths import APPEND, BadPath, Path, parse_path, path_text

__all__ = ["APPEND", "BadPath", "Change", "Path", "change", "fit", "parse_path", "path_text", "put", "remove"]
