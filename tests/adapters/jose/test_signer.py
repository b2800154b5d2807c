"""The signer: what it signs with, and that nothing without a permit is signed (RFC 9068, OIDC Core)."""

import base64
import copy
import hashlib
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

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
from vad.adapters.vault.errors import UnknownKeyError
from vad.domain.access import Basis, Permit
from vad.domain.claims import AccessTokenClaims, IdTokenClaims


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
    with pytest.raises(UnknownKeyError):
        signer().access_token(access_token_claims(registered_source("HS256")))
    with pytest.raises(UnknownKeyError):
        signer().id_token(id_token_claims("none"), "token")


@pytest.mark.parametrize("made_up", [None, object(), SimpleNamespace(until=AT), {}, "permit"])
def test_nothing_is_signed_without_a_permit(made_up: Any) -> None:
    """Claims whose permit is none are refused at run time too."""
    with pytest.raises(TypeError):
        signer().access_token(AccessTokenClaims(made_up, {"aud": "x", "exp": 0}, AT))
    with pytest.raises(TypeError):
        signer().id_token(IdTokenClaims(made_up, {"aud": "x", "exp": 0}), "token")


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


def test_nothing_outlives_or_leaves_its_permit() -> None:
    """A longer life than the permit's, or another audience than its source, is refused."""
    good = access_token_claims(registered_source())
    late = int((good.permit.until + timedelta(seconds=1)).timestamp())
    for change in ({"exp": late}, {"exp": None}, {"exp": "soon"}, {"aud": "https://bron-b.example"}, {"aud": None}):
        with pytest.raises(TypeError):
            signer().access_token(replace(good, values={**good.values, **change}))
    with pytest.raises(TypeError):
        signer().id_token(replace(id_token_claims(), values={"exp": late}), "token")


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
    """`/jwks` has signing keys alone; DigiD's set has one key to verify with and one to encrypt to."""
    issuer: Any = issuer_key_set(keyring())["keys"]
    digid: Any = digid_key_set(keyring())["keys"]
    assert {key["use"] for key in issuer} == {"sig"}
    assert [(key["use"], key["alg"]) for key in digid] == [("sig", "ES256"), ("enc", "ECDH-ES")]
    assert not {key["kid"] for key in issuer} & {key["kid"] for key in digid}
