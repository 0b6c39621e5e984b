import io
import tarfile
from collections.abc import Iterator

from devenv.engine.daemon_files import beginning


def tar(**fields: object) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo(str(fields.get("name", "file")))
        content = fields.get("content", b"")
        assert isinstance(content, bytes)
        info.type = fields.get("type", tarfile.REGTYPE)  # type: ignore[assignment]
        info.linkname = str(fields.get("link", ""))
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def engine(files: dict[str, bytes]) -> tuple[list[str], object]:
    asked: list[str] = []

    def archive(path: str) -> Iterator[bytes]:
        asked.append(path)
        data = files.get(path, b"")
        yield from (data[at : at + 1000] for at in range(0, len(data), 1000))

    return asked, archive


def test_the_first_bytes_of_a_file_and_no_more() -> None:
    _, archive = engine({"/run.sh": tar(content=b"#!/bin/sh\r\n"), "/big": tar(content=b"x" * 1_000_000)})
    assert beginning("/run.sh", archive) == b"#!/bin/sh\r\n"  # type: ignore[arg-type]
    assert beginning("/big", archive) == b"x" * 4096  # type: ignore[arg-type]


def test_links_are_followed_and_not_for_ever() -> None:
    asked, archive = engine(
        {
            "/usr/bin/sh": tar(type=tarfile.SYMTYPE, link="../lib/dash"),
            "/usr/lib/dash": tar(content=b"\x7fELF"),
            "/loop": tar(type=tarfile.SYMTYPE, link="loop"),
        }
    )
    assert beginning("/usr/bin/sh", archive) == b"\x7fELF"  # type: ignore[arg-type]
    assert asked == ["/usr/bin/sh", "/usr/lib/dash"]
    assert beginning("/loop", archive) is None  # type: ignore[arg-type]


def test_what_is_no_file_has_no_beginning() -> None:
    _, archive = engine({"/etc": tar(type=tarfile.DIRTYPE), "/odd": b"not a tar file" * 100})
    assert beginning("/etc", archive) is None  # type: ignore[arg-type]
    assert beginning("/odd", archive) is None  # type: ignore[arg-type]
    assert beginning("/missing", archive) is None  # type: ignore[arg-type]
