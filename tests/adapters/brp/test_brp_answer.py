"""Reading the BRP's answers: every shape that it documents, and nothing else."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vad.adapters.brp import answer
from vad.domain.age import BirthDate
from vad.domain.errors import RegisterUnavailableError
from vad.domain.identifiers import Bsn

BSN = Bsn("999991772")
UNKNOWN = BirthDate()
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "datum", "jaar", "maand", "onbekend", "reden", "code", "inOnderzoek", "naam"]),
            inner,
        )
    ),
)


@pytest.mark.parametrize(
    ("value", "birth"),
    [
        ({"type": "Datum", "datum": "1984-02-29"}, BirthDate(1984, 2, 29)),
        ({"type": "JaarMaandDatum", "jaar": 1950, "maand": 3}, BirthDate(1950, 3)),
        ({"type": "JaarDatum", "jaar": 2010}, BirthDate(2010)),
        ({"type": "DatumOnbekend", "onbekend": True}, UNKNOWN),
    ],
)
def test_the_four_dates_are_read(value: Any, birth: BirthDate) -> None:
    """A date is whole, without its day, a year alone, or unknown (AbstractDatum)."""
    assert answer.birth({"geboorte": {"datum": value | {"langFormaat": "…"}}}) == birth


@pytest.mark.parametrize(
    "value",
    [
        {"type": "Datum", "datum": "1983-02-29"},
        {"type": "Datum", "datum": "19840229"},
        {"type": "Datum", "datum": "1984-W01-1"},
        {"type": "Datum", "datum": "1984-02-2٩"},
        {"type": "Datum", "datum": "0000-00-00"},
        {"type": "Datum", "jaar": 1984},
        {"type": "JaarMaandDatum", "jaar": 1950, "maand": 13},
        {"type": "JaarMaandDatum", "jaar": 1950},
        {"type": "JaarDatum", "jaar": "1950"},
        {"type": "JaarDatum", "jaar": True},
        {"type": "JaarDatum", "jaar": 0},
        {"type": "JaarDatum", "jaar": 10000},
        {"type": "DatumOnbekend"},
        {"type": "DatumOnbekend", "onbekend": False},
        {"type": "VageDatum", "datum": "1984-02-29"},
        {"datum": "1984-02-29"},
        "1984-02-29",
        None,
    ],
)
def test_another_date_is_a_failure(value: object) -> None:
    """A date that is not understood is not an unknown date: the answer is refused, without repeating it."""
    with pytest.raises(RegisterUnavailableError) as caught:
        answer.birth({"geboorte": {"datum": value}})
    assert "19" not in str(caught.value)
    assert caught.value.__context__ is None


def test_a_date_under_investigation_is_doubtful() -> None:
    """The register itself doubts the date: nothing may be decided on it. Doubt about the place is none."""
    born = {"datum": {"type": "Datum", "datum": "1984-02-29"}}
    assert answer.doubtful({"geboorte": born | {"inOnderzoek": {"datum": True}}})
    assert not answer.doubtful({"geboorte": born | {"inOnderzoek": {"plaats": True}}})
    assert not answer.doubtful({"geboorte": born})
    for other in ("ja", {"datum": "ja"}):
        with pytest.raises(RegisterUnavailableError):
            answer.doubtful({"geboorte": born | {"inOnderzoek": other}})


@pytest.mark.parametrize(
    ("person", "deceased"),
    [
        ({}, False),
        ({"overlijden": {"datum": {"type": "DatumOnbekend", "onbekend": True}}}, True),
        ({"overlijden": {}}, True),
        ({"opschortingBijhouding": {"reden": {"code": "O", "omschrijving": "overlijden"}}}, True),
        ({"opschortingBijhouding": {"reden": {"code": "E", "omschrijving": "emigratie"}}}, False),
    ],
)
def test_death_is_known_in_two_ways(person: Any, deceased: bool) -> None:  # noqa: FBT001
    """By the death itself, or by the reason why the record is no longer kept, which comes unasked."""
    assert answer.deceased(person) is deceased


@pytest.mark.parametrize("suspension", [None, {}, {"reden": None}, {"reden": {"code": 1}}])
def test_another_suspension_is_a_failure(suspension: object) -> None:
    """Whether somebody is alive is never guessed."""
    with pytest.raises(RegisterUnavailableError):
        answer.deceased({"opschortingBijhouding": suspension})


@pytest.mark.parametrize("code", ["F", "W"])
def test_a_removed_record_is_nobody(code: str) -> None:
    """A record that was entered by mistake or erased says nothing about a person."""
    person = {"burgerservicenummer": BSN.reveal(), "opschortingBijhouding": {"reden": {"code": code}}}
    assert answer.the_person({"type": answer.QUERY, "personen": [person]}, BSN) is None


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ({"volledigeNaam": "jonkheer Jan van Dijk", "voornamen": "Jan"}, "jonkheer Jan van Dijk"),
        ({"voornamen": "Jan Piet", "voorvoegsel": "van", "geslachtsnaam": "Dijk"}, "Jan Piet van Dijk"),
        ({"geslachtsnaam": "Çelik"}, "Çelik"),
    ],
)
def test_names_are_one_text(name: Any, full: str) -> None:
    """The whole name as the register writes it, or else its parts in order."""
    assert answer.full_name({"naam": name}) == full


@pytest.mark.parametrize(
    "name",
    [
        None,
        {},
        {"volledigeNaam": ""},
        {"volledigeNaam": 1},
        {"geslachtsnaam": "a\nb"},
        {"geslachtsnaam": "x" * 451},
        {"geslachtsnaam": "\ud800"},
        {"geslachtsnaam": "\u202eDijk"},
    ],
)
def test_another_name_is_a_failure(name: Any) -> None:
    """Control characters, half characters and turned writing never reach a page or a log."""
    with pytest.raises(RegisterUnavailableError):
        answer.full_name({"naam": name})


@given(ANYTHING, ANYTHING, ANYTHING)
def test_nothing_else_goes_wrong(one: Any, two: Any, three: Any) -> None:
    """Whatever stands in an answer, it is read or refused; no other error comes out."""
    person = {"geboorte": one, "overlijden": two, "opschortingBijhouding": three, "naam": one}
    for read in (answer.birth, answer.deceased, answer.full_name):
        try:
            read(person)
        except RegisterUnavailableError:
            continue
