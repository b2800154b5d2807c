"""The addresses of the ministry's own proof of concept that VAD does not serve: each says what to use instead."""

import jsonschema_rs
import pytest
import requests
from joserfc.jwk import RSAKey

from tests.support.ministry import PROXY, DvpProxy
from tests.support.person import Person
from tests.support.town import Town
from vad.bootstrap import web

GONE = {
    "/acs": "OpenID Connect",
    "/metadata/digid": "OpenID Connect",
    "/continue": "/authorize",
    "/docs": "/.well-known/openid-configuration",
    "/ui": "/.well-known/openid-configuration",
    "/openapi.json": "/json-schema.json",
}


@pytest.mark.parametrize("path", GONE)
def test_it_says_what_to_use(vad_town: Town, path: str) -> None:
    """410 in JSON, for whoever asks, without a word of what was sent."""
    answer = requests.get(f"{vad_town.issuer}{path}?SAMLart=secret&RelayState=secret", timeout=20)
    told = answer.json()
    assert (answer.status_code, told["error"]) == (410, "gone")
    assert GONE[path] in told["error_description"]
    assert "secret" not in answer.text


def test_where_saml_was_posted_to(vad_town: Town) -> None:
    """The same; what was posted is not looked at."""
    assert requests.post(f"{vad_town.issuer}/acs", {"SAMLResponse": "x"}, timeout=20).status_code == 410


def test_userinfo_is_described(vad_town: Town, ministry_key: RSAKey, person: Person) -> None:
    """The schema fits what is answered, and nothing that lacks a member or has a name too many."""
    answer = requests.get(f"{vad_town.issuer}/json-schema.json", timeout=20)
    assert answer.headers["Content-Type"] == "application/schema+json"
    schema = jsonschema_rs.validator_for(answer.json())
    proxy = DvpProxy(vad_town.issuer, PROXY, ministry_key)
    told = proxy.userinfo(proxy.log_in(person)["access_token"]).json()
    schema.validate(told)
    for wrong in (
        {name: told[name] for name in ("rid", "sub")},
        {**told, "rid": 1},
        {**told, "person": {**told["person"], "bsn": "x"}},
    ):
        assert not schema.is_valid(wrong)


def test_none_of_it_is_there_without_the_profile(vad_town: Town) -> None:
    """An installation that does not allow the profile has no such address."""
    settings = vad_town.settings
    service = settings.service.model_copy(update={"profiles": "nlgov"})
    client = web.create_app(settings.model_copy(update={"service": service})).test_client()
    for path in ("/json-schema.json", "/health", "/api/v1/clients-updated", *GONE):
        assert client.get(path).status_code == 404, path
