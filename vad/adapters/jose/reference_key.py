"""VAD's own key for what the PRS seals to it (`vad.adapters.prs.opened`): JSON in a JWE, no JWT."""

from functools import cached_property
from pathlib import Path

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from vad.domain import strict_json

_CONTENT = "A256GCM"
_LONGEST_HEADER = 4096


class ReferenceKey:
    """VAD's own key for that scope. Raises `ValueError` for what is no private key to encrypt to."""

    def __init__(self, text: str) -> None:
        content = strict_json.parse(text.encode())
        members = content if isinstance(content, dict) else {}
        try:
            self._key = (RSAKey if members.get("kty") == "RSA" else ECKey).import_key(members)
        except (JoseError, TypeError, KeyError) as error:
            raise ValueError("an EC or RSA key as JSON Web Key is needed") from error
        if not self._key.is_private or members.get("use", "enc") != "enc":
            raise ValueError("a private key to encrypt to is needed")

    @classmethod
    def read(cls, file: Path) -> "ReferenceKey":
        """The key in a file. Raises `ValueError`, and `OSError`."""
        return cls(file.read_text("utf-8"))

    def opened(self, sealed: str) -> object:
        """What is inside. Raises `ValueError`."""
        try:
            return strict_json.parse(jwe.decrypt_compact(sealed, self._key, registry=self._registry).plaintext or b"")
        except (JoseError, TypeError, KeyError, AttributeError) as error:
            raise ValueError("not sealed to this key") from error

    @cached_property
    def _registry(self) -> jwe.JWERegistry:
        algorithm = "RSA-OAEP-256" if isinstance(self._key, RSAKey) else "ECDH-ES"
        registry = jwe.JWERegistry(algorithms=[algorithm, _CONTENT], strict_check_header=False)
        registry.max_protected_header_length = _LONGEST_HEADER
        return registry
