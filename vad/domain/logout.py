"""Logging out because an app asks for it (OIDC RP-Initiated Logout 1.0): what happens next, given all facts."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vad.domain.identifiers import ClientId


class HintState(StrEnum):
    """What the app's `id_token_hint` is worth."""

    NONE = "none"
    """There is none."""
    KNOWN = "known"
    """VAD signed it for this app, however long ago."""
    UNKNOWN = "unknown"
    """It proves nothing: nobody is sent anywhere on its account."""


@dataclass(frozen=True, slots=True)
class IdTokenHint:
    """An ID token that comes back as a hint. It may have expired long ago; its signature is in order."""

    client_id: ClientId
    sub: str
    sid: str
    auth_time: datetime


@dataclass(frozen=True, slots=True)
class LogoutRequest:
    """What an app asks, checked as far as it can be without looking at the browser's session."""

    client_id: ClientId | None
    hint: HintState = HintState.NONE
    hint_sub: str = ""
    hint_sid: str = ""
    hint_over: bool = False
    """The login that it speaks of has ended by time: nothing that rests on it is left."""
    redirect_uri: str = ""
    """Registered by this app; empty: the person stays here."""
    state: str = ""
    ui_locales: str = ""


class NextLogoutStep(StrEnum):
    """What comes next."""

    END = "end"
    """End the session at once, and go on."""
    ASK = "ask"
    """Ask the person."""
    DONE = "done"
    """There is nothing to end."""


@dataclass(frozen=True, slots=True)
class LogoutStep:
    """What comes next, and whether the browser may be sent to the app afterwards."""

    next: NextLogoutStep
    may_redirect: bool


def next_step(request: LogoutRequest, *, session: bool, same: bool) -> LogoutStep:
    """What comes next.

    `session`: this browser has one. `same`: it is the one that the hint speaks of. Only such a hint logs somebody out
    unasked; a hint of anybody else is no reason to send a person to the app that holds it (section 2).
    """
    if not session:
        return LogoutStep(NextLogoutStep.DONE, may_redirect=request.hint is not HintState.UNKNOWN)
    if request.hint is HintState.KNOWN and same:
        return LogoutStep(NextLogoutStep.END, may_redirect=True)
    return LogoutStep(NextLogoutStep.ASK, may_redirect=request.hint is HintState.NONE)
