import pytest

from devenv.core.compose.numbers import misread, spelled
from devenv.core.yaml.places import places


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *[
            (text, text)
            for text in ("8080", "0", "yes", "22:22", "1.2.3", "-", "--x", "~", "089.1.1", "_1", "1e400", "a")
        ],
        *[("022", "18"), ("0o17", "15"), ("0X1F", "31"), ("0b11", "3"), ("1_000", "1000"), ("+5", "5"), ("-0", "0")],
        *[("089", "89"), ("1.10", "1.1"), ("1.0", "1"), ("1e3", "1000"), (".5", "0.5"), ("+.5", "0.5")],
        *[("12345678.9", "1.23456789e+07"), ("1000000.0", "1e+06"), ("0.1e-7", "1e-08"), ("-1_000.5", "-1000.5")],
        *[("12345678901234567890123", "1.2345678901234568e+22"), ("12345678901234567890", "12345678901234567890")],
        *[("2024-01-01", "2024-01-01 00:00:00 +0000 UTC"), ("2001-1-1", "2001-01-01 00:00:00 +0000 UTC")],
        *[("2001-01-01 10:00:00", "2001-01-01 10:00:00 +0000 UTC"), ("2024-13-01", "2024-13-01"), ("TRUE", "true")],
        *[
            ("2001-12-15T02:59:43.10Z", "2001-12-15 02:59:43.1 +0000 UTC"),
            ("2001-01-01 1:2:3.0", "2001-01-01 01:02:03 +0000 UTC"),
        ],
        *[
            ("9" * 5000, "9" * 5000),
            ("2001-12-14t21:59:43,5-05:30", "2001-12-14 21:59:43.5 -0530 -0530"),
            ("2001-01-01 1:2:3 +05:00", "2001-01-01 1:2:3 +05:00"),
        ],
    ],
)
def test_a_plain_value_is_what_compose_takes_it_for(written, meant):
    assert spelled(written) == meant


def test_only_unquoted_text_is_told_of_and_numbers_stay_as_they_look():
    text = 'environment: {A: 022, B: "022", C: 22}\ncpus: 0.50\nitems: [1.10, x]\nconfigs: [{mode: 0440}]\n'
    root = places(text)
    assert sorted((key, text[start:end], new) for start, end, key, new in misread(text, root)) == [
        ("A", "022", "18"),
        ("items", "1.10", "1.1"),
    ]
