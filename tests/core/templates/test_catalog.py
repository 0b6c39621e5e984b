from __future__ import annotations

import pytest

from devenv.errors import Report
from tests.core.stacks import POSTGRES, POSTGRES_FILES, lines, stack, template

HEAD = 'template: 1\nsummary: s\nversions: ["1"]\n'
WRONG = {
    "an unknown key": (
        "sumary: x\n" + HEAD + "service: {image: x}",
        ["DE303 1:1 unknown key 'sumary' [did you mean 'summary'?]"],
    ),
    "what is missing": (
        'template: 1\nversions: ["1"]\nservice: {image: x}',
        ["DE303 1:1 summary: 'summary' is missing"],
    ),
    "another format": (HEAD.replace("1", "2", 1) + "service: {image: x}", ["DE303 1:11 template: must be 1"]),
    "an unknown type": (
        HEAD + "parameters: {a: {type: text}}\nservice: {image: x}",
        [
            "DE303 4:24 parameters.a.type: must be 'string', 'integer', 'number', 'boolean', 'enum', 'file',"
            " 'directory', 'list', 'size', 'duration', 'mapping' or 'record'"
        ],
    ),
    "values of another kind": (
        HEAD + "parameters: {a: {type: string, optional: maybe, min: x, values: a}}\nservice: [x]\ndata: {a: b}",
        [
            "DE303 4:42 parameters.a.optional: takes true or false, not text",
            "DE303 4:54 parameters.a.min: takes a number, not text",
            "DE303 4:65 parameters.a.values: takes a list, not text",
            "DE303 5:10 service: takes a mapping, not a list",
            "DE303 6:7 data: takes a list, not a mapping",
        ],
    ),
    "a short secret": (
        HEAD + "secrets: {a: {generate: 4}, b: {}}\nservice: {image: x}",
        [
            "DE303 4:25 secrets.a.generate: is a number of characters, 8 to 128",
            "DE303 4:32 secrets.b.generate: 'generate' is missing",
        ],
    ),
    "no mapping at all where there should be one": (
        HEAD + "parameters: [a]\nshare: x\nservice: {image: x}",
        [
            "DE303 4:13 parameters: takes a mapping, not a list",
            "DE303 5:8 share: takes a mapping, not text",
        ],
    ),
    "a default of another type": (
        HEAD + "parameters: {a: {type: integer, default: x}}\nservice: {image: x}",
        ["DE303 4:42 parameters.a.default: the default takes an integer"],
    ),
    "an enum without values": (
        HEAD + "parameters: {a: {type: enum}}\nservice: {image: x}",
        ["DE303 4:17 parameters.a: an enum needs 'values'"],
    ),
    "placeholders that mean nothing, behind conditions too": (
        HEAD + "parameters: {a: {type: string}}\nservice:\n  image: x:${with.b}\n"
        "  volumes: [{when: with.c, source: '${HOME}'}]",
        [
            "DE304 6:10 service.image: '${with.b}' stands for nothing here",
            "DE304 7:20 service.volumes[0]: '${with.c}' stands for nothing here",
            "DE304 7:36 service.volumes[0].source: '${HOME}': a template cannot read the host's environment;"
            " declare a parameter",
            "DE322 7:36 service.volumes[0]: a template cannot mount '$${HOME}' of the host [write NAME:/path for a"
            " volume, or {type: bind, source: '${with.x}'} with a parameter of type file or directory]",
        ],
    ),
    "a file outside of the folder": (
        HEAD + "service: {image: x}\nconfigs: {a: {file: ../../etc/passwd}}",
        ["DE303 5:21 configs.a: the template's folder has no text file '../../etc/passwd'"],
    ),
    "an image that is not there": (
        HEAD + "service: {image: x}\nimage: Dockerfile",
        ["DE303 5:8 image: the template's folder has no text file 'Dockerfile'"],
    ),
    "what it could not adopt": (
        HEAD + "parameters: {a: {type: string}}\nservice: {image: x, environment: {A: '${with.a}'}}\n"
        "adopt:\n  with: {a: x, b: y}\n  environment: {C: d}\n  same: [A, E]\n  more: z",
        ["DE303 10:3 adopt: unknown key 'more'"],
    ),
    "what it could not adopt, by name": (
        HEAD + "parameters: {a: {type: string}}\nservice: {image: x, environment: {A: '${with.a}'}}\n"
        "adopt:\n  with: {a: x, b: y}\n  environment: {C: d}\n  same: [A, E]\n  images: [b/c, 'b:1']\n"
        "  tags: {latest: 1, v: 9}\n  command: {'-x ${e}': {a: x, f: x}}\n  mounts: {/g: g}",
        [
            "DE304 7:16 adopt.with: there is no parameter or secret 'b'",
            "DE304 8:20 adopt.environment: there is no parameter or secret 'd'",
            "DE304 9:13 adopt.same: the template's environment does not set 'E'",
            "DE304 10:17 adopt.images: takes names of images without tags",
            "DE304 11:24 adopt.tags: there is no version '9'",
            "DE304 12:13 adopt.command: there is no parameter or secret 'e'",
            "DE304 12:13 adopt.command: there is no parameter or secret 'f'",
            "DE304 13:16 adopt.mounts: there is no parameter or secret 'g'",
        ],
    ),
    "no versions": (
        "template: 1\nsummary: s\nversions: []\nservice: {image: x}",
        ["DE303 3:11 versions: a template needs at least one version"],
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_template_says_where(case):
    text, expected = WRONG[case]
    report = Report()
    assert template(text, report) is None
    assert lines(report) == expected


def test_a_version_may_change_the_service():
    report = Report()
    text = POSTGRES.replace('["17", "16"]', '["17", {version: "18", service: {volumes: !override ["data:/other"]}}]')
    found = template(text, report, "postgres", POSTGRES_FILES)
    assert found is not None, report.problems
    services = stack("a: {use: postgres}\nb: {use: postgres@18}", found).services
    assert services["a"].compose["volumes"] == ["a-data:/var/lib/postgresql/data"]
    assert services["b"].compose["volumes"] == ["b-data:/other"]
    assert services["b"].compose["image"] == "${DEVENV_IMAGE_B:-postgres:18}"


def test_instances_do_not_share_volumes_configs_or_secrets():
    report = Report()
    found = template(
        HEAD + "secrets: {key: {generate: 20}}\nconfigs: {c: {content: '${secret.key}'}}\n"
        "service: {image: x, volumes: ['data:/d'], configs: [{source: c, target: /c}]}\ndata: [data]",
        report,
    )
    assert found is not None, report.problems
    made = stack("a: {use: t}\nb-c: {use: t}\nb_c: {use: t}", found)
    assert list(made.top["volumes"]) == ["a-data", "b-c-data", "b_c-data"]
    assert made.top["configs"]["a-c"] == {"content": "${DEVENV_SECRET_A_KEY:-devenv-insecure-default}"}
    assert [s.variable for s in made.secrets] == [
        "DEVENV_SECRET_A_KEY", "DEVENV_SECRET_B_C_KEY", "DEVENV_SECRET_B_C_KEY_2",
    ]  # fmt: skip
    assert made.services["a"].data == ("a-data",) and not made.services["a"].engine_starts
