"""A young person lets a parent see data, and stops it (rules 7, 17 and 19): the page, and what it does everywhere."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.backroom import Backroom
from tests.support.person import (
    DAAN_16,
    IRIS,
    JULIA_13,
    LOTTE_14,
    SEM_8,
    TOM,
    YUSUF_UNKNOWN_AGE,
    Person,
)
from tests.support.relying_party_client import RelyingParty, claims_of
from tests.support.town import Town
from tests.web.test_acting import act, begin, pick
from vad.domain.assent import OpenAges
from vad.domain.assurance import LevelOfAssurance
from vad.domain.identifiers import Bsn, Sid
from vad.domain.session import Session

pytestmark = pytest.mark.slow

SOURCE = "https://source.example"
HEADING = "Wat mogen uw ouders bekijken?"


@pytest.fixture(autouse=True)
def _nobody_agreed(backroom: Backroom) -> Iterator[None]:
    """Nobody agreed to anything, before and after: one town serves every test."""
    backroom.forget_minors()
    backroom.forget_assents()
    backroom.forget_consents()
    yield
    backroom.forget_minors()
    backroom.forget_assents()
    backroom.forget_consents()


@pytest.fixture
def brp(vad_town: Town, backroom: Backroom) -> Iterator[Callable[[str], None]]:
    """Give a function that makes the BRP misbehave until the test is over."""
    yield lambda mode: vad_town.fault("brp", mode)
    vad_town.fault("brp")
    backroom.wait_for_brp()


def open_page(person: Person, bsn: str = LOTTE_14) -> str:
    """Log in at the page itself; gives its text."""
    person.open(f"{person.town.issuer}/mijn/ouders")
    if "login-submit" in person.page.elements:
        person.log_in(bsn)
    assert person.page.heading == HEADING
    return person.page.text


def allow(person: Person, *kinds: str) -> None:
    """Let the first parent on the page see these kinds of data, by their place in the list."""
    person.open(f"{person.town.issuer}{person.page.elements['allow-1']['href']}")
    assert person.press("assents-continue", dict.fromkeys(kinds, True)).heading == "Controleer wat u toestaat"
    assert person.press("assents-confirm").heading == HEADING


def kind_of(person: Person, backroom: Backroom, data_service: str) -> str:
    """The box of this kind of data."""
    services = sorted(service.id for service in backroom.foundation.registrations.data_services())
    return f"kind-{services.index(data_service) + 1}"


def test_only_once_the_child_agreed_and_until_it_stops(
    acting_rp: RelyingParty, source: RelyingParty, new_person: Callable[[], Person], backroom: Backroom
) -> None:
    """Rule 7, the whole story: refused, agreed, seen, stopped; a stop counts everywhere at once."""
    iris, lotte = new_person(), new_person()
    begin(acting_rp, iris)
    assert "Lotte Bos is 12 jaar of ouder. Lotte Bos moet u eerst zelf machtigen." in iris.page.text
    assert "Mijn kind: Lotte Bos" not in iris.page.text

    text = open_page(lotte)
    assert "Iris Bos" in text
    assert "Tom Bos" not in text  # rule 13: a parent without authority is none here
    assert "Mag niets bekijken." in text
    allow(lotte, kind_of(lotte, backroom, "51"))
    assert "Uw ouder mag deze gegevens nu bekijken." in lotte.page.text
    (given,) = backroom.events("assent.given")
    assert given["actor"] == given["represented"] == str(backroom.person_id(LOTTE_14))
    assert given["evidence"] | {"parent": str(backroom.person_id(IRIS)), "data_service": "51"} == given["evidence"]
    assert given["evidence"]["acr"] == LevelOfAssurance.SUBSTANTIEEL.uri

    iris.log_out()
    held = act(acting_rp, iris, "Lotte")
    assert any("Lotte Bos kan zien dat u dit doet." in answer.text for answer in iris.seen)
    at_source = acting_rp.exchange(held["access_token"], SOURCE).json()["access_token"]
    (details,) = claims_of(at_source)["authorization_details"]
    assert details["basis"] == "urn:nl-vad:1.0:RT:Gezag_En_Instemming_Kind"
    assert source.introspect(at_source).json()["active"]
    issued = backroom.events("token.issued")[-1]
    assert issued["basis"] == "parental_authority_and_assent"
    assert issued["evidence"]["assents"] == [given["evidence"]["assent"]]

    assert "Het is gestopt." in lotte.press("stop-1").text
    assert source.introspect(at_source).json() == {"active": False}
    assert acting_rp.exchange(held["access_token"], SOURCE).json()["error"] == "invalid_grant"
    assert acting_rp.refresh(held["refresh_token"]).json()["error"] == "invalid_grant"
    assert acting_rp.userinfo(held["access_token"]).status_code == 401
    assert backroom.events("token.refused")[-1]["reason"] == "NO_CONSENT", "the parent's consent ended with it"
    ended = backroom.events("consent.withdrawn")
    assert {(each["actor"], each["reason"]) for each in ended} == {(str(backroom.person_id(IRIS)), "assent_ended")}
    (stopped,) = backroom.events("assent.withdrawn")
    assert stopped["evidence"]["assent"] == given["evidence"]["assent"]
    iris.open(acting_rp.ask(resources=(SOURCE,), scope="openid 51").url)
    assert "Mijn kind: Lotte Bos" not in iris.page.text

    # Rule 17: the child sees what the parent did, and on what ground; the way there stands on its own pages.
    log = lotte.open(f"{lotte.town.issuer}/mijn/activiteit").text
    for words in (
        "Iris Bos",
        "Ouderlijk gezag, en het kind vindt het goed",
        "Een ouder mag geen gegevens meer bekijken",
    ):
        assert words in log
    assert "/mijn/ouders" in log
    assert "/mijn/ouders" not in iris.open(f"{iris.town.issuer}/mijn/activiteit").text


def test_one_kind_of_data_by_itself(
    acting_rp: RelyingParty, new_person: Callable[[], Person], backroom: Backroom
) -> None:
    """Rule 19: a source with a kind that the child left out gives nothing; stopping one leaves the other."""
    iris, lotte = new_person(), new_person()
    open_page(lotte)
    allow(lotte, kind_of(lotte, backroom, "63"))
    begin(acting_rp, iris)
    pick(iris, "Lotte")
    assert iris.page.status == 403
    (refused,) = backroom.events("authorization.refused")
    assert refused["reason"] == "NO_ASSENT"
    assert "Uw kind is 12 jaar of ouder. Uw kind moet u eerst zelf machtigen." in iris.page.text

    open_page(lotte)
    allow(lotte, "kind-1", "kind-2")
    before = {service["evidence"]["data_service"] for service in backroom.events("assent.given")}
    assert {"63"} < before
    lotte.press("stop-1-1")
    (ended,) = backroom.events("assent.withdrawn")
    assert lotte.page.text.count("Mag bekijken:") == len(before) - 1
    assert ended["evidence"]["data_service"] in before


@pytest.mark.parametrize(
    ("bsn", "words"),
    [
        (SEM_8, "Tot u 12 jaar wordt, mag een ouder met gezag uw gegevens bekijken."),
        (DAAN_16, "U bent 16 jaar of ouder. Uw ouders kunnen hier niets meer van u bekijken."),
        (YUSUF_UNKNOWN_AGE, "We kunnen nu niet nagaan hoe oud u bent."),
    ],
)
def test_for_whom_it_is_not(person: Person, backroom: Backroom, bsn: str, words: str) -> None:
    """Rule 7: below 12 and from 16 there is nothing to agree to, and no register is asked who has authority."""
    text = open_page(person, bsn)
    assert words in text
    assert "allow-1" not in person.page.elements
    assert backroom.events("assent.given") == []


def test_a_weak_login_agrees_to_nothing(person: Person, backroom: Backroom) -> None:
    """Rule 19: at Midden the page asks for another login, and a form that was open is of no use."""
    open_page(person)
    person.open(f"{person.town.issuer}{person.page.elements['allow-1']['href']}")
    form = person.filled_in("assents-continue")
    (cookie,) = (value for name, value in person.cookies.items() if name.endswith("session"))
    backroom.change_session(cookie, level=LevelOfAssurance.MIDDEN)
    answer = person.send("POST", "/mijn/ouders/toestaan", form | {"data_service": ["51"], "action": ["confirm"]})
    assert "/inloggen?pagina=ouders" in answer.headers["location"]
    assert "login-submit" in person.open(f"{person.town.issuer}/mijn/ouders").elements
    assert backroom.events("assent.given") == []


@pytest.mark.parametrize(
    "changes", [{"parent": ["nobody"]}, {"parent": [TOM]}, {"data_service": ["99"]}, {"csrf_token": ["forged"]}]
)
def test_a_form_that_says_something_else(person: Person, backroom: Backroom, changes: dict[str, Any]) -> None:
    """Only who holds authority, only what there is, and only our own form; somebody else's handle is worth nothing."""
    open_page(person)
    person.open(f"{person.town.issuer}{person.page.elements['allow-1']['href']}")
    form = person.filled_in("assents-continue") | {"data_service": ["51"], "action": ["confirm"]} | changes
    answer = person.send("POST", "/mijn/ouders/toestaan", form)
    assert answer.status_code == (400 if "csrf_token" in changes else 303)
    assert backroom.events("assent.given") == []
    stranger = {"csrf_token": form["csrf_token"], "parent": ["nobody"]}
    assert person.send("POST", "/mijn/ouders", stranger).status_code == answer.status_code
    assert backroom.events("assent.withdrawn") == []


def test_nothing_was_chosen(person: Person) -> None:
    """Nothing is ticked beforehand, and an answer without a tick is asked again."""
    open_page(person)
    person.open(f"{person.town.issuer}{person.page.elements['allow-1']['href']}")
    page = person.press("assents-continue")
    assert page.status == 400
    assert "Kies wat Iris Bos mag bekijken" in page.text


def test_stopping_needs_no_register(person: Person, backroom: Backroom, brp: Callable[[str], None]) -> None:
    """Rule 19: at any time. While the BRP is away nobody new can be chosen, and what was agreed to can be stopped."""
    open_page(person)
    allow(person, kind_of(person, backroom, "51"))
    backroom.forget_minors()
    brp("error500")
    text = open_page(person)
    assert "We kunnen nu niet nagaan wie gezag over u heeft." in text
    assert "allow-1" not in person.page.elements
    assert "Het is gestopt." in person.press("stop-1").text
    assert len(backroom.events("assent.withdrawn")) == 1


def test_who_lost_authority_can_be_taken_off(person: Person, backroom: Backroom) -> None:
    """Rule 13: the register's word counts, so nothing more can be allowed; what stands is still shown, and stopped."""
    open_page(person)
    allow(person, kind_of(person, backroom, "51"))
    backroom.change_minor(backroom.person_id(LOTTE_14), Bsn(TOM))
    text = open_page(person)
    assert text.index("Tom Bos") < text.index("Iris Bos")
    assert "allow-1" in person.page.elements
    assert "allow-2" not in person.page.elements
    person.press("stop-2")
    assert "Iris Bos" not in person.page.text


def test_how_it_works_stands_where_people_look(person: Person) -> None:
    """From the page for help, without a login; it says which ages this installation leaves out."""
    person.open(f"{person.town.issuer}/hulp")
    assert 'href="/ouders-en-kinderen"' in person.page.text
    page = person.open(f"{person.town.issuer}/ouders-en-kinderen")
    assert page.heading == "Ouders en kinderen: hoe werkt het?"
    assert "Op 12 en 13 jaar kan dit bij ons niet." in page.text
    assert "Op 14 en 15 jaar" not in page.text


@pytest.mark.parametrize(("bsn", "letters"), [(JULIA_13, 1), (LOTTE_14, 0)])
def test_below_fourteen_a_letter_tells_the_child(vad_town: Town, backroom: Backroom, bsn: str, letters: int) -> None:
    """Rule 19: where 12 and 13 are open, the child hears on paper what its DigiD agreed to; once for each time."""
    assents = vad_town.app.extensions["vad.services"].assents
    opened = replace(assents, representation=replace(assents.representation, open_ages=OpenAges(from_12=True)))
    at, child = datetime.now(UTC), backroom.person_id(bsn)
    found = assents.representation.register.look_up(Bsn(bsn), at)
    backroom.keep_evidence(bsn, found.evidence)
    session = Session(Sid("sid"), child, LevelOfAssurance.SUBSTANTIEEL, at, at)
    (parent,) = opened.of(session, at).parents
    assert not assents.give(session, parent.handle, frozenset({"99"}), at)
    assert assents.give(session, parent.handle, frozenset({"48", "63"}), at) is (bsn == LOTTE_14)
    assert opened.give(session, parent.handle, frozenset({"48", "63"}), at) is (bsn == JULIA_13)
    told = "SELECT count(*) FROM notices WHERE person_id = %s AND notice = 'own_consent.given'"
    assert backroom.ask(told, str(child)) == [(letters,)]
    sent = "SELECT count(*) FROM outbox WHERE kind = 'letter'"
    assert backroom.ask(sent)[0][0] >= letters
    backroom.ask("DELETE FROM outbox WHERE kind = 'letter'")
    backroom.ask("DELETE FROM notices WHERE person_id = %s", str(child))
