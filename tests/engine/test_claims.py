import subprocess
import sys
from pathlib import Path

from devenv.engine.claims import Claims

OTHER = (
    "import sys; from pathlib import Path; from devenv.engine.claims import Claims\n"
    "claims = Claims(Path(sys.argv[1]))\n"
    "print(*[claims.take(what) for what in sys.argv[2:]])\n"
)


def other(file: Path, *what: str) -> list[bool]:
    done = subprocess.run([sys.executable, "-c", OTHER, str(file), *what], capture_output=True, text=True, check=True)
    return [word == "True" for word in done.stdout.split()]


def test_what_one_process_has_no_other_gets(tmp_path: Path) -> None:
    file = tmp_path / "state" / "claims"
    mine = Claims(file)
    assert mine.take("port 8080/tcp")
    assert mine.take("port 8080/tcp")
    assert other(file, "port 8080/tcp", "port 8081/tcp") == [False, True]
    assert mine.take("port 8081/tcp"), "the other one has ended"
    mine.release()
    assert other(file, "port 8080/tcp") == [True]


def test_without_a_place_to_write_everything_may_be_taken(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert Claims(tmp_path / "file" / "claims").take("name shop")
    assert not Claims(tmp_path / "file" / "claims").taken("name shop")
