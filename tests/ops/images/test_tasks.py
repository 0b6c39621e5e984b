from devenv.errors import DevenvError
from devenv.model.data import Map
from devenv.model.stack import Origin, Service
from devenv.ops.images.tasks import Task


def service(switch: str | None) -> Service:
    return Service(name="telemetry", compose=Map(), origin=Origin("otel-lgtm", "1", switch=switch))


def test_what_a_switch_added_can_be_left_out_where_its_image_cannot_be_had() -> None:
    task = Task((service("observability"),), lambda: None)
    hint = "`observability: false` in devenv.local.yaml leaves it out on this machine"
    assert task.problem(service("observability"), DevenvError.of("DE502", "no registry")).hint == hint
    log_in = DevenvError.of("DE503", "not allowed", hint="log in")
    assert task.problem(service("observability"), log_in).hint == f"log in; {hint}"
    assert task.problem(service(None), log_in).hint == "log in"
