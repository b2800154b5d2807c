"""Consent on the way of an authorization request: what is asked, and what an answer covers (rule 3, page P5)."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from tests.domain.authorization_examples import AT_GP, BOTH, GIVEN_NOW, GP_SOURCE, HOSPITAL_SOURCE, sources_issued, step
from tests.domain.domain_examples import (
    AT,
    GP,
    HOSPITAL,
    SECOND,
    access_request,
    authorization_request,
    client,
    consent,
    evidence,
)
from vad.domain.access import Deny, Facts, Permit, decide
from vad.domain.authorization import AskConsent, Issue
from vad.domain.client import MANDATES_SCOPE
from vad.domain.ground import DenyReason
from vad.domain.identifiers import ConsentId, PersonId, ResourceId


def test_all_in_order() -> None:
    """A code rests on a permit for the login itself, and one for each source."""
    assert sources_issued(step()) == [None, HOSPITAL]


def test_consent_is_asked_for_what_lacks_it() -> None:
    """Rule 3: a source with a standing consent is not asked about again."""
    none, one = Facts(evidence()), Facts(evidence(), (consent(),))
    request, sources = authorization_request(**BOTH), (HOSPITAL_SOURCE, GP_SOURCE)
    assert step(request=request, sources=sources, facts=none) == AskConsent(sources)
    assert step(request=request, sources=sources, facts=one) == AskConsent((GP_SOURCE,), optional=True)
    both = Facts(evidence(), (consent(), consent(**AT_GP)))
    assert sources_issued(step(request=request, sources=sources, facts=both)) == [None, HOSPITAL, GP]


def test_a_person_may_choose_some_of_the_sources() -> None:
    """Page P5: once the person has chosen for this request, what they left out is a no, not another question."""
    request = authorization_request(**BOTH, consents=GIVEN_NOW, consent_answered=True)
    sources = (HOSPITAL_SOURCE, GP_SOURCE)
    assert sources_issued(step(request=request, sources=sources)) == [None, HOSPITAL]
    only_gp = Facts(evidence(), (consent(**AT_GP),))
    assert sources_issued(step(request=request, sources=sources, facts=only_gp)) == [None, GP]


def test_prompt_consent_counts_nothing_from_before() -> None:
    """OIDC Core 3.1.2.1: asked again means asked about everything, and what is left unticked now is a no."""
    sources = (HOSPITAL_SOURCE, GP_SOURCE)
    standing = Facts(evidence(), (consent(consent_id=ConsentId(UUID(int=1))), consent(**AT_GP)))
    asked = authorization_request(**BOTH, prompt=frozenset({"consent"}))
    assert step(request=asked, sources=sources, facts=standing) == AskConsent(sources)
    now_given = Facts(evidence(), (*standing.consents, consent(consent_id=GIVEN_NOW[0])))
    answered = replace(asked, consents=GIVEN_NOW, consent_answered=True)
    assert sources_issued(step(request=answered, sources=sources, facts=now_given)) == [None, HOSPITAL]


def test_what_was_agreed_to_before_may_do() -> None:
    """Page P5: with one source agreed to before, the person may leave the other out and still go on."""
    request = authorization_request(**BOTH, consent_answered=True)
    facts = Facts(evidence(), (consent(),))
    assert sources_issued(step(request=request, sources=(HOSPITAL_SOURCE, GP_SOURCE), facts=facts)) == [None, HOSPITAL]


@pytest.mark.parametrize(
    "consents",
    [(), (consent(withdrawn_at=AT - SECOND),), (consent(until=AT),), (consent(resource=ResourceId("other")),)],
)
def test_a_choice_that_carries_nothing_is_asked_again(consents: tuple[Any, ...]) -> None:
    """Rule 3: consents that were given for this request but hold for none of its sources give no code."""
    request = authorization_request(consents=GIVEN_NOW, consent_answered=True)
    assert step(request=request, facts=Facts(evidence(), consents)) == AskConsent((HOSPITAL_SOURCE,))


API, AT_VAD = frozenset({MANDATES_SCOPE}), ResourceId("https://vad.example")


@pytest.mark.parametrize("answered", [False, True])
def test_the_api_takes_a_consent_of_its_own(answered: bool) -> None:  # noqa: FBT001 - a case
    """Nobody gets VAD's own API with what they agreed to for sources; left empty, the rest goes on without it."""
    asked = authorization_request(scope=("openid", "48", MANDATES_SCOPE), consent_answered=answered)
    app, given = client(api_scopes=API), consent(resource=AT_VAD, data_services=API)
    without = step(request=asked, client=app, facts=Facts(evidence(), (consent(),)))
    if answered:
        assert isinstance(without, Issue)
        assert without.permits[0].request.data_services == frozenset()
    else:
        assert without == AskConsent((), optional=True, own_scopes=API)
    held = step(request=asked, client=app, facts=Facts(evidence(), (consent(), given)))
    assert isinstance(held, Issue)
    assert held.permits[0].request.data_services == API


def test_an_app_that_lost_it_is_denied() -> None:
    """The scope counts as long as the registration has it; never at a source, and never for who acts for another."""
    facts = Facts(evidence(), (consent(resource=AT_VAD, data_services=API),))
    asked = access_request(source=None, data_services=API, client=client(api_scopes=API))
    assert isinstance(decide(asked, facts, AT), Permit)
    refused = Deny(DenyReason.NOT_QUALIFIED)
    assert decide(replace(asked, client=client()), facts, AT) == refused
    assert decide(replace(asked, source=HOSPITAL_SOURCE), facts, AT) == refused
    assert decide(replace(asked, subject=PersonId(UUID(int=77))), facts, AT) == refused
    assert decide(asked, Facts(evidence(), (consent(),)), AT) == Deny(DenyReason.NO_CONSENT)
