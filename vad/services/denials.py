"""What a refusal looks like to the app: one table of reason and endpoint.

The person sees the reason in plain words; the app sees a protocol error and no more (docs/protocol.md).
"""

from vad.domain.access import DenyReason
from vad.domain.errors import ProtocolError

_TARGET = frozenset({DenyReason.NOT_QUALIFIED})
"""The app asked for a source that it may not use: telling it so helps to mend it and betrays nobody."""

_DESCRIPTIONS = {
    DenyReason.NOT_QUALIFIED: "the client is not admitted to this resource and scope",
    DenyReason.SESSION_ENDED: "the login behind this grant has ended",
}


def at_authorize(reason: DenyReason | None) -> ProtocolError:
    """The error of the authorization response (RFC 6749 section 4.1.2.1); None: the person said no."""
    if reason in _TARGET:
        return ProtocolError("invalid_target", _DESCRIPTIONS[DenyReason.NOT_QUALIFIED])
    return ProtocolError("access_denied", "the request was not allowed", detail=reason or "refused by the person")


def at_token(reason: DenyReason) -> ProtocolError:
    """The error of the token response (RFC 6749 section 5.2, RFC 8693 section 2.2.2)."""
    if reason in _TARGET:
        return ProtocolError("invalid_target", _DESCRIPTIONS[DenyReason.NOT_QUALIFIED])
    description = _DESCRIPTIONS.get(reason, "the grant does not allow this any more")
    return ProtocolError("invalid_grant", description, detail=reason)
