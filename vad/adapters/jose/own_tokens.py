"""Reading back what VAD itself signed: of which kind, by which of its keys, and that it is whole."""

from collections.abc import Mapping

from vad.adapters.jose.errors import Refusal, TokenRefusedError
from vad.adapters.jose.jws import header_of, kid_of, verified
from vad.adapters.jose.public_keys import PublicKey
from vad.adapters.vault.keyring import KeyRing, Purpose
from vad.adapters.vault.rings import PerRing, Rings


class OwnTokens:
    """Tokens that this issuer signed. Their times, audience and subject are the business of whoever reads them."""

    def __init__(self, rings: Rings, issuer: str) -> None:
        self._issuer = issuer
        self._keys = PerRing(rings, _public_keys)

    def claims(self, token: str, typ: str) -> Mapping[str, object]:
        """What a token of this type says. Raises `TokenRefusedError` for any other token."""
        header = header_of(token)
        if header.get("typ") != typ:
            # Access, ID and logout tokens are signed by the same keys (RFC 8725 section 3.11, RFC 9068 section 4).
            raise TokenRefusedError(Refusal.TYPE)
        kid = kid_of(header) or ""
        known = self._keys().get(kid) or (self._keys.newer() or {}).get(kid)
        if known is None:
            raise TokenRefusedError(Refusal.UNKNOWN_KEY)
        key, algorithm = known
        if header.get("alg") != algorithm:
            raise TokenRefusedError(Refusal.ALGORITHM)
        claims = verified(token, [key], algorithm)
        if claims.get("iss") != self._issuer:
            raise TokenRefusedError(Refusal.ISSUER)
        return claims


def _public_keys(ring: KeyRing) -> Mapping[str, tuple[PublicKey, str]]:
    """What checks our own signatures, with its algorithm. The next key too: another process may use it already."""
    return {key.key_id: (key.private.public_key(), key.algorithm) for key in ring.all(Purpose.SIGNING)}
