"""Why a file cannot be written, and what to do about it."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from shlex import quote

from devenv.errors import DevenvError

_FULL = "make room: `df -h {folder}` shows how full that disk is"
_OWNER = "`ls -ld {folder}` shows who may write there"
_KIND = "move away what is there in its place"
_HINTS = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EACCES: _OWNER,
    errno.EPERM: _OWNER,
    errno.EROFS: "mount {folder} so that it can be written",
    errno.EISDIR: _KIND,
    errno.ENOTDIR: _KIND,
    errno.EEXIST: _KIND,
}


def unwritable(what: object, at: Path, error: OSError) -> DevenvError:
    """DE701 for `what`, as people know it; `at` is the file or folder."""
    at = Path(os.path.normpath(at.absolute()))
    folder = next((one for one in (at, *at.parents) if one.is_dir()), at)
    hint = _HINTS.get(error.errno or 0, "see what is wrong with {folder}").format(folder=quote(str(folder)))
    return DevenvError.of("DE701", f"cannot write {what}: {error.strerror or error}", hint=hint)
