"""Client authentication at the token endpoint by `private_key_jwt` (OIDC Core section 9, RFC 7523 section 3)."""

import base64
import hmac
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import ECKey

from tests.support.relying_party_client import ASSERTION_TYPE, RelyingParty, claims_of, new_key, public, sign
from tests.web.oidc.inside import signing_input, unsigned

REFRESH = {"grant_type": "refresh_token", "refresh_token": "unknown"}
"""A request that gets no further than the client's authentication, or just one step: `invalid_grant`."""

NOW = int(time.time())
FAULTS: dict[str, dict[str, Any]] = {
    "iss another client": {"iss": "rp-two"},
    "iss missing": {"iss": None},
    "iss a list": {"iss": ["rp-one"]},
    "sub another client": {"sub": "rp-two"},
    "sub missing": {"sub": None},
    "iss and sub another client": {"iss": "rp-two", "sub": "rp-two"},
    "aud another server": {"aud": "https://other.example/token"},
    "aud the authorization endpoint": {"aud": "ISSUER/authorize"},
    "aud with a slash": {"aud": "ISSUER/"},
    "aud two": {"aud": ["ISSUER/token", "https://other.example"]},
    "aud an empty list": {"aud": []},
    "aud an object": {"aud": {"ISSUER/token": 1}},
    "aud missing": {"aud": None},
    "exp past": {"exp": NOW - 3600, "iat": NOW - 3700},
    "exp too far": {"exp": NOW + 3600},
    "exp a year away": {"exp": NOW + 31_536_000},
    "exp missing": {"exp": None},
    "exp a text": {"exp": "soon"},
    "exp without bounds": {"exp": 10**400},
    "exp no number": {"exp": float("nan")},
    "exp infinite": {"exp": float("inf"), "iat": float("inf")},
    "exp true": {"exp": True},
    "iat future": {"iat": NOW + 3600, "exp": NOW + 3660},
    "iat missing": {"iat": None},
    "iat a text": {"iat": "now"},
    "nbf future": {"nbf": NOW + 3600},
    "nbf a text": {"nbf": "now"},
    "jti missing": {"jti": None},
    "jti empty": {"jti": ""},
    "jti a number": {"jti": 7},
    "jti too long": {"jti": "j" * 256},
}


def refused(response: requests.Response, status: int = 401) -> bool:
    """Whether the client was not believed (RFC 6749 section 5.2), in an answer that tells nothing more."""
    assert response.headers["Cache-Control"] == "no-store"
    body = response.json()
    assert body.keys() <= {"error", "error_description"}
    return (response.status_code, body["error"]) == (status, "invalid_client")


def believed(response: requests.Response) -> bool:
    """Whether the client was believed: the next fault was found."""
    return response.status_code == 400 and response.json()["error"] == "invalid_grant"


@pytest.mark.parametrize("fault", FAULTS)
def test_every_claim_is_checked(rp: RelyingParty, fault: str) -> None:
    """A well-signed assertion with one wrong claim proves nothing."""

    def placed(value: Any) -> Any:
        if isinstance(value, list):
            return [placed(member) for member in value]
        return value.replace("ISSUER", rp.issuer) if isinstance(value, str) else value

    changes = {name: placed(value) for name, value in FAULTS[fault].items()}
    assert refused(rp.token(REFRESH, client_assertion=rp.assertion(**changes)))


@pytest.mark.parametrize("audiences", [["/token"], [""], ["", "/token"]], ids=str)
def test_token_endpoint_and_issuer_are_audiences(rp: RelyingParty, audiences: list[str]) -> None:
    """The audience is the token endpoint or the issuer: as a text, or in a list of nothing else."""
    named = [rp.issuer + each for each in audiences]
    assert believed(rp.token(REFRESH, client_assertion=rp.assertion(aud=named)))
    assert len(named) > 1 or believed(rp.token(REFRESH, client_assertion=rp.assertion(aud=named[0])))


def test_an_assertion_counts_once(rp: RelyingParty, other_rp: RelyingParty) -> None:
    """A `jti` is used up (RFC 7523 section 3, point 7), for the client that used it alone."""
    assertion = rp.assertion(jti="the-same-for-both")
    assert believed(rp.token(REFRESH, client_assertion=assertion))
    assert refused(rp.token(REFRESH, client_assertion=assertion))
    # A new assertion with the same jti is no better.
    assert refused(rp.token(REFRESH, client_assertion=rp.assertion(jti="the-same-for-both", exp=NOW + 200)))
    assert believed(other_rp.token(REFRESH, client_assertion=other_rp.assertion(jti="the-same-for-both")))


def test_a_refused_assertion_uses_nothing_up(rp: RelyingParty) -> None:
    """Somebody else's forgery does not burn the `jti` of the real one."""
    genuine = rp.assertion(jti="watched")
    forged = sign(claims_of(genuine), new_key("rp-one"))
    assert refused(rp.token(REFRESH, client_assertion=forged))
    assert believed(rp.token(REFRESH, client_assertion=genuine))


def _none(rp: RelyingParty) -> str:
    return unsigned(claims_of(rp.assertion()), {"alg": "none", "kid": "rp-one"})


def _none_in_capitals(rp: RelyingParty) -> str:
    return unsigned(claims_of(rp.assertion()), {"alg": "NoNe", "kid": "rp-one"})


def _without_signature(rp: RelyingParty) -> str:
    return rp.assertion().rpartition(".")[0] + "."


def _hmac_with_the_public_key(rp: RelyingParty) -> str:
    claims, header = claims_of(rp.assertion()), {"alg": "HS256", "kid": "rp-one"}
    key = ECKey.import_key(public(rp.key)).public_key
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return unsigned(claims, header, hmac.digest(pem, signing_input(claims, header), "sha256"))


def _foreign_key(rp: RelyingParty) -> str:
    return sign(claims_of(rp.assertion()), new_key("rp-one"))


def _embedded_key(rp: RelyingParty) -> str:
    key = new_key("mine")
    return sign(claims_of(rp.assertion()), key, {"jwk": public(key)})


def _unknown_kid(rp: RelyingParty) -> str:
    return rp.assertion({"kid": "rp-two"})


def _other_algorithm(rp: RelyingParty) -> str:
    return unsigned(claims_of(rp.assertion()), {"alg": "RS256", "kid": "rp-one"}, b"x" * 256)


def _zero_signature(rp: RelyingParty) -> str:
    return unsigned(claims_of(rp.assertion()), {"alg": "ES256", "kid": "rp-one"}, bytes(64))


def _critical_header(rp: RelyingParty) -> str:
    return unsigned(claims_of(rp.assertion()), {"alg": "ES256", "kid": "rp-one", "crit": ["exp"]}, bytes(64))


def _tampered(rp: RelyingParty) -> str:
    header, _, signature = rp.assertion().split(".")
    return ".".join((header, unsigned(claims_of(rp.assertion()), {}).split(".")[1], signature))


def _too_long(rp: RelyingParty) -> str:
    return rp.assertion(padding="x" * 12_500)


def _not_a_jwt(_rp: RelyingParty) -> str:
    return "é..\U0001f600"


def _deep(_rp: RelyingParty) -> str:
    nested = base64.urlsafe_b64encode(b"[" * 5000).rstrip(b"=").decode()
    return f"{nested}.{nested}.x"


FORGERIES: list[Callable[[RelyingParty], str]] = [
    _none,
    _none_in_capitals,
    _without_signature,
    _hmac_with_the_public_key,
    _foreign_key,
    _embedded_key,
    _unknown_kid,
    _other_algorithm,
    _zero_signature,
    _critical_header,
    _tampered,
    _too_long,
    _not_a_jwt,
    _deep,
]


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__.strip("_"))
@pytest.mark.parametrize("named", [True, False])
def test_no_forgery_is_believed(rp: RelyingParty, forge: Callable[[RelyingParty], str], *, named: bool) -> None:
    """Only a signature with a registered key and a listed algorithm counts (RFC 8725 sections 3.1 and 3.2)."""
    response = rp.token(REFRESH, client_assertion=forge(rp), client_id=rp.client_id if named else None)
    if response.json()["error"] == "invalid_request":
        # Longer than any parameter may be: refused before anybody looks inside.
        assert forge is _too_long
    else:
        assert refused(response)


def test_no_client_speaks_for_another(rp: RelyingParty, other_rp: RelyingParty) -> None:
    """The client_id beside the assertion must be the one inside it, and the key that client's own."""
    assert refused(rp.token(REFRESH, client_id="rp-two"))
    assert refused(rp.token(REFRESH, client_id="rp-two", client_assertion=rp.assertion(iss="rp-two", sub="rp-two")))
    assert refused(rp.token(REFRESH, client_assertion=other_rp.assertion()))
    assert believed(rp.token(REFRESH, client_id=None))


NO_ASSERTION = {"client_assertion": None, "client_assertion_type": None}
BASIC = {"Authorization": "Basic " + base64.b64encode(b"rp-one:secret").decode()}


def test_nothing_but_an_assertion_will_do(rp: RelyingParty) -> None:
    """No secret, and no name alone: every client authenticates (docs/protocol.md)."""
    assert refused(rp.token(REFRESH, **NO_ASSERTION))
    assert refused(rp.token(REFRESH, **NO_ASSERTION, client_id=None))
    assert refused(rp.token(REFRESH, **NO_ASSERTION, client_secret="secret"))
    assert refused(rp.token(REFRESH, client_assertion_type=None))
    assert refused(rp.token(REFRESH, client_assertion_type=ASSERTION_TYPE.upper()))
    assert refused(rp.token(REFRESH, client_assertion=None))


@pytest.mark.parametrize("scheme", ["Basic cnAtb25lOng=", "Basic é", "Bearer x", "DPoP x", "x"])
def test_the_header_is_answered_in_its_own_way(rp: RelyingParty, scheme: str) -> None:
    """Whoever tries the Authorization header gets a 401 with a challenge (RFC 6749 section 5.2)."""
    form = {**REFRESH, "client_id": rp.client_id}
    headers = {"Authorization": scheme.encode()}
    response = requests.post(f"{rp.issuer}/token", data=form, headers=headers, timeout=20)
    assert refused(response)
    assert "WWW-Authenticate" in response.headers


def test_two_methods_at_once_are_none(rp: RelyingParty) -> None:
    """A client uses one method of authentication per request (RFC 6749 section 2.3)."""
    assert refused(rp.token(REFRESH, client_secret="secret"))
    form = {
        **REFRESH,
        "client_id": rp.client_id,
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": rp.assertion(),
    }
    response = requests.post(f"{rp.issuer}/token", data=form, headers=BASIC, timeout=20)
    assert refused(response)


def test_an_unknown_client_hears_the_same(rp: RelyingParty) -> None:
    """Nobody learns from the answer which clients there are: status, headers and body are those of a wrong key."""
    wrong_key = rp.token(REFRESH, client_assertion=_foreign_key(rp))
    stranger = RelyingParty(rp.issuer, "nobody", rp.redirect_uri, new_key("nobody"))
    unknown = stranger.token(REFRESH)
    assert (unknown.status_code, unknown.content) == (wrong_key.status_code, wrong_key.content)
    varying = {"date", "x-request-id"}
    assert {name: value for name, value in unknown.headers.items() if name.lower() not in varying} == {
        name: value for name, value in wrong_key.headers.items() if name.lower() not in varying
    }
