"""Every key that could not do its work, as found by the very code that will use it."""

from collections.abc import Iterator, Sequence

from vad.adapters.jose.answers import recipient
from vad.adapters.jose.encryption import JweSubjectSealer
from vad.adapters.jose.errors import EncryptionKeyError
from vad.adapters.jose.public_keys import PublicKeys
from vad.domain.client import Client, Jwk, ResourceServer
from vad.domain.profile import ClientAuthentication, Rules
from vad.domain.profile_table import OF_SOURCES
from vad.domain.registration_fault import Fault, FaultKind


def faults_of_client_keys(client: Client) -> Iterator[Fault]:
    """What is wrong with the keys of a client's registration, one by one and together.

    A key that says `enc` is for encrypting to it; there is none without one that it proves itself with.
    """
    rules = client.rules
    to_it = [jwk for jwk in client.jwks if jwk.get("use") == "enc" and _encrypts(jwk, rules)]
    by_it = client.token_endpoint_auth_method is ClientAuthentication.PRIVATE_KEY_JWT
    if by_it and len(to_it) == len(client.jwks):
        to_it = []
    proving = [(number, jwk) for number, jwk in enumerate(client.jwks) if jwk not in to_it]
    yield from _useless(proving, rules)
    for what in ("id_token", "userinfo"):
        member = f"{what}_encrypted_response_alg"
        alg = getattr(client, member)
        if alg and not client.jwks_uri and recipient(client.jwks, alg) is None:
            yield FaultKind.NO_KEY_FITS.at(member=member, alg=alg)


def faults_of_source_keys(source: ResourceServer) -> Iterator[Fault]:
    """The same of a data source."""
    yield from _useless(list(enumerate(source.jwks)), OF_SOURCES)
    try:
        JweSubjectSealer().seal({}, source.encryption_jwk)
    except EncryptionKeyError as error:
        yield error.kind.at("encryption_jwk")
    alg = source.introspection_encrypted_response_alg
    if alg and recipient([source.encryption_jwk], alg) is None:
        yield FaultKind.ANSWERS_NOT_ENCRYPTED.at(alg=alg)


def place_of_key(number: int) -> str:
    """By what a fault names the key that stands there, from nought on."""
    return f"jwks.keys.{number}"


def _useless(jwks: Sequence[tuple[int, Jwk]], rules: Rules) -> Iterator[Fault]:
    verifying = PublicKeys()
    for number, jwk in jwks:
        place, kid = place_of_key(number), jwk.get("kid")
        if kid is not None and not isinstance(kid, str):
            yield FaultKind.KID.at(place)
        elif not any(verifying.verifying([jwk], algorithm=each, kid=kid) for each in rules.assertion_algorithms):
            yield FaultKind.CHECKS_NO_SIGNATURE.at(place)


def _encrypts(jwk: Jwk, rules: Rules) -> bool:
    return any(recipient([jwk], alg) is not None for alg, _ in rules.answer_encryption)
