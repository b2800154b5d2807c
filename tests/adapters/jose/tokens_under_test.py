"""Keys, registrations and permits to make tokens with."""

import base64
import functools
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from vad.adapters.jose.signer import JwtSigner
from vad.adapters.vault.jwk import public_members, thumbprint
from vad.adapters.vault.keyring import KeyRing, Purpose, create_missing
from vad.adapters.vault.master_key import MasterKey
from vad.domain import claims
from vad.domain.access import AccessRequest, Facts, Permit, decide
from vad.domain.age import BirthDate
from vad.domain.assurance import LevelOfAssurance
from vad.domain.client import Client, IdentifierType, Jwk, ResourceServer
from vad.domain.consent import Consent, Duration
from vad.domain.identifiers import ClientId, ConsentId, PersonId, ResourceId
from vad.domain.person import Evidence

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
ISSUER = "https://vad.example"
SOURCE = ResourceId("https://bron-a.example")
CLIENT_ID = ClientId("pgo-1")
PERSON = PersonId(UUID(int=7))


@functools.cache
def keyring() -> KeyRing:
    """The keys of one installation, made once."""
    master = MasterKey(bytes(range(32)))
    return KeyRing(master, create_missing(master, (), AT))


@functools.cache
def other_keyring() -> KeyRing:
    """The keys of a stranger."""
    master = MasterKey(bytes(range(1, 33)))
    return KeyRing(master, create_missing(master, (), AT))


@functools.cache
def signer() -> JwtSigner:
    """The signer of the installation."""
    return JwtSigner(keyring(), ISSUER)


def p256() -> tuple[ec.EllipticCurvePrivateKey, dict[str, Any]]:
    """A private key, and the public JWK that a client would register."""
    private = ec.generate_private_key(ec.SECP256R1())
    members = public_members(private.public_key())
    return private, {**members, "kid": thumbprint(members), "use": "sig"}


def registered_client(*jwks: Jwk, algorithm: str = "ES256", active: bool = True) -> Client:
    """A client with these keys."""
    return Client(
        client_id=CLIENT_ID,
        name="App",
        organisation="App B.V.",
        redirect_uris=("https://app.example/callback",),
        jwks=jwks,
        sector="app.example",
        id_token_signed_response_alg=algorithm,
        active=active,
    )


def registered_source(algorithm: str = "ES256") -> ResourceServer:
    """A data source whose tokens are signed with this algorithm."""
    return ResourceServer(
        identifier=SOURCE,
        name="Bron A",
        organisation="Bron A",
        data_services=("48",),
        identifier_type=IdentifierType.PSEUDONYM,
        encryption_jwk={},
        access_token_signing_alg=algorithm,
        admitted={CLIENT_ID: frozenset({"48"})},
    )


def permit(source: ResourceServer | None = None, *, algorithm: str = "ES256") -> Permit:
    """What `decide` says to a grown-up who asks for their own data with a live consent."""
    resource = ResourceId(ISSUER) if source is None else source.identifier
    services = frozenset() if source is None else frozenset({"48"})
    consent = Consent(
        consent_id=ConsentId(UUID(int=1)),
        person_id=PERSON,
        subject=PERSON,
        client_id=CLIENT_ID,
        resource=resource,
        data_services=services,
        duration=Duration.UNTIL_STOPPED,
        given_at=AT - timedelta(days=1),
        until=AT + timedelta(days=1),
    )
    asked = AccessRequest(
        actor=PERSON,
        subject=PERSON,
        client=registered_client(algorithm=algorithm),
        source=source,
        data_services=services,
        level=LevelOfAssurance.SUBSTANTIEEL,
        session_ends_at=AT + timedelta(hours=1),
    )
    decision = decide(asked, Facts(Evidence(BirthDate(1980, 1, 1), False, "brp", AT), (consent,)), AT)  # noqa: FBT003
    assert isinstance(decision, Permit)
    return decision


def context() -> claims.TokenContext:
    """What the tokens of one answer share."""
    return claims.TokenContext(ISSUER, AT, AT - timedelta(minutes=1))


def access_token_claims(source: ResourceServer | None = None) -> claims.AccessTokenClaims:
    """Claims of an access token for this source, or for the issuer itself."""
    sealed = None if source is None else "sealed"
    return claims.access_token(permit(source), context(), sub="subject", jti="jti-1", subject_identifier=sealed)


def id_token_claims(algorithm: str = "ES256") -> claims.IdTokenClaims:
    """Claims of an ID token for a client registered with this algorithm."""
    return claims.id_token(
        permit(algorithm=algorithm), context(), sub="subject", sid="sid-1", jti="jti-2", nonce="nonce-1"
    )


def own_token(*, ring: KeyRing | None = None, typ: str | None = "at+jwt", **changes: object) -> str:
    """The issuer's own access token with some claims changed (None: left out), signed by `ring`."""
    key = (ring or keyring()).active(Purpose.SIGNING, "ES256")
    values = {**access_token_claims().values, **changes}
    kept = {name: value for name, value in values.items() if value is not None}
    return jwt.encode(kept, key.private, "ES256", headers={"kid": key.key_id, "typ": typ})


def segment(value: object) -> str:
    """A JSON value as a part of a compact token."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def header_and_claims(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both halves of a signed token, unverified."""
    header, payload = (
        json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in token.split(".")[:2]
    )
    return header, payload
