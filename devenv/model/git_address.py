"""Addresses of Git repositories, refs and folders in them: which of them are ever handed to git."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

REF = r"(?!.*(?:\.\.|//|@\{|/\.|\.lock(?:/|$)))[A-Za-z0-9_][A-Za-z0-9_./+@#=,%!-]*(?<![./])"
_SCP = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]*@)?[A-Za-z0-9_][A-Za-z0-9_.-]*:(?!:)(?!//)[^\s]+")
_LOCAL = ("localhost", "127.0.0.1", "::1")


def is_path(url: str) -> bool:
    """Whether an address names a folder of this machine by its path."""
    return "://" not in url and (url.startswith((".", "/", "~")) or not _SCP.fullmatch(url))


def of_this_machine(url: str) -> bool:
    """Whether an address names a repository of this machine, as a path or a `file://` URL."""
    return is_path(url) or url.lower().startswith("file:")


def refused(url: str) -> str:
    """Why an address is never asked; empty when it may be: https, ssh (`git@host:path` too), file, or a path."""
    shown = hide_password(url)
    if not url or url.startswith("-") or not url.isprintable() or "::" in url.partition("/")[0]:
        return f"{shown!r} is no address of a Git repository"
    if "://" not in url:
        return ""
    try:
        parts = urlsplit(url)
        host, password = parts.hostname or "", parts.password
    except ValueError:
        return f"{shown!r} is no address of a Git repository"
    if password is not None or (parts.scheme in ("http", "https") and parts.username):
        return f"the address {shown} holds a password or token; leave it to Git's credential helper"
    scheme = url.partition("://")[0]  # as it is written: Git knows no `HTTPS`
    if scheme not in ("https", "ssh", "file") and not (scheme == "http" and host in _LOCAL):
        return f"{shown}: a repository is reached by https, ssh, or a path, not by '{scheme}'"
    if parts.scheme != "file" and (not host or host.startswith("-")):
        return f"{shown!r} has no host"
    if not host.isascii():  # a person who agrees to it would not see what it is
        return f"the host in {shown} has letters that may look like others ({host!a}): write it as 'xn--…'"
    return ""


def hide_password(url: str) -> str:
    """An address to be shown or written down: without what stands before `@` in it, but for a bare user of ssh."""
    return re.sub(r"^(https?://)[^/@]*@|^(\w+://[^/@:]*):[^/@]*@", lambda m: m[1] or f"{m[2]}@", url)


def bad_ref(ref: str) -> bool:
    """Whether a text is no name of a branch, tag or commit that is ever asked for."""
    return not re.fullmatch(REF, ref)


def bad_folder(path: str) -> bool:
    """Whether a text is no folder inside a repository."""
    return ".." in path.replace("\\", "/").split("/") or not path.isprintable() or path.startswith(("/", ":", "\\"))
