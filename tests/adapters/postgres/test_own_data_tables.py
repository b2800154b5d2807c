"""Everything that VAD holds about a person is given, or left out with a reason (AVG article 15)."""

from pathlib import Path

from vad.adapters.postgres.own_data import NOT_TOLD, SECTIONS
from vad.adapters.postgres.schema import Base, table

DOCUMENT = Path(__file__).parents[3] / "docs" / "own-data.md"
PERSONAL = {"person_id", "person", "actor", "represented", "representative", "subject", "addressee", "concerning"}
"""Names of columns that hold persons where no foreign key says so."""


def personal() -> dict[str, set[str]]:
    """The columns of each table that hold persons."""
    found: dict[str, set[str]] = {}
    for name, each in Base.metadata.tables.items():
        columns = {
            column.name
            for column in each.c
            if any(key.column.table.name == "persons" for key in column.foreign_keys)
            or (column.name in PERSONAL and name != "staff_accounts")
        }
        if columns:
            found[name] = columns
    return found


def test_no_table_with_persons_is_forgotten() -> None:
    """Whoever adds one says whether people get it; and says it of no table that there is not."""
    told = {table(section.row).name: section for section in SECTIONS.values()}
    forgotten = set(personal()) - set(told) - set(NOT_TOLD)
    assert forgotten == set()
    assert set(NOT_TOLD) <= set(Base.metadata.tables)
    assert not set(NOT_TOLD) & set(told)


def test_no_column_with_persons_is_forgotten() -> None:
    """Somebody may stand in a row in more than one way: each of them finds it."""
    told = {table(section.row).name: section for section in SECTIONS.values()}
    for name, columns in personal().items():
        if name in told and told[name].through is None:
            assert columns <= {*told[name].persons, *told[name].left_out}, name


def test_the_document_names_each_section_and_each_reason() -> None:
    """docs/own-data.md is the schema of the file."""
    text = DOCUMENT.read_text()
    assert [name for name in (*SECTIONS, "logins") if f"| `{name}` |" not in text] == []
    assert [name for name, why in NOT_TOLD.items() if f"| `{name}` | {why} |" not in text] == []
