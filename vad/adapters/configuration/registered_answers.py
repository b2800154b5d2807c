"""How an app wants what userinfo answers (OIDC Dynamic Client Registration section 2), as it stands in TOML."""

from collections.abc import Sequence
from typing import Literal

from vad.adapters.configuration.registration_fields import Algorithm, Entry
from vad.adapters.jose.answers import recipient
from vad.domain.client import Jwk
from vad.domain.profile import Rules


class AnswersEntry(Entry):
    """The members of a client's entry that are about this."""

    userinfo_signed_response_alg: Algorithm | None = None
    userinfo_encrypted_response_alg: Literal["ECDH-ES", "RSA-OAEP-256", "RSA-OAEP"] | None = None
    userinfo_encrypted_response_enc: Literal["A256GCM", "A128CBC-HS256"] | None = None

    def check_answers(self, rules: Rules, jwks: Sequence[Jwk] | None) -> None:
        """Raise `ValueError` for what its profile has not, or has no key for; `jwks` None: it publishes them."""
        signed, alg, enc = self.answers
        if signed and signed not in rules.id_token_algorithms:
            raise ValueError(f"its profile has no userinfo_signed_response_alg {signed}")
        if enc and not alg:
            raise ValueError("userinfo_encrypted_response_enc needs userinfo_encrypted_response_alg")
        if alg and (alg, enc) not in rules.userinfo_encryption:
            raise ValueError(f"its profile does not encrypt userinfo with {alg} and {enc or 'no enc'}")
        if alg and jwks is not None and recipient(jwks, alg) is None:
            raise ValueError(f"no key of its own fits userinfo_encrypted_response_alg {alg}")

    @property
    def answers(self) -> tuple[str, str, str]:
        """Signature, key management and content encryption; empty for what is left out."""
        return (
            self.userinfo_signed_response_alg or "",
            self.userinfo_encrypted_response_alg or "",
            self.userinfo_encrypted_response_enc or "",
        )
