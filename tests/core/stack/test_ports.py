from __future__ import annotations

from devenv.core.stack.ports import Moved, Taken, assign
from tests.core.stacks import stack


def numbers(services: str) -> dict[str, list[int | None]]:
    return {name: [port.default for port in one.ports] for name, one in stack(services).services.items()}


def test_defaults_are_the_containers_numbers_then_the_next_free_ones():
    assert numbers(
        "a: {image: x, ports: {h: 80}}\nb: {image: x, ports: {h: 80, i: 81}}\nc: {image: x, ports: {h: 80}}"
    ) == {"a": [80], "b": [81, 82], "c": [83]}


def test_chosen_numbers_go_first_also_those_in_composes_list():
    assert numbers(
        "a: {image: x, ports: {h: 80, i: 90, j: 100}}\nb: {image: x, ports: {h: {port: 1, publish: 80}}}\n"
        "c: {image: x, ports: ['127.0.0.1:90:90', {target: 1, published: 100}]}"
    ) == {"a": [81, 91, 101], "b": [80], "c": []}


def test_protocols_have_numbers_of_their_own():
    assert numbers("a: {image: x, ports: {t: 53, u: {port: 53, protocol: udp}, n: {port: 53, publish: false}}}") == {
        "a": [53, 53, None]
    }


STACK = "a: {image: x, ports: {h: 80}}\nb: {image: x, ports: {h: 81, f: {port: 1, publish: 7000}}}"


def busy(*held: int):
    return lambda port, host_ip, protocol: port in held


def test_what_is_free_is_not_written_down():
    assert assign(stack(STACK), {}, busy()).settings == {}


def test_a_busy_port_moves_past_those_of_the_stack_and_is_remembered():
    first = assign(stack(STACK), {}, busy(80, 82))
    assert first.settings == {"DEVENV_PORT_A_H": "81", "DEVENV_PORT_B_H": "83"}
    assert first.moved == (Moved("a", "h", 80, 81), Moved("b", "h", 81, 83, "a"))
    again = assign(stack(STACK), first.settings, busy(80, 82))
    assert (again.settings, again.moved) == (first.settings, ())


def test_a_remembered_port_stays_though_the_default_is_free_and_goes_when_it_is_busy():
    remembered = {"DEVENV_PORT_A_H": "9000"}
    assert assign(stack(STACK), remembered, busy()).settings == remembered
    moved = assign(stack(STACK), remembered, busy(9000, 80))
    assert moved.moved == (Moved("a", "h", 9000, 82),) or moved.settings["DEVENV_PORT_A_H"] == "81"


def test_a_remembered_port_is_not_lost_to_a_default():
    found = assign(stack(STACK), {"DEVENV_PORT_B_H": "80"}, busy())
    assert found.settings == {"DEVENV_PORT_B_H": "80", "DEVENV_PORT_A_H": "81"}
    assert found.moved == (Moved("a", "h", 80, 81, "b"),)


def test_a_chosen_port_never_moves():
    found = assign(stack(STACK), {"DEVENV_PORT_B_F": "1"}, busy(7000))
    assert (found.settings, found.moved, found.taken) == ({}, (), ())


def test_where_no_number_is_free_the_port_is_taken():
    found = assign(stack(STACK), {}, lambda port, host_ip, protocol: True)
    assert Taken("a", "h", 80, "127.0.0.1", "tcp") in found.taken


def test_services_that_stay_down_keep_their_ports_and_are_not_looked_at():
    found = assign(stack(STACK), {"DEVENV_PORT_B_H": "80"}, busy(7000), ["a"])
    assert (found.settings, found.taken) == ({"DEVENV_PORT_B_H": "80", "DEVENV_PORT_A_H": "81"}, ())


def test_nonsense_that_is_remembered_does_no_harm():
    assert assign(stack(STACK), {"DEVENV_PORT_A_H": "99999", "DEVENV_PORT_B_H": "x"}, busy()).settings == {}


def test_no_number_is_left():
    found = assign(stack("a: {image: x, ports: {h: 65535}}"), {}, busy(65535))
    assert found.taken == (Taken("a", "h", 65535, "127.0.0.1", "tcp"),)
