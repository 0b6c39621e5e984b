from devenv.engine.build_output import BuildLog, line_of

COMPOSE = """\
#0 building with "default" instance using docker driver

#1 [orders internal] load build definition from Dockerfile
#1 DONE 0.0s

#2 [orders internal] load metadata for docker.io/library/debian:trixie-slim
#2 DONE 0.0s

#4 [orders build 1/3] FROM docker.io/library/debian:trixie-slim
#4 CACHED

#5 [orders build 2/3] RUN echo   one
#5 0.157 one
#5 DONE 0.2s

#6 [orders build 3/3] RUN make && exit 9
#6 0.184 making
#6 0.190 no rule
#6 ERROR: process "/bin/sh -c make && exit 9" did not complete successfully: exit code: 9
------
 > [orders build 3/3] RUN make && exit 9:
0.184 making
------
failed to solve: process "/bin/sh -c make && exit 9" did not complete successfully: exit code: 9
"""


def read(text: str, *services: str) -> tuple[BuildLog, list[str]]:
    log = BuildLog(services)
    steps = [step for line in text.splitlines() if (step := log.add(line))]
    return log, [f"{step.service}: {step}" for step in steps]


def test_steps_come_with_their_service():
    _, steps = read(COMPOSE, "orders")
    assert steps == [
        "orders: step 1/3 FROM docker.io/library/debian:trixie-slim",
        "orders: step 2/3 RUN echo one",
        "orders: step 3/3 RUN make && exit 9",
    ]


def test_a_plain_build_has_stages_but_no_service():
    _, steps = read("#4 [1/2] FROM a\n#5 [stage-1 2/2] RUN " + "x" * 200)
    assert steps == [": step 1/2 FROM a", f": step 2/2 RUN {'x' * 75}…"]


def test_a_failure_shows_the_step_its_lines_and_the_reason():
    log, _ = read(COMPOSE, "orders")
    problem = log.failure("orders, billing").problems[0]
    assert (problem.code, problem.message) == ("DE510", "building orders failed in step 3/3 RUN make && exit 9")
    assert problem.evidence[:2] == ("making", "no rule")
    assert "exit code: 9" in problem.evidence[-1]


def test_a_dockerfile_that_cannot_be_read():
    log, _ = read("failed to solve: dockerfile parse error on line 2: unknown instruction: RAN (did you mean RUN?)")
    assert log.failure("orders").problems[0].message == (
        "building orders failed: dockerfile parse error on line 2: unknown instruction: RAN (did you mean RUN?)"
    )


def test_a_base_image_that_cannot_be_had():
    words = (
        'failed to do request: Head "http://127.0.0.1:5000/v2/": dial tcp 127.0.0.1:5000: connect: connection refused'
    )
    log, _ = read(f"#2 [d internal] load metadata for docker.io/library/python:3.12\n#2 ERROR: {words}\n")
    problem = log.failure("d").problems[0]
    assert (problem.code, problem.evidence) == ("DE502", (words,))
    assert "python:3.12" in problem.message


def test_a_frontend_that_cannot_be_had():
    log, _ = read(
        "#2 [d] resolve image config for docker-image://docker.io/docker/dockerfile:1\n#2 ERROR: x: no such host\n"
    )
    assert "# syntax=" in str(log.failure("d").problems[0].hint)


def test_the_line_of_an_instruction():
    dockerfile = 'FROM a\n\nRUN one \\\n  # why\n  && two\nCOPY  x /\nRUN echo -e "a\\nb"\n'
    assert line_of(dockerfile, "RUN one   && two") == 3
    assert line_of(dockerfile, "COPY x /") == 6
    assert line_of(dockerfile, 'RUN echo -e "a\\nb"') == 7
    assert line_of(dockerfile, "RUN three") is None
