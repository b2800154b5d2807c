"""The contents of tokens."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.domain_examples import (
    APP,
    AT,
    BGZ,
    GP,
    HOSPITAL,
    ISSUER,
    SECOND,
    client,
    consent,
    facts,
    permit,
    source,
)
from vad.domain import claims
from vad.domain.access import Permit
from vad.domain.assurance import LevelOfAssurance
from vad.domain.claims import TokenContext
from vad.domain.client import Client, IdentifierType, ResourceServer
from vad.domain.identifiers import ResourceId

AUTH_TIME = AT - timedelta(minutes=10)
CONTEXT = TokenContext(ISSUER, AT, AUTH_TIME)
BSN = "999991772"
PSEUDONYM = "urn:nl-eid-gdi:1.0:id:Pseudonym"
LIVES = st.timedeltas(timedelta(seconds=1), timedelta(hours=3))


def id_token(allowed: Permit, context: TokenContext = CONTEXT) -> dict[str, object]:
    """Give the claims of an ID token."""
    made = claims.id_token(allowed, context, sub="who-logged-in", sid="sid-here", jti="jti", nonce="nonce")
    assert made.permit is allowed
    return dict(made.values)


def access_token(allowed: Permit, context: TokenContext = CONTEXT, sealed: str | None = None) -> dict[str, object]:
    """Give the claims of an access token."""
    made = claims.access_token(allowed, context, sub="whose-data", jti="jti", subject_identifier=sealed)
    assert made.permit is allowed
    assert made.expires_at == allowed.until
    return dict(made.values)


def login_permit() -> Permit:
    """Give the permit of the login itself."""
    return permit(source=None, data_services=frozenset())


def test_id_token() -> None:
    """docs/protocol.md, ID token, and NL GOV OIDC: `sub` is who logged in; exactly these claims, no other."""
    now = int(AT.timestamp())
    assert id_token(login_permit()) == {
        "iss": ISSUER,
        "aud": APP,
        "azp": APP,
        "sub": "who-logged-in",
        "sub_id_type": PSEUDONYM,
        "nonce": "nonce",
        "jti": "jti",
        "iat": now,
        "nbf": now,
        "exp": now + 300,
        "auth_time": int(AUTH_TIME.timestamp()),
        "acr": LevelOfAssurance.SUBSTANTIEEL.uri,
        "sid": "sid-here",
    }


def test_access_token_of_a_source() -> None:
    """RFC 9068, RFC 8693, RFC 9396: `sub` is whose data it is, `aud` the one source; exactly these claims."""
    now = int(AT.timestamp())
    assert access_token(permit(), sealed="a.compact.jwe") == {
        "iss": ISSUER,
        "aud": HOSPITAL,
        "client_id": APP,
        "azp": APP,
        "sub": "whose-data",
        "scope": "48",
        "acr": LevelOfAssurance.SUBSTANTIEEL.uri,
        "auth_time": int(AUTH_TIME.timestamp()),
        "iat": now,
        "nbf": now,
        "exp": now + 300,
        "jti": "jti",
        "authorization_details": [{"type": "nl.vad.representation", "basis": "self", "locations": [HOSPITAL]}],
        "subject_identifier": "a.compact.jwe",
    }


def test_access_token_of_the_issuer_itself() -> None:
    """docs/protocol.md: without a resource the issuer is the audience; nothing in the token is about a source."""
    values = access_token(login_permit())
    assert (values["aud"], values["scope"]) == (ISSUER, "openid")
    assert not {"authorization_details", "subject_identifier", "act"} & set(values)


def test_scope_is_the_sources_own() -> None:
    """A token names the data services that were permitted, in one order."""
    both = frozenset({"63", "48"})
    where = source(data_services=("48", "63"), admitted={APP: both})
    allowed = permit(given=facts(consents=(consent(data_services=both),)), source=where, data_services=both)
    assert access_token(allowed)["scope"] == "48 63"


@pytest.mark.parametrize("made", [id_token, access_token])
def test_acting_is_not_spoken_of_where_there_is_none(made: object) -> None:
    """Rule 34: for oneself there is neither `act` nor `represents`."""
    assert callable(made)
    assert not {"act", "represents", "may_act", "mandate_id"} & set(made(permit()))


@pytest.mark.parametrize("made", [id_token, access_token])
def test_nothing_says_who_the_person_is(made: object) -> None:
    """Rule 31, docs/protocol.md: no BSN, name, birth date or `amr` in what an app can read; nor a person id of VAD."""
    assert callable(made)
    allowed = permit()
    values = made(allowed)
    text = json.dumps(values)
    assert BSN not in text
    assert str(allowed.request.actor) not in text
    assert not {"bsn", "name", "given_name", "family_name", "birthdate", "age", "email", "amr"} & set(values)
    assert values["sub"] in {"who-logged-in", "whose-data"}


@pytest.mark.parametrize(
    ("kind", "identifier", "kind_uri"),
    [
        (IdentifierType.BSN_JWE, BSN, "urn:nl-eid-gdi:1.0:id:BSN"),
        (IdentifierType.RID, "rid:opaque", "urn:nl-vad:1.0:id:RID"),
        (IdentifierType.PSEUDONYM, "pairwise", PSEUDONYM),
    ],
)
def test_subject_identifier(kind: IdentifierType, identifier: str, kind_uri: str) -> None:
    """Rule 33: inside the JWE: who, of what kind, and the token around it, so that it fits no other token."""
    assert claims.subject_identifier(kind, identifier, aud=HOSPITAL, jti="jti") == {
        "sub": identifier,
        "sub_id_type": kind_uri,
        "aud": HOSPITAL,
        "jti": "jti",
    }


def test_every_kind_of_identifier_has_its_type() -> None:
    """Rule 33: a source is never sent an identifier whose kind is not said."""
    assert set(claims.SUB_ID_TYPES) == set(IdentifierType)
    assert len(set(claims.SUB_ID_TYPES.values())) == len(IdentifierType)


@given(LIVES, LIVES, LIVES, st.timedeltas(timedelta(0), timedelta(seconds=1)))
def test_never_longer_than_permitted(
    token: timedelta, session: timedelta, agreed: timedelta, fraction: timedelta
) -> None:
    """The decision: no token outlives `until`; an ID token lives 300 s at most. Fractions of a second are cut off."""
    at = AT + fraction
    allowed = permit(
        at,
        facts(consents=(consent(until=at + agreed),)),
        session_ends_at=at + session,
        source=source(access_token_lifetime=token),
    )
    context = TokenContext(ISSUER, at, AUTH_TIME)
    for values, longest in ((id_token(allowed, context), 300), (access_token(allowed, context), 900)):
        expires, issued = values["exp"], values["iat"]
        assert isinstance(expires, int)
        assert isinstance(issued, int)
        assert datetime.fromtimestamp(expires, UTC) <= allowed.until
        assert issued <= at.timestamp() < issued + 1
        assert expires <= issued + longest + 1
        assert values["nbf"] == issued


def test_id_token_ends_with_the_session() -> None:
    """The decision: an ID token made at the end of a session is short."""
    values = id_token(permit(session_ends_at=AT + 7 * SECOND))
    assert values["exp"] == int(AT.timestamp()) + 7


def test_the_level_that_was_used() -> None:
    """Rule 35: `acr` is the level that came back from DigiD, not the one that was asked for."""
    allowed = permit(level=LevelOfAssurance.HOOG)
    assert id_token(allowed)["acr"] == access_token(allowed)["acr"] == LevelOfAssurance.HOOG.uri


def test_sectors_keep_apps_and_sources_apart() -> None:
    """Rule 32: what an app can read in a source's token differs per app and per source; no two pairs coincide."""
    apps, sources = ("app-1", "app-2", "app-1h"), (HOSPITAL, GP)
    sectors = {claims.sector_of_client_at_source(at_sector(app), named(where)) for app in apps for where in sources}
    assert len(sectors) == len(apps) * len(sources)


def at_sector(sector: str) -> Client:
    """Give a client of this sector."""
    return replace(client(), sector=sector)


def named(identifier: str) -> ResourceServer:
    """Give a source with this identifier."""
    return replace(source(), identifier=ResourceId(identifier))


TEXTS = st.text(max_size=30) | st.text(alphabet="a:0123456789 \x00", max_size=8)


@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_no_two_sectors_coincide(one: str, other: str, here: str, there: str) -> None:
    """Rule 32: whatever is registered, no client's sector is a source's, or one of client and source together."""
    made = [
        *(("client", sector, "", claims.sector_of_client(at_sector(sector))) for sector in (one, other)),
        *(("source", "", where, claims.sector_of_source(named(where))) for where in (here, there)),
        *(
            ("both", sector, where, claims.sector_of_client_at_source(at_sector(sector), named(where)))
            for sector in (one, other)
            for where in (here, there)
        ),
    ]
    assert len({each[:3] for each in made}) == len({each[3] for each in made})


@pytest.mark.parametrize(("one", "where", "other", "there"), [("a", "b:c", "a:b", "c"), ("1:a", "b", "1", "a:b")])
def test_the_seam_of_a_sector_is_known(one: str, where: str, other: str, there: str) -> None:
    """Rule 32: where a client's sector ends and the source begins can't be moved."""
    first = claims.sector_of_client_at_source(at_sector(one), named(where))
    assert first != claims.sector_of_client_at_source(at_sector(other), named(there))
    taken = claims.sector_of_source(named(where))
    assert claims.sector_of_client(at_sector(taken)) != taken
    assert claims.sector_of_client(at_sector(first)) != first


def test_claims_are_made_here_alone() -> None:
    """The signer takes nothing else: neither from the parts of real ones, nor by replacing some of them."""
    token = claims.access_token(permit(), CONTEXT, sub="s", jti="j", subject_identifier="x")
    identity = claims.id_token(login_permit(), CONTEXT, sub="s", sid="i", jti="j", nonce="n")
    for made_up in (None, object(), True):
        with pytest.raises(TypeError):
            claims.AccessTokenClaims(token.permit, token.values, token.expires_at, made_up)
        with pytest.raises(TypeError):
            claims.IdTokenClaims(identity.permit, identity.values, made_up)
    with pytest.raises(TypeError):
        claims.AccessTokenClaims(token.permit, token.values, token.expires_at)
    with pytest.raises(TypeError):
        replace(token, values={})
    with pytest.raises(TypeError):
        replace(identity, values={})
    for made in (token, identity):
        with pytest.raises(TypeError):
            made.values["aud"] = "https://other.example"  # type: ignore[index]


@pytest.mark.parametrize("kind", [claims.IdTokenClaims, claims.AccessTokenClaims])
def test_claims_carry_their_permit(kind: type) -> None:
    """The signer takes nothing that does not carry a Permit."""
    assert get_type_hints(kind)["permit"] is Permit


def test_granted_data_services_are_those_of_the_permit() -> None:
    """A token says what was permitted, whatever else the app asked."""
    assert permit().request.data_services == BGZ
