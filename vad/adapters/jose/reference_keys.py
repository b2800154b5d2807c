"""VAD's own keys for what the PRS seals to it (`vad.adapters.prs.opened`): JSON in a JWE, no JWT.

While the key changes there are several: each source puts the next one in the place of the former at the PRS at a
moment of its own, and until the last has done so, any of them may be what a reference is sealed to.
"""

from pathlib import Path

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from vad.domain import strict_json

_ALGORITHMS = {"RSA": ("RSA-OAEP-256", "RSA-OAEP"), "EC": ("ECDH-ES",)}
"""By kind of key. The PRS chooses, and its newest published version has RSA-OAEP (ADR 0039)."""
_CONTENT = "A256GCM"
_LONGEST_HEADER = 4096
_MOST = 4


class ReferenceKeys:
    """A private JSON Web Key to encrypt to, or a set of them (RFC 7517 section 5), at most four.

    Raises `ValueError` for anything else.
    """

    def __init__(self, text: str) -> None:
        content = strict_json.parse(text.encode())
        members = content if isinstance(content, dict) else {}
        stored = members.get("keys", [members])
        if not isinstance(stored, list) or not 0 < len(stored) <= _MOST:
            raise ValueError(f"a JSON Web Key is needed, or a set of {_MOST} at most")
        self._keys = [_imported(each) for each in stored]

    @classmethod
    def read(cls, file: Path) -> "ReferenceKeys":
        """The keys in a file. Raises `ValueError`, and `OSError`."""
        return cls(file.read_text("utf-8"))

    @property
    def names(self) -> tuple[str, ...]:
        """By which others know them: their `kid`, or the thumbprint (RFC 7638)."""
        return tuple(key.kid or key.thumbprint() for key in self._keys)

    def opened(self, sealed: str) -> object:
        """What is inside, whichever of the keys it is sealed to. Raises `ValueError`.

        Each is tried: the `kid` is written by whoever sealed it, and need not be the one in the file.
        """
        for key in self._keys:
            content = _opened(sealed, key)
            if content is not None:
                return strict_json.parse(content)
        raise ValueError("sealed to none of these keys")


def _imported(members: object) -> ECKey | RSAKey:
    known = members if isinstance(members, dict) else {}
    try:
        key = (RSAKey if known.get("kty") == "RSA" else ECKey).import_key(known)
    except (JoseError, TypeError, KeyError, ValueError) as error:
        raise ValueError("an EC or RSA key as JSON Web Key is needed") from error
    if not key.is_private or known.get("use", "enc") != "enc":
        raise ValueError("a private key to encrypt to is needed")
    if key.alg is not None and key.alg not in _ALGORITHMS[key.key_type]:
        raise ValueError("a key for an algorithm that VAD opens is needed")
    return key


def _opened(sealed: str, key: ECKey | RSAKey) -> bytes | None:
    try:
        return jwe.decrypt_compact(sealed, key, registry=_registry(key)).plaintext or b""
    except (JoseError, TypeError, KeyError, ValueError, AttributeError):
        return None


def _registry(key: ECKey | RSAKey) -> jwe.JWERegistry:
    algorithms = _ALGORITHMS[key.key_type] if key.alg is None else (key.alg,)
    registry = jwe.JWERegistry(algorithms=[*algorithms, _CONTENT], strict_check_header=False)
    registry.max_protected_header_length = _LONGEST_HEADER
    return registry
