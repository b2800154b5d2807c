"""What binds a code to the request that it was made for: its redirect URI and its challenge (RFC 7636)."""

import base64
import hashlib
import hmac
import re

from vad.services.denials import Refusal, refusal
from vad.services.ports.volatile import AuthorizationCode

_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")
"""RFC 7636 section 4.1."""


def check(code: AuthorizationCode, redirect_uri: str, verifier: str) -> None:
    """Raise unless both are those of the authorization request (RFC 7636 section 4.6).

    A verifier for a request that brought no challenge is refused: somebody took it out (RFC 9700 section 4.8.2).
    """
    if not hmac.compare_digest(redirect_uri.encode(), code.redirect_uri.encode()):
        raise refusal(Refusal.REDIRECT_URI_DIFFERS)
    if not (code.code_challenge or verifier):
        return
    if _VERIFIER.fullmatch(verifier) is None:
        raise refusal(Refusal.VERIFIER_MALFORMED)
    if not verifies(code, verifier):
        raise refusal(Refusal.VERIFIER_DIFFERS)


def verifies(code: AuthorizationCode, verifier: str) -> bool:
    """Whether the challenge was made of this verifier. Never for a code without one."""
    if _VERIFIER.fullmatch(verifier) is None:
        return False
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).rstrip(b"=")
    return hmac.compare_digest(challenge, code.code_challenge.encode())
