from __future__ import annotations

from devenv.engine import certificates


def test_what_a_person_names_goes_before_what_the_system_has(tmp_path, monkeypatch):
    system, own = tmp_path / "system.crt", tmp_path / "own.crt"
    system.write_text("system", "utf-8")
    own.write_text("own", "utf-8")
    monkeypatch.setattr(certificates, "_PLACES", (str(tmp_path / "absent"), str(system)))
    assert certificates.bundle({"SSL_CERT_FILE": str(own)}) == str(own)
    assert certificates.bundle({"SSL_CERT_FILE": str(tmp_path / "absent")}) == str(system)
    assert certificates.bundle({}) == str(system)


def test_without_certificates_or_with_too_many_a_build_gets_none(tmp_path, monkeypatch):
    monkeypatch.setattr(certificates, "_PLACES", (str(tmp_path / "absent"),))
    assert certificates.bundle({}) is None
    large = tmp_path / "large.crt"
    large.write_bytes(b"x" * 600_000)
    assert certificates.bundle({"SSL_CERT_FILE": str(large)}) is None
