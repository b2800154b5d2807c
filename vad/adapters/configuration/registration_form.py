"""Reading what staff fill in about an app or a key: by the same checks as what stands in a file."""

from base64 import b64decode
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from cryptography import x509

from vad.adapters.configuration.registered_keys import faults_of_source_keys, place_of_key
from vad.adapters.configuration.registration_fields import PRIVATE_MEMBERS
from vad.adapters.configuration.registrations import client_of
from vad.adapters.jose.encryption import JweSubjectSealer
from vad.adapters.jose.errors import EncryptionKeyError
from vad.adapters.vault.jwk import thumbprint
from vad.domain import strict_json
from vad.domain.client import Client, Jwk, ResourceServer
from vad.domain.registration_fault import FaultKind
from vad.services.ports.registering import KeyFacts, RegistrationFaultError

_SOMEBODY = {
    "client_id": "keys",
    "name": "keys",
    "organisation": "keys",
    "redirect_uris": ["https://keys.example/"],
    "profile": "basic",
    "token_endpoint_auth_method": "client_secret_post",
    "client_secret_sha256": ["0" * 64],
}
"""An app that is checked for each of its keys alone: what they have to do together depends on the app."""


class RegistrationForm:
    """`vad.services.ports.registering.RegistrationReader`."""

    def client(self, entry: Mapping[str, object]) -> Client:
        return client_of(entry)

    def client_by_itself(self, entry: Mapping[str, object]) -> Client:
        try:
            return client_of(entry)
        except RegistrationFaultError as error:
            if any(fault.code != FaultKind.CHECKS_NO_SIGNATURE for fault in error.faults):
                raise
            useless = {fault.place for fault in error.faults}
            jwks = cast("Mapping[str, list[Jwk]]", entry["jwks"])
            kept = [key for number, key in enumerate(jwks["keys"]) if place_of_key(number) not in useless]
            if not kept:
                raise
            return client_of({**entry, "jwks": {"keys": kept}})

    def jwks(self, text: str) -> tuple[Jwk, ...]:
        value = _json(text)
        keys = value.get("keys", [value])
        return self.client({**_SOMEBODY, "jwks": {"keys": keys}}).jwks

    def jwks_uri(self, text: str) -> str:
        return self.client({**_SOMEBODY, "jwks_uri": text.strip()}).jwks_uri

    def encryption_key(self, text: str) -> Jwk:
        jwk = _json(text)
        if jwk.keys() & PRIVATE_MEMBERS:
            raise RegistrationFaultError([FaultKind.PRIVATE.at("encryption_jwk")])
        try:
            JweSubjectSealer().seal({}, jwk)
        except EncryptionKeyError as error:
            raise RegistrationFaultError([error.kind.at("encryption_jwk")]) from None
        return jwk

    def check_source(self, source: ResourceServer) -> None:
        faults = list(faults_of_source_keys(source))
        if faults:
            raise RegistrationFaultError(faults)

    def facts(self, jwk: Jwk) -> KeyFacts:
        kind = f"{jwk.get('kty')} {jwk.get('crv', '')}".strip()
        return KeyFacts(str(jwk.get("kid") or ""), kind, thumbprint(jwk), _expires(jwk))


def _json(text: str) -> dict[str, Any]:
    try:
        value = strict_json.parse(text.encode())
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise RegistrationFaultError([FaultKind.NOT_JSON.at()])
    return value


def _expires(jwk: Jwk) -> datetime | None:
    """When the first certificate of `x5c` (RFC 7517 section 4.7) ends."""
    chain = jwk.get("x5c")
    if not isinstance(chain, list) or not chain:
        return None
    try:
        return x509.load_der_x509_certificate(b64decode(str(chain[0]), validate=True)).not_valid_after_utc
    except (ValueError, x509.InvalidVersion):
        return None
