"""P20: a mandate on paper, for its two sides alone; what whoever holds the paper hears; and the paper of a code."""

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit
from uuid import UUID

import pytest
import requests

from tests.support.backroom import Backroom
from tests.support.mandate_pages import at_home, authorised, born, bring, code_on, offered
from tests.support.pdf import qr_codes, root_of, text_of
from tests.support.person import CORNELIA_DECEASED, HENDRIK, PIETER, SAMIRA, Person

NAMES = ("Hendrik Johannes van der Linden", "Samira")
GIVEN, HELD = "/mijn/machtigingen/gegeven", "/mijn/machtigingen/gekregen"
NO_MORE = "Op het papier staat wat eerder is afgesproken. Dat geldt nu niet."
VALID, OVER = "Deze machtiging geldt nu", "Deze machtiging geldt nu niet"


@pytest.fixture
def pair(new_person: Callable[[], Person], backroom: Backroom) -> Iterator[tuple[Person, Person]]:
    """Give an old man and his helper, with one mandate between them, and leave nothing behind."""
    backroom.forget_mandates()
    father, helper = new_person(), new_person()
    authorised((father, HENDRIK), (helper, SAMIRA), backroom, "48", "51")
    yield father, helper
    backroom.forget_mandates()


def proof_of(person: Person, bsn: str, where: str, language: str = "nl") -> requests.Response:
    """Ask for the proof by the link on the card."""
    page = at_home(person, bsn, where)
    return person.send("GET", f"{page.elements['proof-1']['href']}?taal={language}")


def looked_at(address: str, **more: str) -> requests.Response:
    """What a stranger sees, without any cookie."""
    return requests.get(address, params=more, timeout=30)


def test_both_sides_get_the_proof_in_their_language(pair: tuple[Person, Person], backroom: Backroom) -> None:
    """Both names, what it lets see and until when; tagged; no BSN, birth date or id; kept by no cache, and logged."""
    (mandate_id,) = backroom.ask("SELECT mandate_id FROM mandates")[0]
    for person, bsn, where, language, title in (
        (pair[0], HENDRIK, GIVEN, "nl", "Bewijs van machtiging"),
        (pair[1], SAMIRA, HELD, "en", "Proof of authorisation"),
    ):
        answer = proof_of(person, bsn, where, language)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Disposition"] == 'attachment; filename="bewijs-van-machtiging.pdf"'
        root, said = root_of(answer.content), text_of(answer.content)
        assert (root[0]["/Lang"], root[1]) == (language, title)
        assert all(name in said for name in NAMES), said
        (address,) = qr_codes(answer.content)
        assert address.startswith(f"{person.town.issuer}/bewijs/")
        shown = said.replace(" ", "").replace(address, "")
        for hidden in (HENDRIK, SAMIRA, mandate_id, UUID(mandate_id).hex, str(born(backroom, HENDRIK).year)):
            assert hidden not in shown
    made = backroom.events("mandate.proof_made")
    assert [(each["actor"], each["represented"]) for each in made] == [
        (str(backroom.person_id(bsn)), str(backroom.person_id(HENDRIK))) for bsn in (HENDRIK, SAMIRA)
    ]
    assert "Bewijs van machtiging gemaakt" in at_home(pair[0], HENDRIK, "/mijn/activiteit").text


def test_a_paper_does_not_say_that_who_is_represented_by_law_chose_it(
    pair: tuple[Person, Person], backroom: Backroom
) -> None:
    """Rule 29: the proof of a curator or mentor says that it is by law."""
    assert "heeft iemand gemachtigd" in text_of(proof_of(pair[1], SAMIRA, HELD).content)
    backroom.change_mandates("route = 'legal'")
    said = text_of(proof_of(pair[1], SAMIRA, HELD).content)
    assert "Volgens de wet mag Samira el Amrani gegevens van iemand anders bekijken" in said
    assert "heeft iemand gemachtigd" not in said


def test_who_holds_the_paper_hears_whether_it_holds(pair: tuple[Person, Person], backroom: Backroom) -> None:
    """Without login: what is allowed, and names as far as they are needed to compare; after a stop nothing but that."""
    (address,) = qr_codes(proof_of(pair[0], HENDRIK, GIVEN).content)
    answer = looked_at(address)
    assert (answer.status_code, VALID in answer.text, OVER in answer.text) == (200, True, False)
    assert "H… J… v… d… L…" in answer.text
    assert not any(name in answer.text for name in NAMES)
    assert "This authorisation is valid now" in looked_at(address, taal="en").text
    backroom.change_mandates("starts_at = now() + interval '3 days'")
    assert "Deze machtiging geldt nog niet" in looked_at(address).text
    backroom.change_mandates("starts_at = now() - interval '3 days'")
    at_home(pair[0], HENDRIK, GIVEN)
    pair[0].open(f"{pair[0].town.issuer}{pair[0].page.elements['stop-1']['href']}")
    pair[0].press("stop")
    answer = looked_at(address)
    assert (answer.status_code, OVER in answer.text, "H… J…" in answer.text) == (200, True, False)
    checks = backroom.events("mandate.proof_checked")
    assert [each["reason"] for each in checks] == ["valid", "valid", "later", "over"]
    assert {(each["actor"], each["represented"]) for each in checks} == {(None, str(backroom.person_id(HENDRIK)))}


@pytest.mark.parametrize("why", ["expired", "dead", "switched_off", "blocked"])
def test_a_paper_says_nothing_of_why_it_holds_no_more(
    pair: tuple[Person, Person], backroom: Backroom, why: str
) -> None:
    """Rules 18, 25 and 27: the clock, death, an opt-out and a block by staff are one answer, word for word."""
    (address,) = qr_codes(proof_of(pair[1], SAMIRA, HELD).content)
    try:
        match why:
            case "expired":
                backroom.change_mandates("starts_at = now() - interval '9 days', ends_at = now() - interval '1 hour'")
            case "dead":
                backroom.change_mandates("representative = %s", str(backroom.person_id(CORNELIA_DECEASED)))
            case _:
                kind = "representation" if why == "switched_off" else "representative"
                target = "" if why == "switched_off" else str(backroom.person_id(SAMIRA))
                by = "subject" if why == "switched_off" else "staff"
                backroom.ask(
                    "INSERT INTO blocks VALUES (gen_random_uuid(), %s, %s, %s, %s, now(), now() + '1 day')",
                    str(backroom.person_id(HENDRIK)),
                    kind,
                    target,
                    by,
                )
        said = looked_at(address).text
    finally:
        backroom.ask("DELETE FROM blocks")
    main = said.split('tabindex="-1">')[1].split("Opgezocht")[0]
    assert " ".join(re.sub("<[^>]+>", " ", main).split()) == f"{OVER} {NO_MORE}"


def test_nothing_is_said_that_is_not_certain(pair: tuple[Person, Person], backroom: Backroom) -> None:
    """While the register is away there is neither a proof without names nor a word on whether one holds."""
    father = pair[0]
    (address,) = qr_codes(proof_of(father, HENDRIK, GIVEN).content)
    page = at_home(father, HENDRIK, GIVEN)
    link = page.elements["proof-1"]["href"]
    backroom.forget_names()
    father.town.fault("brp", "error500")
    try:
        assert father.send("GET", link).status_code == 503
        assert looked_at(address).status_code == 503
    finally:
        father.town.fault("brp")
        backroom.wait_for_brp()


def test_somebody_elses_is_not_found(
    pair: tuple[Person, Person], new_person: Callable[[], Person], backroom: Backroom
) -> None:
    """As one that there is not; one's own that is over leads to its list; who is not logged in logs in."""
    link = urlsplit(at_home(pair[0], HENDRIK, GIVEN).elements["proof-1"]["href"]).path
    stranger = new_person()
    assert "inloggen" in stranger.send("GET", link).headers["Location"]
    at_home(stranger, PIETER)
    unknown = link.replace(link.split("/")[3], "00000000-0000-4000-8000-000000000000")
    assert [stranger.send("GET", path).status_code for path in (link, unknown)] == [404, 404]
    assert not backroom.events("mandate.proof_made")
    backroom.change_mandates("starts_at = now() - interval '9 days', ends_at = now() - interval '1 hour'")
    answer = pair[1].send("GET", link)
    assert (answer.status_code, urlsplit(answer.headers["Location"]).path) == (303, HELD)
    assert "proof-1" not in at_home(pair[0], HENDRIK, GIVEN).elements


def test_what_we_did_not_make_is_not_known(person: Person) -> None:
    """However long it is."""
    address = f"{person.town.issuer}/bewijs/"
    answer = looked_at(address + "A" * 43)
    assert (answer.status_code, "Wij kennen dit bewijs niet" in answer.text) == (404, True)
    assert looked_at(address + "A" * 5000).status_code == 404


@pytest.mark.parametrize("where", ["machtigen", "machtiging-vragen"])
def test_a_code_on_paper(person: Person, new_person: Callable[[], Person], backroom: Backroom, where: str) -> None:
    """Only from the answer that shows it, only as long as nobody brought it, and never anybody else's words."""
    backroom.forget_mandates()
    code = offered(person, PIETER, "48", where=where, label="Anna & <b>")
    form = person.filled_in("pdf")
    assert form["code"] == [code]
    answer = person.send("POST", "/mijn/machtigingen/code/pdf", form)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    said = text_of(answer.content)
    assert code in said
    assert "Anna & <b>" in said
    for hidden in (PIETER, str(born(backroom, PIETER).year)):
        assert hidden not in said.replace(" ", "").replace(person.town.issuer, "")
    assert qr_codes(answer.content) == [f"{person.town.issuer}/mijn/machtigingen/code"]
    english = person.send("POST", "/mijn/machtigingen/code/pdf?taal=en", form)
    assert root_of(english.content)[1] == "Code for an authorisation"
    person.send("GET", "/mijn/machtigingen?taal=nl")
    assert not any(code in url for url in person.urls)
    for other in ("K7P4-9QXM-2C", "niet van ons", ""):
        assert person.send("POST", "/mijn/machtigingen/code/pdf", {**form, "code": other}).status_code == 303
    assert person.send("POST", "/mijn/machtigingen/code/pdf", {"code": code}).status_code == 400
    helper = new_person()
    at_home(helper, SAMIRA, "/mijn/machtigingen/code")
    own = helper.filled_in("continue")["csrf_token"]
    theirs = helper.send("POST", "/mijn/machtigingen/code/pdf", {"csrf_token": own, "code": code})
    assert theirs.status_code == 303
    at_home(person, PIETER, GIVEN if where == "machtigen" else HELD)
    newer = code_on(person.press("recode-1"))
    assert person.send("POST", "/mijn/machtigingen/code/pdf", form).status_code == 303, "the one before is no code"
    form = person.filled_in("pdf")
    bring(helper, SAMIRA, newer, born(backroom, PIETER))
    assert person.send("POST", "/mijn/machtigingen/code/pdf", form).status_code == 303, "it has been brought"
    backroom.forget_mandates()
