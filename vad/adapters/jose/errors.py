"""What can go wrong with tokens. No message holds a token, a claim or a key.

VadError
├── TokenRefusedError    a token that is not what it should be; carries the reason
└── EncryptionKeyError   a registered public key that nothing may be encrypted to; `vad clients apply` refuses those
"""

from enum import StrEnum

from vad.domain.errors import VadError
from vad.domain.registration_fault import FaultKind


class Refusal(StrEnum):
    """Why a token was refused, for the log alone."""

    MALFORMED = "malformed"
    TOO_LONG = "too_long"
    TYPE = "type"
    ALGORITHM = "algorithm"
    UNKNOWN_KEY = "unknown_key"
    """No registered or published key fits. Fetching the keys again may help."""
    SIGNATURE = "signature"
    DECRYPTION = "decryption"
    ISSUER = "issuer"
    SUBJECT = "subject"
    AUDIENCE = "audience"
    LEVEL = "level"
    TIME = "time"
    JTI = "jti"
    REPLAY = "replay"
    INACTIVE = "inactive"


class TokenRefusedError(VadError):
    """A token that is not what it should be. Which caller is told what, is decided elsewhere."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(f"token refused: {reason}")
        self.reason = reason


class EncryptionKeyError(VadError):
    """A registered public key that nothing may be encrypted to: weak, malformed or meant for something else."""

    def __init__(self, kind: FaultKind) -> None:
        super().__init__(kind)
        self.kind = kind
