"""Client authentication by `private_key_jwt`: what an assertion must say (RFC 7523 section 3, OIDC Core section 9)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import jwt
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.jose.assertions_under_test import (
    ENDPOINT,
    NOW,
    PRIVATE,
    PUBLIC,
    accepted,
    assertion,
    claims,
    guard,
    published,
)
from tests.adapters.jose.conftest import Server
from tests.adapters.jose.tokens_under_test import AT, CLIENT_ID, ISSUER, keyring, p256, registered_client, segment
from vad.adapters.jose.client_assertions import JwtClientAssertions
from vad.adapters.jose.client_signatures import ClientSignatures
from vad.adapters.jose.own_assertion import make_client_assertion
from vad.adapters.vault.keyring import Purpose
from vad.domain.errors import StoreUnavailableError
from vad.domain.profile import Profile


@pytest.mark.parametrize(
    "aud",
    [
        *(ENDPOINT, ISSUER, [ENDPOINT], [ISSUER], f"{ISSUER}/par", f"{ISSUER}/introspect", f"{ISSUER}/revoke"),
        *([ISSUER, ENDPOINT], [ISSUER, ENDPOINT, f"{ISSUER}/par"]),
    ],
)
def test_a_good_assertion_is_accepted(assertions: JwtClientAssertions, aud: object) -> None:
    """The audience is the issuer or an endpoint that authenticates callers: a string, or a list of nothing else."""
    assert accepted(assertions, assertion(aud=aud))


def test_the_addresses_for_certificates_are_this_server_too(redis_server: Server) -> None:
    """RFC 8705 section 5; but where the issuer alone will do (`fapi2`), no address of an endpoint does."""
    there, signatures = "https://mtls.vad.example", ClientSignatures(published())
    known = JwtClientAssertions(ISSUER, ENDPOINT, guard(redis_server.url), signatures, there)
    strict = replace(registered_client(PUBLIC), profile=Profile.FAPI2)
    for aud in (f"{there}/token", f"{there}/par", f"{ISSUER}/par", ENDPOINT):
        assert accepted(known, assertion(aud=aud, jti=aud)), aud
        assert not known.verify(strict, assertion(aud=aud, jti="strict"), AT), aud
    assert known.verify(strict, assertion(aud=ISSUER, jti="strict"), AT)
    for aud in (there, f"{there}/userinfo", f"{ISSUER}/par/"):
        assert not accepted(known, assertion(aud=aud)), aud


def test_one_with_another_algorithm_than_was_registered_is_refused(assertions: JwtClientAssertions) -> None:
    """OIDC Dynamic Client Registration section 2."""
    for registered, good in (("PS256", False), ("EdDSA", False), ("ES256", True)):
        signs = replace(registered_client(PUBLIC), token_endpoint_auth_signing_alg=registered)
        assert assertions.verify(signs, assertion(jti=registered), AT) is good, registered


@pytest.mark.parametrize("kid", [PUBLIC["kid"], None], ids=["named", "unnamed"])
def test_a_kid_is_not_demanded(assertions: JwtClientAssertions, kid: str | None) -> None:
    """Without a key id every suitable registered key is tried."""
    _, other = p256()
    assert accepted(assertions, assertion(kid=kid), [other, PUBLIC])


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "pgo-2"},
        {"iss": None},
        {"sub": "pgo-2"},
        {"sub": None},
        {"aud": None},
        {"aud": "https://elsewhere.example"},
        {"aud": [ENDPOINT, "https://elsewhere.example"]},
        {"aud": []},
        {"aud": {ENDPOINT: 1}},
        {"aud": [[ENDPOINT]]},
        {"aud": [ENDPOINT, 5]},
        {"aud": f"{ENDPOINT}/"},
        {"exp": None},
        {"exp": NOW},
        {"exp": NOW + 301},
        {"exp": "soon"},
        {"exp": True},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"exp": 10**400},
        {"iat": None},
        {"iat": NOW + 61, "exp": NOW + 90},
        {"iat": NOW - 3600, "exp": NOW + 60},
        {"iat": -(10**400)},
        {"nbf": NOW + 61},
        {"nbf": "now"},
        {"jti": None},
        {"jti": ""},
        {"jti": "x" * 256},
        {"jti": 5},
    ],
)
def test_wrong_claims_are_refused(without_store: JwtClientAssertions, change: dict[str, Any]) -> None:
    """Every claim that RFC 7523 and our profile demand is demanded; a refused assertion does not get to the store."""
    assert not accepted(without_store, assertion(**change))


@pytest.mark.parametrize(
    "change",
    [
        {"exp": NOW + 300},
        {"exp": NOW + 0.5},
        {"iat": NOW + 60, "exp": NOW + 360},
        {"iat": NOW - 240},
        {"nbf": NOW},
        {"jti": "x" * 255},
    ],
)
def test_edges_that_are_still_right(assertions: JwtClientAssertions, change: dict[str, Any]) -> None:
    """Five minutes of life, a minute of skew, fractions of seconds and long ids are fine."""
    assert accepted(assertions, assertion(**change))


OF_LIBRARIES: dict[str, dict[str, Any]] = {
    "openid-client 5.7.0": {"aud": [ISSUER, ENDPOINT]},
    "Nimbus": {"iat": None, "exp": NOW + 300, "aud": [ENDPOINT]},
    "Nimbus, by a clock that is ahead": {"iat": None, "exp": NOW + 360},
    "pyoidc": {"exp": NOW + 600},
    "Authlib": {"exp": NOW + 3600},
}
"""What certified libraries, and Authlib, put in an assertion where an app leaves it to them."""


@pytest.mark.parametrize("library", OF_LIBRARIES)
def test_an_app_of_openid_connect_leaves_it_to_its_library(assertions: JwtClientAssertions, library: str) -> None:
    """Profile `basic` demands no more of an assertion than OIDC Core section 9."""
    app = replace(registered_client(PUBLIC), profile=Profile.BASIC)
    made = assertion(**OF_LIBRARIES[library])
    assert assertions.verify(app, made, AT)
    assert not assertions.verify(app, made, AT), "it counts once, however long it lives"


@pytest.mark.parametrize(
    ("profile", "change", "good"),
    [
        (Profile.FAPI2, {"iat": None}, True),
        (Profile.FAPI2, {"iat": None, "exp": NOW + 360}, True),
        (Profile.FAPI2, {"iat": None, "exp": NOW + 361}, False),
        (Profile.FAPI2, {"iat": None, "nbf": NOW - 300, "exp": NOW + 1}, False),
        (Profile.FAPI2, {"iat": None, "jti": None}, False),
        (Profile.FAPI2, {"exp": NOW + 301}, False),
        (Profile.FAPI2, {"aud": [ISSUER, ENDPOINT]}, False),
        (Profile.BASIC, {"exp": NOW + 3601}, False),
        (Profile.BASIC, {"iat": None, "exp": NOW + 3661}, False),
        (Profile.BASIC, {"aud": [ISSUER, "https://elsewhere.example"]}, False),
        (Profile.NLGOV, {"iat": None}, False),
    ],
)
def test_each_profile_has_its_own_demands(
    assertions: JwtClientAssertions, profile: Profile, change: dict[str, Any], *, good: bool
) -> None:
    """OAuth NL wants `iat`; RFC 7523 does not, and FAPI 2.0 adds nothing to that."""
    app = replace(registered_client(PUBLIC), profile=profile)
    assert assertions.verify(app, assertion(**{"aud": ISSUER, **change}), AT) is good


def test_an_assertion_counts_once(assertions: JwtClientAssertions) -> None:
    """Its `jti` is remembered per client."""
    made = assertion()
    assert accepted(assertions, made)
    assert not accepted(assertions, made)
    assert not accepted(assertions, assertion(aud=ISSUER))
    assert accepted(assertions, assertion(jti="two"))


def test_it_fails_closed_when_replay_can_not_be_checked(without_store: JwtClientAssertions) -> None:
    """Without the store nobody is let in."""
    with pytest.raises(StoreUnavailableError):
        accepted(without_store, assertion())


def test_a_refused_assertion_uses_nothing_up(assertions: JwtClientAssertions) -> None:
    """A forger who knows a `jti` can't make the client's own assertion fail."""
    assert not accepted(assertions, assertion(p256()[0]))
    assert accepted(assertions, assertion())


@pytest.mark.parametrize("header", [{"crit": ["exp"]}, {"b64": False, "crit": ["b64"]}, {"kid": 5}, {"alg": ["ES256"]}])
def test_odd_headers_are_refused(assertions: JwtClientAssertions, header: dict[str, Any]) -> None:
    """Extensions that we do not know, and headers of the wrong type."""
    made = assertion()
    first = segment({"alg": "ES256", "kid": PUBLIC["kid"], **header})
    assert not accepted(assertions, made.replace(made.split(".")[0], first))


def test_an_inactive_client_and_an_oversized_assertion(assertions: JwtClientAssertions) -> None:
    """A client that is switched off proves nothing; nobody makes us parse more than 16 KiB."""
    assert not assertions.verify(replace(registered_client(PUBLIC), active=False), assertion(), AT)
    assert not accepted(assertions, assertion(extra="x" * 13_000))
    assert accepted(assertions, assertion(extra="x" * 11_000))


@given(st.text(max_size=100) | st.builds(".".join, st.lists(st.text("AZaz09-_e30", max_size=40), max_size=6)))
def test_garbage_is_refused_without_an_exception(without_store: JwtClientAssertions, made: str) -> None:
    """Whatever a caller sends, the answer is no."""
    assert not accepted(without_store, made)


def test_json_too_deep_is_refused(assertions: JwtClientAssertions) -> None:
    """Neither header nor payload makes the parser fall over."""
    deep = jwt.utils.base64url_encode(b'{"a":' + b"[" * 5_000 + b"]" * 5_000 + b"}").decode()
    header = segment({"alg": "ES256", "kid": PUBLIC["kid"]})
    message = f"{header}.{deep}"
    signature = jwt.algorithms.ECAlgorithm(jwt.algorithms.ECAlgorithm.SHA256).sign(message.encode(), PRIVATE)
    assert not accepted(assertions, f"{message}.{jwt.utils.base64url_encode(signature).decode()}")
    assert not accepted(assertions, f"{deep}.{segment(claims())}.AAAA")


def test_the_log_gets_the_reason_alone(assertions: JwtClientAssertions) -> None:
    """Who was refused and why; no part of the assertion, not even a claim."""
    with structlog.testing.capture_logs() as lines:
        assert not accepted(assertions, assertion(exp=NOW - 1))
    refused = {"event": "client_assertion_refused", "log_level": "info", "client_id": "pgo-1", "reason": "time"}
    assert lines == [refused]


def test_our_own_assertion_would_be_accepted(assertions: JwtClientAssertions) -> None:
    """What VAD sends to DigiD passes the very checks that VAD makes, and lives a minute."""
    key = keyring().active(Purpose.DIGID_SIGNING)
    client = registered_client(*keyring().public_jwks(Purpose.DIGID_SIGNING))
    one, two = (make_client_assertion(key, CLIENT_ID, ENDPOINT, AT, jti) for jti in ("one", "two"))
    assert assertions.verify(client, one, AT + timedelta(seconds=59))
    assert not assertions.verify(client, two, AT + timedelta(seconds=60))
