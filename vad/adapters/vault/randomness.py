"""The operating system's source of unguessable values."""

import secrets
from uuid import UUID, uuid4


class SystemRandomness:
    """`vad.services.ports.tokens.Randomness`."""

    def token(self) -> str:
        return secrets.token_urlsafe(32)

    def octets(self, number: int) -> bytes:
        return secrets.token_bytes(number)

    def uuid(self) -> UUID:
        return uuid4()
