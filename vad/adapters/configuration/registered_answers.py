"""How an app wants its ID tokens, and what userinfo and introspection answer.

OIDC Dynamic Client Registration section 2, RFC 9701 section 6.
"""

from typing import Literal

from vad.adapters.configuration.registration_fields import Algorithm, Entry
from vad.domain.profile import Profile
from vad.domain.profile_table import RULES
from vad.domain.registration_fault import FaultError, FaultKind

KeyManagement = Literal["ECDH-ES", "ECDH-ES+A256KW", "RSA-OAEP-256", "RSA-OAEP"]
Content = Literal["A256GCM", "A128CBC-HS256"]
DEFAULT: Content = "A128CBC-HS256"
"""Where an app or a source did not choose (OIDC Dynamic Client Registration section 2, RFC 9701 section 6)."""
_ENCRYPTED = ("id_token", "userinfo")


class AnswersEntry(Entry):
    """The members of a client's entry that are about this."""

    id_token_encrypted_response_alg: KeyManagement | None = None
    id_token_encrypted_response_enc: Content | None = None
    userinfo_signed_response_alg: Algorithm | None = None
    userinfo_encrypted_response_alg: KeyManagement | None = None
    userinfo_encrypted_response_enc: Content | None = None
    introspection_signed_response_alg: Algorithm | None = None

    def check_answers(self, profile: Profile) -> None:
        """Raise `ValueError` for what its profile has not. Whether there is a key for it is in `registered_keys`."""
        for what in _ENCRYPTED:
            alg, enc = self.encryption(what)
            member, other = (f"{what}_encrypted_response_{each}" for each in ("enc", "alg"))
            if getattr(self, member) and not alg:
                raise FaultError(FaultKind.NEEDS, member=member, other=other)
            if alg and (alg, enc) not in RULES[profile].answer_encryption:
                kind = FaultKind.NO_SUCH_ENCRYPTION
                raise FaultError(kind, profile=profile, answer=what, alg=alg, enc=enc, member=other)

    def encryption(self, what: str) -> tuple[str, str]:
        """Key management and content encryption of `id_token` or `userinfo`; empty where it wants none."""
        alg = getattr(self, f"{what}_encrypted_response_alg") or ""
        return alg, (getattr(self, f"{what}_encrypted_response_enc") or DEFAULT) if alg else ""
