"""The decision, rule by rule. Every combination at once: `test_access_exhaustively`."""

import copy
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.domain_examples import (
    APP,
    AT,
    BGZ,
    GP,
    HOUR,
    SECOND,
    SOMEBODY_ELSE,
    YEAR,
    access_request,
    client,
    consent,
    evidence,
    facts,
    permit,
    source,
)
from vad.domain.access import ISSUER_TOKEN_LIFE, LONGEST_TOKEN_LIFE, Deny, Facts, Permit, decide, minimum_level
from vad.domain.age import BirthDate, next_boundary
from vad.domain.assurance import LevelOfAssurance
from vad.domain.ground import Basis, DenyReason
from vad.domain.identifiers import ConsentId

LIVES = st.timedeltas(timedelta(seconds=1), timedelta(hours=3))
TURNS_18_TOMORROW = BirthDate(2008, 11, 22)

HINDRANCES: tuple[tuple[DenyReason, dict[str, Any], dict[str, Any]], ...] = (
    (DenyReason.LOA, {"level": LevelOfAssurance.MIDDEN}, {}),
    (DenyReason.SESSION_ENDED, {"session_ends_at": AT}, {}),
    (DenyReason.BLOCKED, {"client": client(active=False)}, {}),
    (DenyReason.NOT_QUALIFIED, {"source": source(admitted={})}, {}),
    (DenyReason.NO_CONSENT, {}, {"consents": ()}),
    (DenyReason.INDETERMINATE, {}, {"answered_at": AT - timedelta(days=1)}),
    (DenyReason.DECEASED, {}, {"deceased": True}),
    (DenyReason.AGE_SELF, {}, {"birth": BirthDate(2010, 11, 22)}),
)
"""What can be in the way, in the order of the rules: the changes to a request that is in order, and to its facts."""


def decision_with(hindrances: tuple[tuple[DenyReason, dict[str, Any], dict[str, Any]], ...]) -> Permit | Deny:
    """Decide with all of these in the way at once."""
    asked: dict[str, Any] = {}
    known: dict[str, Any] = {}
    for _, request_changes, fact_changes in hindrances:
        asked |= request_changes
        known |= fact_changes
    agreed = known.pop("consents", (consent(),))
    return decide(access_request(**asked), Facts(evidence(**known), agreed), AT)


def test_nothing_in_the_way() -> None:
    """Rule 5: an adult asks for their own data, with consent, from a source that admits the app."""
    decision = decision_with(())
    assert isinstance(decision, Permit)
    assert decision.basis is Basis.SELF


@pytest.mark.parametrize("first", range(len(HINDRANCES)))
def test_the_first_match_wins(first: int) -> None:
    """The decision: of all that is in the way the earliest rule gives the reason, whatever else is wrong as well."""
    assert decision_with(HINDRANCES[first:]) == Deny(HINDRANCES[first][0])
    assert decision_with(HINDRANCES[first : first + 1]) == Deny(HINDRANCES[first][0])


@pytest.mark.parametrize("level", LevelOfAssurance)
@pytest.mark.parametrize("of_client", LevelOfAssurance)
@pytest.mark.parametrize("of_source", [None, *LevelOfAssurance])
def test_level_that_client_and_source_demand(
    level: LevelOfAssurance, of_client: LevelOfAssurance, of_source: LevelOfAssurance | None
) -> None:
    """Rule 1: the higher of what client and source demand; Midden where Substantieel is demanded is not enough."""
    app, where = client(minimum_level=of_client), source(minimum_level=of_source) if of_source else None
    demanded = max(of_client, of_source or LevelOfAssurance.BASIS)
    assert minimum_level(app, where) is demanded
    asked = access_request(level=level, client=app, source=where, data_services=BGZ if where else frozenset())
    assert (decide(asked, facts(), AT) == Deny(DenyReason.LOA)) is (level < demanded)


@pytest.mark.parametrize("ends", [None, AT - SECOND, AT])
def test_session_ended(ends: object) -> None:
    """Rule 2: a session that was ended, or is at its 2 hours, carries nothing."""
    assert decide(access_request(session_ends_at=ends), facts(), AT) == Deny(DenyReason.SESSION_ENDED)


@pytest.mark.parametrize("changes", [{"client": client(active=False)}, {"source": source(active=False)}])
def test_switched_off(changes: dict[str, object]) -> None:
    """Rule 3: an app or source that was switched off gets nothing."""
    assert decide(access_request(**changes), facts(), AT) == Deny(DenyReason.BLOCKED)


@pytest.mark.parametrize("asked", [frozenset(), frozenset({"49"}), frozenset({"48", "49"})])
def test_not_admitted(asked: frozenset[str]) -> None:
    """Rule 3: the app must be admitted to each data service at that source; asking for none admits to nothing."""
    given_for_all = facts(consents=(consent(data_services=frozenset({"48", "49"})),))
    assert decide(access_request(data_services=asked), given_for_all, AT) == Deny(DenyReason.NOT_QUALIFIED)


def test_consent_is_for_one_subject() -> None:
    """Rule 3: consent given for oneself never covers acting for another, nor the other way around."""
    for_other = facts(consents=(consent(subject=SOMEBODY_ELSE),))
    assert decide(access_request(), for_other, AT) == Deny(DenyReason.NO_CONSENT)
    acting = access_request(subject=SOMEBODY_ELSE, client=client(representation=True))
    assert decide(acting, facts(), AT) == Deny(DenyReason.NO_CONSENT)


def test_two_halves_are_not_one_consent() -> None:
    """Rule 3: all data services of one source must be in one consent for it."""
    both = frozenset({"48", "49"})
    halves = tuple(consent(data_services=frozenset({one})) for one in both)
    asked = access_request(source=source(admitted={APP: both}), data_services=both)
    assert decide(asked, facts(consents=halves), AT) == Deny(DenyReason.NO_CONSENT)
    assert isinstance(decide(asked, facts(consents=(consent(data_services=both),)), AT), Permit)


def test_login_rests_on_any_consent_for_the_app() -> None:
    """Rule 3: who agreed to nothing has not agreed to log in; consent at any source carries the login itself."""
    login = access_request(source=None, data_services=frozenset())
    assert isinstance(decide(login, facts(consents=(consent(resource=GP),)), AT), Permit)
    assert decide(login, facts(consents=()), AT) == Deny(DenyReason.NO_CONSENT)
    assert decide(login, facts(consents=(consent(until=AT),)), AT) == Deny(DenyReason.NO_CONSENT)


def test_permit_names_the_live_consents_it_rests_on() -> None:
    """The decision: what is recorded with it is what carried it, not what was lying beside."""
    live = consent(consent_id=ConsentId(UUID(int=5)))
    given_too = (consent(until=AT), live, consent(resource=GP), consent(withdrawn_at=AT - SECOND))
    assert permit(given=facts(consents=given_too)).consents == (live,)


@pytest.mark.parametrize("evidence_given", [None, evidence(answered_at=AT - timedelta(hours=24))])
def test_without_evidence_nobody_is_let_in(evidence_given: object) -> None:
    """Rules 4 and 11 fail closed: no answer, or one that is a day old, is a refusal, never an empty person."""
    assert decide(access_request(), facts(evidence=evidence_given), AT) == Deny(DenyReason.INDETERMINATE)


def test_death_ends_all() -> None:
    """Rule 4: nothing for or by somebody who died, whatever their age."""
    for birth in (BirthDate(1984, 5, 17), BirthDate(2015, 5, 17), BirthDate()):
        given_death = facts(evidence=evidence(deceased=True, birth=birth))
        assert decide(access_request(), given_death, AT) == Deny(DenyReason.DECEASED)


def test_from_16_on_alone() -> None:
    """Rule 5: 15y364d is too young to use an app alone, 16y0d is not: from midnight in Amsterdam."""
    turns = datetime(2026, 11, 20, 23, tzinfo=UTC)
    said = evidence(birth=BirthDate(2010, 11, 21), answered_at=turns - HOUR)
    known = facts(evidence=said, consents=(consent(given_at=turns - HOUR),))
    assert decide(access_request(), known, turns - SECOND) == Deny(DenyReason.AGE_SELF)
    assert isinstance(decide(access_request(), known, turns), Permit)


@pytest.mark.parametrize("birth", [BirthDate(), BirthDate(2010), BirthDate(2010, 11)])
def test_age_that_is_not_certain(birth: BirthDate) -> None:
    """Rule 11: unknown or partial birth date where 16 is not certain."""
    assert decide(access_request(), facts(evidence=evidence(birth=birth)), AT) == Deny(DenyReason.AGE_UNKNOWN)


def test_partial_date_of_somebody_who_is_16_for_certain() -> None:
    """Rule 11: a partial birth date is no obstacle where the age is certain all the same."""
    assert isinstance(decide(access_request(), facts(evidence=evidence(birth=BirthDate(2009))), AT), Permit)


@given(LIVES, LIVES, LIVES, LIVES, st.booleans(), st.booleans())
def test_until_is_the_earliest_of_all_ends(
    token: timedelta,
    session: timedelta,
    agreed: timedelta,
    to_midnight: timedelta,
    turns_18: bool,  # noqa: FBT001
    for_source: bool,  # noqa: FBT001
) -> None:
    """The decision: until = min(token life, 900 s, session end, consent end, the next age boundary)."""
    at = datetime(2026, 11, 21, 23, tzinfo=UTC) - to_midnight
    birth = TURNS_18_TOMORROW if turns_18 else BirthDate(1984)
    allowed = permit(
        at,
        Facts(evidence(birth=birth, answered_at=at), (consent(given_at=at, until=at + agreed),)),
        session_ends_at=at + session,
        source=source(access_token_lifetime=token) if for_source else None,
        data_services=BGZ if for_source else frozenset(),
    )
    life = token if for_source else timedelta(seconds=300)
    ends = [at + life, at + timedelta(seconds=900), at + session, at + agreed]
    if turns_18:
        ends.append(at + to_midnight)
    assert allowed.until == min(ends)
    assert allowed.until > at


def test_until_with_two_consents() -> None:
    """The decision: of consents that each carry it alone, the one that lasts longest counts."""
    short, longer = consent(until=AT + SECOND), consent(until=AT + 2 * SECOND)
    assert permit(given=facts(consents=(short, longer))).until == AT + 2 * SECOND


def test_longest_lives() -> None:
    """docs/protocol.md, Lifetimes: 900 s at most for a source's token, 300 s for the issuer's own."""
    assert timedelta(seconds=900) == LONGEST_TOKEN_LIFE
    assert timedelta(seconds=300) == ISSUER_TOKEN_LIFE
    assert permit(source=source(access_token_lifetime=YEAR)).until == AT + LONGEST_TOKEN_LIFE


def test_a_permit_is_not_made_by_hand() -> None:
    """A permit comes from `decide` alone: not from its constructor, nor by changing one that was given."""
    given_permit = permit()
    values: dict[str, Any] = {
        "request": given_permit.request,
        "basis": given_permit.basis,
        "until": given_permit.until + HOUR,
        "evidence": given_permit.evidence,
        "consents": given_permit.consents,
    }
    for seal in ({}, {"_decided": None}, {"_decided": True}, {"_decided": object()}, {"_decided": given_permit}):
        with pytest.raises(TypeError):
            Permit(**values | seal)
    with pytest.raises((TypeError, ValueError)):
        replace(given_permit, until=given_permit.until + HOUR)  # type: ignore[call-arg]
    with pytest.raises(FrozenInstanceError):
        given_permit.until += HOUR  # type: ignore[misc]
    with pytest.raises(AttributeError):
        given_permit._decided  # type: ignore[attr-defined]  # noqa: B018, SLF001 - there is nothing to borrow
    assert copy.copy(given_permit) == given_permit


def test_boundary_of_the_example() -> None:
    """The example that turns 18 does so at midnight in Amsterdam."""
    assert next_boundary(TURNS_18_TOMORROW, AT) == datetime(2026, 11, 21, 23, tzinfo=UTC)
