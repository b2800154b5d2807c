"""Every key that could not do its work, as found by the very code that will use it."""

from collections.abc import Iterator, Sequence

from vad.adapters.jose.answers import recipient
from vad.adapters.jose.encryption import JweSubjectSealer
from vad.adapters.jose.errors import EncryptionKeyError
from vad.adapters.jose.public_keys import PublicKeys
from vad.domain.client import Client, Jwk, ResourceServer
from vad.domain.profile import ClientAuthentication, Rules
from vad.domain.profile_table import OF_SOURCES


def faults_of_client_keys(client: Client) -> Iterator[str]:
    """What is wrong with the keys of a client's registration, one by one and together.

    A key that says `enc` is for encrypting to it; there is none without one that it proves itself with.
    """
    whose, rules = f"clients {client.client_id}", client.rules
    to_it = [jwk for jwk in client.jwks if jwk.get("use") == "enc" and _encrypts(jwk, rules)]
    by_it = client.token_endpoint_auth_method is ClientAuthentication.PRIVATE_KEY_JWT
    if by_it and len(to_it) == len(client.jwks):
        to_it = []
    proving = [(number, jwk) for number, jwk in enumerate(client.jwks) if jwk not in to_it]
    yield from _useless(whose, proving, rules)
    for what in ("id_token", "userinfo"):
        alg = getattr(client, f"{what}_encrypted_response_alg")
        if alg and not client.jwks_uri and recipient(client.jwks, alg) is None:
            yield f"{whose}: no key of its own fits {what}_encrypted_response_alg {alg}"


def faults_of_source_keys(source: ResourceServer) -> Iterator[str]:
    """The same of a data source."""
    whose = f"resource_servers {source.identifier}"
    yield from _useless(whose, list(enumerate(source.jwks)), OF_SOURCES)
    try:
        JweSubjectSealer().seal({}, source.encryption_jwk)
    except EncryptionKeyError as error:
        yield f"{whose}: encryption_jwk: {error}"
    alg = source.introspection_encrypted_response_alg
    if alg and recipient([source.encryption_jwk], alg) is None:
        yield f"{whose}: encryption_jwk does not fit introspection_encrypted_response_alg {alg}"


def _useless(whose: str, jwks: Sequence[tuple[int, Jwk]], rules: Rules) -> Iterator[str]:
    verifying = PublicKeys()
    for number, jwk in jwks:
        where, kid = f"{whose}: jwks.keys.{number}", jwk.get("kid")
        if kid is not None and not isinstance(kid, str):
            yield f"{where}: kid must be a text"
        elif not any(verifying.verifying([jwk], algorithm=each, kid=kid) for each in rules.assertion_algorithms):
            yield f"{where}: no signature can be checked with it (kind, curve, size, use, alg or a member)"


def _encrypts(jwk: Jwk, rules: Rules) -> bool:
    return any(recipient([jwk], alg) is not None for alg, _ in rules.answer_encryption)
