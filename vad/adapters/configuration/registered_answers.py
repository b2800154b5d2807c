"""How an app wants its ID tokens and what userinfo answers (OIDC Dynamic Client Registration section 2)."""

from typing import Literal

from vad.adapters.configuration.registration_fields import Algorithm, Entry
from vad.domain.profile import Rules

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

    def check_answers(self, rules: Rules) -> None:
        """Raise `ValueError` for what its profile has not. Whether there is a key for it is in `registered_keys`."""
        signed = self.userinfo_signed_response_alg
        if signed and signed not in rules.id_token_algorithms:
            raise ValueError(f"its profile has no userinfo_signed_response_alg {signed}")
        for what in _ENCRYPTED:
            alg, enc = self.encryption(what)
            if getattr(self, f"{what}_encrypted_response_enc") and not alg:
                raise ValueError(f"{what}_encrypted_response_enc needs {what}_encrypted_response_alg")
            if alg and (alg, enc) not in rules.answer_encryption:
                raise ValueError(f"its profile does not encrypt {what} with {alg} and {enc}")

    def encryption(self, what: str) -> tuple[str, str]:
        """Key management and content encryption of `id_token` or `userinfo`; empty where it wants none."""
        alg = getattr(self, f"{what}_encrypted_response_alg") or ""
        return alg, (getattr(self, f"{what}_encrypted_response_enc") or DEFAULT) if alg else ""
