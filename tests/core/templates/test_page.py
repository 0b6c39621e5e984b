"""The reference page of a template."""

from __future__ import annotations

from devenv.core.templates.catalog import load_template
from devenv.core.templates.page import page
from devenv.core.yaml.source import parse
from devenv.errors import Report
from devenv.model.data import Map
from devenv.model.template import Parameter
from devenv.records import replace

TEXT = """\
template: 1
summary: A queue
home: https://example.org/
versions: ["2", "1"]
parameters:
  size: { type: size, default: 64mb, min: 1048576, description: "Memory | for data" }
  mode: { type: enum, values: [a, b], default: a }
  names: { type: list, items: string, default: [], pattern: "[a-z|]+" }
  who: { type: string }
secrets:
  password: { generate: 24 }
service: { image: "queue:${version}", ports: { main: 1, other: 2 }, volumes: ["data:/d"] }
outputs: { url: "q://${host}:${port}" }
host_outputs: { url: "q://${other.host}:${other.port}" }
data: [data]
shell: [q, --all]
"""

PAGE = """\
# queue

A queue.

<https://example.org/>

```yaml
services:
  queue:
    use: queue@2
```

## Versions

`2` (default), `1`

## Parameters

| parameter | type | default | meaning |
|---|---|---|---|
| `size` | size | `64mb` | Memory \\| for data; from 1048576 |
| `mode` | enum | `a` | one of `a`, `b` |
| `names` | list of string | `[]` | matches `[a-z\\|]+` |
| `who` | string | **required** |  |

## Outputs

What another service can refer to, as in `${queue.host}`.

| output | in a container | on the host |
|---|---|---|
| `host` | `${host}` | `${host}` |
| `port` | `${port}` | `${port}` |
| `url` | `q://${host}:${port}` | `q://${other.host}:${other.port}` |

## Secrets

Made once for each machine: `password` (24 characters).

## Data

Kept in `SERVICE-data`. `devenv down` leaves it; `devenv down --volumes` deletes it, after asking.

## Client

`devenv exec queue` runs `q --all`.
"""


def test_a_page_says_all_that_a_person_needs() -> None:
    report = Report()
    data = parse(TEXT, "template.yaml", report)
    assert isinstance(data, Map)
    template = load_template("queue", data, {}, "", report)
    assert template is not None, report.problems
    assert page(template).replace("\\\\|", "\\|") == PAGE


def test_words_of_the_author_are_no_html_and_no_links() -> None:
    report = Report()
    data = parse(TEXT, "template.yaml", report)
    assert isinstance(data, Map)
    template = load_template("queue", data, {}, "", report)
    assert template is not None
    odd = "a <script>x</script> [y](javascript:x) 1 < 2"
    parameter = Parameter(type="string", default="``<img src=x>``", description=odd)
    text = page(replace(template, summary=odd, home="javascript:x", parameters={"p": parameter}))
    assert text.count("a \\<script>x\\</script> [y]\\(javascript:x) 1 < 2") == 2
    assert "\n`javascript:x`\n" in text and "| ``` ``<img src=x>`` ``` |" in text
