"""A mandate by letter, of somebody without a DigiD: asked for, given with a code by post, stopped with another."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import requests
from babel.dates import format_date

from tests.support.backroom import Backroom
from tests.support.letters import CODE, GERRIT, NO_MATCH, Letters, birth_dates, code_in, stop
from tests.support.mandate_pages import at_home, day, log_in_for, tick
from tests.support.person import ANNEKE, CORNELIA_DECEASED, GERRIT_WITHOUT, NOOR_15, SAMIRA, Person
from tests.support.relying_party_client import RelyingParty
from tests.support.town import Town
from vad.bootstrap.upkeep import create_upkeep
from vad.domain.age import AMSTERDAM, BirthDate
from vad.services.upkeep import Upkeep

SOURCE = "https://source.example"
NOBODY = "999993070"


@pytest.fixture(scope="module")
def worker(the_town: Town) -> Upkeep:
    """Give what `vad worker` runs."""
    return create_upkeep(the_town.settings)[0]


@pytest.fixture
def letters(new_person: Callable[[], Person], backroom: Backroom, vad_town: Town, worker: Upkeep) -> Iterator[Letters]:
    """Give both, with nothing between them, and leave nothing behind."""
    forget = "DELETE FROM outbox; DELETE FROM notices"

    def nothing() -> None:
        backroom.ask(forget)
        backroom.forget_mandates()
        backroom.forget_consents()

    nothing()
    found = Letters(new_person(), backroom, vad_town, worker, birth_dates())
    found.deliver()
    yield found
    nothing()


def test_from_the_question_to_the_token_and_to_the_stop_code(
    letters: Letters, acting_rp: RelyingParty, source: RelyingParty, new_person: Callable[[], Person]
) -> None:
    """Two letters, each says who may see what; the second stops it, without a DigiD, within the same second."""
    page = letters.ask()
    assert page.heading == "We hebben uw vraag ontvangen"
    (first,) = letters.deliver()
    for said in ("G. Smit", "Anneke Smit", "Mag bekijken", "May see"):
        assert said in first["text"]
    page = letters.bring(code_in(first))
    assert "De code klopt." in page.text
    assert letters.states() == ["offered"]
    (second,) = letters.deliver()
    for said in ("Anneke Smit", "Vanaf", f"{letters.town.issuer.partition('://')[2]}/machtiging-stoppen"):
        assert said in second["text"]
    assert "log daar in" not in " ".join(second["text"].split())
    assert letters.states() == ["active"]
    asked = acting_rp.ask(resources=(SOURCE,), scope="openid 48 51")
    log_in_for(acting_rp, letters.daughter, ANNEKE, GERRIT, asked)
    letters.daughter.press("acting-continue")
    letters.daughter.consent(duration="until_stopped")
    assert letters.daughter.answer is not None
    held = acting_rp.redeem(asked, letters.daughter.answer["code"]).json()
    assert acting_rp.exchange(held["access_token"], SOURCE).status_code == 200
    page = stop(new_person(), code_in(second), letters.born[GERRIT_WITHOUT])
    assert page.heading == "De machtiging is gestopt."
    assert acting_rp.exchange(held["access_token"], SOURCE).status_code == 400
    (event,) = letters.backroom.events("mandate.stopped")[-1:]
    assert event["reason"] == "stop_code"
    assert str(event["actor"]) == str(letters.backroom.person_id(GERRIT_WITHOUT))
    of_first_use, of_the_end = letters.deliver()
    assert "Er is iets veranderd" in of_first_use["text"]
    assert "Er is iets veranderd" in of_the_end["text"]
    assert (
        stop(new_person(), code_in(second), letters.born[GERRIT_WITHOUT]).heading == "Deze machtiging was al gestopt."
    )


@pytest.mark.parametrize(
    ("bsn", "reason"),
    [
        (NOBODY, "unknown"),
        (CORNELIA_DECEASED, "unable"),
        (NOOR_15, "unable"),
        ("999992971", "unable"),
    ],
    ids=["nobody", "deceased", "15", "curatele"],
)
def test_whoever_asks_hears_the_same_whether_or_not_there_is_such_a_person(
    letters: Letters, bsn: str, reason: str
) -> None:
    """The page, the list and the state are those of a letter that was sent; the log alone knows better."""
    told = letters.ask(bsn).text
    assert letters.deliver() == []
    listed = at_home(letters.daughter, ANNEKE, "/mijn/machtigingen/gekregen").text
    (event,) = letters.backroom.events("mandate.letter_withheld")[-1:]
    assert (event["reason"], event["represented"]) == (reason, None)
    letters.backroom.forget_mandates()
    assert without_token(letters.ask().text) == without_token(told)
    assert len(letters.deliver()) == 1
    again = at_home(letters.daughter, ANNEKE, "/mijn/machtigingen/gekregen").text
    assert without_token(again) == without_token(listed)
    assert letters.backroom.ask("SELECT count(*) FROM mandate_letters WHERE asked_sealed IS NOT NULL") == [(0,)]


def without_token(text: str) -> str:
    """The page without what is another one each time."""
    text = re.sub(r'name="csrf_token" value="[^"]*"', "", text)
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|nonce-\S+|nonce=\"[^\"]*\"|data-left=\"\d+\"", "", text)


def test_a_wrong_birth_date_gets_no_letter_and_three_a_year_are_enough(letters: Letters) -> None:
    """What is asked for somebody else's sake must be right; and nobody gets a fourth letter, whoever asks."""
    letters.ask(birth=BirthDate(1950, 2, 3))
    assert letters.deliver() == []
    for _ in range(3):
        letters.ask()
        assert len(letters.deliver()) == 1
    page = letters.ask()
    assert page.heading == "We hebben uw vraag ontvangen"
    assert letters.deliver() == []
    assert letters.backroom.events("mandate.letter_withheld")[-1]["reason"] == "enough"
    letters.fill_in(GERRIT_WITHOUT, letters.born[GERRIT_WITHOUT])
    page = letters.daughter.press("make")
    assert (page.status, "vandaag te vaak een brief" in page.text) == (409, True)


def test_a_code_is_for_whoever_asked_and_with_the_right_birth_date(
    letters: Letters, new_person: Callable[[], Person]
) -> None:
    """Anybody else, and any other day, hears what somebody hears who invents a code; the fifth time it is spent."""
    letters.ask()
    code = letters.code()
    assert NO_MATCH in letters.bring(code, by=new_person(), bsn=SAMIRA).text
    for _ in range(4):
        assert NO_MATCH in letters.bring(code, BirthDate(1950, 1, 1)).text
    assert "verlopen of al gebruikt" in letters.bring(code).text
    assert letters.states() == ["requested"]


def test_a_code_brought_twice_makes_one_letter_and_a_stop_code_has_five_tries(
    letters: Letters, new_person: Callable[[], Person]
) -> None:
    """Double clicks do nothing twice; strangers who guess birth dates lose the code, and hear nothing of it."""
    letters.ask()
    code = letters.code()
    letters.bring(code)
    assert "De code klopt." in letters.bring(code).text
    stop_code = letters.code()
    stranger = new_person()
    for _ in range(5):
        page = stop(stranger, stop_code, BirthDate(1950, 1, 1))
        assert (page.status, NO_MATCH in page.text) == (400, True)
    assert NO_MATCH in stop(stranger, "K7P4-9QXM-2C", letters.born[GERRIT_WITHOUT]).text
    assert "te vaak geprobeerd" in stop(stranger, stop_code, letters.born[GERRIT_WITHOUT]).text
    assert letters.states() == ["active"]


def test_a_letter_that_is_written_again_has_the_same_code(letters: Letters, backroom: Backroom) -> None:
    """The post service takes a letter once; its answer may be lost, and what is on paper must be what is known."""
    letters.ask()
    first = letters.code()
    backroom.ask(
        "INSERT INTO outbox SELECT gen_random_uuid(), 'letter', jsonb_build_object('notice_id', notice_id), "
        "now(), now() FROM notices WHERE notice = 'mandate.code'"
    )
    assert letters.deliver() == []
    assert "De code klopt." in letters.bring(first).text


def test_what_is_taken_back_is_not_looked_up(letters: Letters, backroom: Backroom) -> None:
    """No register is asked about somebody of whom nothing is asked any more, and what was given is gone."""
    letters.ask()
    at_home(letters.daughter, ANNEKE, "/mijn/machtigingen/gekregen")
    letters.daughter.press("withdraw-1")
    with letters.town.misbehaving("brp", "error500"):
        assert letters.deliver() == []
    assert backroom.ask("SELECT count(*) FROM mandate_letters WHERE asked_sealed IS NOT NULL") == [(0,)]
    assert backroom.ask("SELECT count(*) FROM outbox WHERE kind = 'mandate_letter'") == [(0,)]
    backroom.wait_for_brp()


def test_what_nobody_finds_out_is_forgotten(letters: Letters, backroom: Backroom) -> None:
    """A register that stays away for a month: the request lapses, and BSN and birth date with it."""
    letters.ask()
    month = datetime.now(UTC) + timedelta(days=31)
    assert backroom.mandate_upkeep().record_overdue(month) == 1
    assert letters.states() == ["lapsed"]
    assert backroom.ask("SELECT count(*) FROM mandate_letters WHERE asked_sealed IS NOT NULL") == [(0,)]


def test_nobody_makes_another_code_for_a_letter(letters: Letters, backroom: Backroom) -> None:
    """The code is somebody else's consent: whoever asked for the letter gets no code of it on a page or a paper."""
    letters.ask()
    code = letters.code()
    at_home(letters.daughter, ANNEKE, "/mijn/machtigingen/gekregen")
    form = letters.daughter.filled_in("withdraw-1")
    ((mandate_id,),) = backroom.ask("SELECT mandate_id FROM mandates")
    letters.daughter.send("POST", f"/mijn/machtigingen/{mandate_id}/code", form)
    assert backroom.ask("SELECT version FROM mandates") == [(1,)]
    answer = letters.daughter.send("POST", "/mijn/machtigingen/code/pdf", {**form, "code": code})
    assert answer.headers["Content-Type"] != "application/pdf"
    assert "De code klopt." in letters.bring(code).text


def test_nothing_begins_before_its_letter_is_posted(letters: Letters) -> None:
    """While the post service refuses, it waits; the letter that is written again has the same code."""
    letters.ask()
    letters.bring(letters.code())
    with letters.town.misbehaving("post", "error500", endpoints=["/letters"]):
        letters.deliver()
        assert letters.states() == ["offered"]
    letters.backroom.ask("UPDATE outbox SET due_at = now() WHERE state = 'waiting'")
    (before,) = letters.backroom.ask("SELECT stop_hash FROM mandate_letters")
    letters.code()
    assert letters.states() == ["active"]
    assert letters.backroom.ask("SELECT stop_hash FROM mandate_letters") == [before]


def test_what_is_wrong_is_said_and_what_was_typed_is_kept(letters: Letters) -> None:
    """Every field; an end before a letter can have been answered; one's own BSN. The BSN stands in no address."""
    at_home(letters.daughter, ANNEKE, "/mijn/machtiging-per-brief/wie")
    birth = day("birth", letters.born[GERRIT_WITHOUT])
    for fields, said in (
        ({"label": "", "bsn": "", **birth}, "Vul een naam in"),
        ({"label": "vader", "bsn": "123456789", **birth}, "Dit is geen burgerservicenummer"),
        ({"label": "vader", "bsn": GERRIT_WITHOUT, "birth-day": "31", "birth-month": "2"}, "Vul de geboortedatum in"),
    ):
        page = letters.daughter.press("continue", fields)
        assert (page.status, said in page.text) == (400, True), said
    assert GERRIT_WITHOUT in page.text
    letters.daughter.press("continue", {"bsn": "999.993.069", **birth})
    letters.daughter.press("continue", tick(letters.daughter, "48", "*"))
    soon = datetime.now(AMSTERDAM).date() + timedelta(days=20)
    written = {"term-date": True, **day("until", BirthDate(soon.year, soon.month, soon.day))}
    assert "Een brief kost tijd" in letters.daughter.press("continue", written).text
    page = letters.daughter.press("continue", {"term-6": True})
    assert "eindigt op 069" in page.text
    page = letters.daughter.press("make")
    assert (page.status, "U kunt uzelf niet machtigen" in page.text) == (409, True)
    assert not any(GERRIT_WITHOUT in url for url in letters.daughter.urls)


def test_who_switched_representation_off_gets_no_letter(letters: Letters) -> None:
    """Rule 45: and nobody hears of that."""
    letters.given()
    person_id = letters.backroom.person_id(GERRIT_WITHOUT)
    letters.backroom.ask(
        "INSERT INTO blocks (block_id, subject, kind, target, placed_by, placed_at) "
        "VALUES (gen_random_uuid(), %s, 'representation', '', 'subject', now())",
        str(person_id),
    )
    try:
        letters.deliver()
        letters.ask()
        assert [each for each in letters.deliver() if CODE.search(each["text"])] == []
        assert letters.backroom.events("mandate.letter_withheld")[-1]["reason"] == "switched_off"
    finally:
        letters.backroom.ask("DELETE FROM blocks WHERE subject = %s", str(person_id))


def test_a_page_of_somebody_else_stops_nothing(letters: Letters) -> None:
    """Another site's form is refused, with the right code too."""
    code, birth = letters.given(), letters.born[GERRIT_WITHOUT]
    form = {"code": code, "birth_day": birth.day, "birth_month": birth.month, "birth_year": birth.year}
    there = {"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"}
    answer = requests.post(f"{letters.town.issuer}/machtiging-stoppen", data=form, headers=there, timeout=10)
    assert answer.status_code == 403
    assert letters.states() == ["active"]


def test_seven_days_pass_before_anybody_acts(letters: Letters, acting_rp: RelyingParty) -> None:
    """The wait begins when the letter is posted; until it is over the mandate is in force, and nobody acts on it."""
    settings = letters.town.settings
    waiting = settings.model_copy(update={"mandate": settings.mandate.model_copy(update={"letter_wait_days": 7})})
    letters.ask()
    letters.bring(letters.code())
    letters.worker = create_upkeep(waiting)[0]
    (letter,) = letters.deliver()
    ((starts_at, changed_at),) = letters.backroom.ask("SELECT starts_at, changed_at FROM mandates")
    assert starts_at - changed_at == timedelta(days=7)
    assert format_date(starts_at.astimezone(AMSTERDAM), "d MMMM y", locale="nl") in letter["text"]
    listed = at_home(letters.daughter, ANNEKE, "/mijn/machtigingen/gekregen")
    assert "Begint later" in listed.text
    page = letters.daughter.open(acting_rp.ask(resources=(SOURCE,), scope="openid 48").url)
    if "continue" in page.elements:
        page = letters.daughter.press("continue")
    assert f">{GERRIT}<" not in page.text
