def test_timings_of_the_last_run(shop):
    assert shop("up", "--quiet").code == 0
    text = shop("timings", "--compare").out
    assert text.startswith("shop, run 1 of ")
    assert "longest path: db create" in text
    assert "no earlier run can be compared" in text
    data = shop("timings", "--json").data
    assert (data["run"], data["outcome"], data["comparison"]) == (1, "ready", None)
    assert [run["run"] for run in shop("timings", "--list", "--json").data["runs"]] == [1]
    assert shop("timings", "--list").out.splitlines()[1].startswith("1    ")


def test_the_page_goes_to_a_file_or_to_stdout(shop):
    shop("up", "--quiet")
    assert shop("timings", "--html", "-").out.startswith("<!doctype html>")
    assert shop("timings", "--html", "t.html").out == "t.html: written\n"
    assert [text[:15] for path, text in shop.project.files.items() if path.endswith("t.html")] == ["<!doctype html>"]


def test_what_cannot_be_shown_is_told(shop):
    none = shop("timings")
    assert (none.code, "DE730" in none.err) == (1, True)
    assert shop("timings", "--list").err == "no `devenv up` of this checkout has been recorded yet\n"
    shop("up", "--quiet")
    assert (shop("timings", "7").code, "DE731" in shop("timings", "7").err) == (2, True)
    assert shop("timings", "--list", "--compare").code == 2
    assert shop("timings", "--json", "--html", "-").code == 2
