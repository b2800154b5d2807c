"""Certificates for the keys with which a town signs, put there as they are: nobody looks at them first."""

from typing import Any

import jwt
from cryptography import x509

from tests.support.database import ask
from tests.support.signing_certificates import der
from tests.support.town import Town


def signing_key(town: Town, algorithm: str) -> tuple[str, Any]:
    """The id, and the public half, of the key that signs by this algorithm."""
    named = "SELECT key_id, public_jwk FROM keys WHERE purpose = 'signing' AND state = 'active' AND algorithm = %s"
    ((key_id, jwk),) = ask(town.database.superuser_url, named, (algorithm,))
    return key_id, jwt.PyJWK(jwk).key


def certify(town: Town, key_id: str, *chain: x509.Certificate) -> None:
    """Store these certificates with a key, or none."""
    stored = "UPDATE keys SET certificates = %s::bytea[] WHERE key_id = %s"
    ask(town.database.superuser_url, stored, (list(der(chain)), key_id))
    ask(town.database.superuser_url, "UPDATE configuration_version SET version = version + 1")
