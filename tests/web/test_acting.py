"""A parent sees a young child's data: chosen by the parent, decided on the register, said in every token (rule 8)."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from joserfc import jwe
from joserfc.jwk import ECKey

from tests.support.backroom import Backroom
from tests.support.person import IRIS, LOTTE_14, SEM_8, TOM, Person, tokens
from tests.support.relying_party_client import Asked, RelyingParty, claims_of
from tests.support.town import Town
from vad.adapters.jose.pairwise import HmacPairwise
from vad.domain.claims import Sector

SOURCE = "https://source.example"
CHOOSE, CONFIRM = "Voor wie wilt u gegevens bekijken?", "U gaat gegevens bekijken van Sem Bos"


@pytest.fixture(autouse=True)
def nothing_known(backroom: Backroom) -> None:
    """Let VAD know nothing that the register said of minors: one town serves every test."""
    backroom.forget_minors()
    backroom.forget_consents()


@pytest.fixture
def brp(vad_town: Town, backroom: Backroom) -> Iterator[Any]:
    """Give a function that makes the BRP misbehave until the test is over."""
    yield lambda mode: vad_town.fault("brp", mode)
    vad_town.fault("brp")
    backroom.wait_for_brp()


def begin(rp: RelyingParty, person: Person, bsn: str = IRIS) -> Asked:
    """Log in at the app, up to the page that comes then."""
    asked = rp.ask(resources=(SOURCE,), scope="openid 51")
    person.open(asked.url)
    person.log_in(bsn)
    return asked


def pick(person: Person, name: str) -> None:
    """Choose this person on P3."""
    page = person.page
    assert page.heading == CHOOSE
    items = [each for each in page.elements if each.startswith("represented-") and each[-1:].isdigit()]
    labels = {name_of(person, each): each for each in items}
    person.press("represented-continue", {labels[name]: True})


def name_of(person: Person, radio: str) -> str:
    """Whom a radio button stands for, by its place in the text: the page lists them in the order of their numbers."""
    words = person.page.text.split("Mijn kind: ")[1:]
    return words[int(radio.rpartition("-")[2]) - 1].split(" Bos")[0]


def act(rp: RelyingParty, person: Person, name: str = "Sem", bsn: str = IRIS) -> dict[str, Any]:
    """The whole way to tokens for this child."""
    asked = begin(rp, person, bsn)
    pick(person, name)
    person.press("acting-continue")
    person.consent()
    assert person.answer is not None, person.page.text
    response = rp.redeem(asked, person.answer["code"])
    assert response.status_code == 200, response.text
    return dict(response.json())


def test_a_parent_gets_the_childs_token(
    acting_rp: RelyingParty, source: RelyingParty, person: Person, backroom: Backroom, source_key: dict[str, Any]
) -> None:
    """Rules 8, 27, 33 and 34: who asks for whom, each token its own way round, and the child's identifier inside."""
    held = act(acting_rp, person)
    own_login = claims_of(held["id_token"])
    assert own_login["represents"]["iss"] == acting_rp.issuer
    assert own_login["represents"]["sub"] != own_login["sub"]
    at_source = claims_of(acting_rp.exchange(held["access_token"], SOURCE).json()["access_token"])
    assert at_source["act"]["sub"] != at_source["sub"]
    assert at_source["exp"] - at_source["iat"] <= 300
    (details,) = at_source["authorization_details"]
    assert details["basis"] == "urn:nl-eid-gdi:1.1:RT:Zorg_Volledig_Gezag_Kind"
    sealed = jwe.decrypt_compact(at_source["subject_identifier"], ECKey.import_key(dict(source_key)))
    inside = json.loads(sealed.plaintext or b"")
    pairwise = HmacPairwise(backroom.foundation.keyring)
    assert inside["sub"] == pairwise.subject(Sector(f"source:{SOURCE}"), backroom.person_id(SEM_8))
    issued = backroom.events("token.issued")
    assert {event["represented"] for event in issued} == {str(backroom.person_id(SEM_8))}
    assert {event["actor"] for event in issued} == {str(backroom.person_id(IRIS))}
    assert {event["basis"] for event in issued} == {"parental_authority"}
    assert issued[0]["evidence"]["authority"] == ["GezamenlijkOuderlijkGezag"]
    asked = source.introspect(acting_rp.exchange(held["access_token"], SOURCE).json()["access_token"]).json()
    assert asked["active"]
    assert asked["act"] == at_source["act"]


def test_each_parent_for_themself(acting_rp: RelyingParty, new_person: Any) -> None:
    """Rules 17 and 32: both reach the child, each with a consent of their own; to the app it is the same child."""
    of_iris = claims_of(act(acting_rp, new_person(), bsn=IRIS)["access_token"])
    of_tom = claims_of(act(acting_rp, new_person(), bsn=TOM)["access_token"])
    assert of_iris["sub"] == of_tom["sub"]
    assert of_iris["act"]["sub"] != of_tom["act"]["sub"]


def test_userinfo_names_both(acting_rp: RelyingParty, person: Person) -> None:
    """An app can say for whom: `person` is who logged in, `represented` whose data it is."""
    held = act(acting_rp, person)
    told = acting_rp.userinfo(held["access_token"]).json()
    assert told["person"]["name"] == "Iris Bos"
    assert told["represented"] == {"name": "Sem Bos", "age": 8}
    assert told["sub"] == claims_of(held["id_token"])["sub"]


def test_the_pages_say_for_whom(acting_rp: RelyingParty, person: Person) -> None:
    """P3 explains who cannot be chosen, P4 says on what ground, P5 is about the child."""
    begin(acting_rp, person)
    text = person.page.text
    assert "Lotte Bos is 12 jaar of ouder." in text
    assert "U kunt op dit moment geen gegevens bekijken van Milan Bos." in text
    pick(person, "Sem")
    assert person.page.heading == CONFIRM
    assert "U heeft ouderlijk gezag" in person.page.text
    person.press("acting-continue")
    assert "Dit gaat om gegevens van Sem Bos." in person.page.text
    assert "U kijkt namens: Sem Bos." in person.page.text


def test_choosing_again(acting_rp: RelyingParty, person: Person) -> None:
    """From P4 one can go back and choose oneself: then it is an own login, without a word of the child."""
    asked = begin(acting_rp, person)
    pick(person, "Sem")
    person.press("acting-choose")
    person.press("represented-continue", {"represented-myself": True})
    person.consent()
    assert person.answer is not None
    held = acting_rp.redeem(asked, person.answer["code"]).json()
    assert "represents" not in claims_of(held["id_token"])
    assert "act" not in claims_of(held["access_token"])


def test_who_is_no_parent_is_not_asked(acting_rp: RelyingParty, person: Person) -> None:
    """Only where there is a choice: somebody without children sees no page more than before."""
    begin(acting_rp, person, "999990457")
    assert "consent-give" in person.page.elements


def test_an_app_that_does_not_understand_it(rp: RelyingParty, person: Person) -> None:
    """Rule 34: a parent logs in there for themself alone, and is not asked for whom."""
    assert "represents" not in claims_of(tokens(rp, person, (SOURCE,), "openid 51", IRIS)["id_token"])


@pytest.mark.parametrize("chosen", [{}, {"represented": "nobody"}, {"represented": ""}])
def test_nobody_was_chosen(acting_rp: RelyingParty, person: Person, chosen: dict[str, str]) -> None:
    """Nothing is chosen beforehand, and an answer that names nobody is asked for again."""
    begin(acting_rp, person)
    form = person.filled_in("represented-continue") | {name: [value] for name, value in chosen.items()}
    answer = person.send("POST", person.page.url, form | {"action": ["continue"]})
    assert answer.status_code == 400
    assert "Kies voor wie u gegevens wilt bekijken" in answer.text


def test_a_child_that_cannot_be_chosen(acting_rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """Rule 9: the form names only whom the register allows; another child's handle is worth nothing."""
    begin(acting_rp, person)
    form = person.filled_in("represented-continue")
    lotte = backroom.handle(LOTTE_14, form["flow"][0])
    form |= {"represented": [lotte], "action": ["continue"]}
    assert person.send("POST", person.page.url, form).status_code == 400


def test_a_register_that_is_away(acting_rp: RelyingParty, person: Person, brp: Any, backroom: Backroom) -> None:
    """P3 says that nothing can be checked now, and the person goes on for themself."""
    begin(acting_rp, person, IRIS)
    person.log_out()
    backroom.forget_minors()
    brp("error500")
    asked = begin(acting_rp, person, IRIS)
    assert "We kunnen nu niet controleren of u gezag heeft." in person.page.text
    person.press("represented-continue", {"represented-myself": True})
    person.consent()
    assert person.answer is not None
    assert "represents" not in claims_of(acting_rp.redeem(asked, person.answer["code"]).json()["id_token"])


def test_without_an_answer_nothing_is_given(
    acting_rp: RelyingParty, source: RelyingParty, person: Person, brp: Any, backroom: Backroom
) -> None:
    """Rule 16 fails closed: what was said of the child is a quarter of an hour old, and the register is away."""
    held = act(acting_rp, person)
    at_source = acting_rp.exchange(held["access_token"], SOURCE).json()["access_token"]
    backroom.forget_minors()
    brp("error500")
    assert acting_rp.exchange(held["access_token"], SOURCE).json()["error"] == "invalid_grant"
    assert source.introspect(at_source).json() == {"active": False}


@pytest.mark.parametrize(("kind", "target"), [("representation", ""), ("client", "rp-acts"), ("source", SOURCE)])
def test_a_block_of_the_child_ends_it(
    acting_rp: RelyingParty, source: RelyingParty, person: Person, backroom: Backroom, kind: str, target: str
) -> None:
    """Rules 3 and 18: for everybody who acts, or for this app; at once."""
    held = act(acting_rp, person)
    at_source = acting_rp.exchange(held["access_token"], SOURCE).json()["access_token"]
    place = "INSERT INTO blocks VALUES (gen_random_uuid(), %s, %s, %s, 'subject', now())"
    backroom.ask(place, str(backroom.person_id(SEM_8)), kind, target)
    try:
        assert acting_rp.exchange(held["access_token"], SOURCE).json()["error"] == "invalid_grant"
        assert source.introspect(at_source).json() == {"active": False}
        if kind != "source":  # the login itself is about no source
            assert acting_rp.userinfo(held["access_token"]).status_code == 401
            assert acting_rp.refresh(held["refresh_token"]).json()["error"] == "invalid_grant"
    finally:
        backroom.ask("DELETE FROM blocks")


def test_consent_for_oneself_is_none_for_the_child(acting_rp: RelyingParty, person: Person) -> None:
    """Rule 3: a standing consent for one's own data is not asked again for oneself, and is for the child."""
    asked = begin(acting_rp, person, TOM)
    person.press("represented-continue", {"represented-myself": True})
    person.consent(duration="until_stopped")
    assert person.answer is not None
    acting_rp.redeem(asked, person.answer["code"])
    person.answer = None
    person.open(acting_rp.ask(resources=(SOURCE,), scope="openid 51").url)
    pick(person, "Sem")
    person.press("acting-continue")
    assert "consent-give" in person.page.elements


def test_silently_nobody_is_chosen(acting_rp: RelyingParty, person: Person) -> None:
    """OIDC Core 3.1.2.6: with `prompt=none` the page turns into `interaction_required`."""
    act(acting_rp, person)
    person.open(acting_rp.ask(resources=(SOURCE,), scope="openid 51", prompt="none").url)
    assert "error=interaction_required" in person.urls[-1]


def test_both_see_it_in_their_activity(acting_rp: RelyingParty, new_person: Any) -> None:
    """Rules 17 and 42: the parent sees for whom, the child sees who; the other parent sees nothing of it."""
    iris, tom, sem = new_person(), new_person(), new_person()
    act(acting_rp, iris)
    page = iris.open(f"{iris.town.issuer}/mijn/activiteit")
    assert "Sem Bos" in page.text
    assert "Ouderlijk gezag" in page.text
    for person, bsn, seen in ((sem, SEM_8, True), (tom, TOM, False)):
        person.open(f"{person.town.issuer}/mijn/activiteit")
        person.log_in(bsn)
        assert ("Iris Bos" in person.page.text) is seen
