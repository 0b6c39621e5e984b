"""The generated file, whole. With UPDATE_GOLDEN=1 in the environment the files are written; read the diff then."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from devenv.core.manifest import manifest
from devenv.core.stack.render import definition_hashes, render
from devenv.core.stack.resolve import resolve
from devenv.core.yaml.source import parse
from devenv.errors import Report
from tests.core.stacks import postgres, stack, template

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(folder.name for folder in GOLDEN.iterdir())
ANYTHING = """\
template: 1
summary: Takes any text anywhere
versions: ["1"]
parameters:
  text: { type: string }
  dollar: { type: string }
  list: { type: list }
  yes_text: { type: string }
  number: { type: integer }
service:
  image: example/anything:${version}
  ports: { main: 7000, ui: 7001 }
  command: [run, "${with.list}", "--text", "${with.text}"]
  environment:
    TEXT: ${with.text}
    DOLLAR: ${with.dollar}
    JOINED: "<${with.list}>"
    YES: ${with.yes_text}
    NUMBER: ${with.number}
    OWN: $$HOME ${ui.port} ${main.published}
  labels: { "x.y": "${with.text}" }
  configs: [{ source: rules, target: /etc/rules }]
configs:
  rules: { file: rules.conf }
outputs:
  text: ${with.text}
  url: any://${host}:${port}
"""
FILES = {"rules.conf": "text = ${with.yes_text}\nuri = $uri ${HOME} $$ $1\nliteral = $${with.text}\n"}


@pytest.mark.parametrize("case", CASES)
def test_the_file_is_a_manifest_but_for_its_first_line(case: str) -> None:
    """Commands on a stack that runs go by it while the manifest is broken."""
    report = Report()
    data = parse("devenv: 1\n" + (GOLDEN / case / "compose.yaml").read_text(encoding="utf-8"), "compose.yaml", report)
    loaded = manifest.load(data, "compose.yaml", report)
    assert loaded is not None and resolve(loaded, {}, report) is not None, report.problems
    assert report.problems == []


def rendered(case: str, relative_to: str = ".devenv") -> str:
    report = Report()
    data = parse((GOLDEN / case / "devenv.yaml").read_text(encoding="utf-8"), "devenv.yaml", report)
    anything = template(ANYTHING, report, "anything", FILES)
    assert anything is not None, report.problems
    loaded = manifest.load(data, "devenv.yaml", report)
    assert loaded is not None, report.problems
    found = resolve(loaded, {"postgres": postgres(), "anything": anything}, report)
    assert found is not None and not report.errors, report.problems
    return render(found, relative_to=relative_to)


@pytest.mark.parametrize("case", CASES)
def test_the_whole_file_is_as_expected(case):
    text = rendered(case)
    golden = GOLDEN / case / "compose.yaml"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES)
def test_compose_accepts_it(case, tmp_path):
    shutil.copytree(GOLDEN / case, tmp_path / case)
    folder = tmp_path / case / ".devenv"
    folder.mkdir()
    (tmp_path / case / "compose.yaml").rename(folder / "compose.yaml")
    command = ["docker", "compose", "-f", folder / "compose.yaml", "--profile", "*", "config", "-q"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_hostile_values_arrive_as_they_were_written():
    data = yaml.safe_load(rendered("hostile"))
    wrote = parse((GOLDEN / "hostile" / "devenv.yaml").read_text(encoding="utf-8"), "devenv.yaml", Report())
    given = wrote["services"]["any"]["with"]
    service = data["services"]["any"]
    assert service["environment"]["TEXT"] == service["labels"]["x.y"] == given["text"]
    assert service["command"] == ["run", *given["list"], "--text", given["text"]]
    assert service["environment"]["YES"] == "yes"
    assert set(data["services"]) == {"any", "reader"}


@pytest.mark.parametrize(
    ("relative_to", "source"),
    [(".devenv", "../x"), (".", "./x"), ("deploy/local", "../../x"), ("x", ".")],
)
def test_paths_fit_the_folder_of_the_file(relative_to, source):
    text = render(stack("web: {image: x, volumes: ['./x:/x']}"), relative_to=relative_to)
    mounted = yaml.safe_load(text)["services"]["web"]["volumes"][0].partition(":")[0]
    assert mounted == source


def test_the_same_stack_gives_the_same_bytes():
    assert rendered("shop") == rendered("shop")


def test_a_hash_follows_the_definition_and_the_files_that_it_mounts():
    def hashes(command="a", content="a"):
        return definition_hashes(
            stack(
                f"web: {{image: x, command: {command}, configs: [c]}}\nother: {{image: y}}",
                more=f"configs: {{c: {{content: {content}}}}}\n",
            )
        )

    assert hashes() == hashes()
    assert hashes()["web"] != hashes(command="b")["web"] != hashes(content="b")["web"] != hashes()["web"]
    assert hashes()["other"] == hashes(command="b")["other"] == hashes(content="b")["other"]
    assert all(len(one) == 16 and int(one, 16) >= 0 for one in hashes().values())
