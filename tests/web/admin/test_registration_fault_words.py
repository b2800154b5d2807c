"""What can be wrong with a registration is told to staff by its code, in their own language."""

import json
import string
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from tests.adapters.configuration.test_registered_keys import P256, RSA, content
from tests.adapters.jose.assertions_under_test import published
from vad.adapters.configuration import registrations
from vad.adapters.configuration.registration_form import RegistrationForm
from vad.adapters.jose.fitting_keys import FittingKeys
from vad.domain.client import Client
from vad.domain.registration_fault import Fault, FaultKind
from vad.sandbox.serving import serve
from vad.services.client_entry import entry_of
from vad.services.client_member_changes import ChangesMembers
from vad.services.ports.registering import Registered, RegistrationFaultError
from vad.web.admin.registration_fault_words import WORDS, members, said
from vad.web.support import i18n

HASH = "ab" * 32
OPEN = {"profile": "ministry", "token_endpoint_auth_method": "none", "jwks": None}
FORM = RegistrationForm()


@contextmanager
def reading(language: str) -> Iterator[None]:
    """Be in a request of somebody who reads this language."""
    app = Flask("words")
    i18n.init_app(app, https=False)
    with app.test_request_context(f"/?taal={language}"):
        yield


def faults_of(**said: object) -> tuple[Fault, ...]:
    """What is wrong with an app of which this is said; None: it is left out."""
    entry = {**content()["clients"][0], **said}
    with pytest.raises(RegistrationFaultError) as refused:
        FORM.client({name: value for name, value in entry.items() if value is not None})
    return refused.value.faults


IN_A_FORM: dict[str, dict[str, Any]] = {
    FaultKind.NOT_IN_PROFILE: {"profile": "fapi2", "id_token_signed_response_alg": "RS256"},
    FaultKind.NO_REQUEST_OBJECTS: {**OPEN, "require_signed_request_object": True},
    FaultKind.NO_REQUEST_URIS: {"profile": "fapi2", "request_uris": ["https://app.example/"]},
    FaultKind.NO_PUSHED_REQUESTS: {**OPEN, "require_pushed_authorization_requests": True},
    FaultKind.NO_SUCH_ENCRYPTION: {"id_token_encrypted_response_alg": "RSA-OAEP"},
    FaultKind.NO_BOUND_TOKENS: {**OPEN, "tls_client_certificate_bound_access_tokens": True},
    FaultKind.NOBODY_ACTS: {**OPEN, "representation": True},
    FaultKind.API_OF_ACTING: {"api_scopes": ["mandates"]},
    FaultKind.NO_CERTIFICATE: {"token_endpoint_auth_method": "self_signed_tls_client_auth"},
    FaultKind.ONE_CERTIFICATE_NAME: {"token_endpoint_auth_method": "tls_client_auth"},
    FaultKind.NO_CERTIFICATE_NAME: {
        "token_endpoint_auth_method": "tls_client_auth",
        "tls_client_auth_san_ip": "app.example",
    },
    FaultKind.NEEDS: {"profile": "basic"},
    FaultKind.GOES_WITHOUT: {"client_secret_sha256": [HASH]},
    FaultKind.AT_MOST_ONE: {"sector": "a", "sector_identifier_uri": "https://app.example/"},
    FaultKind.EXACTLY_ONE: {"jwks": None},
    FaultKind.NOT_ASYMMETRIC: {"jwks": {"keys": [{"kty": "oct", "k": HASH}]}},
    FaultKind.PRIVATE: {"jwks": {"keys": [{**P256, "d": HASH}]}},
    FaultKind.KID: {"jwks": {"keys": [{**P256, "kid": 7}]}},
    FaultKind.CHECKS_NO_SIGNATURE: {"jwks": {"keys": [{**P256, "use": "enc"}]}},
    FaultKind.NO_KEY_FITS: {"userinfo_encrypted_response_alg": "RSA-OAEP-256"},
    FaultKind.ADDRESS_CHARACTERS: {"redirect_uris": [f"https://app.example/{HASH} "]},
    FaultKind.NOT_HTTPS: {"redirect_uris": [f"ftp://app.example/{HASH}"]},
    FaultKind.HTTP_ELSEWHERE: {"redirect_uris": [f"http://app.example/{HASH}"]},
    FaultKind.NO_HOST: {"redirect_uris": [f"https://app.example:{HASH}/"]},
    FaultKind.ANOTHERS_HOST: {"policy_uri": f"https://other.example/{HASH}"},
    FaultKind.NAMELESS_HOST: {"tos_uri": f"https://127.0.0.2/{HASH}"},
    FaultKind.SECTOR_CHARACTERS: {"sector": f"{HASH}\n"},
    "missing": {"name": None},
    "string_too_short": {"name": ""},
    "too_short": {"redirect_uris": []},
    "string_too_long": {"name": HASH * 2},
    "too_long": {"client_secret_sha256": [HASH] * 3},
    "string_pattern_mismatch": {"client_id": f"{HASH} "},
    "extra_forbidden": {"certificate_kind": HASH},
    "literal_error": {"minimum_level": HASH},
    "greater_than_equal": {"default_max_age": -1},
    "less_than_equal": {"default_max_age": 10_000_001},
    "bool_parsing": {"active": HASH},
    "int_parsing": {"default_max_age": HASH},
}


@pytest.mark.parametrize("code", IN_A_FORM)
def test_each_fault_of_an_app_has_its_code(code: str) -> None:
    """Whatever was filled in stands neither in the sentence nor in the words; the words are those of the language."""
    fault = next(each for each in faults_of(**IN_A_FORM[code]) if each.code == code)
    with reading("en"):
        english = said(fault)
    with reading("nl"):
        dutch = said(fault)
    assert dutch != english
    assert not any(HASH in text for text in (str(fault), dutch, english, repr(fault)))


def test_each_fault_of_a_key_has_its_code() -> None:
    """Of a source, or as it was pasted."""
    enc = {**P256, "use": "enc"}
    [source] = registrations.parse(content()).resource_servers
    found = set()
    for text in ("{", "[]", '{"kty": "EC", "kty": "EC"}', *map(json.dumps, ({**enc, "d": HASH}, P256))):
        with pytest.raises(RegistrationFaultError) as refused:
            FORM.encryption_key(text)
        found |= {each.code for each in refused.value.faults}
    for change in (
        {"encryption_jwk": {**enc, "x": P256["y"]}},
        {"encryption_jwk": {**enc, "alg": "RSA-OAEP-256"}},
        {"encryption_jwk": {**RSA, "use": "enc"}, "introspection_encrypted_response_alg": "ECDH-ES"},
    ):
        with pytest.raises(RegistrationFaultError) as refused:
            FORM.check_source(replace(source, **change))
        found |= {each.code for each in refused.value.faults}
    assert found == {FaultKind.PRIVATE, *OF_A_KEY}


OF_A_KEY = {
    *(FaultKind.NOT_JSON, FaultKind.NOT_FOR_ENCRYPTION, FaultKind.UNUSABLE, FaultKind.OTHER_ALGORITHM),
    FaultKind.ANSWERS_NOT_ENCRYPTED,
}


def test_each_fault_of_published_keys_has_its_code() -> None:
    """None to encrypt to, none with a certificate, or nothing to be had."""
    app = Flask("app")
    app.add_url_rule("/keys", view_func=lambda: {"keys": [P256]})
    encrypted = {"id_token_encrypted_response_alg": "RSA-OAEP-256"}
    certified = {"token_endpoint_auth_method": "self_signed_tls_client_auth"}
    fitting = FittingKeys(published(lambda: 0.0))
    with serve(app) as address:
        for number, (path, said, code) in enumerate(
            (
                ("keys", encrypted, FaultKind.NO_PUBLISHED_KEY_FITS),
                ("keys", certified, FaultKind.NO_PUBLISHED_CERTIFICATE),
                ("gone", encrypted, FaultKind.NOT_READ),
                ("gone", certified, FaultKind.NOT_READ),
            )
        ):
            client = published_by(f"{address}/{path}", client_id=f"app-{number}", **said)
            with pytest.raises(RegistrationFaultError) as refused:
                fitting.check(client)
            [fault] = refused.value.faults
            assert (fault.code, fault.place) == (code, "jwks_uri")


def test_an_app_that_is_admitted_proves_itself() -> None:
    """Whatever profile it changes to."""
    client = FORM.client(content(RSA)["clients"][0])
    [source] = registrations.parse(content(RSA)).resource_servers
    known = Registered({client.client_id: client}, {source.identifier: source}, frozenset(), frozenset())
    after = {
        "profile": "ministry",
        "token_endpoint_auth_method": "none",
        "id_token_signed_response_alg": "RS256",
        "grant_types": ["authorization_code"],
    }
    entry = entry_of(client)
    payload = {"client_id": client.client_id, "before": {name: entry[name] for name in after}, "after": after}
    with pytest.raises(RegistrationFaultError) as refused:
        ChangesMembers(FORM).changed(known, payload)
    assert [each.code for each in refused.value.faults] == [FaultKind.PROVES_NOTHING]


def published_by(jwks_uri: str, **said: str) -> Client:
    """An app that publishes its keys there."""
    return FORM.client({**content()["clients"][0], "jwks": None, "jwks_uri": jwks_uri, **said})


ELSEWHERE = {
    *(FaultKind.NO_PUBLISHED_KEY_FITS, FaultKind.NO_PUBLISHED_CERTIFICATE, FaultKind.NOT_READ),
    FaultKind.PROVES_NOTHING,
    # tests/adapters/http/test_client_documents.py
    *(FaultKind.NO_LIST, FaultKind.NOT_LISTED),
    # tests/web/test_client_member_changes.py
    FaultKind.PROFILE_NOT_HERE,
    # tests/web/oidc/test_registration.py
    FaultKind.ANOTHERS_SECTOR,
}


def test_there_is_no_other() -> None:
    """Every code can be met, and a check that is added is added here."""
    assert {*IN_A_FORM, *OF_A_KEY, *ELSEWHERE} >= {*FaultKind}
    assert {*IN_A_FORM} - {*FaultKind} >= WORDS.keys() - {*FaultKind}


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_code_has_words(language: str) -> None:
    """With no blank that the fault does not fill."""
    with reading(language):
        for kind in FaultKind:
            blanks = {name for _, name, _, _ in string.Formatter().parse(kind) if name}
            assert said(kind.at("member", **dict.fromkeys(blanks, "7"))).removeprefix("member: ") != kind


def test_where_a_fault_is() -> None:
    """At the member of its place, or those that it names; pages lead to the first that is on them."""
    [fault] = faults_of(redirect_uris=["http://app.example/"])
    assert (str(fault), next(members(fault))) == ("redirect_uris.0: http only on loopback", "redirect_uris")
    [fault] = faults_of(id_token_encrypted_response_enc="A256GCM")
    assert [*members(fault)][1:] == ["id_token_encrypted_response_enc", "id_token_encrypted_response_alg"]
    [fault] = faults_of(profile="fapi2", request_object_signing_alg="RS256")
    assert [*members(fault)][1:] == ["request_object_signing_alg", "profile"]
