"""Token exchange: the issuer's own token for a source's, and only that (RFC 8693)."""

from typing import Any

import pytest
import requests

from tests.support.person import FROUKE, Person, tokens
from tests.support.relying_party_client import (
    ACCESS_TOKEN,
    TOKEN_EXCHANGE,
    RelyingParty,
    claims_of,
    header_of,
    new_key,
    sign,
)
from tests.support.town import Town
from tests.web.oidc.inside import SOURCE, Inside, unsigned

pytestmark = pytest.mark.slow

SCOPE = "openid 48 49 51"
TYPES = "urn:ietf:params:oauth:token-type:"


def refused(response: requests.Response, error: str = "invalid_request") -> bool:
    """Whether this is that error and holds no token."""
    body = response.json()
    return (response.status_code, body["error"], body.keys() - {"error_description"}) == (400, error, {"error"})


@pytest.fixture
def held(vad_town: Town, rp: RelyingParty, person: Person) -> dict[str, str]:
    """Give the tokens of a fresh login, for a source and the general practitioner."""
    return tokens(rp, person, (SOURCE, vad_town.address("gp")), SCOPE)


def test_what_comes_of_it(rp: RelyingParty, held: dict[str, str], inside: Inside) -> None:
    """The answer says what it is (section 2.2.1); every exchange gives another token, with its own event."""
    answers = [rp.exchange(held["access_token"], SOURCE).json() for _ in range(2)]
    for answer in answers:
        claims = claims_of(answer["access_token"])
        assert answer.keys() == {
            "access_token",
            "issued_token_type",
            "token_type",
            "expires_in",
            "scope",
            "authorization_details",
        }
        assert (answer["issued_token_type"], answer["token_type"]) == (ACCESS_TOKEN, "Bearer")
        assert (answer["scope"], claims["scope"], claims["aud"]) == ("48 51", "48 51", SOURCE)
        assert answer["expires_in"] == claims["exp"] - claims["iat"]
        assert inside.events("token.issued", claims["jti"]) == 1
    assert answers[0]["access_token"] != answers[1]["access_token"]


def test_only_the_issuers_own_token_is_a_subject(rp: RelyingParty, held: dict[str, str]) -> None:
    """A source's token, an ID token and a refresh token are not (docs/protocol.md, Token exchange)."""
    source_token = rp.exchange(held["access_token"], SOURCE).json()["access_token"]
    for token in (source_token, held["id_token"], held["refresh_token"], claims_of(held["access_token"])["jti"], "é"):
        assert refused(rp.exchange(token, SOURCE))


def test_the_subject_token_is_the_clients_own(rp: RelyingParty, other_rp: RelyingParty, held: dict[str, str]) -> None:
    """Another client gets nothing for it."""
    assert refused(other_rp.exchange(held["access_token"], SOURCE))
    assert rp.exchange(held["access_token"], SOURCE).status_code == 200


CHANGES: dict[str, dict[str, Any]] = {
    "expired": {"exp": 1},
    "not yet begun": {"nbf": 4_000_000_000},
    "from the future": {"iat": 4_000_000_000},
    "no end": {"exp": None},
    "another issuer": {"iss": "https://other.example"},
    "another audience": {"aud": SOURCE},
    "two audiences": {"aud": ["ISSUER", SOURCE]},
    "no audience": {"aud": None},
    "another client": {"client_id": "rp-two"},
    "no client": {"client_id": None},
    "unknown jti": {"jti": "A" * 64},
    "strange jti": {"jti": "é"},
    "no jti": {"jti": None},
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_claim_is_checked(rp: RelyingParty, held: dict[str, str], inside: Inside, change: str) -> None:
    """Even signed with VAD's own key, a token with one wrong claim is refused."""
    changes = {name: _placed(value, rp.issuer) for name, value in CHANGES[change].items()}
    assert refused(rp.exchange(inside.resigned(held["access_token"], **changes), SOURCE))
    assert rp.exchange(inside.resigned(held["access_token"]), SOURCE).status_code == 200


@pytest.mark.parametrize("typ", ["JWT", "at+JWT", "application/at+jwt", "", None])
def test_the_type_is_checked(rp: RelyingParty, held: dict[str, str], inside: Inside, typ: str | None) -> None:
    """Only `typ: at+jwt` is an access token (RFC 9068 section 4)."""
    assert refused(rp.exchange(inside.resigned(held["access_token"], header={"typ": typ}), SOURCE))


def test_no_forgery_is_believed(rp: RelyingParty, held: dict[str, str]) -> None:
    """A token that VAD did not sign exactly so is refused (RFC 8725 section 3)."""
    token = held["access_token"]
    claims, header = claims_of(token), header_of(token)
    head, body, signature = token.split(".")
    key = new_key(header["kid"])
    forged = [
        unsigned(claims, {**header, "alg": "none"}),
        unsigned(claims, {**header, "alg": "ES256"}, bytes(64)),
        unsigned(claims, {**header, "alg": "RS256"}, bytes(384)),
        unsigned(claims, {**header, "alg": "HS256"}, bytes(32)),
        unsigned(claims, {**header, "crit": ["exp"]}, bytes(64)),
        sign(claims, key, {"typ": "at+jwt"}),
        sign(claims, key, {"typ": "at+jwt", "kid": "unknown"}),
        ".".join((head, unsigned({**claims, "scope": "openid 63"}, {}).split(".")[1], signature)),
        f"{head}.{body}.",
        f"{head}.{body}",
        f"{token}.{signature}",
        token[:-8],
    ]
    for each in forged:
        assert refused(rp.exchange(each, SOURCE)), each
    assert rp.exchange(token, SOURCE).status_code == 200


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"subject_token_type": None}, "invalid_request"),
        ({"subject_token_type": TYPES + "id_token"}, "invalid_request"),
        ({"subject_token_type": TYPES + "jwt"}, "invalid_request"),
        ({"subject_token_type": TYPES + "refresh_token"}, "invalid_request"),
        ({"subject_token": None}, "invalid_request"),
        ({"subject_token": "x" * 16385}, "invalid_request"),
        ({"requested_token_type": TYPES + "id_token"}, "invalid_request"),
        ({"requested_token_type": TYPES + "refresh_token"}, "invalid_request"),
        ({"actor_token": "x", "actor_token_type": ACCESS_TOKEN}, "invalid_request"),
        ({"actor_token_type": ACCESS_TOKEN}, "invalid_request"),
        ({"audience": "https://source.example"}, "invalid_target"),
        ({"audience": "https://source.example", "resource": None}, "invalid_target"),
        ({"resource": None}, "invalid_target"),
        ({"resource": "https://unknown.example"}, "invalid_target"),
        ({"resource": [SOURCE, "https://south.example"]}, "invalid_target"),
        ({"resource": "https://south.example"}, "invalid_target"),
        ({"resource": SOURCE + "/"}, "invalid_target"),
        ({"resource": SOURCE + "\x00"}, "invalid_request"),
        ({"scope": "63"}, "invalid_scope"),
        ({"scope": "48 49"}, "invalid_scope"),
        ({"scope": "openid"}, "invalid_scope"),
        ({"scope": "é"}, "invalid_scope"),
    ],
    ids=lambda value: str(value)[:80],
)
def test_a_wrong_request(rp: RelyingParty, held: dict[str, str], changes: dict[str, Any], error: str) -> None:
    """Each parameter has one meaning, and what VAD does not do it refuses (sections 2.1 and 2.2.2, RFC 8707)."""
    form = {
        "grant_type": TOKEN_EXCHANGE,
        "subject_token": held["access_token"],
        "subject_token_type": ACCESS_TOKEN,
        "resource": SOURCE,
        **changes,
    }
    assert refused(rp.token(form), error)


def test_the_issuer_is_no_target(rp: RelyingParty, held: dict[str, str]) -> None:
    """An exchange never gives another token of the issuer's own: it would prolong itself."""
    assert refused(rp.exchange(held["access_token"], rp.issuer), "invalid_target")


def test_narrower_is_allowed(rp: RelyingParty, held: dict[str, str]) -> None:
    """The scope may be narrowed to some of what was granted at that source; an empty one counts as absent."""
    assert rp.exchange(held["access_token"], SOURCE, scope="51").json()["scope"] == "51"
    assert rp.exchange(held["access_token"], SOURCE, scope="openid 51").json()["scope"] == "51"
    assert rp.exchange(held["access_token"], SOURCE, scope="", requested_token_type="").json()["scope"] == "48 51"


def test_only_what_was_agreed_to(vad_town: Town, rp: RelyingParty, person: Person) -> None:
    """A source that the person did not tick is no target, though the app had asked for it."""
    asked = rp.ask(resources=(SOURCE, vad_town.address("hospital")), scope="openid 48")
    person.open(asked.url)
    person.log_in()
    person.consent(only=1)
    assert person.answer is not None
    own = rp.redeem(asked, person.answer["code"]).json()["access_token"]
    answers = [rp.exchange(own, source) for source in (SOURCE, vad_town.address("hospital"))]
    assert [answer.status_code for answer in answers] == [200, 400]
    assert refused(answers[1], "invalid_target")


def test_a_grant_that_was_taken_back(rp: RelyingParty, held: dict[str, str], inside: Inside) -> None:
    """A stop reaches a live subject token in the same second (ADR 0007)."""
    inside.ask("UPDATE grants SET state = 'revoked' WHERE grant_id = %s", inside.grant_id(held["access_token"]))
    assert refused(rp.exchange(held["access_token"], SOURCE))


def test_consent_that_was_withdrawn(vad_town: Town, rp: RelyingParty, held: dict[str, str], inside: Inside) -> None:
    """The decision is taken again: a withdrawn consent refuses its source at once, with an event, and no other."""
    grant_id = inside.grant_id(held["access_token"])
    withdrawn = """UPDATE consents SET withdrawn_at = greatest(given_at, now())
        WHERE resource = %s AND consent_id = ANY(SELECT unnest(consents) FROM grants WHERE grant_id = %s)"""
    inside.ask(withdrawn, SOURCE, grant_id)
    assert refused(rp.exchange(held["access_token"], SOURCE), "invalid_grant")
    statement = "SELECT reason, resource FROM audit_events WHERE type = 'token.refused' AND grant_id = %s"
    assert inside.ask(statement, grant_id) == [("NO_CONSENT", SOURCE)]
    assert rp.exchange(held["access_token"], vad_town.address("gp")).status_code == 200


@pytest.mark.parametrize("mode", ["error500", "garbage", "close"])
def test_the_pseudonym_service_is_away(
    vad_town: Town, rp: RelyingParty, held: dict[str, str], inside: Inside, mode: str
) -> None:
    """Without a reference there is no token: 503, an event, and later it works again. Other sources do meanwhile."""
    gp = vad_town.address("gp")
    with vad_town.misbehaving("prs", mode):
        response = rp.exchange(held["access_token"], gp)
        assert (response.status_code, response.json()["error"]) == (503, "temporarily_unavailable")
        assert int(response.headers["Retry-After"]) > 0
        assert "no-store" in response.headers["Cache-Control"]
        assert "access_token" not in response.json()
        assert rp.exchange(held["access_token"], SOURCE).status_code == 200
    statement = "SELECT reason, resource FROM audit_events WHERE type = 'token.refused' AND grant_id = %s"
    assert inside.ask(statement, inside.grant_id(held["access_token"])) == [("REGISTER_UNAVAILABLE", gp)]
    assert rp.exchange(held["access_token"], gp).status_code == 200


def test_no_bsn_in_any_answer(vad_town: Town, rp: RelyingParty, held: dict[str, str]) -> None:
    """Nothing that the app can read holds the BSN (rule 31)."""
    for target in (SOURCE, vad_town.address("gp")):
        answer = rp.exchange(held["access_token"], target)
        assert FROUKE not in answer.text + str(claims_of(answer.json()["access_token"]))


def _placed(value: Any, issuer: str) -> Any:
    return (
        [_placed(each, issuer) for each in value] if isinstance(value, list) else issuer if value == "ISSUER" else value
    )
