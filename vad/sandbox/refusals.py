"""Why a data source refuses a request, and the short memory it keeps of what it refused."""

import threading
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Reason(StrEnum):
    """Why a request was refused. For the source's own log; a caller learns no more than the status code."""

    NO_TOKEN = "no_token"  # noqa: S105 - a code, not a secret
    NOT_ONE_BEARER_TOKEN = "not_one_bearer_token"  # noqa: S105 - the same
    MALFORMED = "malformed"
    WRONG_TYPE = "wrong_type"
    ALGORITHM = "algorithm"
    UNKNOWN_KEY = "unknown_key"
    UNCERTIFIED_KEY = "uncertified_key"
    SIGNATURE = "signature"
    CLAIM_MISSING = "claim_missing"
    ISSUER = "issuer"
    AUDIENCE = "audience"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    SCOPE = "scope"
    SENDER_CONSTRAINED = "sender_constrained"
    PROOF = "proof"
    CERTIFICATE = "certificate"
    REPRESENTATION = "representation"
    DECRYPTION = "decryption"
    SWAPPED = "swapped"
    IDENTIFIER_TYPE = "identifier_type"
    IDENTIFIER = "identifier"
    RID_REFUSED = "rid_refused"
    INACTIVE = "inactive"
    STOPPED = "stopped"
    LOGIN_TOO_WEAK = "login_too_weak"
    LOGIN_TOO_OLD = "login_too_old"
    ISSUER_UNAVAILABLE = "issuer_unavailable"
    PSEUDONYM_SERVICE_UNAVAILABLE = "pseudonym_service_unavailable"


class RefusedError(Exception):
    """The request must be refused. Carries no token and no identifier, so that it may be logged."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True)
class Refusal:
    """One refused request: when (aware, UTC) and why; nothing about whom."""

    at: datetime
    reason: Reason


class Refusals:
    """The latest refusals, newest first, at most `size` of them: a flood of bad tokens costs no memory."""

    def __init__(self, size: int = 100) -> None:
        self._latest: deque[Refusal] = deque(maxlen=size)
        self._lock = threading.Lock()

    def note(self, reason: Reason, at: datetime) -> None:
        """Remember one refusal."""
        with self._lock:
            self._latest.appendleft(Refusal(at, reason))

    def latest(self) -> list[Refusal]:
        """What was refused, newest first."""
        with self._lock:
            return list(self._latest)
