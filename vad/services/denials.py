"""What a refusal looks like to the app: one table of reason and endpoint.

The person sees the reason in plain words; the app sees a protocol error and no more (docs/protocol.md).
"""

from enum import StrEnum

from vad.domain.assurance import LevelOfAssurance
from vad.domain.errors import ProtocolError
from vad.domain.ground import DenyReason
from vad.domain.steps import LevelUnmet, NextStep, Refuse, SomebodyElse


class Refusal(StrEnum):
    """Why the token endpoint refuses an authenticated client before a decision is taken. For the log."""

    CODE_UNKNOWN = "CODE_UNKNOWN"
    CODE_USED = "CODE_USED"
    REDIRECT_URI_DIFFERS = "REDIRECT_URI_DIFFERS"
    VERIFIER_MALFORMED = "VERIFIER_MALFORMED"
    VERIFIER_DIFFERS = "VERIFIER_DIFFERS"
    LOGIN_ENDED = "LOGIN_ENDED"
    GRANT_ENDED = "GRANT_ENDED"
    REFRESH_TOKEN_UNKNOWN = "REFRESH_TOKEN_UNKNOWN"  # noqa: S105 - a reason
    REFRESH_TOKEN_FOREIGN = "REFRESH_TOKEN_FOREIGN"  # noqa: S105 - a reason
    REFRESH_TOKEN_USED = "REFRESH_TOKEN_USED"  # noqa: S105 - a reason
    SUBJECT_TOKEN_UNUSABLE = "SUBJECT_TOKEN_UNUSABLE"  # noqa: S105 - a reason
    SUBJECT_TOKEN_FOREIGN = "SUBJECT_TOKEN_FOREIGN"  # noqa: S105 - a reason
    SUBJECT_GRANT_ENDED = "SUBJECT_GRANT_ENDED"
    RESOURCE_MISSING = "RESOURCE_MISSING"
    RESOURCES_MANY = "RESOURCES_MANY"
    RESOURCE_UNKNOWN = "RESOURCE_UNKNOWN"
    RESOURCE_NOT_GRANTED = "RESOURCE_NOT_GRANTED"
    SCOPE_TOO_WIDE = "SCOPE_TOO_WIDE"
    DETAILS_NOT_GRANTED = "DETAILS_NOT_GRANTED"


_NOT_THIS_CLIENTS = "the subject_token is not a live access token of this client"
_NOT_GRANTED = "the resource is unknown or not part of this grant"
_REFUSALS = {
    Refusal.CODE_UNKNOWN: ("invalid_grant", "the code is unknown, expired or used"),
    Refusal.CODE_USED: ("invalid_grant", "the code is unknown, expired or used"),
    Refusal.REDIRECT_URI_DIFFERS: (
        "invalid_grant",
        "the redirect_uri differs from that of the authorization request",
    ),
    Refusal.VERIFIER_MALFORMED: ("invalid_grant", "the code_verifier is malformed"),
    Refusal.VERIFIER_DIFFERS: ("invalid_grant", "the code_verifier does not fit the code_challenge"),
    Refusal.LOGIN_ENDED: ("invalid_grant", "the login behind this code has ended"),
    Refusal.GRANT_ENDED: ("invalid_grant", "the grant has ended"),
    Refusal.REFRESH_TOKEN_UNKNOWN: ("invalid_grant", "the refresh token is not valid"),
    Refusal.REFRESH_TOKEN_FOREIGN: ("invalid_grant", "the refresh token is not valid"),
    Refusal.REFRESH_TOKEN_USED: ("invalid_grant", "the refresh token was used before"),
    Refusal.SUBJECT_TOKEN_UNUSABLE: ("invalid_request", _NOT_THIS_CLIENTS),
    Refusal.SUBJECT_TOKEN_FOREIGN: ("invalid_request", _NOT_THIS_CLIENTS),
    Refusal.SUBJECT_GRANT_ENDED: ("invalid_request", "the grant behind the subject_token has ended"),
    Refusal.RESOURCE_MISSING: ("invalid_target", "name the resource that the token is for"),
    Refusal.RESOURCES_MANY: ("invalid_target", "a token is for one resource: ask for one at a time"),
    Refusal.RESOURCE_UNKNOWN: ("invalid_target", _NOT_GRANTED),
    Refusal.RESOURCE_NOT_GRANTED: ("invalid_target", _NOT_GRANTED),
    Refusal.DETAILS_NOT_GRANTED: ("invalid_authorization_details", "the ground is another than the one asked for"),
    Refusal.SCOPE_TOO_WIDE: ("invalid_scope", "the scope is wider than what was granted for this resource"),
}

_TARGET = frozenset({DenyReason.NOT_QUALIFIED})
"""The app asked for a source that it may not use: telling it so helps to mend it and betrays nobody."""

_DESCRIPTIONS = {
    DenyReason.NOT_QUALIFIED: "the client is not admitted to this resource and scope",
    DenyReason.SESSION_ENDED: "the login behind this grant has ended",
}


def refusal(reason: Refusal) -> ProtocolError:
    """The error of the token response (RFC 6749 section 5.2, RFC 8707 section 2, RFC 8693 section 2.2.2)."""
    error, description = _REFUSALS[reason]
    return ProtocolError(error, description, detail=reason)


def at_authorize(reason: DenyReason | None, declined: str = "access_denied") -> ProtocolError:
    """The error of the authorization response (RFC 6749 section 4.1.2.1).

    Without a reason the person said no, which is `declined` where the client's profile has a name of its own for it.
    """
    if reason in _TARGET:
        return ProtocolError("invalid_target", _DESCRIPTIONS[DenyReason.NOT_QUALIFIED])
    error = "access_denied" if reason else declined
    return ProtocolError(error, "the request was not allowed", detail=reason or "refused by the person")


def at_step(step: NextStep, declined: str) -> ProtocolError:
    """The same for a step that leads back to the app.

    It hears that it is somebody else (OIDC Core 3.1.2.1), and no more; or that the login has not the level that it
    demands (OpenID Connect Core Error Code Unmet Authentication Requirements 1.0).
    """
    match step:
        case SomebodyElse():
            return ProtocolError("login_required", "somebody else is logged in")
        case LevelUnmet():
            return ProtocolError("unmet_authentication_requirements", "the login does not have an acr that is demanded")
        case _:
            return at_authorize(step.reason if isinstance(step, Refuse) else None, declined)


def at_token(reason: DenyReason, demanded: LevelOfAssurance) -> ProtocolError:
    """The error of the token response (RFC 6749 section 5.2, RFC 8693 section 2.2.2).

    A login below the level that is `demanded` now can be mended by another one: the app hears which (RFC 9470). The RFC
    knows a resource's challenge alone; at the token endpoint its error and its parameter come in the body.
    """
    if reason is DenyReason.LOA:
        advice = f"a stronger login is demanded: authorize again with acr_values={demanded.uri}"
        return ProtocolError("insufficient_user_authentication", advice, detail=reason, acr_values=demanded.uri)
    if reason in _TARGET:
        return ProtocolError("invalid_target", _DESCRIPTIONS[DenyReason.NOT_QUALIFIED], detail=reason)
    description = _DESCRIPTIONS.get(reason, "the grant does not allow this any more")
    return ProtocolError("invalid_grant", description, detail=reason)
