"""Bringing a code: one answer for all that is wrong, and an end to guessing (rule 24)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.backroom import Backroom
from tests.support.mandate_pages import at_home, born, bring, code_on, day, offered
from tests.support.person import HENDRIK, PIETER, SAMIRA, Person
from vad.adapters.postgres.query import Statement
from vad.adapters.postgres.transaction import Transaction
from vad.domain.age import BirthDate
from vad.domain.mandate_code import MandateCode

WRONG = "Deze code en geboortedatum horen niet bij elkaar. Controleer beide."
SPENT = "Deze code is verlopen of al gebruikt. Vraag een nieuwe code."
NOBODYS = BirthDate(1901, 2, 3)


@dataclass
class Guessing:
    """Somebody's code, and somebody who may or may not know it."""

    code: str
    birth: BirthDate
    guesser: Person
    backroom: Backroom

    def bring(self, code: str | None = None, birth: BirthDate | None = None) -> str:
        """What the page says then."""
        return bring(self.guesser, SAMIRA, code or self.code, birth or self.birth).text

    def tries(self) -> int:
        """How often a wrong birth date was given with the code."""
        [[tries]] = self.backroom.ask("SELECT sum(code_tries) FROM mandates")
        return int(tries)


@pytest.fixture
def guessing(new_person: Callable[[], Person], backroom: Backroom) -> Iterator[Guessing]:
    """Give an offer of somebody, and a guesser who has not guessed yet."""
    backroom.forget_mandates()
    giver = new_person()
    code = offered(giver, HENDRIK, "51")
    yield Guessing(code, born(backroom, HENDRIK), new_person(), backroom)
    backroom.forget_mandates()


def another_code() -> str:
    """A code that nobody has."""
    return MandateCode.of_random(b"nobodyhas!").shown()


def test_wrong_is_wrong_whatever_it_is(guessing: Guessing) -> None:
    """A code that there is with a wrong birth date, and one that there is not, look alike; both are events."""
    for code, birth in ((guessing.code, NOBODYS), (another_code(), guessing.birth), (another_code(), NOBODYS)):
        text = guessing.bring(code, birth)
        assert WRONG in text
        assert SPENT not in text
    assert [event["reason"] for event in guessing.backroom.events("mandate.code_refused")] == ["wrong"] * 3
    assert guessing.tries() == 1


def test_wrong_costs_the_same(guessing: Guessing, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many statements for a code that there is as for one that there is not: time tells nothing."""
    seen: list[list[str]] = []
    send = Transaction._send  # noqa: SLF001 - looked at, not changed

    def look(self: Transaction, *statements: Statement) -> Any:
        seen.append([each.text for each in statements])
        return send(self, *statements)

    monkeypatch.setattr(Transaction, "_send", look)
    counted = []
    for code in (guessing.code, another_code()):
        at_home(guessing.guesser, SAMIRA, "/mijn/machtigingen/code")
        seen.clear()
        guessing.guesser.press("continue", {"code": code, **day("birth", NOBODYS)})
        counted.append(seen.copy())
    assert counted[0] == counted[1]
    assert sum("UPDATE mandates" in text for trip in counted[0] for text in trip) == 1


@pytest.mark.parametrize("written", ["K7P4-9QXM-2C", "0000-0000-00", "geen code", "<script>", "é" * 30])
def test_a_slip_of_the_pen_counts_against_nobody(guessing: Guessing, written: str) -> None:
    """What can't be a code says nothing of any: the same words, and no try; what was typed stands there again."""
    if written == "K7P4-9QXM-2C":
        written = guessing.code[:-1] + ("2" if guessing.code[-1] != "2" else "3")
    text = guessing.bring(written, guessing.birth)
    assert WRONG in text
    field = next(f for form in guessing.guesser.page.forms for f in form.fields if f.identifier == "code")
    assert field.value == written
    assert not guessing.backroom.events("mandate.code_refused")


def test_what_is_left_open(guessing: Guessing) -> None:
    """Both are asked for at once, and no day is guessed."""
    at_home(guessing.guesser, SAMIRA, "/mijn/machtigingen/code")
    page = guessing.guesser.press("continue")
    assert page.status == 400
    assert "Vul de code in" in page.text
    assert "Vul de geboortedatum in" in page.text
    odd = {"code": guessing.code, "birth-day": "31", "birth-month": "februari", "birth-year": "mmxx"}
    assert "Vul de geboortedatum in" in guessing.guesser.press("continue", odd).text


def test_five_wrong_birth_dates_end_a_code(guessing: Guessing, new_person: Callable[[], Person]) -> None:
    """From the sixth on it is of no use, and who has both right hears why; a new one works."""
    for _ in range(5):
        assert WRONG in guessing.bring(birth=NOBODYS)
    assert SPENT in guessing.bring()
    assert guessing.tries() == 5
    giver = new_person()
    at_home(giver, HENDRIK, "/mijn/machtigingen/gegeven")
    new = code_on(giver.press("recode-1"))
    assert WRONG in guessing.bring()
    assert "Wilt u gegevens bekijken voor" in guessing.bring(new)


def test_it_reaches_one_person(guessing: Guessing, new_person: Callable[[], Person]) -> None:
    """Single use: a second person hears that it was used, if they have both; the first one may come back to it."""
    assert "Wilt u gegevens bekijken voor" in guessing.bring()
    assert "Wilt u gegevens bekijken voor" in guessing.bring()
    second = new_person()
    assert SPENT in bring(second, PIETER, guessing.code, guessing.birth).text
    assert WRONG in bring(second, PIETER, guessing.code, NOBODYS).text
    assert len(guessing.backroom.events("mandate.reached")) == 1


def test_nobody_authorises_themself(guessing: Guessing, new_person: Callable[[], Person]) -> None:
    """Rule 26: one's own code, with one's own birth date."""
    giver = new_person()
    page = bring(giver, HENDRIK, guessing.code, guessing.birth)
    assert "U kunt uzelf niet machtigen." in page.text


def test_ten_wrong_ones_make_a_pause(guessing: Guessing) -> None:
    """For this person alone, and not for good: the page says until when; a right code has to wait as well."""
    for _ in range(10):
        assert WRONG in guessing.bring(another_code(), NOBODYS)
    text = guessing.bring()
    assert "U heeft te vaak een verkeerde code ingevuld." in text
    assert guessing.code in text
    assert len(guessing.backroom.events("mandate.code_refused")) == 10
    assert not guessing.backroom.events("mandate.reached")


def test_the_fields_have_the_names_of_the_page(guessing: Guessing) -> None:
    """A day is three fields (WCAG 1.3.5): what was typed is kept on a wrong answer."""
    guessing.bring(birth=NOBODYS)
    typed = {f.identifier: f.value for form in guessing.guesser.page.forms for f in form.fields}
    assert {name: typed[name] for name in day("birth", NOBODYS)} == day("birth", NOBODYS)
