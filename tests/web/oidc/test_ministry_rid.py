"""`rid` in userinfo, from the login at an app of the ministry to the pseudonym that a data source gets for it."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from joserfc.jwk import RSAKey

from tests.support.backroom import Backroom
from tests.support.ministry import HANDS_ON, OPEN, PROXY, RID_SCOPE, DvpProxy
from tests.support.person import PIETER, Person
from tests.support.relying_party_client import RelyingParty
from tests.support.town import Town
from vad.sandbox.pseudonym_swap import PseudonymService, received
from vad.sandbox.refusals import Reason, RefusedError
from vad.services.handed_references import HandedReferences


@pytest.fixture
def app(vad_town: Town, ministry_key: RSAKey, backroom: Backroom) -> Iterator[DvpProxy]:
    """Give the app whose `rid` leads to the GP."""
    yield DvpProxy(vad_town.issuer, HANDS_ON, ministry_key)
    backroom.forget_consents()


@pytest.fixture
def gp(vad_town: Town) -> PseudonymService:
    """Give the GP as the PRS knows it, for the scope that has VAD's key."""
    known = vad_town.programs["gp"]["pseudonym_service"]
    return PseudonymService(known["url"], known["oin"], known["audience"], RID_SCOPE)


def rid_of(app: DvpProxy, access_token: str) -> str:
    """The reference in an answer."""
    answer = app.userinfo(access_token)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["rid"])


def leads_nowhere(gp: PseudonymService, rid: str) -> bool:
    """Whether the PRS gives the GP nothing for it."""
    with pytest.raises(RefusedError) as refused:
        received(gp, f"rid:{rid}")
    return refused.value.reason is Reason.RID_REFUSED


def test_from_the_login_to_the_pseudonym(
    vad_town: Town, app: DvpProxy, gp: PseudonymService, person: Person, backroom: Backroom
) -> None:
    """The source that the person agreed to swaps it, once; each answer has another, which leads to the same person.

    Its event is written before it leaves, and holds no reference.
    """
    tokens = app.log_in(person)
    first, second = (rid_of(app, tokens["access_token"]) for _ in range(2))
    assert all(re.fullmatch("[0-9a-f]{64}", rid) for rid in (first, second))
    assert first != second
    event = backroom.events("token.issued")[-1]
    assert (event["client_id"], event["resource"]) == (HANDS_ON, vad_town.address("gp"))
    assert event["evidence"]["grant_type"] == "userinfo"
    assert first not in str(event)
    assert second not in str(event)
    pseudonym = received(gp, f"rid:{first}")
    assert leads_nowhere(gp, first)
    assert received(gp, f"rid:{second}") == pseudonym
    other = app.log_in(Person(vad_town, "rp.example"), bsn=PIETER)
    assert received(gp, f"rid:{rid_of(app, other['access_token'])}") != pseudonym


def test_nobody_else_swaps_it(app: DvpProxy, gp: PseudonymService, person: Person) -> None:
    """Not the app, nor another organisation, nor the same source for another scope."""
    rid = f"rid:{rid_of(app, app.log_in(person)['access_token'])}"
    for other in (replace(gp, oin="00000099000000001000"), replace(gp, scope="huisarts")):
        with pytest.raises(RefusedError):
            received(other, rid)
    assert received(gp, rid)


def test_agreement_that_ends_takes_it_along(
    app: DvpProxy, gp: PseudonymService, person: Person, backroom: Backroom
) -> None:
    """From then on there is no answer, so no reference, and the PRS is not asked."""
    tokens = app.log_in(person, duration="until_stopped")
    assert received(gp, f"rid:{rid_of(app, tokens['access_token'])}")
    backroom.ask(
        "UPDATE consents SET withdrawn_at = greatest(given_at, now()) WHERE client_id = %s AND resource IS NOT NULL",
        HANDS_ON,
    )
    before = len(backroom.events("token.issued"))
    refused = app.userinfo(tokens["access_token"])
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_token")
    assert len(backroom.events("token.issued")) == before


def test_without_the_prs_there_is_no_answer(
    vad_town: Town, app: DvpProxy, person: Person, ministry_key: RSAKey
) -> None:
    """503, rather than a reference that looks good and leads nowhere; apps that are not named are served meanwhile."""
    proxy = DvpProxy(vad_town.issuer, PROXY, ministry_key)
    tokens, theirs = app.log_in(person), proxy.log_in(person)
    with vad_town.misbehaving("prs", "error500"):
        answer = app.userinfo(tokens["access_token"])
        assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")
        assert proxy.userinfo(theirs["access_token"]).status_code == 200
    assert rid_of(app, tokens["access_token"])


def test_apps_that_are_not_named_have_a_name_for_the_answer(
    vad_town: Town, ministry_key: RSAKey, gp: PseudonymService, person: Person
) -> None:
    """It is as long, and leads nowhere."""
    proxy = DvpProxy(vad_town.issuer, PROXY, ministry_key)
    rid = rid_of(proxy, proxy.log_in(person)["access_token"])
    assert re.fullmatch("[0-9a-f]{64}", rid)
    assert leads_nowhere(gp, rid)


def test_naming_an_app_is_not_enough(vad_town: Town, rp: RelyingParty) -> None:
    """A source has to admit it, which none does that proves nothing; and other profiles have no such reference."""
    services = vad_town.app.extensions["vad.services"]
    known: HandedReferences = services.userinfo.references
    client = services.registrations.client
    for name, source in (
        (OPEN, vad_town.address("gp")),
        (PROXY, vad_town.address("gp")),
        (HANDS_ON, vad_town.address("hospital")),
        (HANDS_ON, "https://nobody.example"),
        (rp.client_id, vad_town.address("gp")),
    ):
        assert replace(known, sources={name: source})._source(client(name)) is None, name  # noqa: SLF001 - the rule
    assert known._source(client(HANDS_ON)) is services.registrations.resource_server(vad_town.address("gp"))  # noqa: SLF001 - the rule
