"""The next step of an authorization request."""

import itertools
from datetime import timedelta
from typing import Any

import pytest

from tests.domain.authorization_examples import (
    AT_GP,
    BOTH,
    GIVEN_NOW,
    GP_SOURCE,
    HOSPITAL_SOURCE,
    SUBSTANTIEEL,
    situation,
    sources_issued,
    step,
)
from tests.domain.domain_examples import (
    APP,
    AT,
    BGZ,
    GP,
    HOSPITAL,
    ISSUER,
    ME,
    OTHER_APP,
    SOMEBODY_ELSE,
    authorization_request,
    client,
    consent,
    evidence,
    session,
    source,
)
from vad.domain.access import Facts
from vad.domain.age import BirthDate
from vad.domain.assurance import LevelOfAssurance
from vad.domain.authorization import (
    AskConsent,
    ConfirmLogin,
    Issue,
    LogIn,
    Refuse,
    Situation,
    SomebodyElse,
    access_request,
    demanded_level,
    next_step,
    services_at,
)
from vad.domain.errors import LoginFailure
from vad.domain.ground import DenyReason
from vad.domain.identifiers import ResourceId


def test_all_in_order() -> None:
    """A code rests on a permit for the login itself, and one for each source."""
    assert sources_issued(step()) == [None, HOSPITAL]


def test_the_persons_no_comes_first() -> None:
    """Rule 38: who said no goes back to the app, whatever else might come next, logged in or not."""
    refused = authorization_request(refused=True, prompt=frozenset({"login", "consent"}))
    assert step(request=refused) == Refuse(None)
    assert step(request=refused, session=None) == Refuse(None)


@pytest.mark.parametrize(
    "without",
    [
        None,
        session(last_active=AT - timedelta(minutes=15)),
        session(auth_time=AT - timedelta(hours=2)),
        session(level=LevelOfAssurance.MIDDEN),
    ],
)
def test_log_in_without_a_session_that_will_do(without: object) -> None:
    """Rules 1, 2 and 36: no session, an idle one, one of 2 hours, or one at too low a level."""
    assert step(session=without) == LogIn(SUBSTANTIEEL)


@pytest.mark.parametrize("answered", [False, True])
def test_another_apps_session_must_log_in_again(answered: bool) -> None:  # noqa: FBT001
    """Rule 37: nobody is logged in to an app whose name they did not see."""
    request = authorization_request(login_answered=answered)
    assert step(request=request, session=session(clients=frozenset({OTHER_APP}))) == LogIn(SUBSTANTIEEL)
    assert step(request=request, session=session(clients=frozenset())) == LogIn(SUBSTANTIEEL)


def test_another_apps_session_may_do_after_a_page() -> None:
    """Rule 37: with `sso.cross_client` the person confirms, whatever else the request wants to ask afterwards."""
    other = session(clients=frozenset({OTHER_APP}))
    assert step(session=other, cross_client=True) == ConfirmLogin()
    assert step(session=other, cross_client=True, facts=Facts(None)) == ConfirmLogin()
    assert isinstance(step(session=other.logged_in_to(APP), cross_client=True), Issue)


def test_a_page_does_not_stand_in_for_a_login() -> None:
    """Rules 1 and 36: what asks for a new or stronger login, or comes too late, goes to DigiD all the same."""
    other = session(clients=frozenset({OTHER_APP}))
    for changes in ({"prompt": frozenset({"login"})}, {"max_age": 0}, {"acr_values": (LevelOfAssurance.HOOG,)}):
        came = step(request=authorization_request(**changes), session=other, cross_client=True)
        assert isinstance(came, LogIn), changes
    idle = session(clients=frozenset({OTHER_APP}), last_active=AT - timedelta(minutes=15))
    assert isinstance(step(session=idle, cross_client=True), LogIn)


def test_a_failed_login_is_no_refusal() -> None:
    """Rule 38: after a cancelled or failed login the login page comes back, with a way on."""
    for failure in LoginFailure:
        assert step(request=authorization_request(login_failure=failure), session=None) == LogIn(SUBSTANTIEEL)


@pytest.mark.parametrize(
    ("max_age", "again"), [(None, False), (0, True), (599, True), (600, False), (601, False), (10_000_000, False)]
)
def test_max_age(max_age: int | None, again: bool) -> None:  # noqa: FBT001
    """OIDC Core 3.1.2.1: a login more than `max_age` seconds ago, here of 600, is done anew."""
    request = authorization_request(max_age=max_age)
    assert isinstance(step(request=request), LogIn) is again
    # The login for this very request was long ago too: who answered it may not sit on it.
    answered = authorization_request(max_age=max_age, login_answered=True)
    assert isinstance(step(request=answered), LogIn) is again


@pytest.mark.parametrize(
    ("max_age", "seconds_ago", "again"),
    [(0, 0, False), (0, 300, False), (0, 301, True), (299, 300, False), (400, 400, False), (400, 401, True)],
)
def test_max_age_leaves_time_to_answer(max_age: int, seconds_ago: int, again: bool) -> None:  # noqa: FBT001
    """After the login for this request its pages may take five minutes, or longer if the app says so."""
    request = authorization_request(max_age=max_age, login_answered=True)
    logged_in = session(auth_time=AT - timedelta(seconds=seconds_ago), last_active=AT)
    assert isinstance(step(request=request, session=logged_in), LogIn) is again


def test_prompt_login() -> None:
    """OIDC Core 3.1.2.1: `prompt=login` asks for a login even in a session; once it was done it asks no more."""
    prompt = frozenset({"login"})
    assert step(request=authorization_request(prompt=prompt)) == LogIn(SUBSTANTIEEL)
    answered = authorization_request(prompt=prompt, login_answered=True)
    assert sources_issued(step(request=answered)) == [None, HOSPITAL]


def test_prompt_consent() -> None:
    """OIDC Core 3.1.2.1: `prompt=consent` asks even where a consent stands; once it was given it asks no more."""
    prompt = frozenset({"consent"})
    assert step(request=authorization_request(prompt=prompt)) == AskConsent((HOSPITAL_SOURCE,))
    answered = authorization_request(prompt=prompt, consents=GIVEN_NOW)
    assert sources_issued(step(request=answered)) == [None, HOSPITAL]


@pytest.mark.parametrize(
    ("of_client", "of_sources", "acr_values", "demanded"),
    [
        (20, (), (), 20),
        (20, (20,), (), 20),
        (25, (20,), (), 25),
        (20, (20, 30), (), 30),
        (20, (20,), (30,), 30),
        (20, (20,), (30, 25), 25),
        (25, (25,), (20,), 25),
    ],
)
def test_demanded_level(
    of_client: int, of_sources: tuple[int, ...], acr_values: tuple[int, ...], demanded: int
) -> None:
    """Rules 1 and 35: the highest of the client's, the sources', and the lowest that the request itself names."""
    level = LevelOfAssurance
    asked = situation(
        client=client(minimum_level=level(of_client)),
        sources=tuple(source(minimum_level=level(of_source)) for of_source in of_sources),
        request=authorization_request(acr_values=tuple(map(level, acr_values))),
        session=None,
    )
    assert demanded_level(asked) is level(demanded)
    assert next_step(asked, AT) == LogIn(level(demanded))


def test_step_up() -> None:
    """Rule 1: a request for a higher level than the session's leads to a login at that level."""
    request = authorization_request(acr_values=(LevelOfAssurance.HOOG,))
    assert step(request=request) == LogIn(LevelOfAssurance.HOOG)
    assert sources_issued(step(request=request, session=session(level=LevelOfAssurance.HOOG))) == [None, HOSPITAL]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"client": client(active=False)}, DenyReason.BLOCKED),
        ({"sources": (source(active=False),)}, DenyReason.BLOCKED),
        ({"sources": (source(admitted={}),)}, DenyReason.NOT_QUALIFIED),
        ({"sources": (HOSPITAL_SOURCE, source(identifier=GP, admitted={}))}, DenyReason.NOT_QUALIFIED),
        ({"evidence": None}, DenyReason.INDETERMINATE),
        ({"evidence": evidence(answered_at=AT - timedelta(days=1))}, DenyReason.INDETERMINATE),
        ({"evidence": evidence(deceased=True)}, DenyReason.DECEASED),
        ({"evidence": evidence(birth=BirthDate(2010, 11, 22))}, DenyReason.AGE_SELF),
        ({"evidence": evidence(birth=BirthDate(2010))}, DenyReason.AGE_UNKNOWN),
        ({"sources": (), "evidence": evidence(deceased=True)}, DenyReason.DECEASED),
    ],
)
def test_hindrances_are_told_before_consent_is_asked(changes: dict[str, Any], reason: DenyReason) -> None:
    """Nobody is asked to agree to what can't be; nor is a consent that stands of any help."""
    others = {name: value for name, value in changes.items() if name != "evidence"}
    for consents, prompt in itertools.product(((), (consent(),)), (frozenset[str](), frozenset({"consent"}))):
        known = Facts(changes.get("evidence", evidence()), consents)
        assert step(request=authorization_request(prompt=prompt), facts=known, **others) == Refuse(reason)


def test_without_facts_nobody_is_let_in() -> None:
    """Rule 4 fails closed: a situation whose facts were not loaded is refused."""
    bare = Situation(authorization_request(), client(), (HOSPITAL_SOURCE,), session())
    assert next_step(bare, AT) == Refuse(DenyReason.INDETERMINATE)


def test_login_alone() -> None:
    """Rule 3: an app that asks for no source needs the person's consent to log in, and gets one permit."""
    login = {"request": authorization_request(scope=("openid",), resources=()), "sources": ()}
    assert step(**login, facts=Facts(evidence())) == AskConsent(())
    agreed = consent(resource=ResourceId(ISSUER), data_services=frozenset())
    assert sources_issued(step(**login, facts=Facts(evidence(), (agreed,)))) == [None]


def test_services_at_a_source() -> None:
    """Of the kinds of data that are asked for, a source is asked for its own."""
    request = authorization_request(scope=("openid", "48", "49", "63"))
    assert request.data_services == {"48", "49", "63"}
    assert services_at(request, source(data_services=("48", "51"))) == {"48"}


def test_asked_for_oneself() -> None:
    """Rule 34: the question is always about the person who logged in, at the level that came back."""
    asked = access_request(situation(), session(level=LevelOfAssurance.HOOG), HOSPITAL_SOURCE)
    assert (asked.actor, asked.subject, asked.level) == (ME, ME, LevelOfAssurance.HOOG)
    assert (asked.data_services, asked.session_ends_at) == (BGZ, session().ends_at)
    assert access_request(situation(), session(), None).data_services == frozenset()


PEOPLE_CONSENTS = (
    (),
    (consent(),),
    (consent(**AT_GP),),
    (consent(), consent(**AT_GP)),
    (consent(person_id=SOMEBODY_ELSE), consent(client_id=OTHER_APP), consent(subject=SOMEBODY_ELSE)),
)


def test_a_code_is_never_issued_without_all_it_needs() -> None:
    """For every combination: a code only in a live session at this app, and only for sources with their own permit."""
    issued = 0
    for prompt, given_now, max_age, consents, sources, clients in itertools.product(
        (frozenset[str](), frozenset({"login"}), frozenset({"consent"}), frozenset({"login", "consent"})),
        ((), GIVEN_NOW),
        (None, 0),
        PEOPLE_CONSENTS,
        ((), (HOSPITAL_SOURCE,), (HOSPITAL_SOURCE, GP_SOURCE)),
        (frozenset({APP}), frozenset({OTHER_APP})),
    ):
        request = authorization_request(**BOTH, prompt=prompt, consents=given_now, max_age=max_age)
        came = step(
            request=request, session=session(clients=clients), sources=sources, facts=Facts(evidence(), consents)
        )
        if not isinstance(came, Issue):
            continue
        issued += 1
        assert APP in clients
        assert "login" not in prompt
        assert max_age is None
        assert given_now or "consent" not in prompt
        allowed = {c.resource for c in consents if (c.person_id, c.subject, c.client_id) == (ME, ME, APP)}
        assert sources_issued(came)[0] is None
        assert set(sources_issued(came)[1:]) == allowed & {one.identifier for one in sources}
        assert len(came.permits) > 1 or not sources
        assert given_now or len(came.permits) == 1 + len(sources)
        assert all(permit.request.actor == permit.request.subject == ME for permit in came.permits)
    assert issued


def test_somebody_else_than_the_hint_names() -> None:
    """Such a session must log in; who did so for this request and is somebody else still, gets no further."""
    expecting = authorization_request(hinted=("frouke",))
    assert step(request=expecting, subjects=("pieter",)) == LogIn(SUBSTANTIEEL)
    answered = authorization_request(hinted=("nobody", "frouke"), login_answered=True)
    assert step(request=answered, subjects=("pieter",)) == SomebodyElse()
    for request in (expecting, answered):
        assert isinstance(step(request=request, subjects=("frouke",)), Issue)
