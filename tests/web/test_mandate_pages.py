"""The pages of mandates: what was typed is kept, nothing is half made, and who can't is told why (rules 20 to 22)."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import psycopg2
import pytest

from tests.support.backroom import Backroom
from tests.support.mandate_pages import at_home, authorised, born, bring, fill_in, offered, tick
from tests.support.person import DAAN_16, HENDRIK, PIETER, SAMIRA, Person
from vad.sandbox.demo.browser import Page

CHECK, HOW_LONG = "Controleer uw machtiging", "Hoe lang mag dit?"


@pytest.fixture(autouse=True)
def nothing_left(backroom: Backroom) -> Iterator[None]:
    """Leave nothing behind: one town serves every test."""
    backroom.forget_mandates()
    yield
    backroom.forget_mandates()


def values(page: Page) -> dict[str, str | bool]:
    """What stands in the fields of a page."""
    return {f.identifier: f.value if f.kind == "text" else f.ticked for form in page.forms for f in form.fields}


def test_each_step_says_what_it_misses(person: Person) -> None:
    """Every field that is left open has its own words, and what was filled in stays."""
    at_home(person, PIETER, "/mijn/machtigen/wie")
    page = person.press("continue", {"label": "   "})
    assert (page.status, "Vul een naam in" in page.text) == (400, True)
    person.press("continue", {"label": "Anna & <b>"})
    assert person.page.heading == "Wat mag Anna & <b> bekijken?"
    page = person.press("continue", tick(person, "*"))
    assert "Kies wat Anna" in page.text
    page = person.press("continue", {**tick(person, "48"), "app-every": False})
    assert "Kies met welke apps" in page.text
    assert values(page)[next(iter(tick(person, "48")))] is True
    person.press("continue", tick(person, "48", "rp-acts"))
    assert person.press("continue").status == 400
    for day, words in (
        ("31 2 2027", "Vul een datum in de toekomst in"),
        ("1 1 2020", "Vul een datum in de toekomst in"),
        ("1 1 2099", "De datum mag niet later zijn dan"),
        ("x y z", "Vul een datum in de toekomst in"),
    ):
        fields = dict(zip(("until-day", "until-month", "until-year"), day.split(), strict=True))
        page = person.press("continue", {"term-date": True, **fields})
        assert (page.status, words in page.text) == (400, True), day
        assert {name: values(page)[name] for name in fields} == fields
    soon = datetime.now(UTC) + timedelta(days=400)
    page = person.press(
        "continue", {"until-day": str(soon.day), "until-month": str(soon.month), "until-year": str(soon.year)}
    )
    assert page.heading == CHECK
    assert str(soon.year) in page.text


def test_how_it_works_stands_where_people_look(person: Person) -> None:
    """On the page for help and on that of mandates, without a login; it says the ages of this installation."""
    person.open(f"{person.town.issuer}/hulp")
    assert 'href="/iemand-helpen"' in person.page.text
    page = person.open(f"{person.town.issuer}/iemand-helpen")
    assert page.heading == "Iemand anders helpen: hoe werkt het?"
    rules = person.town.app.extensions["vad.services"].mandates.making.parties.rules
    assert f"moet {rules.grantor_age} jaar of ouder zijn" in page.text
    assert 'href="/iemand-helpen"' in at_home(person, PIETER).text


def test_organisations_can_be_chosen(person: Person, backroom: Backroom) -> None:
    """They are asked about where somebody opens it; they must have what was chosen; nobody is asked what is nowhere."""
    at_home(person, PIETER, "/mijn/machtigen/wie")
    page = person.press("continue", {"label": "Anna"})
    assert "Onbereikbaar" not in page.text
    assert '<details class="govuk-details">' in page.text
    rivm = person.town.address("rivm")
    for kind, *sources in (("49", "https://source.example"), ("48", "https://source.example", rivm)):
        shown = person.press("continue", {**none(person), **tick(person, kind, "*", *sources)})
        assert (shown.status, "heeft deze gegevens voor deze apps" in shown.text) == (400, True)
        assert '<details class="govuk-details" open>' in shown.text
    person.press("continue", {**none(person), **tick(person, "48", "*", "https://source.example")})
    page = person.press("continue", {"term-12": True})
    assert page.heading == CHECK
    assert "Laboratorium Noord" in page.text
    person.press("make")
    assert backroom.ask("SELECT data_service, resource FROM permissions") == [("48", "https://source.example")]


def none(person: Person) -> dict[str, str | bool]:
    """Every box of the page, not ticked."""
    return {f.identifier: False for form in person.page.forms for f in form.fields if f.kind == "checkbox"}


def test_a_step_can_be_changed_from_the_check(person: Person) -> None:
    """And leads back to it; a step that has no answer yet can't be passed over."""
    page = fill_in(person, PIETER, "51", label="Anna")
    assert page.heading == CHECK
    person.open(f"{person.town.issuer}/mijn/machtigen/wie?terug=controle")
    assert person.press("continue", {"label": "Berta"}).heading == CHECK
    assert "Berta" in person.page.text
    person.press("make")
    assert at_home(person, PIETER, "/mijn/machtigen/controle").heading == "Wie wilt u machtigen?"


def test_what_was_typed_is_kept_for_the_same_person_alone(
    person: Person, new_person: Callable[[], Person], backroom: Backroom
) -> None:
    """P16: a login that has ended loses nothing; somebody else at the same browser sees nothing of it."""
    at_home(person, PIETER, "/mijn/machtigen/wie")
    backroom.make_idle(session_of(person))
    assert "login-submit" in person.press("continue", {"label": "Cornelis"}).elements
    assert person.log_in(PIETER).heading == "Wat mag Cornelis bekijken?"
    other = new_person()
    assert at_home(other, SAMIRA, "/mijn/machtigen").heading == "Wie wilt u machtigen?"
    kept = [name for name in backroom.redis.client.scan_iter() if name.endswith(b":mandate_draft")]
    assert kept
    assert not any(b"Cornelis" in name + (backroom.redis.client.get(name) or b"") for name in kept)


def session_of(person: Person) -> str:
    """The value of the session cookie, whatever it is called here."""
    return next(value for name, value in person.cookies.items() if "session" in name)


def test_who_is_too_young_keeps_their_own(person: Person, backroom: Backroom) -> None:
    """Rule 20: below the age of this installation nobody gives one, and nothing was made; the draft stays."""
    fill_in(person, DAAN_16, "51", label="Oma")
    page = person.press("make")
    assert (page.status, "niet oud genoeg" in page.text) == (409, True)
    assert "Oma" in page.text
    assert not backroom.events("mandate.offered")
    code = offered_by_hendrik(person)
    page = bring(person, DAAN_16, code, born(backroom, HENDRIK))
    assert (person.press("accept").status, "niet oud genoeg" in person.page.text) == (409, True)
    assert not backroom.events("mandate.accepted")


def offered_by_hendrik(person: Person) -> str:
    """The code of an offer, made in a browser of its own."""
    hendrik = Person(person.town, "nowhere.example")
    try:
        return offered(hendrik, HENDRIK, "51")
    finally:
        hendrik.leave()


def test_twenty_wait_at_most(person: Person, backroom: Backroom) -> None:
    """Rule 26: the twenty-first is not made before one is answered or taken back."""
    at_home(person, PIETER)
    offered(person, PIETER, "51")
    backroom.ask(
        "INSERT INTO mandates SELECT gen_random_uuid(), route, state, represented, representative, starts_at, ends_at,"
        " made_at, answer_by, changed_at, version, NULL, NULL, NULL, 0, NULL, checked_at FROM mandates,"
        " generate_series(1, 19)"
    )
    fill_in(person, PIETER, "48")
    page = person.press("make")
    assert (page.status, "U heeft 20 codes" in page.text) == (409, True)
    at_home(person, PIETER, "/mijn/machtigingen/gegeven")
    person.press("withdraw-1")
    fill_in(person, PIETER, "48")
    assert person.press("make").heading == "Geef deze code aan mijn hulp"


def test_what_is_made_is_what_was_shown(person: Person, new_person: Callable[[], Person], backroom: Backroom) -> None:
    """Another tab has changed it: nothing is made, and the page shows how it is now."""
    fill_in(person, PIETER, "51", apps=("rp-acts",), label="Anna")
    form = person.filled_in("make")
    fill_in(person, PIETER, "51", "48", label="Berta")
    person.open(f"{person.town.issuer}/mijn/machtigen/controle")
    answer = person.send("POST", "/mijn/machtigen/controle", form)
    assert (answer.status_code, "Controleer het opnieuw" in answer.text, "Berta" in answer.text) == (409, True, True)
    assert not backroom.events("mandate.offered")
    assert person.press("make").heading == "Geef deze code aan Berta"


def test_a_part_that_is_stopped_already(new_person: Callable[[], Person], backroom: Backroom) -> None:
    """An old page: whoever asked to stop a part is not asked about the whole."""
    father, helper = new_person(), new_person()
    authorised((father, HENDRIK), (helper, SAMIRA), backroom, "51", "48")
    old = at_home(father, HENDRIK, "/mijn/machtigingen/gegeven").text
    part = re.search(r'href="([^"]+stoppen[?]deel=[^"]+)"', old)
    assert part
    for _ in range(2):
        page = father.open(f"{father.town.issuer}{part[1]}")
        if "stop" in page.elements:
            father.press("stop")
    assert page.heading == "Wie mag mijn gegevens bekijken?"
    assert "Actief" in page.text
    assert not backroom.events("mandate.stopped")


def test_an_answer_that_is_sent_twice(new_person: Callable[[], Person], backroom: Backroom) -> None:
    """A double click, or the back button: the list, which says what became of it."""
    father, helper = new_person(), new_person()
    code = offered(father, HENDRIK, "51")
    page = bring(helper, SAMIRA, code, born(backroom, HENDRIK))
    form = {**helper.filled_in("accept"), "action": ["accept"]}
    answers = [helper.send("POST", page.url, form) for _ in range(2)]
    assert [each.status_code for each in answers] == [303, 303]
    assert helper.open(page.url).heading == "Voor wie mag ik gegevens bekijken?"
    assert len(backroom.events("mandate.accepted")) == 1


def test_an_opt_out_ends_what_was_given(new_person: Callable[[], Person], backroom: Backroom) -> None:
    """Rules 25 and 45: for good, told to both; switching on again brings nothing back."""
    father, helper = new_person(), new_person()
    authorised((father, HENDRIK), (helper, SAMIRA), backroom, "51")
    at_home(father, HENDRIK, "/mijn/delen")
    father.press("block-representation")
    father.press("lift-1")
    (ended,) = backroom.events("mandate.ended")
    assert ended["reason"] == "blocked"
    assert "Gestopt" in at_home(father, HENDRIK, "/mijn/machtigingen/gegeven").text
    told = "SELECT count(*) FROM notices JOIN mandates ON about LIKE mandate_id || '%' WHERE notice = 'mandate.ended'"
    assert backroom.ask(told) == [(2,)]


def test_a_helper_learns_of_no_block(new_person: Callable[[], Person], backroom: Backroom) -> None:
    """Rule 18: what staff, or the other, switched off stays theirs to know."""
    father, helper = new_person(), new_person()
    code = offered(father, HENDRIK, "51")
    place = "INSERT INTO blocks VALUES (gen_random_uuid(), %s, 'representative', %s, 'staff', now(), now() + '1 day')"
    backroom.ask(place, str(backroom.person_id(HENDRIK)), str(backroom.person_id(SAMIRA)))
    try:
        bring(helper, SAMIRA, code, born(backroom, HENDRIK))
        page = helper.press("accept")
    finally:
        backroom.ask("DELETE FROM blocks")
    assert (page.status, "U kunt dit op dit moment niet" in page.text) == (409, True)
    assert "staat uit" not in page.text


def test_stopping_needs_no_register(new_person: Callable[[], Person], backroom: Backroom) -> None:
    """Rule 27: while the BRP is away the list says what it can, asks it once, and everything can be stopped."""
    father, helper = new_person(), new_person()
    authorised((father, HENDRIK), (helper, SAMIRA), backroom, "51")
    authorised((father, HENDRIK), (helper, SAMIRA), backroom, "48")
    at_home(father, HENDRIK)
    backroom.forget_names()
    father.town.fault("brp", "error500")
    try:
        page = father.open(f"{father.town.issuer}/mijn/machtigingen/gegeven")
        assert page.text.count("Iemand</h2>") == 2
        father.open(f"{father.town.issuer}{page.elements['stop-1']['href']}")
        assert "De machtiging is gestopt." in father.press("stop").text
    finally:
        father.town.fault("brp")
        backroom.wait_for_brp()


def test_what_was_typed_outlives_a_store(person: Person, backroom: Backroom) -> None:
    """While PostgreSQL does not answer nothing is made and nothing is lost: sending it again makes it, once."""
    fill_in(person, PIETER, "51", label="Anna")
    form = person.filled_in("make")
    with closing(psycopg2.connect(backroom.town.database.superuser_url.replace("+psycopg2", "", 1))) as other:
        other.cursor().execute("LOCK TABLE mandates IN SHARE MODE")
        assert person.send("POST", "/mijn/machtigen/controle", form).status_code == 503
    assert not backroom.events("mandate.offered")
    answer = person.send("POST", "/mijn/machtigen/controle", form)
    assert (answer.status_code, "Geef deze code aan Anna" in answer.text) == (200, True)
    assert len(backroom.events("mandate.offered")) == 1
