from devenv.core.compose.reading import documents, parse_compose, spelled_out
from devenv.errors import Report


def read(text: str):
    report = Report()
    return parse_compose(text, "compose.yaml", report), report


def test_numbers_and_dates_are_what_compose_takes_them_for():
    data, report = read("services: {a: {environment: {V: 1.10, T: 1e3, O: 0123, D: 2020-01-02}, cpus: 1.50}}\n")
    assert data["services"]["a"]["environment"] == {"V": 1.1, "T": 1000, "O": 83, "D": "2020-01-02 00:00:00 +0000 UTC"}
    assert not report.errors


def test_a_manifest_and_what_is_quoted_stay():
    manifest, _ = read("devenv: 1\nservices: {a: {environment: {V: 1.10}}}\n")
    assert manifest["services"]["a"]["environment"] == {"V": "1.10"}
    assert read("a: '1.10'\n")[0] == {"a": "1.10"}


def test_problems_are_told_once_and_with_what_was_written():
    _, report = read("a: 1.10\na: 2\n")
    assert [p.code for p in report.errors] == ["DE106"]
    assert read("a: [\n")[0] is None


def test_changes_say_where_they_are():
    assert spelled_out("\ufeffa: 1\r\nb:\r\n  - 1.10\r\n") == ("a: 1\nb:\n  - 1.1\n", [(3, "b", "1.10", "1.1")])


def test_documents_keep_their_line_numbers():
    assert documents("# a\n%YAML 1.1\n---\na: |\n  ---\n  x\n---: 1\n") == [
        "# a\n%YAML 1.1\n---\na: |\n  ---\n  x\n---: 1\n"
    ]
    assert documents("\ufeffa: 1\r\n---\r\nb: 2\n--- # c\n") == ["a: 1\n", "\n---\nb: 2\n", "\n\n\n--- # c\n"]
    assert documents("# a\n  \n  # b\n---\na: 1\n") == ["# a\n  \n  # b\n---\na: 1\n"]
    assert documents("") == [""]
