"""The signer: what it signs with, and that nothing without a permit is signed (RFC 9068, OIDC Core)."""

import base64
import copy
import hashlib
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, TypeVar

import jwt
import pytest

from tests.adapters.jose.tokens_under_test import (
    AT,
    CLIENT_ID,
    ISSUER,
    SOURCE,
    access_token_claims,
    header_and_claims,
    id_token_claims,
    keyring,
    permit,
    registered_source,
    signer,
)
from vad.adapters.jose.keyset import digid_key_set, issuer_key_set
from vad.adapters.jose.signer import JwtSigner
from vad.adapters.vault.errors import UnknownKeyError
from vad.adapters.vault.keyring import KeyRing, create_missing
from vad.adapters.vault.master_key import MasterKey
from vad.domain.access import Permit
from vad.domain.claims import AccessTokenClaims, IdTokenClaims
from vad.domain.ground import Basis


@pytest.mark.parametrize("algorithm", ["ES256", "RS256", "PS256"])
def test_an_access_token_is_signed_as_its_source_is_registered(algorithm: str) -> None:
    """A published key with this very algorithm verifies it; the header says `at+jwt` (RFC 9068 section 2.1)."""
    token = signer().access_token(access_token_claims(registered_source(algorithm)))
    header, claims = header_and_claims(token)
    assert header.keys() == {"alg", "kid", "typ"}
    assert (header["alg"], header["typ"]) == (algorithm, "at+jwt")
    published = jwt.PyJWKSet.from_dict({"keys": issuer_key_set(keyring())["keys"]})[header["kid"]]
    assert published.algorithm_name == algorithm
    options: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
    verified = jwt.decode_complete(token, published, [algorithm], audience=SOURCE, issuer=ISSUER, options=options)
    assert verified["payload"] == claims
    assert claims["aud"] == SOURCE


def test_the_issuers_own_access_token_is_es256() -> None:
    """Only VAD reads it, so nobody chooses its algorithm."""
    header, claims = header_and_claims(signer().access_token(access_token_claims()))
    assert (header["alg"], claims["aud"]) == ("ES256", ISSUER)


@pytest.mark.parametrize("algorithm", ["ES256", "RS256", "PS256"])
def test_an_id_token_is_signed_as_its_client_is_registered(algorithm: str) -> None:
    """It carries `at_hash`: the left half of the SHA-256 of the access token (OIDC Core 3.1.3.6)."""
    header, claims = header_and_claims(signer().id_token(id_token_claims(algorithm), "the.access.token"))
    half = hashlib.sha256(b"the.access.token").digest()[:16]
    assert (header["alg"], header["typ"]) == (algorithm, "JWT")
    assert claims["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    assert (claims["aud"], claims["nonce"]) == (CLIENT_ID, "nonce-1")


def test_an_algorithm_without_a_key_is_refused() -> None:
    """A registration that names an algorithm nobody has a key for gets no token, rather than another algorithm."""
    master = MasterKey(bytes(range(32)))
    without = [row for row in create_missing(master, (), AT) if row.algorithm != "RS256"]
    with pytest.raises(UnknownKeyError):
        JwtSigner(KeyRing(master, without), ISSUER).access_token(access_token_claims(registered_source("RS256")))
    with pytest.raises(UnknownKeyError):
        signer().id_token(id_token_claims("none"), "token")


Claims = TypeVar("Claims", AccessTokenClaims, IdTokenClaims)


def forged(claims: Claims, **changes: Any) -> Claims:
    """Claims as nobody can make them: somebody went around the class itself. None leaves a value out."""
    made_up = copy.copy(claims)
    values = {name: value for name, value in {**claims.values, **changes}.items() if value is not None}
    object.__setattr__(made_up, "values", values)
    return made_up


@pytest.mark.parametrize("made_up", [None, object(), SimpleNamespace(until=AT), {}, "permit"])
def test_nothing_is_signed_without_a_permit(made_up: Any) -> None:
    """Claims whose permit is none are refused at run time too."""
    access, identity = forged(access_token_claims()), forged(id_token_claims())
    for claims in (access, identity):
        object.__setattr__(claims, "permit", made_up)
    with pytest.raises(TypeError):
        signer().access_token(access)
    with pytest.raises(TypeError):
        signer().id_token(identity, "token")


@pytest.mark.parametrize("values", [{}, {"aud": SOURCE}, None, "text"])
def test_nothing_but_claims_is_signed(values: Any) -> None:
    """Neither plain values nor the other kind of claims become a token."""
    with pytest.raises(TypeError):
        signer().access_token(values)
    with pytest.raises(TypeError):
        signer().id_token(values, "token")
    with pytest.raises(TypeError):
        signer().access_token(id_token_claims())  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        signer().id_token(access_token_claims(), "token")  # type: ignore[arg-type]


OTHER = "https://bron-b.example"
WRONG: list[dict[str, Any]] = [
    *({"iss": value} for value in (OTHER, None)),
    *({"aud": value} for value in (OTHER, None, [SOURCE], [ISSUER], [CLIENT_ID])),
    *({"azp": value} for value in ("pgo-2", None)),
    *({"acr": value} for value in ("http://eidas.europa.eu/LoA/high", None)),
    *({"exp": value} for value in (None, "soon", True, 1e9)),
]


@pytest.mark.parametrize("change", WRONG, ids=str)
def test_nothing_leaves_its_permit(change: dict[str, Any]) -> None:
    """Issuer, audience, client, level and end follow from the permit, in every kind of token, or nothing is signed."""
    for claims in (access_token_claims(), access_token_claims(registered_source())):
        with pytest.raises(TypeError):
            signer().access_token(forged(claims, **change))
    with pytest.raises(TypeError):
        signer().id_token(forged(id_token_claims(), **change), "token")


@pytest.mark.parametrize("change", [{"client_id": "pgo-2"}, {"client_id": None}, {"scope": "48 63"}, {"scope": None}])
def test_an_access_token_names_its_client_and_scope(change: dict[str, Any]) -> None:
    """Nobody else's token, and none that is wider than what was permitted."""
    for claims in (access_token_claims(), access_token_claims(registered_source())):
        with pytest.raises(TypeError):
            signer().access_token(forged(claims, **change))


def test_audiences_are_not_swapped() -> None:
    """The issuer's own token is for the issuer alone, and a source's for the source alone."""
    with pytest.raises(TypeError):
        signer().access_token(forged(access_token_claims(), aud=SOURCE))
    with pytest.raises(TypeError):
        signer().access_token(forged(access_token_claims(registered_source()), aud=ISSUER))
    with pytest.raises(TypeError):
        JwtSigner(keyring(), OTHER).access_token(access_token_claims())


def test_nothing_outlives_its_permit() -> None:
    """Not by a second."""
    for claims in (access_token_claims(), access_token_claims(registered_source())):
        end = int(claims.permit.until.timestamp())
        assert signer().access_token(forged(claims, exp=end))
        with pytest.raises(TypeError):
            signer().access_token(forged(claims, exp=end + 1))
    identity = id_token_claims()
    with pytest.raises(TypeError):
        signer().id_token(forged(identity, exp=int(identity.permit.until.timestamp()) + 1), "token")


def test_a_permit_comes_from_decide_alone() -> None:
    """Nobody else can construct one, not even from the parts of a real one."""
    real = permit()
    parts: dict[str, Any] = {
        "request": real.request,
        "basis": Basis.SELF,
        "until": real.until + timedelta(days=1),
        "evidence": real.evidence,
        "consents": real.consents,
    }
    for decided in (None, object(), True):
        with pytest.raises(TypeError):
            Permit(**parts, _decided=decided)
    with pytest.raises(TypeError):
        Permit(**parts)
    assert copy.copy(real) == real


def test_published_key_sets_hold_what_each_reader_needs() -> None:
    """`/jwks` has what signs, and a key of each kind to encrypt requests to; DigiD's set has one key for each."""
    issuer: Any = issuer_key_set(keyring())["keys"]
    digid: Any = digid_key_set(keyring())["keys"]
    offered = sorted((key["use"], key["alg"]) for key in issuer if key["use"] != "sig")
    assert offered == [("enc", "ECDH-ES"), ("enc", "RSA-OAEP-256")]
    assert [(key["use"], key["alg"]) for key in digid] == [("sig", "ES256"), ("enc", "ECDH-ES")]
    assert not {key["kid"] for key in issuer} & {key["kid"] for key in digid}
