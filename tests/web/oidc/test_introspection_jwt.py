"""Introspection answers as JWTs (RFC 9701): for whoever asks for one, of use to nobody else and for nothing else."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from joserfc import jwe, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from tests.support.backroom import Backroom
from tests.support.person import Person, tokens
from tests.support.relying_party_client import RelyingParty, claims_of, header_of, new_key
from tests.support.town import Town
from tests.web.oidc.inside import SOURCE
from tests.web.oidc.registering import Issue, call, error_of, issued, key, metadata, registered
from tests.web.test_client_administration import wait_until

__all__ = ["issued", "key"]

MEDIA = "application/token-introspection+jwt"


@pytest.fixture
def own(rp: RelyingParty, person: Person) -> str:
    """Give an access token of the issuer."""
    return str(tokens(rp, person, (SOURCE,), "openid 48")["access_token"])


def ask(who: RelyingParty, token: str, accept: str = MEDIA, **changes: str) -> requests.Response:
    """Ask about a token, for answers of this kind."""
    who.http.headers["Accept"] = accept
    try:
        return who.introspect(token, **changes)
    finally:
        del who.http.headers["Accept"]


def test_the_answer_is_signed_for_who_asks(rp: RelyingParty, source: RelyingParty, own: str) -> None:
    """Section 5: type, issuer, audience and time; the answer of RFC 7662 inside; no `sub` or `exp` beside it."""
    token = rp.exchange(own, SOURCE).json()["access_token"]
    plain, signed = source.introspect(token), ask(source, token)
    assert signed.headers["Content-Type"] == MEDIA
    assert signed.headers["Cache-Control"] == "no-store"
    assert header_of(signed.text)["typ"] == "token-introspection+jwt"
    keys = KeySet.import_key_set(requests.get(f"{rp.issuer}/jwks", timeout=20).json())
    claims = jwt.decode(signed.text, keys, algorithms=["ES256"]).claims
    assert claims.keys() == {"iss", "aud", "iat", "token_introspection"}
    assert (claims["iss"], claims["aud"]) == (rp.issuer, SOURCE)
    assert claims["token_introspection"] == plain.json()
    # An app hears the same of its own tokens, signed as its ID tokens.
    assert claims_of(ask(rp, token).text)["aud"] == rp.client_id


def test_a_token_of_another_says_nothing(source: RelyingParty, own: str) -> None:
    """Section 5: no more than that it is not active, whatever it is."""
    for token in (own, "x"):
        assert claims_of(ask(source, token).text)["token_introspection"] == {"active": False}


def test_only_who_asks_for_it_gets_it(source: RelyingParty) -> None:
    """Section 4."""
    kinds = {
        "*/*": "application/json",
        "application/json": "application/json",
        "text/html": "application/json",
        f"application/json, {MEDIA};q=0.5": "application/json",
        f"application/json;q=0.5, {MEDIA}": MEDIA,
    }
    assert {accept: ask(source, "x", accept).headers["Content-Type"] for accept in kinds} == kinds


def test_who_is_not_proved_gets_no_signature(source: RelyingParty, own: str) -> None:
    """Section 8.2: an error is JSON; nothing is signed for whoever that is."""
    refused = ask(source, own, client_assertion="x")
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")


def test_it_opens_nothing(rp: RelyingParty, source: RelyingParty, own: str) -> None:
    """Section 8.1: it is no access token, no ID token and no subject token."""
    answer = ask(rp, own).text
    assert rp.userinfo(answer).status_code == 401
    assert rp.exchange(answer, SOURCE).json()["error"] == "invalid_request"
    assert source.introspect(answer).json() == {"active": False}


def test_an_app_that_registers_itself_is_told_which_algorithm(
    vad_town: Town, issued: Issue, key: dict[str, Any]
) -> None:
    """Section 6 has RS256 where it says nothing; here it is that of its ID tokens, and the answer says so."""
    name = "introspection_signed_response_alg"
    assert registered(vad_town, issued, key)[name] == "ES256"
    made = registered(vad_town, issued, key, **{name: "PS256"})
    assert (made[name], made["id_token_signed_response_alg"]) == ("PS256", "ES256")
    read = call(vad_town, "GET", made["registration_access_token"], client_id=made["client_id"]).json()
    assert read[name] == "PS256"
    for wrong in ("HS256", "none", "EdDSA"):
        assert error_of(call(vad_town, "POST", issued(), metadata(key, **{name: wrong}))) == "invalid_client_metadata"


def test_an_app_that_sends_back_what_it_was_told_changes_nothing(
    vad_town: Town, issued: Issue, key: dict[str, Any], backroom: Backroom
) -> None:
    """The log has no change of an algorithm that is the same by another way."""
    made = registered(vad_town, issued, key)
    name, token = made["client_id"], made["registration_access_token"]
    again = {each: value for each, value in made.items() if not each.startswith(("registration_", "client_id_"))}
    answer = call(vad_town, "PUT", token, again, name)
    assert (answer.status_code, answer.json()) == (200, made)
    [event] = backroom.events("registration.changed")
    assert event["evidence"]["members"] == []


@pytest.fixture
def chosen(backroom: Backroom) -> Iterator[str]:
    """Have app and source registered for another algorithm than that of their tokens."""
    for algorithm in ("PS256", ""):
        for table, name in (("clients", "client_id = 'rp-one'"), ("resource_servers", f"identifier = '{SOURCE}'")):
            statement = f"UPDATE {table} SET introspection_signed_response_alg = %s WHERE {name}"  # noqa: S608 - ours
            backroom.ask(statement, algorithm)
        backroom.ask("UPDATE configuration_version SET version = version + 1")
        backroom.town.app.extensions["vad.services"].registrations.check()
        if algorithm:
            yield algorithm


def test_whoever_chose_an_algorithm_gets_that(rp: RelyingParty, source: RelyingParty, own: str, chosen: str) -> None:
    """Section 6: for an app as for a source; their tokens are signed as before."""
    token = rp.exchange(own, SOURCE).json()["access_token"]
    keys = KeySet.import_key_set(requests.get(f"{rp.issuer}/jwks", timeout=20).json())
    for who in (rp, source):
        assert jwt.decode(ask(who, token).text, keys, algorithms=[chosen]).claims["token_introspection"]["active"]
    assert header_of(token)["alg"] == "ES256"


@pytest.fixture
def sealed(source: RelyingParty, backroom: Backroom) -> Iterator[RelyingParty]:
    """Give the source, registered for encrypted answers."""
    statement = "UPDATE resource_servers SET introspection_encrypted_response_alg = %s, "
    statement += "introspection_encrypted_response_enc = %s WHERE identifier = %s"
    for values in (("ECDH-ES", "A256GCM", SOURCE), ("", "", SOURCE)):
        backroom.ask(statement, *values)
        backroom.ask("UPDATE configuration_version SET version = version + 1")
        if values[0]:
            wait_until(lambda: header_of(ask(source, "x").text).get("enc") == "A256GCM")
            yield source


def test_the_answer_is_encrypted_for_a_source_that_wants_that(
    rp: RelyingParty, sealed: RelyingParty, own: str, source_key: dict[str, Any]
) -> None:
    """Section 5: signed, then encrypted to its registered key, of use to nobody else; plain JSON stays JSON."""
    token = rp.exchange(own, SOURCE).json()["access_token"]
    answer = ask(sealed, token)
    assert answer.headers["Content-Type"] == MEDIA
    header = header_of(answer.text)
    assert (header["alg"], header["enc"], header["cty"], header["kid"]) == ("ECDH-ES", "A256GCM", "JWT", "source")
    algorithms = ["ECDH-ES", "A256GCM"]
    opened = (
        jwe.decrypt_compact(answer.text, ECKey.import_key(source_key), algorithms=algorithms).plaintext or b""
    ).decode()
    keys = KeySet.import_key_set(requests.get(f"{rp.issuer}/jwks", timeout=20).json())
    inside = jwt.decode(opened, keys, algorithms=["ES256"])
    assert inside.header["typ"] == "token-introspection+jwt"
    assert inside.claims["aud"] == SOURCE
    assert inside.claims["token_introspection"] == sealed.introspect(token).json()
    with pytest.raises(JoseError):
        jwe.decrypt_compact(answer.text, ECKey.import_key(new_key("other", alg="ECDH-ES")), algorithms=algorithms)
    # What the app hears is signed alone: it is registered for nothing else.
    assert claims_of(ask(rp, token).text)["token_introspection"]["active"]
    known = requests.get(f"{rp.issuer}/.well-known/openid-configuration", timeout=20).json()
    assert header["alg"] in known["introspection_encryption_alg_values_supported"]
    assert header["enc"] in known["introspection_encryption_enc_values_supported"]
