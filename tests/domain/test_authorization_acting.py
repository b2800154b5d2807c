"""The next step where the person may act for another: chosen once per request, shown, then asked for consent."""

from typing import Any

import pytest

from tests.domain.authorization_examples import BOTH, HOSPITAL_SOURCE, sources_issued, step
from tests.domain.domain_examples import (
    APP,
    GP,
    HOSPITAL,
    ME,
    MY_CHILD,
    SOMEBODY_ELSE,
    acting_facts,
    authorization_request,
    client,
    consent,
    represented,
    session,
    source,
)
from vad.domain.access import Facts
from vad.domain.authorization import AskConsent, ChooseRepresented, ConfirmActing, Issue, LogIn, Refuse
from vad.domain.ground import Basis, DenyReason
from vad.domain.representation import Choice, Choices

CHOICES = Choices((Choice(MY_CHILD, "Sem", 8, Basis.PARENTAL_AUTHORITY),))
UNDERSTANDING = client(representation=True)


def asked(**changes: Any) -> dict[str, Any]:
    """A request in which my child was chosen, and everything that is known of it."""
    request = authorization_request(**{"subject": MY_CHILD} | changes)
    return {"request": request, "client": UNDERSTANDING, "facts": acting_facts()}


@pytest.mark.parametrize("choices", [CHOICES, Choices((Choice(MY_CHILD, "Sem", 14, None),))])
def test_there_is_somebody_to_choose_or_to_explain(choices: Choices) -> None:
    """P3: asked before anything else about the data, once; choosing oneself is an answer too."""
    assert step(client=UNDERSTANDING, choices=choices) == ChooseRepresented(choices)
    themself = authorization_request(subject=ME)
    assert isinstance(step(client=UNDERSTANDING, choices=choices, request=themself), Issue)


def test_a_register_that_is_away_is_said() -> None:
    """P3: somebody may be missing, so the page is shown, and the person can go on for themself."""
    assert step(client=UNDERSTANDING, choices=Choices(certain=False)) == ChooseRepresented(Choices(certain=False))


def test_without_pages_a_register_that_is_away_stops_nobody() -> None:
    """OIDC Core 3.1.2.6: there is nothing to say it on, and for oneself it does not matter; a choice is still asked."""
    silently = authorization_request(prompt=frozenset({"none"}))
    assert isinstance(step(client=UNDERSTANDING, choices=Choices(certain=False), request=silently), Issue)
    assert step(client=UNDERSTANDING, choices=CHOICES, request=silently) == ChooseRepresented(CHOICES)


def test_nobody_to_choose() -> None:
    """P3: with only oneself the page is skipped."""
    assert isinstance(step(client=UNDERSTANDING, choices=Choices()), Issue)


def test_it_is_shown_then_agreed_to_then_issued() -> None:
    """P4 before P5, also where consent stands already; what is issued is about the child."""
    assert step(**asked()) == ConfirmActing(Basis.PARENTAL_AUTHORITY)
    without = asked(acting_confirmed=True) | {"facts": acting_facts(consents=())}
    assert step(**without) == AskConsent((HOSPITAL_SOURCE,))
    issued = step(**asked(acting_confirmed=True))
    assert isinstance(issued, Issue)
    assert {permit.request.subject for permit in issued.permits} == {MY_CHILD}
    assert {permit.request.actor for permit in issued.permits} == {ME}
    assert {permit.basis for permit in issued.permits} == {Basis.PARENTAL_AUTHORITY}


def test_a_login_comes_first() -> None:
    """Rule 36: whoever has to log in does so before they are asked for whom."""
    assert isinstance(step(client=UNDERSTANDING, choices=CHOICES, session=None), LogIn)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (acting_facts(represented=None), DenyReason.INDETERMINATE),
        (acting_facts(represented=represented(authority=None)), DenyReason.INDETERMINATE),
    ],
)
def test_what_ended_since_the_choice(facts: Facts, reason: DenyReason) -> None:
    """Rule 16: the choice is no ground; each step looks again."""
    assert step(**asked(acting_confirmed=True) | {"facts": facts}) == Refuse(reason)


def test_an_app_that_does_not_understand_it_any_more() -> None:
    """Rule 34: the choice was made before its registration changed."""
    assert step(**asked(acting_confirmed=True) | {"client": client()}) == Refuse(DenyReason.NOT_QUALIFIED)


def test_consent_for_oneself_does_not_carry_it() -> None:
    """Rule 3: the person is asked for the child."""
    mine = acting_facts(consents=(consent(),))
    assert step(**asked(acting_confirmed=True) | {"facts": mine}) == AskConsent((HOSPITAL_SOURCE,))


def test_somebody_who_is_no_child_of_theirs() -> None:
    """Rule 9: whatever stands in the request, the facts about that person decide."""
    other = asked(subject=SOMEBODY_ELSE, acting_confirmed=True)
    assert step(**other | {"facts": acting_facts(represented=None)}) == Refuse(DenyReason.INDETERMINATE)


def test_a_source_that_takes_nobody_who_acts_is_left_out() -> None:
    """Rule 34: the others go on; with none left the request is refused. For oneself it counts like any other."""
    gp = source(identifier=GP, data_services=("49",), admitted={APP: frozenset({"49"})}, representation=False)
    both = asked(acting_confirmed=True, **BOTH) | {"sources": (HOSPITAL_SOURCE, gp)}
    assert sources_issued(step(**both)) == [None, HOSPITAL]
    alone = asked(acting_confirmed=True, scope=("openid", "49"), resources=(GP,)) | {"sources": (gp,)}
    assert step(**alone) == Refuse(DenyReason.NOT_QUALIFIED)
    own = authorization_request(**BOTH)
    assert step(request=own, sources=(HOSPITAL_SOURCE, gp)) == AskConsent((gp,), optional=True)


def test_a_session_of_its_own() -> None:
    """Acting is said of a request and a person: the same request is one's own in the child's session."""
    request = authorization_request(subject=MY_CHILD)
    assert request.acts(session())
    assert not request.acts(session(person_id=MY_CHILD))
    assert not authorization_request().acts(session())
