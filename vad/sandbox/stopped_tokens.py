"""What a data source hears of tokens that are out and not to be honoured any more (RFC 8417, pushed by RFC 8935).

A signature says what was true when a token was made. A source that does not ask VAD about every token can hear within
seconds what ended since. Nothing here is particular to one data source.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jwt

from vad.sandbox.refusals import Reason, RefusedError
from vad.sandbox.token_check import LEEWAY, LONGEST, SIGNATURES, Access

CONTENT_TYPE = "application/secevent+jwt"
TYPES = ("secevent+jwt", "application/secevent+jwt")
"""An access token, signed by the same key, is no event (RFC 8417, section 4)."""
OF_CLIENT = "urn:nl-vad:1.0:event:client-stopped"
"""It is about every token of an app."""
EVENTS = frozenset((OF_CLIENT, "urn:nl-vad:1.0:event:mandate-revoked", "urn:nl-vad:1.0:event:consent-withdrawn"))
LONGEST_LIFE = 900
"""Seconds that a token of VAD is good for at most: later nobody needs to remember."""


class EventRefusedError(Exception):
    """This is no event for us. `code` is RFC 8935's (section 2.4)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class StoppedTokens:
    """What was stopped at one data source. Safe to share among threads."""

    issuer: str
    audience: str
    signing_key: Callable[[str], dict[str, Any] | None] = field(repr=False)
    clock: Callable[[], float] = time.time
    _stopped: dict[tuple[str, str | None, str | None], tuple[int, float]] = field(default_factory=dict, repr=False)
    """By app, person (None: everybody) and who acts: when their tokens stopped counting, and until when it matters."""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def hear(self, token: str) -> None:
        """Take in a security event token. Raises EventRefusedError, or RefusedError while VAD's keys can't be had."""
        claims = self._claims(token)
        events, now = claims["events"], self.clock()
        if not isinstance(events, dict) or not all(isinstance(about, dict) for about in events.values()):
            raise EventRefusedError("invalid_request")
        for event in EVENTS & events.keys():  # what we do not know of is nothing to us (RFC 8417 section 2.2)
            about = events[event]
            person = None if event == OF_CLIENT else self._named(claims["sub_id"])
            actor = self._named(about["act"]) if "act" in about else None
            with self._lock:
                self._stopped = {whose: known for whose, known in self._stopped.items() if known[1] > now}
                whose = str(about.get("client_id")), person, actor
                self._stopped[whose] = (claims["iat"], now + LONGEST_LIFE + LEEWAY)

    def check(self, access: Access) -> None:
        """Let a token pass that nobody stopped. Raises RefusedError."""
        with self._lock:
            whose = (access.client_id, *access.names), (access.client_id, None, None)
            known = [self._stopped[each] for each in whose if each in self._stopped]
        # A token of the same second counts as one from before: what is refused wrongly is asked for anew.
        if any(access.issued_at <= stopped for stopped, _ in known):
            raise RefusedError(Reason.STOPPED)

    def _named(self, person: Any) -> str:
        """What VAD calls this person."""
        if not isinstance(person, dict) or person.get("iss") != self.issuer or not isinstance(person.get("sub"), str):
            raise EventRefusedError("invalid_request")
        return str(person["sub"])

    def _claims(self, token: str) -> dict[str, Any]:
        try:
            if len(token) > LONGEST:
                raise EventRefusedError("invalid_request")
            header = jwt.get_unverified_header(token)
            if header.get("typ") not in TYPES or header.get("alg") not in SIGNATURES:
                raise EventRefusedError("invalid_request")
            key = self.signing_key(header.get("kid", ""))
            if key is None:
                raise EventRefusedError("invalid_key")
            claims: dict[str, Any] = jwt.decode_complete(
                token,
                jwt.PyJWK(key),
                algorithms=SIGNATURES,
                issuer=self.issuer,
                audience=self.audience,
                leeway=LEEWAY,
                options={"require": ["iss", "aud", "iat", "jti", "sub_id", "events"], "strict_aud": True},
            )["payload"]
        except jwt.InvalidIssuerError as error:
            raise EventRefusedError("invalid_issuer") from error
        except jwt.InvalidAudienceError as error:
            raise EventRefusedError("invalid_audience") from error
        except jwt.PyJWTError as error:
            raise EventRefusedError("invalid_request") from error
        return claims
