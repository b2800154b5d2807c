"""One person lets another act for them, by offer or request, through to the tokens; and stops it (rules 20 to 27)."""

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from joserfc import jwe
from joserfc.jwk import ECKey

from tests.support.backroom import Backroom
from tests.support.mandate_pages import at_home, authorised, born, bring, log_in_for, offered, tick
from tests.support.person import HENDRIK, PIETER, SAMIRA, Person
from tests.support.relying_party_client import RelyingParty, claims_of

SOURCE, SOUTH = "https://source.example", "https://south.example"
HENDRIKS_NAME = "Hendrik Johannes van der Linden"
DONE = "De machtiging is gestopt."


@dataclass
class Family:
    """An old man, and who helps him; each at home in a browser of their own."""

    father: Person
    helper: Person
    backroom: Backroom

    def authorise(self, *services: str, **more: Any) -> None:
        """Let him authorise her, all the way."""
        authorised((self.father, HENDRIK), (self.helper, SAMIRA), self.backroom, *services, **more)

    def act(
        self, rp: RelyingParty, resources: tuple[str, ...] = (SOURCE,), scope: str = "openid 48 51"
    ) -> dict[str, Any]:
        """The whole way to her tokens for him."""
        asked = rp.ask(resources=resources, scope=scope)
        page = log_in_for(rp, self.helper, SAMIRA, HENDRIKS_NAME, asked)
        assert page.heading == f"U gaat gegevens bekijken van {HENDRIKS_NAME}"
        self.helper.press("acting-continue")
        self.helper.consent(duration="until_stopped")
        assert self.helper.answer is not None, self.helper.page.text
        return dict(rp.redeem(asked, self.helper.answer["code"]).json())


@pytest.fixture
def family(new_person: Callable[[], Person], backroom: Backroom) -> Iterator[Family]:
    """Give two people with nothing between them, and leave nothing behind."""
    backroom.forget_mandates()
    backroom.forget_consents()
    yield Family(new_person(), new_person(), backroom)
    backroom.forget_mandates()
    backroom.forget_consents()


def inside(token: str, source_key: dict[str, Any]) -> dict[str, Any]:
    """What only the source can read of a token."""
    sealed = jwe.decrypt_compact(claims_of(token)["subject_identifier"], ECKey.import_key(dict(source_key)))
    return dict(json.loads(sealed.plaintext or b""))


def test_an_offer_all_the_way_to_the_token_and_to_its_stop(
    family: Family, acting_rp: RelyingParty, source: RelyingParty, source_key: dict[str, Any]
) -> None:
    """Rules 6, 23, 27 and 34: who asks, for whom, on what ground; and a stop that counts within the same second."""
    family.authorise("48", "51")
    held = family.act(acting_rp)
    login = claims_of(held["id_token"])
    assert login["represents"]["sub"] != login["sub"]
    at_source = acting_rp.exchange(held["access_token"], SOURCE).json()["access_token"]
    token = claims_of(at_source)
    assert token["act"]["sub"] != token["sub"]
    assert token["exp"] - token["iat"] <= 300
    assert token["authorization_details"][0]["basis"] == "urn:nl-vad:1.0:RT:Vrijwillige_Machtiging"
    (accepted,) = family.backroom.events("mandate.accepted")
    assert inside(at_source, source_key)["mandate_id"] == accepted["evidence"]["mandate"]
    for event in family.backroom.events("token.issued"):
        assert (event["basis"], event["evidence"]["mandate"]) == ("mandate", accepted["evidence"]["mandate"])
    told = acting_rp.userinfo(held["access_token"]).json()
    assert told["represented"]["name"] == HENDRIKS_NAME
    assert source.introspect(at_source).json()["active"]

    own = at_home(family.father, HENDRIK, "/mijn/machtigingen/gegeven")
    assert "Samira el Amrani" in own.text
    assert "Laatst gebruikt" in own.text
    family.father.open(link(family.father, own.text, "stoppen"))
    assert DONE in family.father.press("stop").text
    began = time.monotonic()
    assert acting_rp.exchange(held["access_token"], SOURCE).json()["error"] in {"invalid_grant", "invalid_request"}
    assert acting_rp.refresh(held["refresh_token"]).json()["error"] == "invalid_grant"
    assert source.introspect(at_source).json() == {"active": False}
    assert acting_rp.userinfo(held["access_token"]).status_code == 401
    assert time.monotonic() - began < 1
    assert [event["reason"] for event in family.backroom.events("consent.withdrawn")] == ["mandate_ended"]
    # Her own login at VAD goes on, and the app hears nothing of him any more but that it is over.
    page = family.helper.open(acting_rp.ask(resources=(SOURCE,), scope="openid 51").url)
    assert f"De machtiging van {HENDRIKS_NAME} stopte op" in page.text


def test_a_request_is_agreed_to_in_part(family: Family, acting_rp: RelyingParty) -> None:
    """Rule 23: who was asked sees who asks for what, and may give less; what was not agreed to is given by nobody."""
    code = offered(family.helper, SAMIRA, "48", "51", where="machtiging-vragen", label="mijn vader")
    at_home(family.father, HENDRIK)
    page = bring(family.father, HENDRIK, code, born(family.backroom, SAMIRA))
    assert page.heading == "Mag Samira el Amrani uw gegevens bekijken?"
    assert "mijn vader" not in page.text
    assert family.father.press("accept").status == 400
    box = next(field for form in family.father.page.forms for field in form.fields if field.name == "permission")
    assert "De machtiging werkt nu." in family.father.press("accept", {box.identifier: True}).text
    kinds = [
        event["type"] for event in family.backroom.events("mandate.requested", "mandate.offered", "mandate.accepted")
    ]
    assert kinds == ["mandate.requested", "mandate.offered", "mandate.accepted"]
    held = family.act(acting_rp)
    assert held["scope"] == "openid 48"
    assert acting_rp.exchange(held["access_token"], SOURCE, scope="51").json()["error"] == "invalid_scope"


def test_the_shorter_end_of_who_was_asked(family: Family) -> None:
    """Rule 23: an earlier last day, and no later one; what was ticked is kept."""
    code = offered(family.helper, SAMIRA, "51", where="machtiging-vragen", term={"term-1": True})
    at_home(family.father, HENDRIK)
    bring(family.father, HENDRIK, code, born(family.backroom, SAMIRA))
    box = next(field for form in family.father.page.forms for field in form.fields if field.name == "permission")
    late: dict[str, str | bool] = {"term-date": True, "until-day": "1", "until-month": "1", "until-year": "2029"}
    page = family.father.press("accept", {box.identifier: True, **late})
    assert page.status == 400
    assert "niet later zijn dan gevraagd" in page.text
    assert next(f for form in page.forms for f in form.fields if f.name == "permission").ticked
    assert family.father.press("decline").heading == "Wie mag mijn gegevens bekijken?"
    assert "Geweigerd" in family.father.page.text


def test_a_part_is_stopped(family: Family, acting_rp: RelyingParty, source: RelyingParty) -> None:
    """Rule 21: one permission by itself, at once; what is left goes on, the app's grant included."""
    family.authorise("48", "51")
    held = family.act(acting_rp)
    token = acting_rp.exchange(held["access_token"], SOURCE).json()["access_token"]
    own = at_home(family.father, HENDRIK, "/mijn/machtigingen/gegeven")
    part = re.search(r'href="([^"]+stoppen\?deel=[^"]+)"', own.text)
    assert part
    family.father.open(f"{family.father.town.issuer}{part[1]}")
    assert "Dit deel van de machtiging is gestopt." in family.father.press("stop").text
    assert source.introspect(token).json() == {"active": False}
    again = acting_rp.exchange(held["access_token"], SOURCE)
    assert claims_of(again.json()["access_token"])["scope"] == "51"


def test_the_helper_stops_too(family: Family, acting_rp: RelyingParty) -> None:
    """Rule 27: from either side."""
    family.authorise("51")
    held = family.act(acting_rp, scope="openid 51")
    page = at_home(family.helper, SAMIRA, "/mijn/machtigingen/gekregen")
    family.helper.open(link(family.helper, page.text, "stoppen"))
    assert DONE in family.helper.press("stop").text
    assert acting_rp.refresh(held["refresh_token"]).json()["error"] == "invalid_grant"
    (stopped,) = family.backroom.events("mandate.stopped")
    assert stopped["actor"] == str(family.backroom.person_id(SAMIRA))


def link(person: Person, text: str, ending: str) -> str:
    """The address of the link on this page that ends so."""
    found = re.search(rf'href="([^"]+/{ending})"', text)
    assert found, text
    return f"{person.town.issuer}{found[1]}"


def test_the_end_moves(family: Family) -> None:
    """Rule 22: he gives longer or shorter; she can't."""
    family.authorise("51", term={"term-1": True})
    own = at_home(family.father, HENDRIK, "/mijn/machtigingen/gegeven")
    address = link(family.father, own.text, "einde")
    page = family.father.open(address)
    assert family.father.press("continue").status == 400
    assert "Het einde van de machtiging is veranderd." in family.father.press("continue", {"term-12": True}).text
    assert [event["reason"] for event in family.backroom.events("mandate.changed")] == ["end_moved"]
    at_home(family.helper, SAMIRA)
    assert family.helper.open(address).heading != page.heading


def test_a_narrow_mandate_leaves_out_what_it_does_not_name(family: Family, acting_rp: RelyingParty) -> None:
    """Rules 6 and 21: the app asked for more, and hears of what is allowed alone."""
    family.authorise("51", apps=("rp-acts",))
    asked = acting_rp.ask(resources=(SOURCE, SOUTH), scope="openid 48 51")
    page = log_in_for(acting_rp, family.helper, SAMIRA, HENDRIKS_NAME, asked)
    assert "U mag" in page.text
    assert "Basisgegevens" not in page.text
    page = family.helper.press("acting-continue")
    assert "Basisgegevens" not in page.text
    family.helper.consent()
    assert family.helper.answer is not None
    assert acting_rp.redeem(asked, family.helper.answer["code"]).json()["scope"] == "openid 51"


def test_it_is_not_for_another_app(family: Family, acting_rp: RelyingParty) -> None:
    """Rule 21: she can't choose him there, and is told why."""
    family.authorise("51", apps=("pgo-demo",))
    asked = acting_rp.ask(resources=(SOURCE,), scope="openid 51")
    page = family.helper.open(asked.url)
    if "continue" in page.elements:
        page = family.helper.press("continue")
    assert f"De machtiging van {HENDRIKS_NAME} geldt niet voor" in page.text


def test_a_form_that_is_sent_twice_makes_one(family: Family) -> None:
    """A double click, or the back button: one mandate, and one that nobody lost."""
    at_home(family.father, HENDRIK, "/mijn/machtigen/wie")
    family.father.press("continue", {"label": "Samira"})
    family.father.press("continue", tick(family.father, "51", "*"))
    family.father.press("continue", {"term-6": True})
    form = family.father.filled_in("make")
    first = family.father.send("POST", "/mijn/machtigen/controle", form)
    second = family.father.send("POST", "/mijn/machtigen/controle", form)
    assert (first.status_code, second.status_code) == (200, 303)
    assert second.headers["Location"].endswith("/mijn/machtigingen/gegeven")
    assert len(family.backroom.events("mandate.offered")) == 1


def test_a_second_one_for_the_same(family: Family) -> None:
    """Rule 26: what she may see already can't be given once more; both stay as they were."""
    family.authorise("51")
    code = offered(family.father, HENDRIK, "51", "48")
    bring(family.helper, SAMIRA, code, born(family.backroom, HENDRIK))
    page = family.helper.press("accept")
    assert (page.status, "Hiervoor is al een machtiging." in page.text) == (409, True)
    assert len(family.backroom.events("mandate.accepted")) == 1


def test_somebody_elses_is_not_found(family: Family, new_person: Callable[[], Person]) -> None:
    """Whoever guesses an identifier hears what they hear of one that there is not; nothing changes."""
    code = offered(family.father, HENDRIK, "51")
    bring(family.helper, SAMIRA, code, born(family.backroom, HENDRIK))
    waiting = family.helper.page.url
    family.helper.press("accept")
    own = at_home(family.father, HENDRIK, "/mijn/machtigingen/gegeven")
    stop = link(family.father, own.text, "stoppen")
    stranger = new_person()
    at_home(stranger, PIETER)
    token = re.search(r'name="csrf_token" value="([^"]+)"', stranger.page.text)
    assert token
    for address in (waiting, stop, stop.replace("stoppen", "einde")):
        for method, form in (("GET", None), ("POST", {"csrf_token": token[1], "action": "stop"})):
            answer = stranger.send(method, address, form)
            nobodys = re.sub(r"machtigingen/[^/]+/", "machtigingen/00000000-0000-0000-0000-000000000000/", address)
            nothing = stranger.send(method, nobodys, form)
            assert (answer.status_code, nothing.status_code) == (404, 404), address
    for ending in ("code", "intrekken"):
        form = {"csrf_token": token[1]}
        assert stranger.send("POST", stop.replace("stoppen", ending), form).status_code == 404
    assert not family.backroom.events("mandate.stopped", "mandate.changed", "mandate.declined")


def test_it_is_taken_back_before_anybody_answers(family: Family) -> None:
    """Rule 25: by who made it; the code is of no use from then on, which only hears who has both."""
    code = offered(family.father, HENDRIK, "51")
    at_home(family.father, HENDRIK, "/mijn/machtigingen/gegeven")
    assert "De code werkt niet meer." in family.father.press("withdraw-1").text
    page = bring(family.helper, SAMIRA, code, born(family.backroom, HENDRIK))
    assert "Deze code is verlopen of al gebruikt." in page.text


def test_the_opt_out_is_stronger(family: Family, acting_rp: RelyingParty) -> None:
    """Rules 3 and 45: who lets nobody act for them gives no mandate, and what was given works for nobody meanwhile."""
    family.authorise("51")
    held = family.act(acting_rp, scope="openid 51")
    at_home(family.father, HENDRIK, "/mijn/delen")
    family.father.press("block-representation")
    try:
        assert acting_rp.refresh(held["refresh_token"]).json()["error"] == "invalid_grant"
        at_home(family.father, HENDRIK, "/mijn/machtigen/wie")
        family.father.press("continue", {"label": "Pieter"})
        family.father.press("continue", tick(family.father, "48", "*"))
        family.father.press("continue", {"term-6": True})
        page = family.father.press("make")
        assert (page.status, "Bekijken voor een ander staat uit." in page.text) == (409, True)
        assert "Pieter" in page.text
    finally:
        family.backroom.ask("DELETE FROM blocks")
