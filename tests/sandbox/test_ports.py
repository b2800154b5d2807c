"""Ports: free ones are found, taken ones are named."""

import socket

import pytest

from vad.sandbox.errors import PortTakenError
from vad.sandbox.ports import free_port, free_ports, free_range, is_free, require_free


def test_free_ports_differ() -> None:
    """Ports asked for together are all different."""
    assert len(set(free_ports(8))) == 8


def test_a_taken_port_is_named_with_the_program_that_needs_it() -> None:
    """The one line says which port, and which of our programs wanted it."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert not is_free(port)
        with pytest.raises(PortTakenError, match=f"port {port}, needed by the mail room, is taken"):
            require_free(port, "the mail room")


def test_a_listener_on_the_other_loopback_address_takes_the_port_too() -> None:
    """`localhost` may lead to ::1 first, so a stranger there would be met instead of our program."""
    try:
        other = socket.create_server(("::1", free_port()), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with other:
        assert not is_free(other.getsockname()[1])


def test_a_range_of_free_ports_steps_over_a_taken_one() -> None:
    """Neighbouring ports for a whole demo never include one that somebody else has."""
    base = free_range(4)
    with socket.create_server(("127.0.0.1", base + 2)):
        assert free_range(4, lowest=base) >= base + 3  # more where somebody else starts servers just now


def test_no_range_left_is_one_clear_line() -> None:
    """When everything is taken it says so instead of counting on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        base = taken.getsockname()[1]
        with pytest.raises(PortTakenError, match="no 1 neighbouring ports"):
            free_range(1, lowest=base, highest=base + 1)
