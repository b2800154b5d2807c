"""Apps register themselves for what the installation has, whatever their profile has."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.relying_party_client import public
from tests.support.town import Town
from tests.web.oidc.registering import Issue, call, error_of, issued, key, metadata, registered
from vad.domain.errors import ProtocolError
from vad.domain.profile import Profile
from vad.domain.profiles_allowed import Profiles

__all__ = ["issued", "key"]


def test_what_an_installation_does_not_have_is_not_registered(
    vad_town: Town, issued: Issue, key: dict[str, Any]
) -> None:
    """Where no proxy passes certificates on nobody proves anything by one; a profile may have been taken out since."""
    inside, at = vad_town.app.extensions["vad.services"].registration, datetime.now(UTC)
    by_name = metadata(token_endpoint_auth_method="tls_client_auth", tls_client_auth_san_dns="app.example")
    bound = metadata(key, tls_client_certificate_bound_access_tokens=True)
    few, token = replace(inside, profiles=Profiles((Profile.NLGOV,))), issued(uses=2)
    for wanted in (by_name, bound):
        with pytest.raises(ProtocolError, match="certificate"):
            few.register(token, wanted, at)
        assert call(vad_town, "POST", token, wanted).status_code == 201
    with pytest.raises(ProtocolError, match="basic"):
        few.register(issued(profile="basic"), metadata(), at)


OF_NO_USE = (
    {"kty": "AKP", "alg": "ML-DSA-44", "kid": "later", "pub": "AAAA"},
    {"kty": "EC", "crv": "secp256k1", "kid": "coin", "x": "A" * 43, "y": "A" * 43},
    {"kty": "RSA", "kid": "short", "n": "sXch", "e": "AQAB"},
    {"kty": "EC", "crv": "P-256", "kid": "less"},
)
"""Of a kind and a curve that VAD does not know, too short, and without members that they must have."""


@pytest.mark.parametrize("more", OF_NO_USE)
def test_a_key_of_no_use_is_passed_over(
    vad_town: Town, issued: Issue, key: dict[str, Any], more: dict[str, Any]
) -> None:
    """RFC 7517 section 5: as where an app publishes its keys. The answer says which were taken; one has to be left."""
    made = registered(vad_town, issued, None, jwks={"keys": [more, public(key)]})
    assert [each["kid"] for each in made["jwks"]["keys"]] == [key["kid"]]
    unchanged = metadata(jwks={"keys": [public(key), more]}) | {"client_id": made["client_id"]}
    answer = call(vad_town, "PUT", made["registration_access_token"], unchanged, made["client_id"])
    assert (answer.status_code, answer.json()["jwks"]) == (200, made["jwks"])
    alone = call(vad_town, "POST", issued(), metadata(jwks={"keys": [more]}))
    assert error_of(alone) == "invalid_client_metadata"


def test_no_private_key_is_passed_over(vad_town: Town, issued: Issue, key: dict[str, Any]) -> None:
    """Whoever sends one is told so at once, whatever stands beside it: it is known to others now."""
    of_no_use = OF_NO_USE[0] | {"priv": key["d"]}
    for jwks in ([public(key), OF_NO_USE[0], key], [public(key), of_no_use]):
        answer = call(vad_town, "POST", issued(), metadata(jwks={"keys": jwks}))
        assert error_of(answer) == "invalid_client_metadata"
        assert "holds private members" in answer.json()["error_description"]
        assert key["d"] not in answer.text


def test_an_app_hears_one_time_of_its_registration(vad_town: Town, issued: Issue, key: dict[str, Any]) -> None:
    """RFC 7592 section 3: that of the database, however long it took to look at what the app publishes."""
    inside, earlier = vad_town.app.extensions["vad.services"].registration, datetime.now(UTC) - timedelta(seconds=9)
    made = inside.register(issued(), metadata(key), earlier)
    read = call(vad_town, "GET", made.management, client_id=made.client.client_id).json()
    assert read["client_id_issued_at"] == int(made.registered_at.timestamp())
