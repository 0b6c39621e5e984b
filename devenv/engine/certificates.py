"""The certificates that this machine trusts, for builds that fetch packages over TLS."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

# Debian, Ubuntu, Alpine, Arch; Fedora and RHEL; openSUSE; macOS.
_PLACES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
_LARGEST = 500_000  # bytes; BuildKit refuses larger secrets


def bundle(environ: Mapping[str, str]) -> str | None:
    """The file of the certificates that this machine trusts: `SSL_CERT_FILE`, or where the system keeps them; None
    when there is none that a build can take.

    A proxy that opens TLS has a certificate of its own, which the machine trusts and a new container does not.
    """
    for place in (environ.get("SSL_CERT_FILE"), *_PLACES):
        if place and (file := Path(place)).is_file():
            return str(file.resolve()) if file.stat().st_size <= _LARGEST else None
    return None
