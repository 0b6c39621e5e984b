from datetime import UTC, datetime, timedelta

import pytest

from devenv.engine import daemon_answers

LABELS = {"com.docker.compose.project": "shop", "com.docker.compose.service": "web"}


def listing(**more):
    return {"Id": "abc", "Names": ["/shop-web-1"], "Image": "web", "ImageID": "sha256:1", "Labels": LABELS, **more}


@pytest.mark.parametrize(
    ("state", "status", "health", "code"),
    [
        ("running", "Up 5 seconds", "none", None),
        ("running", "Up 5 seconds (health: starting)", "starting", None),
        ("running", "Up 2 hours (healthy)", "healthy", None),
        ("running", "Up 2 hours (unhealthy)", "unhealthy", None),
        ("paused", "Up 2 hours (Paused)", "none", None),
        ("exited", "Exited (137) 2 minutes ago", "none", 137),
        ("restarting", "Restarting (3) 2 seconds ago", "none", 3),
        ("created", "Created", "none", None),
    ],
)
def test_the_words_of_a_listing(state, status, health, code):
    found = daemon_answers.listed(listing(State=state, Status=status, Created=1700000000))
    assert (found.state, found.health, found.exit_code, found.status) == (state, health, code, status)
    assert (found.name, found.project, found.service, found.oneoff) == ("shop-web-1", "shop", "web", False)
    assert found.created_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


def test_published_ports_prefer_ipv4_and_leave_out_what_is_only_exposed():
    ports = [
        {"IP": "::", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"},
        {"IP": "127.0.0.1", "PrivatePort": 80, "PublicPort": 8081, "Type": "tcp"},
        {"PrivatePort": 443, "Type": "tcp"},
        {"IP": "0.0.0.0", "PrivatePort": 53, "PublicPort": 5353, "Type": "udp"},
    ]
    found = daemon_answers.listed(listing(Ports=ports)).ports
    assert found == {(80, "tcp"): ("127.0.0.1", 8081), (53, "udp"): ("0.0.0.0", 5353)}


def test_oneoff_containers_are_flagged():
    labels = LABELS | {"com.docker.compose.oneoff": "True"}
    assert daemon_answers.listed(listing() | {"Labels": labels}).oneoff


def test_an_inspection():
    state = {
        "Status": "exited",
        "ExitCode": 137,
        "OOMKilled": True,
        "Error": "e",
        "StartedAt": "2026-01-02T03:04:05.123456789Z",
        "FinishedAt": "0001-01-01T00:00:00Z",
        "Health": {"Status": "unhealthy", "Log": [{"ExitCode": 1, "Output": "no", "End": "2026-01-02T03:04:06Z"}]},
    }
    data = {
        "Id": "abc",
        "Name": "/shop-web-1",
        "Image": "sha256:1",
        "RestartCount": 4,
        "State": state,
        "Config": {"Image": "web", "Labels": LABELS},
        "NetworkSettings": {"Ports": {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}], "81/tcp": None}},
    }
    found = daemon_answers.inspected(data)
    assert (found.exit_code, found.oom_killed, found.error, found.health) == (137, True, "e", "none")
    assert found.restarts == 4
    assert found.started_at == datetime(2026, 1, 2, 3, 4, 5, 123456, tzinfo=UTC)
    assert found.finished_at is None
    assert found.ports == {(80, "tcp"): ("127.0.0.1", 8080)}
    (probe,) = daemon_answers.probes(data)
    assert (probe.exit_code, probe.output) == (1, "no")


@pytest.mark.parametrize(("number", "held"), [("8080", {(80, "tcp"): ("127.0.0.1", 8080)}), ("8000-8010", {})])
def test_a_stopped_container_tells_the_ports_that_it_will_have(number, held):
    data = {
        "Id": "abc",
        "HostConfig": {"PortBindings": {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": number}]}},
        "NetworkSettings": {"Ports": {}},
    }
    assert daemon_answers.inspected(data).ports == held


def test_an_event():
    event = {
        "Type": "container",
        "Action": "health_status: healthy",
        "Actor": {"ID": "abc", "Attributes": LABELS},
        "timeNano": 1_500_000_000,
    }
    change = daemon_answers.change(event)
    assert (change.action, change.health, change.service, change.at) == ("health_status", "healthy", "web", 1.5)
    died = daemon_answers.change(
        {"Type": "container", "Action": "die", "Actor": {"ID": "a", "Attributes": {"exitCode": "3"}}, "time": 7}
    )
    assert (died.action, died.exit_code, died.at) == ("die", 3, 7.0)
    assert daemon_answers.change({"Type": "network", "Action": "create"}) is None


def test_health_of_other_engines_comes_in_an_attribute():
    event = {"Action": "health_status", "Actor": {"ID": "a", "Attributes": {"health_status": "unhealthy"}}}
    assert daemon_answers.change(event).health == "unhealthy"


@pytest.mark.parametrize("test", [None, [], ["NONE"]])
def test_an_image_without_a_health_check(test):
    found = daemon_answers.image({"Id": "i", "Config": {"Healthcheck": {"Test": test}, "Entrypoint": None}})
    assert not found.healthcheck and found.entrypoint == ()


def test_an_image_of_which_little_is_known():
    assert daemon_answers.image({"Id": "i", "Config": None}).tags == ()


def test_moments():
    assert daemon_answers.moment("0001-01-01T00:00:00Z") is None
    assert daemon_answers.moment(None) is None
    zone = daemon_answers.moment("2026-01-02T03:04:05.1+02:00")
    assert zone == datetime(2026, 1, 2, 1, 4, 5, 100000, tzinfo=UTC)
    assert zone.utcoffset() == timedelta(0)


def test_the_networks_of_a_listing_are_those_with_an_id():
    networks = {"shop_default": {"NetworkID": "abc"}, "other": {"NetworkID": ""}, "none": None}
    assert daemon_answers.listed(listing(NetworkSettings={"Networks": networks})).networks == ("abc",)
    assert daemon_answers.listed(listing()).networks == ()


def test_short_probes_that_take_longer_than_their_timeout_say_nothing_of_a_success_before():
    run = {"ExitCode": -1, "Output": "Health check exceeded timeout (400ms)", "End": "2026-01-01T00:01:00Z"}
    health = {"Status": "unhealthy", "FailingStreak": 70, "Log": [run] * 5}
    state = {"Status": "running", "StartedAt": "2026-01-01T00:00:00Z", "Health": health}
    check = {"Interval": 3 * 10**8, "Timeout": 4 * 10**8}
    assert not daemon_answers.inspected({"Id": "abc", "State": state, "Config": {"Healthcheck": check}}).lapsed


@pytest.mark.parametrize(
    ("seconds", "codes", "streak", "lapsed"),
    [(95, (1, 1, 1), 3, False), (300, (1, 1, 1), 3, True), (95, (0, 1, 1), 2, True), (300, (1, 1, 1), 10, False)],
)
def test_whether_an_unhealthy_container_was_healthy_before(seconds, codes, streak, lapsed):
    end = f"2026-01-01T00:{seconds // 60:02}:{seconds % 60:02}Z"
    log = [{"ExitCode": code, "End": end} for code in codes]
    state = {
        "Status": "running",
        "StartedAt": "2026-01-01T00:00:00Z",
        "Health": {"Status": "unhealthy", "FailingStreak": streak, "Log": log},
    }
    data = {"Id": "abc", "State": state, "Config": {"Healthcheck": {"Interval": 30 * 10**9, "Timeout": 5 * 10**9}}}
    assert daemon_answers.inspected(data).lapsed is lapsed


@pytest.mark.parametrize(
    ("config", "argv"),
    [
        ({}, []),
        ({"Healthcheck": {"Test": ["NONE"]}}, []),
        ({"Healthcheck": {"Test": ["CMD", "test", "-e", "/ok"]}}, ["test", "-e", "/ok"]),
        ({"Healthcheck": {"Test": ["CMD-SHELL", "a | b"]}}, ["/bin/sh", "-c", "a | b"]),
        ({"Healthcheck": {"Test": ["CMD-SHELL", "a"]}, "Shell": ["/bin/bash", "-ec"]}, ["/bin/bash", "-ec", "a"]),
    ],
)
def test_the_command_of_a_health_check(config, argv):
    assert daemon_answers.health_check({"Config": config}) == argv


def test_the_variables_of_a_container():
    data = {"Id": "abc", "Config": {"Env": ["URL=a=b", "EMPTY=", "PATH=/bin", "BARE"]}}
    assert daemon_answers.environment(data) == {"URL": "a=b", "EMPTY": "", "PATH": "/bin"}
    assert daemon_answers.environment({}) == {}


@pytest.mark.parametrize(("written", "user"), [("", ""), ("0:0", ""), ("root", ""), ("1000:1000", "1000:1000")])
def test_whom_a_container_runs_as_and_which_volumes_it_has_where(written, user):
    mounts = [
        {"Type": "volume", "Name": "shop_data", "Destination": "/data"},
        {"Type": "bind", "Source": "/srv", "Destination": "/srv"},
    ]
    found = daemon_answers.inspected({"Id": "abc", "Config": {"User": written}, "Mounts": mounts})
    assert (found.user, found.targets) == (user, {"/data": "shop_data"})


def test_what_a_container_shares_is_told_by_the_owners_ids() -> None:
    one, other = "a" * 64, "b" * 64
    shared = {
        "NetworkMode": f"container:{one}",
        "PidMode": f"container:{one}",
        "VolumesFrom": [f"{other}:ro", "theirs"],
    }
    found = daemon_answers.inspected({"Id": "abc", "HostConfig": shared})
    assert (found.joined, found.borrowed) == ((one,), (other,))
    alone = daemon_answers.inspected({"Id": "abc", "HostConfig": {"NetworkMode": "shop_default", "PidMode": ""}})
    assert (alone.joined, alone.borrowed) == ((), ())
