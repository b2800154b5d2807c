"""Which sources a request is about, and on which ground (`resource`, RFC 8707; `authorization_details`, RFC 9396)."""

from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from vad.domain import authorization_details
from vad.domain.errors import ProtocolError
from vad.domain.ground import Basis
from vad.web.oidc import parameters


@dataclass(frozen=True, slots=True)
class Target:
    """What both say together."""

    resources: tuple[str, ...]
    basis: Basis | None
    """The one ground on which the app takes an answer. None: whichever it is."""


def target(asked: MultiDict[str, str]) -> Target:
    """Raises `ProtocolError` `invalid_authorization_details`, also where the two name other sources."""
    named, details = parameters.resources(asked), authorization_details.read(asked.get("authorization_details", ""))
    if named and details.locations and {*named} != {*details.locations}:
        raise ProtocolError("invalid_authorization_details", "resource and locations name different sources")
    return Target(named or details.locations, details.basis)
