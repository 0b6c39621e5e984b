from __future__ import annotations

import pytest

from devenv.core.compose.interpolate import interpolate
from devenv.core.lock.changes import changes_of, file_diffs
from devenv.core.lock.contents import content_of
from devenv.core.lock.names import choose
from devenv.core.lock.state import default_name, locked_variables, pinned_name, problems_of, pruned
from devenv.errors import DevenvError
from devenv.model.lock import Lock, LockedImage, LockedTemplate, Pin, Source, Wanted
from devenv.records import replace

A, B = (f"sha256:{digit * 64}" for digit in "ab")
TEAM = Source(git="https://host/team/platform.git", ref="v1")
PIN = Pin(git=TEAM.git, ref="v1", commit="1" * 40, content=A)
POSTGRES = LockedTemplate(catalog="built-in", content=A)
WANTED = Wanted(images=("postgres:17", "nginx"), catalogs=(TEAM,), templates={"postgres": POSTGRES})
LOCK = Lock(
    devenv=">=0.1, <0.2",
    trusted=(TEAM.git,),
    catalogs=(PIN,),
    templates={"postgres": POSTGRES},
    images={"postgres:17": LockedImage(digest=A), "nginx": LockedImage(digest=B)},
)


def told(lock, wanted=WANTED, version="0.1.0"):
    return [(p.code, p.path.partition(": ")[2], p.message) for p in problems_of(lock, wanted, version)]


def test_a_lock_that_fits():
    assert told(LOCK) == []
    assert pruned(LOCK, WANTED) == LOCK


def test_each_thing_that_is_missing_is_told():
    assert [(code, section) for code, section, _ in told(Lock())] == [
        ("DE782", "devenv"),
        ("DE782", "catalogs"),
        ("DE782", "templates"),
        ("DE782", "images"),
        ("DE782", "images"),
    ]


def test_what_nothing_asks_for_is_told_and_taken_out():
    problems = told(LOCK, Wanted())
    assert len(problems) == 4 and all(code == "DE782" and "not used any more" in said for code, _, said in problems)
    assert pruned(LOCK, Wanted()) == Lock(devenv=LOCK.devenv)


def test_another_template_and_another_release_are_told():
    changed = replace(WANTED, templates={"postgres": LockedTemplate(catalog="../team", content=A)})
    ((code, _, message),) = told(LOCK, changed)
    assert code == "DE781" and "from built-in to ../team" in message
    ((code, section, _),) = told(LOCK, version="0.2.0")
    assert (code, section) == ("DE783", "devenv")


def test_a_digest_is_added_once_and_only_to_the_name_that_is_locked():
    assert pinned_name("postgres:17", LOCK) == f"postgres:17@{A}"
    assert pinned_name(f"postgres:17@{B}", LOCK) == f"postgres:17@{B}"
    assert pinned_name("postgres:16", LOCK) == "postgres:16"
    assert pinned_name(f"postgres:${{TAG:-17@{B}}}", LOCK) == f"postgres:${{TAG:-17@{B}}}"
    assert pinned_name("postgres:$TAG", Lock()) == "postgres:$TAG"


@pytest.mark.parametrize(
    ("written", "variables", "name"),
    [
        ("postgres:${TAG:-17}", {}, f"postgres:17@{A}"),
        ("postgres:${TAG:-17}", {"TAG": "17"}, f"postgres:17@{A}"),
        ("postgres:${TAG:-16}", {}, "postgres:16"),
        ("postgres:${TAG:-16}", {"TAG": "17"}, f"postgres:17@{A}"),
        ("postgres:$TAG", {"TAG": "17"}, f"postgres:17@{A}"),
        ("postgres:${TAG:?set it}", {"TAG": "17"}, f"postgres:17@{A}"),
        ("postgres:${TAG:?set it}", {"TAG": "16"}, "postgres:16"),
        ("postgres:$TAG", {"TAG": f"17@{B}"}, f"postgres:17@{B}"),
        ("postgres:17${NO:+}", {}, f"postgres:17@{A}"),
    ],
)
def test_a_name_that_holds_variables_has_the_digest_of_what_they_make_of_it(written, variables, name):
    pinned = pinned_name(written, LOCK)
    digests = {name: image.digest for name, image in LOCK.images.items()}
    assert interpolate(pinned, variables | locked_variables([pinned], digests, variables)) == name


def test_a_variable_that_is_missing_is_left_for_compose_to_tell():
    assert locked_variables([pinned_name("postgres:${TAG:?set it}", LOCK)], {}, {}) == {}


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("nginx", "nginx"),
        (f"nginx:1@{A}", "nginx:1"),
        ("${R:-host:5000}/a-b/c_d:${T-V1.2}", "host:5000/a-b/c_d:V1.2"),
        (f"x:${{T:-1@{A}}}", "x:1"),
        ("x:${T}", None),
        ("x:${T:-}", None),
        ("${R:-}/x:1", None),
    ],
)
def test_the_name_that_a_lock_has_for_an_image(written, name):
    assert default_name(written) == name


@pytest.mark.parametrize(
    ("name", "sources", "templates", "images"),
    [
        ("platform", {TEAM}, set(), set()),
        (TEAM.git, {TEAM}, set(), set()),
        ("postgres", set(), {"postgres"}, set()),
        ("postgres:17", set(), set(), {"postgres:17"}),
        ("docker.io/library/postgres:17", set(), set(), {"postgres:17"}),
        ("db", set(), set(), {"postgres:17"}),
        ("nginx", set(), set(), {"nginx"}),
        ("devenv", set(), set(), set()),
    ],
)
def test_names_that_an_upgrade_takes(name, sources, templates, images):
    found = choose([name], LOCK, WANTED, {"db": ["postgres:17"]})
    assert (found.sources, found.templates, found.images) == (sources, templates, images)
    assert found.devenv is (name == "devenv")


def test_a_remote_template_brings_its_catalog():
    wanted = replace(
        WANTED, templates={"queue": LockedTemplate(str(TEAM), A), "postgres": LockedTemplate("built-in", A)}
    )
    found = choose(["queue"], LOCK, wanted, {})
    assert (found.sources, found.drawn, found.templates) == ({TEAM}, {TEAM}, {"queue"})
    named = choose(["queue", "platform"], LOCK, wanted, {})
    assert (named.sources, named.drawn) == ({TEAM}, set())
    assert not choose(["postgres"], LOCK, wanted, {}).sources


def test_no_name_is_everything_and_an_unknown_one_has_a_suggestion():
    everything = choose([], LOCK, WANTED, {})
    assert everything.devenv and everything.images == {"postgres:17", "nginx"} and everything.sources == {TEAM}
    with pytest.raises(DevenvError) as raised:
        choose(["platfrom"], LOCK, WANTED, {})
    assert (raised.value.problems[0].code, raised.value.exit_code) == ("DE784", 2)
    assert "platform" in (raised.value.problems[0].hint or "")


def test_two_locks_differ_entry_by_entry():
    moved = LOCK.with_pin("catalogs", replace(PIN, commit="2" * 40, content=B))
    moved = replace(moved, images={"nginx": LockedImage(digest=A), "new": LockedImage(digest=A)})
    assert [(c.kind, c.name, c.before and c.before[:8], c.after and c.after[:8]) for c in changes_of(LOCK, moved)] == [
        ("catalog", str(TEAM), "11111111", "22222222"),
        ("image", "new", None, "sha256:a"),
        ("image", "nginx", "sha256:b", "sha256:a"),
        ("image", "postgres:17", "sha256:a", None),
    ]
    assert changes_of(LOCK, LOCK) == ()


def test_files_of_a_template_differ_line_by_line():
    old, new = {"template.yaml": "a\nb\n", "gone": "x\n"}, {"template.yaml": "a\nc\n"}
    diffs = list(file_diffs(old, new, "postgres"))
    assert [d.file for d in diffs] == ["postgres/gone", "postgres/template.yaml"]
    assert diffs[1].lines[-2:] == ("-b", "+c")
    (secret,) = file_diffs({"f": "PASSWORD: swordfish"}, {"f": "PASSWORD: tr0ub4dor"})
    assert secret.lines[-2:] == ("-PASSWORD: *********", "+PASSWORD: *********")
    (long,) = file_diffs({}, {"f": "l\n" * 1000})
    assert len(long.lines) == 200 and long.more > 700


def test_names_and_texts_make_the_content():
    assert content_of({"a": "1", "b": "2"}) == content_of({"b": "2", "a": "1"})
    assert len({content_of(f) for f in ({"a": "12"}, {"a": "1", "2": ""}, {"a1": "2"}, {}, {"a": "1"})}) == 5
