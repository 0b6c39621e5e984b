"""What `devenv template test` prints."""

from __future__ import annotations

from devenv.ui.authoring import Result, format_end, format_result

FOUND = [
    Result("proxy", "ready", "ok", "0.5 s of 60 s"),
    Result("proxy", "keeps its data", "nothing", "it keeps no data"),
    Result("store", "keeps its data", "skipped", "name a test"),
]


def test_what_there_is_nothing_to_prove_of_is_not_called_skipped() -> None:
    assert [format_result(one, width=5, colour=False) for one in FOUND] == [
        "ok       proxy  ready               0.5 s of 60 s",
        "nothing  proxy  keeps its data      it keeps no data",
        "skipped  store  keeps its data      name a test",
    ]
    assert format_end(FOUND, colour=False) == "2 templates: 1 check ok, 1 skipped, 1 with nothing to prove"
