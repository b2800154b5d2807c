"""Files in the format of the Haal Centraal personen-mock: what is read of them, what is left out, and how fast."""

import json
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from vad.sandbox import personen_mock
from vad.sandbox.persons import Person, PersonsError, is_bsn

TODAY = date(2026, 11, 21)
BSNS = [bsn for number in range(999300000, 999320000) if is_bsn(bsn := str(number))]
PARENT, OTHER, CHILD = BSNS[:3]


def entry(bsn: str = CHILD, **changes: Any) -> dict[str, Any]:
    """A person as the file has it, with much that we do not read."""
    return {
        "aNummer": "1010157313",
        "burgerservicenummer": bsn,
        "geslacht": {"code": "V", "omschrijving": "vrouw"},
        "naam": {
            "aanduidingNaamgebruik": {"code": "E", "omschrijving": "eigen geslachtsnaam"},
            "voornamen": "Gigi Anna",
            "voorvoegsel": "van",
            "geslachtsnaam": "Gouda",
        },
        "geboorte": {"land": {"code": "6030"}, "plaats": {"code": "0518"}, "datum": "20120801"},
        "verblijfplaats": {"straat": "Turfmarkt", "huisnummer": 13},
        "gezag": [],
        "kinderen": [],
        "ouders": [{"burgerservicenummer": PARENT, "ouderAanduiding": "1"}],
        "partners": [],
    } | changes


def element(kind: str, minor: str = CHILD, **members: Any) -> dict[str, Any]:
    """An element of `gezag`, about this child."""
    return {"type": kind, "minderjarige": {"burgerservicenummer": minor, "naam": {"voornamen": "Gigi"}}, **members}


def adult(bsn: str | None, **more: Any) -> dict[str, Any]:
    """Somebody whom an element names."""
    return {"naam": {"geslachtsnaam": "Gerritsen"}, **({"burgerservicenummer": bsn} if bsn else {}), **more}


def loaded(folder: Path, *entries: Any) -> tuple[Person, ...]:
    """What is read of a file with these."""
    file = folder / "test-data.json"
    file.write_text(json.dumps(list(entries)), encoding="utf-8")
    return personen_mock.load(file, TODAY)


def test_a_person(tmp_path: Path) -> None:
    """Name, gender and birth; no story, so the mock DigiD does not list them."""
    (person,) = loaded(tmp_path, entry())
    assert (person.full_name, person.geslacht, str(person.birth)) == ("Gigi Anna van Gouda", "V", "2012-08-01")
    assert (person.age_on(TODAY), person.deceased_on, person.curatele, person.gezag, person.story_nl) == (
        *(14, None, False),
        *((), ""),
    )


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("19800801", "1980-08-01"),
        ("19800800", "1980-08"),
        ("19800000", "1980"),
        ("00000000", "unknown"),
        (None, "unknown"),
        ({"datum": "19800801"}, "1980-08-01"),
        ({"type": "Datum", "datum": "1980-08-01", "langFormaat": "1 augustus 1980"}, "1980-08-01"),
        ({"type": "JaarMaandDatum", "jaar": 1980, "maand": 8}, "1980-08"),
        ({"type": "JaarDatum", "jaar": 1980}, "1980"),
        ({"type": "DatumOnbekend", "onbekend": True}, "unknown"),
    ],
)
def test_dates(tmp_path: Path, written: Any, read: str) -> None:
    """As the BRP keeps them, with zeros for what is unknown, and as its API tells them."""
    (person,) = loaded(tmp_path, entry(geboorte={"datum": written}))
    assert str(person.birth) == read


@pytest.mark.parametrize(
    ("told", "died"),
    [
        ({"overlijden": {"datum": "20200801", "land": {"code": "6030"}}}, date(2020, 8, 1)),
        ({"overlijden": {"datum": "20200000"}}, date(2020, 12, 31)),
        ({"overlijden": {"datum": "00000000"}}, TODAY),
        ({"opschortingBijhouding": {"reden": {"code": "O"}, "datum": "20261101"}}, date(2026, 11, 1)),
        ({"opschortingBijhouding": {"reden": {"code": "E"}, "datum": "20261101"}}, None),
    ],
)
def test_death(tmp_path: Path, told: dict[str, Any], died: date | None) -> None:
    """By itself, or as the reason that the register is not kept up any more; who moved abroad is alive."""
    (person,) = loaded(tmp_path, entry(**told))
    assert person.deceased_on == died


def test_who_is_left_out(tmp_path: Path) -> None:
    """Numbers that are not for tests, that are none, and whom the register never had."""
    gone = [entry(BSNS[9], opschortingBijhouding={"reden": {"code": code}}) for code in "FW"]
    assert loaded(tmp_path, entry("100600505"), entry("999999999"), entry(None), *gone) == ()  # type: ignore[arg-type]
    (person,) = loaded(tmp_path, entry(indicatieCurateleRegister=True))
    assert person.curatele


def test_authority(tmp_path: Path) -> None:
    """Every shape under the names of both versions, by the child's own entry alone."""
    shapes = [
        element("TweehoofdigOuderlijkGezag", ouders=[adult(PARENT), adult(None)]),
        element("GezamenlijkOuderlijkGezag", ouders=[adult(PARENT), adult(OTHER)], inOnderzoek=True),
        element("EenhoofdigOuderlijkGezag", ouder=adult(PARENT)),
        element("GezamenlijkGezag", ouder=adult(PARENT), derde=adult(None, type="OnbekendeDerde")),
        element("Voogdij", derden=[adult(OTHER, type="BekendeDerde")]),
        element("Voogdij", derden=[]),
        element("TijdelijkGeenGezag", toelichting="uitleg"),
        {"type": "GezagNietTeBepalen"},
    ]
    of_another = element("EenhoofdigOuderlijkGezag", BSNS[5], ouder=adult(CHILD))
    (person,) = loaded(tmp_path, entry(gezag=[*shapes, of_another]))
    assert [dict(each) for each in person.gezag] == [
        {"type": "GezamenlijkOuderlijkGezag", "ouders": [PARENT, ""]},
        {"type": "GezamenlijkOuderlijkGezag", "ouders": [PARENT, OTHER], "inOnderzoek": True},
        {"type": "EenhoofdigOuderlijkGezag", "ouder": PARENT},
        {"type": "GezamenlijkGezag", "ouder": PARENT, "derde": "onbekend"},
        {"type": "Voogdij", "derden": [OTHER]},
        {"type": "Voogdij", "derden": []},
        {"type": "TijdelijkGeenGezag", "toelichting": "uitleg"},
        {"type": "GezagNietTeBepalen"},
    ]


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ([1], "expected one array"),
        ([{"burgerservicenummer": CHILD, "naam": 1}], "person 1: it has another shape"),
        ([entry(geboorte={"datum": "20121301"})], "person 1: it has another shape"),
        ([entry(), entry(gezag=[{"type": "Anders"}])], "person 2: it has another shape"),
        ([entry(geslacht={"code": "X"})], "person 1: geslacht must be"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, entries: list[Any], says: str) -> None:
    """One line that names the file and the person by number, and holds no BSN."""
    with pytest.raises(PersonsError, match=says) as caught:
        loaded(tmp_path, *entries)
    assert CHILD not in str(caught.value)


def test_a_thousand_persons(tmp_path: Path) -> None:
    """In less than two seconds, families and all."""
    entries = []
    for mother, father, child, other in zip(*[iter(BSNS[:1000])] * 4, strict=True):
        both = [adult(mother), adult(father)]
        gezag = [element("GezamenlijkOuderlijkGezag", minor, ouders=both) for minor in (child, other)]
        entries += [entry(bsn, gezag=gezag) for bsn in (mother, father, child, other)]
    file = tmp_path / "test-data.json"
    file.write_text(json.dumps(entries), encoding="utf-8")
    began = time.perf_counter()
    persons = personen_mock.load(file, TODAY)
    took = time.perf_counter() - began
    assert len(persons) == 1000
    assert sum(len(person.gezag) for person in persons) == 500
    assert took < 2, f"{took:.2f} s"
