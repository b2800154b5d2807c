"""What an app signs its assertions with (OIDC Registration section 2, `token_endpoint_auth_signing_alg`)."""

from typing import Any

from joserfc.jwk import RSAKey

from tests.support.person import Person
from tests.support.relying_party_client import RelyingParty, public
from tests.support.town import Town
from tests.support.town_fixtures import REDIRECT
from tests.web.oidc.registering import Issue, call, error_of, issued, key, metadata, registered

__all__ = ["issued", "key"]


def test_an_assertion_is_signed_as_was_registered(
    vad_town: Town, issued: Issue, key: dict[str, Any], person: Person
) -> None:
    """OIDC Registration section 2: one with another algorithm is refused, also where its key is registered."""
    rsa = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig", "alg": "PS256"})
    keys = {"jwks": {"keys": [public(key), rsa.as_dict(private=False)]}}
    types = {"authorization_details_types": ["nl.vad.representation"]}
    made = registered(vad_town, issued, None, token_endpoint_auth_signing_alg="ES256", **keys, **types)
    assert (made["token_endpoint_auth_signing_alg"], types.keys() & made.keys()) == ("ES256", set())
    good = RelyingParty(vad_town.issuer, made["client_id"], REDIRECT, key)
    other = RelyingParty(vad_town.issuer, made["client_id"], REDIRECT, dict(rsa.as_dict(private=True)))
    asked = good.ask()
    code = person.authorize(asked)
    assert error_of(other.redeem(asked, code), 401) == "invalid_client"
    assert good.redeem(asked, code).status_code == 200
    wanted = metadata(None, client_id=made["client_id"], token_endpoint_auth_signing_alg="PS256", **keys)
    assert call(vad_town, "PUT", made["registration_access_token"], wanted, made["client_id"]).status_code == 200
    asked = good.ask()
    code = person.authorize(asked)
    assert error_of(good.redeem(asked, code), 401) == "invalid_client"
    assert other.redeem(asked, code).status_code == 200
