"""The lines of the log about the ministry's list of clients."""

from collections.abc import Mapping, Sequence

import structlog


def taken(became: Mapping[str, Sequence[str]]) -> None:
    """Registrations follow it: which clients, by what became of them."""
    structlog.get_logger(__name__).info("client_list_taken", **{name: list(ids) for name, ids in became.items()})


def kept(reason: str) -> None:
    """It could not be read, and the clients stay as they are."""
    structlog.get_logger(__name__).warning("client_list_kept", reason=reason)
