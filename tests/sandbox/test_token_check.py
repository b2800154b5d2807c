"""The reference check of an access token: what a data source must refuse (design: tokens; RFC 9068, 8725, 9449)."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from tests.sandbox.fake_issuer import BSN, BSN_TYPE, FakeIssuer, encryption_key, inner, signing_key, unsigned
from vad.sandbox.refusals import Reason, RefusedError
from vad.sandbox.token_check import (
    PARENTAL_AUTHORITY,
    REQUIRED,
    Access,
    TokenCheck,
)

SOURCE = "http://localhost:8105"
KEY = encryption_key()
ISSUER = FakeIssuer()
ACT = {"iss": ISSUER.url, "sub": "the parent"}
Forge = Callable[[], str]


def check(token: str, *, identifier_type: str = "bsn_jwe", data_service: str = "48", key: Any = KEY) -> str:
    """Check `token` as the source and return the person's identifier."""
    checker = TokenCheck(ISSUER.url, SOURCE, identifier_type, key, lambda kid: ISSUER.public().get(kid))
    return checker.check(token, data_service).identifier


def reason(token: str, **options: Any) -> Reason:
    """Return why `token` is refused."""
    with pytest.raises(RefusedError) as refused:
        check(token, **options)
    return refused.value.reason


def good(**changes: Any) -> dict[str, Any]:
    """Give the claims of a good token, with `changes`."""
    return ISSUER.claims(SOURCE, KEY, **changes)


def detail(**changes: Any) -> dict[str, Any]:
    """Give what RFC 9396 says of representation in a good token, with `changes`."""
    return {"type": "nl.vad.representation", "basis": "self", "locations": [SOURCE]} | changes


def acting(**changes: Any) -> str:
    """Give a token of a parent who acts for a child, with `changes` of its claims."""
    return ISSUER.sign(good(act=ACT, authorization_details=[detail(basis=PARENTAL_AUTHORITY)], **changes))


def allowed(token: str, *, representation: bool = True) -> Access:
    """Check `token` as a source that takes part in acting for another, or does not; return all that it allows."""
    keys = ISSUER.public()
    return TokenCheck(ISSUER.url, SOURCE, "bsn_jwe", KEY, keys.get, representation).check(token, "48")


def identifying(**content: Any) -> str:
    """Give a token whose encrypted part holds `content` instead; `jti` follows the token's."""
    value = {"sub": BSN, "sub_id_type": BSN_TYPE, "aud": SOURCE, "jti": "j"} | content
    return ISSUER.sign(good(jti="j", subject_identifier=inner(KEY, **value)))


@pytest.mark.parametrize("typ", ["at+jwt", "application/at+jwt"])
@pytest.mark.parametrize("kid", ["ec", "rsa"])
def test_a_good_token_gives_the_person(kid: str, typ: str) -> None:
    """RFC 9068: both spellings of the type and each allowed algorithm are accepted."""
    assert check(ISSUER.sign(good(), kid, typ=typ)) == BSN


def test_an_rsa_encryption_key_works_too() -> None:
    """Rule 33: a source's key may be RSA (RSA-OAEP-256 with A256GCM)."""
    key = RSAKey.generate_key(2048, {"kid": "rsa-enc", "use": "enc"})
    content = {"sub": BSN, "sub_id_type": BSN_TYPE, "aud": SOURCE, "jti": "j"}
    token = ISSUER.sign(good(jti="j", subject_identifier=inner(key, alg="RSA-OAEP-256", **content)))
    assert check(token, key=key) == BSN


def hs256_with_the_public_key() -> str:
    """Sign with HMAC, taking the issuer's public key for the secret (RFC 8725, section 2.1)."""

    def part(value: Any) -> bytes:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")

    text = part({"alg": "HS256", "typ": "at+jwt", "kid": "rsa"}) + b"." + part(good())
    key = ISSUER.keys["rsa"]
    assert isinstance(key, RSAKey)
    secret = key.as_pem(private=False)
    signature = base64.urlsafe_b64encode(hmac.digest(secret, text, hashlib.sha256)).rstrip(b"=")
    return (text + b"." + signature).decode()


def by_a_stranger() -> str:
    """Sign with a foreign key under the issuer's key id."""
    return FakeIssuer(keys={"ec": signing_key("ec")}).sign(good())


def tampered() -> str:
    """Put other claims under a good signature."""
    head, _, signature = ISSUER.sign(good()).split(".")
    body = base64.urlsafe_b64encode(json.dumps(good(scope="49")).encode()).rstrip(b"=").decode()
    return f"{head}.{body}.{signature}"


@pytest.mark.parametrize(
    ("forge", "expected"),
    [
        (lambda: unsigned(good()), Reason.ALGORITHM),
        (hs256_with_the_public_key, Reason.ALGORITHM),
        (by_a_stranger, Reason.SIGNATURE),
        (tampered, Reason.SIGNATURE),
        (lambda: ISSUER.sign(good(), "rsa", kid="ec"), Reason.ALGORITHM),
        (lambda: ISSUER.sign(good(), "rsa", alg="PS256"), Reason.ALGORITHM),
        (lambda: ISSUER.sign(good(), kid="other"), Reason.UNKNOWN_KEY),
        (lambda: ISSUER.sign(good(), typ="JWT"), Reason.WRONG_TYPE),
        (lambda: ISSUER.sign(good(), typ="AT+JWT"), Reason.WRONG_TYPE),
        (lambda: ISSUER.sign(good(), typ="dpop+jwt"), Reason.WRONG_TYPE),
        (lambda: "not a token", Reason.MALFORMED),
        (lambda: "a.b.c", Reason.MALFORMED),
        (lambda: ISSUER.sign(good(padding="x" * 16384)), Reason.MALFORMED),
    ],
)
def test_header_and_signature(forge: Forge, expected: Reason) -> None:
    """Nothing in a token is believed before its type, its algorithm and its signature are right (RFC 8725)."""
    assert reason(forge()) is expected


def test_a_short_rsa_key_is_refused() -> None:
    """RFC 7518, section 3.3: RSA signatures need keys of 2048 bits or more."""
    with pytest.warns(match="2048"):
        weak = RSAKey.generate_key(1024, {"kid": "rsa-weak", "use": "sig", "alg": "RS256"})
    with pytest.warns(match="2048"):
        token = FakeIssuer(keys={"rsa-weak": weak}).sign(good(), "rsa-weak")
    checker = TokenCheck(ISSUER.url, SOURCE, "bsn_jwe", KEY, lambda _: dict(weak.as_dict(private=False)))
    with pytest.raises(RefusedError):
        checker.check(token, "48")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"iss": "http://localhost:9999"}, Reason.ISSUER),
        ({"iss": "http://localhost:1/"}, Reason.ISSUER),
        ({"aud": "http://localhost:8106"}, Reason.AUDIENCE),
        ({"aud": [SOURCE]}, Reason.AUDIENCE),
        ({"aud": [SOURCE, "http://localhost:8106"]}, Reason.AUDIENCE),
        ({"scope": "49"}, Reason.SCOPE),
        ({"scope": "480"}, Reason.SCOPE),
        ({"scope": ["48"]}, Reason.MALFORMED),
        ({"exp": "4102444800"}, Reason.MALFORMED),
        ({"exp": True}, Reason.EXPIRED),
        ({"cnf": {"jkt": "x"}}, Reason.SENDER_CONSTRAINED),
        ({"authorization_details": [detail(basis="mandate")]}, Reason.REPRESENTATION),
        ({"authorization_details": [detail(basis=["self"])]}, Reason.REPRESENTATION),
        ({"authorization_details": [detail(basis=None)]}, Reason.REPRESENTATION),
        ({"authorization_details": [detail(locations=["http://localhost:8106"])]}, Reason.MALFORMED),
        ({"authorization_details": [detail(), detail(basis="mandate")]}, Reason.MALFORMED),
        ({"authorization_details": []}, Reason.MALFORMED),
        ({"authorization_details": "x"}, Reason.MALFORMED),
        ({"subject_identifier": "x"}, Reason.DECRYPTION),
        ({"subject_identifier": "a.b.c.d.e"}, Reason.DECRYPTION),
    ],
)
def test_claims(changes: dict[str, Any], expected: Reason) -> None:
    """A well-signed token is refused for each claim that is not right for this source."""
    assert reason(ISSUER.sign(good(**changes))) is expected


@pytest.mark.parametrize("claim", REQUIRED)
def test_every_needed_claim_must_be_there(claim: str) -> None:
    """A token without one of the claims of the contract is refused."""
    assert reason(ISSUER.sign(good(**{claim: None}))) is Reason.CLAIM_MISSING


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"exp": -61}, Reason.EXPIRED),
        ({"nbf": 90}, Reason.NOT_YET_VALID),
        ({"iat": 90}, Reason.NOT_YET_VALID),
    ],
)
def test_times(changes: dict[str, int], expected: Reason) -> None:
    """Past its end or before its begin a token is refused; clocks may differ by 60 seconds."""
    now = int(time.time())
    assert reason(ISSUER.sign(good(**{name: now + shift for name, shift in changes.items()}))) is expected
    assert check(ISSUER.sign(good(exp=now - 30, nbf=now + 30, iat=now + 30))) == BSN


def test_the_encrypted_part_of_another_token_is_refused() -> None:
    """Rule 33: `subject_identifier` is bound to its token by `jti` and to its source by `aud`."""
    other = good()["subject_identifier"]
    assert reason(ISSUER.sign(good(subject_identifier=other))) is Reason.SWAPPED
    assert reason(identifying(aud="http://localhost:8107")) is Reason.SWAPPED
    assert reason(identifying(aud=[SOURCE])) is Reason.SWAPPED


def test_the_encrypted_part_for_another_source_is_refused() -> None:
    """Only this source's own key opens the identifier."""
    value = inner(encryption_key(), sub=BSN, sub_id_type=BSN_TYPE, aud=SOURCE, jti="j")
    assert reason(ISSUER.sign(good(jti="j", subject_identifier=value))) is Reason.DECRYPTION


@pytest.mark.parametrize(("alg", "enc"), [("ECDH-ES+A256KW", "A256GCM"), ("ECDH-ES", "A128CBC-HS256")])
def test_other_encryption_algorithms_are_refused(alg: str, enc: str) -> None:
    """Only ECDH-ES and RSA-OAEP-256 with A256GCM."""
    value = inner(KEY, alg=alg, enc=enc, sub=BSN, sub_id_type=BSN_TYPE, aud=SOURCE, jti="j")
    assert reason(ISSUER.sign(good(jti="j", subject_identifier=value))) is Reason.DECRYPTION


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"sub": "999991771"}, Reason.IDENTIFIER),
        ({"sub": "999 991 772"}, Reason.IDENTIFIER),
        ({"sub": "12345672"}, Reason.IDENTIFIER),
        ({"sub": "000000000"}, Reason.IDENTIFIER),
        ({"sub": 999991772}, Reason.IDENTIFIER),
        ({"sub": ""}, Reason.IDENTIFIER),
        ({"sub_id_type": "urn:nl-eid-gdi:1.0:id:Pseudonym"}, Reason.IDENTIFIER_TYPE),
        ({"sub_id_type": "urn:nl-vad:1.0:id:RID"}, Reason.IDENTIFIER_TYPE),
        ({"act": {"sub": "x"}}, Reason.REPRESENTATION),
        ({"mandate_id": "x"}, Reason.REPRESENTATION),
    ],
)
def test_the_identifier(content: dict[str, Any], expected: Reason) -> None:
    """Rule 31 and 33: a BSN of nine digits that passes the 11-proof, of the registered type, acting for oneself."""
    assert reason(identifying(**content)) is expected


def test_an_empty_actor_is_not_none_at_all() -> None:
    """A member that says nothing is still one that VAD never writes."""
    token = ISSUER.sign(good() | {"act": None})
    assert reason(token) is Reason.REPRESENTATION


def test_a_source_may_take_no_tokens_of_somebody_who_acts() -> None:
    """Registered with `representation = false`: people see their own data there, and nobody another's."""
    with pytest.raises(RefusedError) as refused:
        allowed(acting(), representation=False)
    assert refused.value.reason is Reason.REPRESENTATION
    assert allowed(ISSUER.sign(good()), representation=False).identifier == BSN


def test_the_encrypted_part_is_bound_when_somebody_acts_too() -> None:
    """Rule 33: the parent's own token cannot lend its identifier to that of the child."""
    assert reason(acting(subject_identifier=good()["subject_identifier"])) is Reason.SWAPPED


def test_nothing_secret_is_in_the_exception_or_the_result() -> None:
    """Rule 31: no BSN and no token in what may be logged."""
    with pytest.raises(RefusedError) as refused:
        check(identifying(sub="999991771"))
    assert str(refused.value) == "identifier"
    checker = TokenCheck(ISSUER.url, SOURCE, "bsn_jwe", KEY, lambda kid: ISSUER.public().get(kid))
    assert BSN not in repr(checker.check(ISSUER.sign(good()), "48"))
