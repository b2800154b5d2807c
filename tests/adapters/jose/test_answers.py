"""Answers encrypted to an app, by every algorithm that a profile has, with the key that is meant for it."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from flask import Flask, jsonify
from joserfc import jwe
from joserfc.jwk import ECKey, RSAKey

from tests.adapters.jose.assertions_under_test import published
from tests.adapters.jose.tokens_under_test import p256, registered_client
from tests.support.relying_party_client import header_of
from tests.support.rsa_keys import WEAK, rsa_key
from vad.adapters.jose.answers import JweAnswers, recipient
from vad.adapters.vault.jwk import public_members
from vad.domain.client import Client, Jwk
from vad.domain.errors import RegisterUnavailableError
from vad.domain.profile import Profile
from vad.domain.profile_table import RULES
from vad.sandbox.serving import serve

EC_PRIVATE, EC_JWK = p256()
RSA_PRIVATE = rsa_key()
TO_EC = {**EC_JWK, "use": "enc", "kid": "to-ec"}
TO_RSA = {**public_members(RSA_PRIVATE.public_key()), "use": "enc", "kid": "to-rsa"}
SIGNING = p256()[1]
PAIRS = sorted({pair for rules in RULES.values() for pair in rules.answer_encryption})


def wanting(alg: str, enc: str, *jwks: Jwk) -> Client:
    """An app that wants both answers encrypted so."""
    return replace(
        registered_client(*jwks),
        id_token_encrypted_response_alg=alg,
        id_token_encrypted_response_enc=enc,
        userinfo_encrypted_response_alg=alg,
        userinfo_encrypted_response_enc=enc,
    )


ANSWERS = JweAnswers(published(lambda: 0.0))


@pytest.mark.parametrize(("alg", "enc"), PAIRS)
def test_only_its_own_key_opens_it(alg: str, enc: str) -> None:
    """RFC 7516: a nested JWT says so (`cty`), JSON does not, and the header names the key."""
    client = wanting(alg, enc, SIGNING, TO_EC, TO_RSA)
    key = ECKey.import_key(EC_PRIVATE) if alg.startswith("ECDH") else RSAKey.import_key(RSA_PRIVATE)
    for sealed, cty in (
        (ANSWERS.id_token(client, "a.b.c"), "JWT"),
        (ANSWERS.userinfo(client, "a.b.c", nested=True), "JWT"),
        (ANSWERS.userinfo(client, "a.b.c", nested=False), None),
    ):
        header = header_of(sealed)
        assert (header["alg"], header["enc"], header.get("cty")) == (alg, enc, cty)
        assert header["kid"] == ("to-ec" if alg.startswith("ECDH") else "to-rsa")
        assert jwe.decrypt_compact(sealed, key, algorithms=[alg, enc]).plaintext == b"a.b.c"


def test_sha_1_is_for_the_ministry_alone() -> None:
    """RSA-OAEP is SHA-1 (RFC 7518 section 4.3); PKCS #1 v1.5 and symmetric keys are nowhere."""
    for profile, rules in RULES.items():
        algorithms = {alg for alg, _ in rules.answer_encryption}
        modern = {"ECDH-ES", "ECDH-ES+A256KW", "RSA-OAEP-256"}
        assert algorithms == ({"RSA-OAEP"} if profile is Profile.MINISTRY else modern)
    assert len(PAIRS) == len(list(product(modern, range(2)))) + 1


def test_the_key_that_is_meant_for_it() -> None:
    """`alg` before `use` before nothing; never one for signatures, for another algorithm, weak, or private."""
    bare = {name: value for name, value in TO_EC.items() if name not in {"use", "kid"}}
    named = {**TO_EC, "alg": "ECDH-ES"}
    assert recipient([bare, TO_EC, named], "ECDH-ES") == named
    assert recipient([bare, TO_EC], "ECDH-ES") == TO_EC
    assert recipient([bare], "ECDH-ES") == bare
    weak = {**public_members(rsa_key(WEAK).public_key()), "use": "enc"}
    useless: list[Any] = [SIGNING, named, TO_RSA, {**TO_EC, "d": "AAAA"}, {**TO_EC, "x": TO_EC["y"]}]
    assert recipient(useless, "ECDH-ES+A256KW") is None
    assert recipient([weak, TO_EC], "RSA-OAEP-256") is None


def test_in_clear_only_where_it_is_registered_so() -> None:
    """Without its key nothing leaves."""
    assert ANSWERS.id_token(registered_client(SIGNING), "a.b.c") == "a.b.c"
    assert ANSWERS.userinfo(registered_client(SIGNING), "{}", nested=False) == "{}"
    for jwks in ((), (SIGNING,), (TO_RSA,)):
        with pytest.raises(RegisterUnavailableError):
            ANSWERS.id_token(wanting("ECDH-ES", "A256GCM", *jwks), "a.b.c")


def test_a_key_that_it_publishes() -> None:
    """Read where the app has it; looked for again where those that are known don't do."""
    keys = [SIGNING]
    app = Flask("app")
    app.add_url_rule("/keys", view_func=lambda: jsonify(keys=keys))
    with serve(app) as address:
        client = replace(wanting("ECDH-ES", "A256GCM", TO_RSA), jwks_uri=f"{address}/keys")
        answers = JweAnswers(published(lambda: 0.0))
        answers.published.get(client)
        keys.append(TO_EC)
        assert header_of(answers.id_token(client, "a.b.c"))["kid"] == "to-ec"
