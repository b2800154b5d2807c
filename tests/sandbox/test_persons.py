"""Test persons: what the files may say, and that the demo never grows old."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from vad.sandbox.birth_dates import BirthDate
from vad.sandbox.persons import Person, PersonsError, is_bsn, load_persons

DEMO = Path(__file__).parents[2] / "config" / "demo" / "persons.toml"
TODAY = date(2026, 11, 21)
GOOD = """
[[persons]]
bsn = "999991772"
voornamen = "Frouke"
geslachtsnaam = "Jansen"
story = { nl = "Een.", en = "One." }
"""


def load(folder: Path, *texts: str, today: date = TODAY) -> tuple[Person, ...]:
    """Load persons from files with these texts, in this order."""
    paths = []
    for number, text in enumerate(texts):
        path = folder / f"{number}.toml"
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return load_persons(paths, today)


@pytest.mark.parametrize("today", [date(2026, 11, 21), date(2027, 2, 28), date(2028, 2, 29), date(2040, 1, 1)])
def test_demo_keeps_its_ages(today: date) -> None:
    """Whatever the day, the demo has an adult, a 15-year-old, somebody who just turned 16, and the uncertain ones."""
    persons = {person.bsn: person for person in load_persons([DEMO], today)}
    assert len(persons) == 33
    assert all(is_bsn(bsn) and bsn.startswith("9999") for bsn in persons)
    assert persons["999991772"].full_name == "Frouke Jansen"
    ages = {bsn: person.age_on(today) for bsn, person in persons.items()}
    assert ages["999991772"] == 42
    assert ages["999990019"] == 38
    assert ages["999990664"] == 84
    assert ages["999990895"] == 15
    assert ages["999991103"] == 16
    assert ages["999991541"] is None
    assert ages["999992211"] is None
    assert [ages[bsn] for bsn in ("999992454", "999992740", "999992545", "999992788")] == [8, 13, 14, 16]
    young = persons["999990895"].birth
    assert young.age_on(today + timedelta(29)) == 15
    assert young.age_on(today + timedelta(31)) == 16
    deceased = persons["999991322"]
    assert deceased.deceased_on == today - timedelta(20)
    assert deceased.age_on(today) is None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('birth = "1950-03-01"', "1950-03-01"),
        ('birth = "1950-03"', "1950-03"),
        ('birth = "1950"', "1950"),
        ('birth = "unknown"', "unknown"),
        ("age = {years = 42, days = 100}", "1984-08-13"),
        ("age = {years = 16}", "2010-11-21"),
        ('age = {years = 16, known = "year"}', "2010"),
        ('age = {years = 16, known = "month"}', "2010-11"),
        ("turns = {years = 16, in_days = 3}", "2010-11-24"),
    ],
)
def test_birth_dates_can_be_written_in_these_ways(tmp_path: Path, written: str, expected: str) -> None:
    """Absolute, partial, unknown or relative to today."""
    (person,) = load(tmp_path, GOOD + written)
    assert str(person.birth) == expected
    assert Person.from_json(person.to_json()) == person


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        ("2010-02-29", date(2026, 2, 28), 15),
        ("2012-02-29", date(2026, 2, 28), 13),
        ("2012-02-29", date(2026, 3, 1), 14),
        ("2010-11-21", date(2026, 11, 20), 15),
        ("2010-11-21", date(2026, 11, 21), 16),
        ("1983-05", date(2019, 5, 31), None),
        ("1983-05", date(2019, 6, 1), 36),
        ("1983-05", date(2019, 4, 30), 35),
        ("1983", date(2019, 12, 31), None),
        ("unknown", date(2019, 12, 31), None),
    ],
)
def test_age_is_the_registers(birth: str, day: date, age: int | None) -> None:
    """Rules 10 and 11: birthday at midnight, 29 February on 1 March, no age where it is not certain."""
    if birth == "2010-02-29":
        with pytest.raises(ValueError, match="calendar"):
            BirthDate.parse(birth)
        return
    assert BirthDate.parse(birth).age_on(day) == age


def test_relative_ages_hold_on_a_leap_day(tmp_path: Path) -> None:
    """On 29 February somebody of exactly 15 is 15, and somebody who turns 16 tomorrow is still 15."""
    leap = date(2028, 2, 29)
    (person,) = load(tmp_path, GOOD + "age = {years = 15}", today=leap)
    assert person.age_on(leap) == 15
    (person,) = load(tmp_path, GOOD + "turns = {years = 16, in_days = 1}", today=date(2028, 2, 28))
    assert person.age_on(date(2028, 2, 28)) == 15


def test_later_files_replace_persons(tmp_path: Path) -> None:
    """A person in a later file takes the place of the one with the same BSN; the others stay."""
    other = GOOD.replace("999991772", "999990019") + 'birth = "1980"'
    renamed = GOOD.replace("Frouke", "Frederique") + 'birth = "1981"'
    persons = load(tmp_path, GOOD + 'birth = "1980"\n' + other, renamed)
    assert [person.voornamen for person in persons] == ["Frederique", "Frouke"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[persons", "0.toml: cannot be read"),
        ("persons = 3", "expected [[persons]]"),
        ("", "expected [[persons]]"),
        ('[[persons]]\nbsn = "999991772"', "person 1: story must be"),
        (GOOD, "person 1: give exactly one of birth, age and turns"),
        (GOOD + 'birth = "1980"\nage = {years = 3}', "exactly one"),
        (GOOD + 'birth = "1980-02-30"', "not a date"),
        (GOOD + 'birth = "80"', "a birth date is"),
        (GOOD + "birth = 1980", "a birth date is"),
        (GOOD + "age = 42", "age must be a table"),
        (GOOD + "age = {years = 42, weeks = 1}", "age must be a table"),
        (GOOD + "age = {years = -1}", "age.years must be a whole number"),
        (GOOD + "age = {years = 1, days = 365}", "age.days must be a whole number"),
        (GOOD + 'age = {years = 1, known = "all"}', "age.known"),
        (GOOD + "turns = {years = 16}", "turns must be a table"),
        (GOOD + "turns = {years = true, in_days = 1}", "turns.years"),
        (GOOD + 'birth = "1980"\ndeceased_days_ago = "gone"', "deceased_days_ago"),
        (GOOD + 'birth = "1980"\nnickname = "F"', "unknown key nickname"),
        (GOOD + 'birth = "1980"\ngeslacht = "X"', "geslacht must be one of"),
        (GOOD.replace("999991772", "999991773") + 'birth = "1980"', "11-proof"),
        (GOOD.replace("999991772", "123456782") + 'birth = "1980"', "start with 999"),
        (GOOD.replace('"Jansen"', '""') + 'birth = "1980"', "geslachtsnaam is missing"),
        (GOOD.replace('"Jansen"', "7") + 'birth = "1980"', "geslachtsnaam must be one line"),
        (GOOD + 'birth = "1980"\n' + GOOD + 'birth = "1980"', "person 2: the same bsn"),
    ],
)
def test_faults_are_told_in_one_line_without_a_bsn(tmp_path: Path, text: str, message: str) -> None:
    """Whoever edits the file reads which file, which person and what is wrong; never a BSN (rule 31)."""
    with pytest.raises(PersonsError) as raised:
        load(tmp_path, text)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)
    assert "99999177" not in str(raised.value)


def test_missing_file_is_told(tmp_path: Path) -> None:
    """A file that is not there is named."""
    with pytest.raises(PersonsError, match=r"absent\.toml: cannot be read"):
        load_persons([tmp_path / "absent.toml"], TODAY)


@pytest.mark.parametrize("raw", [{}, {"bsn": "999991772"}, {"extra": 1}])
def test_broken_json_persons_are_refused(raw: dict[str, object]) -> None:
    """A configuration with an incomplete person is refused."""
    with pytest.raises(PersonsError):
        Person.from_json(raw)


def test_bsn_is_not_in_the_representation(persons: tuple[Person, ...]) -> None:
    """Rule 31: a person that ends up in a log line does not bring the BSN along."""
    assert all(person.bsn not in repr(person) for person in persons)
