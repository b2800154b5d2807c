"""What the log keeps of a filter that staff filled in (rules 40 and 41).

An event can't be erased, so it holds registered ids and known codes alone. Whatever else was typed may be somebody's
name: the event says "other", and the words stand apart.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from vad.domain.audit import AuditEvent
from vad.services.ports.log_search import LogFilter
from vad.services.ports.records import Registrations

OTHER: Final = "other"
_TYPED: Final = ("client_id", "resource", "reason", "sid", "correlation_id")
Registered = Callable[[str, str], bool]
"""Whether what was typed for a criterion is an id that is registered."""


def registered(registrations: Registrations, criterion: str, value: str) -> bool:
    """`Registered`, by these registrations."""
    if criterion == "client_id":
        return registrations.client(value) is not None
    return criterion == "resource" and registrations.resource_server(value) is not None


def kept(wanted: LogFilter, known: Registered) -> tuple[LogFilter, dict[str, str]]:
    """The filter as an event may name it, and the words that have to stand apart, by criterion."""
    apart = {name: getattr(wanted, name) for name in _TYPED if getattr(wanted, name)}
    apart = {name: value for name, value in apart.items() if not known(name, value)}
    said: dict[str, Any] = dict.fromkeys(apart, OTHER)
    there = {each.type for each in AuditEvent.__subclasses__()}
    if strange := sorted(set(wanted.types) - there):
        apart["types"] = " ".join(strange)
        said["types"] = (*sorted(set(wanted.types) & there), OTHER)
    return replace(wanted, **said), apart
