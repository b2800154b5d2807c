"""What a registration may say depends on the profile that it names."""

import hashlib
import json
from typing import Any

import pytest
from click.testing import CliRunner

from tests.adapters.configuration.test_registered_keys import P256
from vad.adapters.configuration import registrations
from vad.adapters.configuration.files import ConfigurationFileError
from vad.adapters.configuration.registration_form import RegistrationForm
from vad.cli.main import cli
from vad.domain.client import Client
from vad.domain.profile import ClientAuthentication
from vad.services.client_changes import ChangesKeys, digest_of_proof
from vad.services.client_entry import entry_of
from vad.services.ports.registering import Registered, RegistrationFaultError

HASH = "ab" * 32
OPEN = {"profile": "ministry", "token_endpoint_auth_method": "none"}

OLDER = {"userinfo_encrypted_response_alg": "RSA-OAEP", "userinfo_encrypted_response_enc": "A128CBC-HS256"}


def entry(**said: Any) -> dict[str, Any]:
    """A client's entry in a file."""
    least = {"client_id": "app", "name": "App", "organisation": "App", "redirect_uris": ["https://app.example/cb"]}
    return {"clients": [{**least, **said}]}


def client(**said: Any) -> Client:
    """The client that such an entry registers."""
    return registrations.parse(entry(**said)).clients[0]


def test_what_is_not_said_follows_from_the_profile() -> None:
    """The first method and the first algorithm of the profile's column."""
    strict, basic = client(jwks={"keys": [P256]}), client(profile="basic", client_secret_sha256=[HASH])
    assert (strict.profile, strict.token_endpoint_auth_method) == ("nlgov", ClientAuthentication.PRIVATE_KEY_JWT)
    assert (basic.profile, basic.token_endpoint_auth_method) == ("basic", ClientAuthentication.CLIENT_SECRET_BASIC)
    assert (strict.id_token_signed_response_alg, basic.id_token_signed_response_alg) == ("ES256", "RS256")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"profile": "fapi1", "jwks": {"keys": [P256]}}, "profile"),
        (
            {"profile": "fapi2", "jwks": {"keys": [P256]}, "id_token_signed_response_alg": "RS256"},
            "fapi2 has no id_token",
        ),
        ({**OPEN, "require_signed_request_object": True}, "ministry has no request objects"),
        ({"token_endpoint_auth_method": "client_secret_basic", "client_secret_sha256": [HASH]}, "nlgov has no"),
        ({"jwks": {"keys": [P256]}, "client_secret_sha256": [HASH]}, "goes without client_secret_sha256"),
        ({"profile": "basic"}, "needs client_secret_sha256"),
        ({"profile": "basic", "client_secret_sha256": ["secret"]}, "client_secret_sha256"),
        ({"profile": "basic", "client_secret_sha256": [HASH] * 3}, "client_secret_sha256"),
        ({"profile": "basic", "token_endpoint_auth_method": "private_key_jwt"}, "exactly one of jwks and jwks_uri"),
        ({"profile": "basic", "token_endpoint_auth_method": "none"}, "token_endpoint_auth_method"),
        ({"token_endpoint_auth_method": "none"}, "nlgov has no token_endpoint_auth_method none"),
        ({"profile": "ministry", "token_endpoint_auth_method": "none", "client_secret_sha256": [HASH]}, "goes without"),
        ({**OPEN, "grant_types": ["refresh_token"]}, "ministry has no grant_type refresh_token"),
        ({**OPEN, "representation": True}, "acts for nobody"),
        ({**OPEN, "representation": True, "api_scopes": ["mandates"]}, "acts for nobody"),
        ({**OPEN, "id_token_signed_response_alg": "ES256"}, "ministry has no id_token_signed_response_alg"),
        ({"profile": "ministry", "jwks": {"keys": [P256]}}, "no signature can be checked"),
        ({**OPEN, "userinfo_signed_response_alg": "ES256"}, "has no userinfo_signed_response_alg ES256"),
        ({**OPEN, "introspection_signed_response_alg": "ES256"}, "has no introspection_signed_response_alg ES256"),
        ({**OPEN, "userinfo_encrypted_response_enc": "A128CBC-HS256"}, "needs userinfo_encrypted_response_alg"),
        ({**OPEN, "userinfo_encrypted_response_alg": "RSA-OAEP"}, "no key of its own fits"),
        ({**OPEN, **OLDER}, "no key of its own fits"),
        ({**OPEN, **OLDER, "jwks": {"keys": [P256]}}, "no key of its own fits"),
        ({"jwks": {"keys": [P256]}, **OLDER}, "does not encrypt userinfo with RSA-OAEP"),
    ],
)
def test_what_the_profile_has_not_is_refused(said: dict[str, Any], told: str) -> None:
    """With what is wrong, and never with what stands there for a secret."""
    with pytest.raises(ConfigurationFileError, match=told) as refused:
        registrations.parse(entry(**said))
    assert HASH not in str(refused.value)


def admitting(**said: Any) -> dict[str, Any]:
    """A data source that admits the app, and what kinds of data there are."""
    source = {
        "identifier": "https://source.example",
        "name": "Source",
        "organisation": "Source",
        "data_services": ["48"],
        "identifier_type": "pseudonym",
        "encryption_jwk": {**P256, "use": "enc"},
        "admitted": {"app": ["48"]},
    }
    services = [{"id": "48", "name_nl": "BgZ", "name_en": "BgZ"}]
    return {"resource_servers": [source | said], "data_services": services}


def test_who_proves_nothing_gets_no_data() -> None:
    """No source admits a client of which nobody knows whether it is that client."""
    assert not client(**OPEN).proves_itself
    assert client(**OPEN).grant_types == {"authorization_code"}
    with pytest.raises(ConfigurationFileError, match="admits app, which proves nothing"):
        registrations.parse({**entry(**OPEN), **admitting()})


def test_tokens_for_an_app_are_signed_as_its_profile_allows() -> None:
    """A source with RS256 admits no app of profile `fapi2`; those of another it may."""
    other = admitting(access_token_signing_alg="RS256")
    keys = {"keys": [P256]}
    assert registrations.parse({**entry(jwks=keys), **other}).resource_servers
    fault = "admits app: profile fapi2 has no access_token_signing_alg RS256"
    with pytest.raises(ConfigurationFileError, match=fault):
        registrations.parse({**entry(jwks=keys, profile="fapi2"), **other})


def test_a_secret_is_made_for_an_app() -> None:
    """256 random bits for the app, their hash for the registration, others each time."""
    first, second = (CliRunner().invoke(cli, ["clients", "secret"]).output.splitlines() for _ in range(2))
    secret = first[0].rpartition(" ")[2]
    assert len(secret) == 43
    assert first[1] == f'client_secret_sha256 = ["{hashlib.sha256(secret.encode()).hexdigest()}"]'
    assert first != second


TO_IT = {**P256, "use": "enc"}
SEALED = {"id_token_encrypted_response_alg": "ECDH-ES"}


def test_answers_that_are_encrypted() -> None:
    """With a key for it beside the one that proves it, or published; `enc` is what OpenID Connect says it is then."""
    sealed = client(jwks={"keys": [P256, TO_IT]}, **SEALED)
    assert (sealed.id_token_encrypted_response_alg, sealed.id_token_encrypted_response_enc) == (
        "ECDH-ES",
        "A128CBC-HS256",
    )
    assert client(jwks_uri="https://app.example/keys", **SEALED).id_token_encrypted_response_alg == "ECDH-ES"
    # A key to encrypt to may be there before anything is.
    assert len(client(jwks={"keys": [P256, TO_IT]}).jwks) == 2


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"jwks": {"keys": [P256]}, "id_token_encrypted_response_alg": "RSA-OAEP-256"}, "no key of its own fits"),
        ({"jwks": {"keys": [{**P256, "use": "sig"}]}, **SEALED}, "no key of its own fits"),
        ({"jwks": {"keys": [TO_IT]}, **SEALED}, "jwks.keys.0: no signature can be checked"),
        ({"jwks": {"keys": [P256, {**TO_IT, "y": P256["x"]}]}}, "jwks.keys.1: no signature can be checked"),
        ({"jwks": {"keys": [P256, TO_IT]}, "id_token_encrypted_response_alg": "RSA1_5"}, "id_token_encrypted"),
        ({"jwks": {"keys": [P256, TO_IT]}, "id_token_encrypted_response_alg": "dir"}, "id_token_encrypted"),
        ({"jwks": {"keys": [P256, TO_IT]}, "id_token_encrypted_response_enc": "A256GCM"}, "needs id_token_encrypted"),
        ({"jwks": {"keys": [P256, TO_IT]}, "id_token_encrypted_response_alg": "RSA-OAEP"}, "does not encrypt id_token"),
    ],
)
def test_what_could_not_be_encrypted_is_said_at_registration(said: dict[str, Any], told: str) -> None:
    """Not when somebody logs in."""
    with pytest.raises(ConfigurationFileError, match=told):
        client(**said)


def test_staff_take_no_key_away_that_the_app_needs() -> None:
    """Neither the one that its answers are encrypted to, nor the one that it proves itself with."""
    proving = {**P256, "use": "sig"}
    sealed, form = client(jwks={"keys": [proving, TO_IT]}, **SEALED), RegistrationForm()
    known = Registered({sealed.client_id: sealed}, {}, frozenset(), frozenset())
    for left in (proving, TO_IT):
        payload = {"client_id": sealed.client_id, "before": digest_of_proof(sealed), "keys": [left]}
        with pytest.raises(RegistrationFaultError):
            ChangesKeys(form).changed(known, payload)
    assert form.jwks(json.dumps({"keys": [proving, TO_IT]})) == sealed.jwks


def test_how_requests_are_brought() -> None:
    """The sector is the host of the list that proves it; a request may lie behind a hash."""
    proved = client(jwks={"keys": [P256]}, sector_identifier_uri="https://sector.example/uris.json")
    assert (proved.sector, proved.sector_identifier_uri) == ("sector.example", "https://sector.example/uris.json")
    asks = client(
        jwks={"keys": [P256]},
        request_uris=["https://app.example/request#hash"],
        request_object_signing_alg="ES256",
        request_object_encryption_alg="RSA-OAEP-256",
        default_max_age=0,
        default_acr_values=["http://eidas.europa.eu/LoA/high"],
    )
    assert (asks.default_max_age, asks.default_acr_values) == (0, ("http://eidas.europa.eu/LoA/high",))
    assert RegistrationForm().client(entry_of(asks)) == asks, "what a page shows and changes loses nothing"
    assert asks.request_uris == ("https://app.example/request#hash",)
    assert (asks.request_object_signing_alg, asks.request_object_encryption_enc) == ("ES256", "A128CBC-HS256")


def test_what_assertions_are_signed_with() -> None:
    """One algorithm of its profile, or any of them."""
    for said in ("ES256", "PS256", "RS256", "EdDSA"):
        chosen = client(jwks={"keys": [P256]}, token_endpoint_auth_signing_alg=said)
        assert chosen.token_endpoint_auth_signing_alg == said
    assert client(jwks={"keys": [P256]}).token_endpoint_auth_signing_alg == ""
    for profile, wrong in (("nlgov", "none"), ("nlgov", "HS256"), ("fapi2", "RS256"), ("ministry", "ES256")):
        with pytest.raises(ConfigurationFileError, match="token_endpoint_auth_signing_alg"):
            client(jwks={"keys": [P256]}, profile=profile, token_endpoint_auth_signing_alg=wrong)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"sector": "x", "sector_identifier_uri": "https://sector.example/"}, "at most one of sector"),
        ({"sector_identifier_uri": "http://sector.example/"}, "http only on loopback"),
        ({"sector_identifier_uri": "https://user:secret@sector.example/"}, "without credentials"),
        ({"request_uris": ["http://app.example/"]}, "http only on loopback"),
        ({"request_uris": ["ftp://app.example/"]}, "https address"),
        ({"request_uris": ["https://app.example/"] * 9}, "request_uris"),
        ({"request_object_signing_alg": "none"}, "request_object_signing_alg"),
        ({"request_object_signing_alg": "HS256"}, "request_object_signing_alg"),
        ({"profile": "fapi2", "request_object_signing_alg": "RS256"}, "no request_object_signing_alg RS256"),
        ({"profile": "fapi2", "request_uris": ["https://app.example/"]}, "no request_uris"),
        ({"request_object_encryption_alg": "RSA1_5"}, "request_object_encryption_alg"),
        ({"request_object_encryption_enc": "A256GCM"}, "needs request_object_encryption_alg"),
        ({"default_max_age": -1}, "default_max_age: "),
        ({"default_max_age": 10_000_001}, "default_max_age: "),
        ({"default_acr_values": ["hoog"]}, "default_acr_values.0: "),
    ],
)
def test_what_a_request_may_not_be(said: dict[str, Any], told: str) -> None:
    """Said when the app is registered."""
    with pytest.raises(ConfigurationFileError, match=told):
        client(jwks={"keys": [P256]}, **said)
