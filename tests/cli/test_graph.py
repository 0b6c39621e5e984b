"""`devenv graph` through the command line: in the terminal, as SVG, Mermaid and data."""

from xml.etree import ElementTree

import pytest

from devenv.core.timing.lines import dump
from devenv.model.timings import Kind, Record, Span, Timeline
from devenv.ops.bringup.recording import JOURNAL
from devenv.ops.graph import graph
from devenv.ui.graph import format_graph
from tests.cli.conftest import Shop
from tests.fakes import fake_world

MANIFEST = """\
devenv: 1
name: shop
services:
  db: { image: registry.example.com/team/postgres:17, ready: { run: [pg_isready] } }
  cache: { image: valkey:8 }
  seed: { image: seed:1, job: true, needs: [db] }
  orders: { build: ., needs: [db, seed], setup: [migrate], ports: { http: 80 }, ready: { http: / } }
  web: { build: ., needs: [orders, cache], profiles: [front] }
modes:
  back: [orders]
"""
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def shop():
    made = Shop(MANIFEST)
    yield made
    made.daemon.close()


def test_in_the_terminal(shop):
    assert (
        shop("graph").out
        == """\
shop: 6 services in 5 layers

1  *          db            postgres:17      [back]
   | o        cache         valkey:8
2  +-|-*      seed          seed:1           <- db  job  [back]
3  +-|-+-*    orders-setup  setup of orders  <- db, seed  [back]
4  `-|-'-'-*  orders        built here       <- db, seed, orders-setup  [back]
5    `-*---'  web           built here       <- orders, cache

* longest path, 5 services: db -> seed -> orders-setup -> orders -> web
"""
    )


@pytest.mark.parametrize(
    ("image", "shown"),
    [
        (f"r.example.com/cache:${{TAG:-1.2@sha256:{'0' * 64}}}", "cache:${TAG:-1.2}"),
        (f"${{CACHE:-r.io/cache:1@sha256:{'0' * 64}}}", "${CACHE:-r.io/cache:1}"),
        (f"valkey:8@sha256:{'0' * 64}", "valkey:8"),
    ],
)
def test_an_image_is_named_without_its_digest_wherever_that_stands(image, shown):
    shop = Shop(MANIFEST.replace("valkey:8", f'"{image}"'))
    assert f"   | o        cache         {shown} " in shop("graph").out.replace("\n", " \n")
    shop.daemon.close()


def test_what_need_not_be_there_is_drawn_where_it_is():
    entry = "{ condition: service_started, required: false }"
    manifest = MANIFEST.replace("job: true,", f"job: true, depends_on: {{ cache: {entry}, nobody: {entry} }},")
    shop = Shop(manifest.replace("image: valkey:8 }", "image: valkey:8, profiles: [x] }"))
    edges = [(e["service"], e["need"]) for e in shop("graph", "seed", "--json").data["edges"]]
    assert edges == [("seed", "db"), ("seed", "cache")]
    shop.daemon.close()


def test_only_what_a_mode_or_a_service_needs(shop):
    lines = shop("graph", "--mode", "back").out.splitlines()
    assert lines[0] == "shop: 4 services in 4 layers"
    assert not any(" web" in line or " cache" in line for line in lines)
    assert shop("graph", "cache").out.splitlines()[2].split() == ["1", "*", "cache", "valkey:8"]
    assert shop("graph", "--mode", "bak").code == 2
    assert "did you mean 'cache'?" in shop("graph", "cach").err


def test_a_mode_is_marked_on_what_comes_up_with_it(shop):
    manifest = MANIFEST.replace("setup: [migrate]", "setup: [migrate], provision: [seed]").replace(
        "services:\n", "services:\n  telemetry: { image: otel:1, ports: { otlp-http: 4318 } }\n", 1
    )
    shop.project.files["devenv.yaml"] = manifest + "observability: { service: telemetry }\n"
    marked = {node["service"] for node in shop("graph", "--json").data["nodes"] if node["modes"] == ["back"]}
    brought = {node["service"] for node in shop("graph", "--mode", "back", "--json").data["nodes"]}
    assert marked == brought and {"telemetry", "orders-provision"} < marked


def test_in_a_narrow_terminal_the_needs_are_cut_and_not_the_modes(shop):
    picture = graph(fake_world(project=shop.project))
    narrow = format_graph(picture, colour=False, width=60, unicode=True).splitlines()
    assert next(line for line in narrow if " orders-setup  " in line).endswith("← db, …  [back]")
    assert max(map(len, narrow[:-1])) <= 60


def test_the_longest_path_is_that_of_the_last_bring_up(shop):
    took = {"db": 0.5, "cache": 0.7, "web": 0.1}  # 0.7 + 0.1 is 0.7999999999999999
    lines = [Timeline(name, (), (Span(Kind.START, 0.0, seconds),), "ready") for name, seconds in took.items()]
    shop.project.files[JOURNAL] = dump([Record(1, 0.0, "shop", "ready", 9.0, "", tuple(lines))])
    assert shop("graph", "--json").data["longest_path"] == {"services": ["cache", "web"], "seconds": 0.8}
    assert shop("graph").out.splitlines()[-1] == "* longest path, 0.8 s when they were last started: cache -> web"


def test_as_data(shop):
    data = shop("graph", "--json").data
    assert data["stack"] == "shop"
    by_name = {node["service"]: node for node in data["nodes"]}
    assert {name: (node["kind"], node["layer"]) for name, node in by_name.items()} == {
        "db": ("service", 0),
        "cache": ("service", 0),
        "seed": ("job", 1),
        "orders-setup": ("setup", 2),
        "orders": ("service", 3),
        "web": ("service", 4),
    }
    assert by_name["db"]["modes"] == ["back"] and by_name["web"]["line"] == 8
    assert {"service": "orders", "need": "seed", "condition": "completed", "longest": False} in data["edges"]
    assert data["longest_path"] == {"services": ["db", "seed", "orders-setup", "orders", "web"], "seconds": None}


def test_as_svg(shop):
    assert shop("graph", "--svg", "shop.svg").out == "shop.svg: written\n"
    (text,) = [text for name, text in shop.project.files.items() if name.endswith("shop.svg")]
    root = ElementTree.fromstring(text)
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert {"db", "orders-setup", "postgres:17", "[back]", "when done"} <= set(texts)
    assert len([path for path in root.iter(f"{SVG}path") if path.get("class", "").endswith("longest")]) == 4
    assert "prefers-color-scheme: dark" in text
    assert "http://" not in text.replace("http://www.w3.org/2000/svg", ""), "it is complete in itself"
    assert shop("graph", "--svg", "-").out == text


def test_no_text_leaves_its_box(shop):
    wide = MANIFEST.replace("seed:", f"{'s' * 60}:").replace("[db, seed]", f"[db, {'s' * 60}]")
    shop.project.files["devenv.yaml"] = wide.replace("valkey:8", f"x/{'v' * 90}:1")
    root = ElementTree.fromstring(shop("graph", "--svg", "-").out)
    for group in root.iter(f"{SVG}g"):
        box = group.find(f"{SVG}rect[@class='box edge']")
        for text in group.findall(f"{SVG}text") if box is not None else ():
            size = 7.3 if text.get("class") == "name" else 6.1
            end = float(text.get("x")) + len(text.text) * size
            assert end <= float(box.get("x")) + float(box.get("width"))


def test_as_mermaid(shop):
    assert (
        shop("graph", "orders", "--mermaid").out
        == """\
flowchart LR
  n0["<b>db</b><br>postgres:17<br>[back]"]
  n1{{"<b>seed</b><br>seed:1<br>[back]"}}
  n2>"<b>orders-setup</b><br>setup of orders<br>[back]"]
  n3["<b>orders</b><br>built here<br>[back]"]
  n0 --> n1
  n0 --> n2
  n1 ==> n2
  n0 --> n3
  n1 ==> n3
  n2 ==> n3
  linkStyle 0,2,5 stroke:#d97706,stroke-width:3px
  classDef longest stroke:#d97706,stroke-width:3px
  classDef server fill:#dbeafe,color:#111827
  classDef service fill:#dcfce7,color:#111827
  classDef job fill:#f3e8ff,color:#111827
  classDef setup fill:#f3e8ff,color:#111827
  class n0,n3 service
  class n1 job
  class n2 setup
  class n0,n1,n2,n3 longest
"""
    )


def test_only_one_result_is_printed(shop):
    assert shop("graph", "--json", "--mermaid").code == 2
    assert shop("graph", "--svg", "-", "--json").code == 2
