"""TCP ports on the loopback interface: finding free ones, and saying clearly when one is taken."""

import contextlib
import errno
import socket

from vad.sandbox.errors import PortTakenError

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """Return a port on 127.0.0.1 that was free a moment ago."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """Return `count` different ports on 127.0.0.1 that were free a moment ago."""
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) for _ in range(count)]
        for each in sockets:
            each.bind((LOOPBACK, 0))
        return [int(each.getsockname()[1]) for each in sockets]


def free_range(length: int, *, lowest: int = 20000, highest: int = 32000) -> int:
    """Return the first port of `length` neighbouring ports that are all free (below the range the kernel hands out).

    Raises `PortTakenError` when there is no such stretch between `lowest` and `highest`.
    """
    base = lowest
    while base + length <= highest:
        taken = next((port for port in range(base, base + length) if not is_free(port)), None)
        if taken is None:
            return base
        base = taken + 1
    raise PortTakenError(f"no {length} neighbouring ports are free between {lowest} and {highest}")


def is_free(port: int) -> bool:
    """Tell whether nobody listens on `port` at 127.0.0.1, nor at ::1, where `localhost` may lead as well."""
    return _can_bind(socket.AF_INET, LOOPBACK, port) and _can_bind(socket.AF_INET6, "::1", port)


def require_free(port: int, program: str) -> None:
    """Raise `PortTakenError`, naming the port and the program that needs it, unless `port` is free."""
    if not is_free(port):
        raise PortTakenError(
            f"port {port}, needed by {program}, is taken by another program; stop that one or choose another port"
        )


def _can_bind(family: socket.AddressFamily, host: str, port: int) -> bool:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            # As servers do: connections of a former server that linger in TIME_WAIT are no obstacle.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            probe.bind((host, port))
    except PermissionError as error:
        raise PortTakenError(f"port {port} is not allowed to this user; choose one of 1024 or higher") from error
    except OSError as error:
        # A machine without IPv6 has nobody listening there.
        return family == socket.AF_INET6 and error.errno != errno.EADDRINUSE
    return True
