"""What VAD says of itself is complete and true (OIDC Discovery section 3, RFC 8414, RFC 7517)."""

from typing import Any

import jwt
import pytest
import requests
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

from tests.support.relying_party_client import RelyingParty, claims_of
from tests.support.town import Town
from vad.domain.profile import Profile
from vad.domain.profiles_allowed import Profiles
from vad.web.oidc.discovery import Installation, discovery

DISCOVERY = "/.well-known/openid-configuration"
PUBLISHED = [DISCOVERY, "/.well-known/oauth-authorization-server", "/jwks", "/digid/jwks"]
PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


@pytest.fixture
def known(vad_town: Town) -> dict[str, Any]:
    """Give the discovery document."""
    return dict(requests.get(vad_town.issuer + DISCOVERY, timeout=20).json())


def test_both_documents_are_the_same(vad_town: Town) -> None:
    """An OAuth client and an OpenID client read the same (RFC 8414 section 5)."""
    first, second = (requests.get(vad_town.issuer + path, timeout=20) for path in PUBLISHED[:2])
    assert first.content == second.content
    assert first.json()["issuer"] == vad_town.issuer


def test_what_must_be_there_is(vad_town: Town, known: dict[str, Any]) -> None:
    """Every member that OIDC Discovery section 3 requires, and what our profiles add, is there."""
    assert known["authorization_endpoint"] == f"{vad_town.issuer}/authorize"
    assert known["token_endpoint"] == f"{vad_town.issuer}/token"
    assert known["jwks_uri"] == f"{vad_town.issuer}/jwks"
    assert known["response_types_supported"] == ["code"]
    assert known["response_modes_supported"] == ["query", "form_post"]
    assert known["subject_types_supported"] == ["pairwise"]
    assert {"ES256", "RS256"} <= set(known["id_token_signing_alg_values_supported"])
    assert "none" not in known["id_token_signing_alg_values_supported"]
    by_certificate = ["tls_client_auth", "self_signed_tls_client_auth"]
    methods = ["private_key_jwt", *by_certificate, "client_secret_basic", "client_secret_post"]
    assert known["token_endpoint_auth_methods_supported"] == [*methods, "none"]
    for endpoint in ("introspection", "revocation"):
        assert known[f"{endpoint}_endpoint_auth_methods_supported"] == methods
    assert known["code_challenge_methods_supported"] == ["S256"]
    assert known["authorization_response_iss_parameter_supported"] is True
    assert known["request_parameter_supported"] is True
    assert "none" not in known["request_object_signing_alg_values_supported"]
    assert known["request_object_encryption_alg_values_supported"] == ["ECDH-ES", "RSA-OAEP-256"]
    assert known["request_uri_parameter_supported"] is True
    assert known["require_request_uri_registration"] is True
    assert known["claims_parameter_supported"] is True
    assert known["authorization_details_types_supported"] == ["nl.vad.representation"]
    assert {"openid", "48", "49", "51", "63"} <= set(known["scopes_supported"])


def test_every_endpoint_answers(known: dict[str, Any]) -> None:
    """Each address in the document is one that answers as what it is."""
    endpoints = {name for name in known if name.endswith(("_endpoint", "_uri"))}
    posted = {
        *("token_endpoint", "introspection_endpoint", "revocation_endpoint"),
        "pushed_authorization_request_endpoint",
    }
    others = {"authorization_endpoint", "jwks_uri", "end_session_endpoint", "userinfo_endpoint"}
    assert endpoints == {*others, "registration_endpoint", *posted}
    assert "U bent uitgelogd" in requests.get(known["end_session_endpoint"], timeout=20).text
    page = requests.get(known["authorization_endpoint"], timeout=20)
    assert (page.status_code, page.headers["Content-Type"]) == (400, "text/html; charset=utf-8")
    for name in posted:
        refused = requests.post(known[name], data={"x": "1"}, timeout=20)
        assert refused.json()["error"] == ("invalid_request" if name == "token_endpoint" else "invalid_client")
    assert requests.get(known["userinfo_endpoint"], timeout=20).status_code == 401
    assert requests.post(known["registration_endpoint"], json={}, timeout=20).status_code == 401
    assert requests.get(known["jwks_uri"], timeout=20).json()["keys"]


def test_every_grant_type_is_served(rp: RelyingParty, known: dict[str, Any]) -> None:
    """The grant types in the document are those of the token endpoint, and no other is."""
    for grant_type in known["grant_types_supported"]:
        assert rp.token({"grant_type": grant_type}).json()["error"] == "invalid_request"
    assert rp.token({"grant_type": "client_credentials"}).json()["error"] == "unsupported_grant_type"


def test_what_is_not_said_is_not_there(vad_town: Town, known: dict[str, Any]) -> None:
    """No endpoint hides that the document does not name, and none is named that does not exist."""
    assert requests.get(f"{vad_town.issuer}/.well-known/webfinger", timeout=20).status_code == 404
    # Where apps do not register themselves, nothing says that they do.
    silent = discovery(Installation(issuer=vad_town.issuer, profiles=Profiles((Profile.NLGOV,))))
    assert "registration_endpoint" in known.keys() - silent.keys()


@pytest.mark.parametrize("path", PUBLISHED)
def test_caches_may_keep_it(vad_town: Town, path: str) -> None:
    """A document may be kept for a while, and asked for again by its tag (RFC 9110 section 13.1.2)."""
    first = requests.get(vad_town.issuer + path, timeout=20)
    assert first.headers["Content-Type"] == "application/json"
    assert first.headers["Cache-Control"] == "public, max-age=300"
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in first.headers
    again = requests.get(vad_town.issuer + path, headers={"If-None-Match": first.headers["ETag"]}, timeout=20)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    other = requests.get(vad_town.issuer + path, headers={"If-None-Match": '"another"'}, timeout=20)
    assert other.content == first.content
    head = requests.head(vad_town.issuer + path, timeout=20)
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize("path", ["/jwks", "/digid/jwks"])
def test_keys_are_public_and_named(vad_town: Town, path: str) -> None:
    """Nothing private leaves; every key has a name of its own, a use and an algorithm (RFC 7517 section 4)."""
    keys = requests.get(vad_town.issuer + path, timeout=20).json()["keys"]
    kids = [key["kid"] for key in keys]
    assert len(set(kids)) == len(kids) > 0
    for key in keys:
        assert not PRIVATE & key.keys()
        assert key["use"] in {"sig", "enc"}
        assert key["alg"] in {"ES256", "RS256", "PS256", "ECDH-ES", "RSA-OAEP-256"}
        assert key["kty"] in {"EC", "RSA"}
        # Its name is its thumbprint (RFC 7638), so that it can't be given to another key.
        assert KeySet.import_key_set({"keys": [key]}).keys[0].thumbprint() == key["kid"]
    uses = {key["use"] for key in keys}
    assert uses == {"sig", "enc"}


def test_the_two_key_sets_share_nothing(vad_town: Town) -> None:
    """A key that signs tokens is not the one that proves VAD to DigiD."""
    issuer, digid = (
        requests.get(vad_town.issuer + path, timeout=20).json()["keys"] for path in ("/jwks", "/digid/jwks")
    )
    assert not {key["kid"] for key in issuer} & {key["kid"] for key in digid}


def test_every_id_token_algorithm_has_its_key(vad_town: Town, known: dict[str, Any]) -> None:
    """For each algorithm that a client may register there is a key to check with."""
    keys = requests.get(vad_town.issuer + "/jwks", timeout=20).json()["keys"]
    assert {key["alg"] for key in keys} >= set(known["id_token_signing_alg_values_supported"])


def test_every_assertion_algorithm_is_read(
    rs256_rp: RelyingParty, more_keys: dict[str, RSAKey | OKPKey], known: dict[str, Any]
) -> None:
    """A client may authenticate with each algorithm in the document, and with no other."""
    keys = {**more_keys, "EC": ECKey.import_key(dict(rs256_rp.key))}
    kinds = {"ES256": "EC", "PS256": "RSA", "RS256": "RSA", "EdDSA": "OKP", "PS512": "RSA", "RS384": "RSA"}
    told = known["token_endpoint_auth_signing_alg_values_supported"]
    for algorithm, kind in kinds.items():
        claims = claims_of(rs256_rp.assertion())
        private: Any = keys[kind].private_key
        token = jwt.encode(claims, private, algorithm)
        error = rs256_rp.refresh("unknown", client_assertion=token).json()["error"]
        assert error == ("invalid_grant" if algorithm in told else "invalid_client"), algorithm
    assert set(told) <= kinds.keys()
