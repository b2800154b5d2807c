"""Signing what VAD says of a file: a JWS over its bytes, by a key that anybody finds at `/jwks`."""

from jwt.api_jws import PyJWS

from vad.adapters.jose.signer import OWN_ALGORITHM
from vad.adapters.vault.errors import UnknownKeyError
from vad.adapters.vault.keyring import KeyState, Purpose
from vad.adapters.vault.rings import Rings


class JwsStatements:
    """`vad.services.ports.log_export.StatementSigner`."""

    def __init__(self, rings: Rings) -> None:
        self._rings = rings

    def sign(self, payload: bytes, kind: str) -> str:
        for key in self._rings.current.all(Purpose.SIGNING):
            if key.algorithm == OWN_ALGORITHM and key.state is KeyState.ACTIVE:
                headers = {"kid": key.key_id, "typ": kind}
                return PyJWS().encode(payload, key.private, OWN_ALGORITHM, headers)
        raise UnknownKeyError("no active signing key for what VAD says of files")
