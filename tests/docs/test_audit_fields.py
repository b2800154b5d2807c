"""docs/audit-fields.md tells of every column of the log, as it is and as the export gives it (NEN 7513, BIO2)."""

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import vad.domain
from vad.adapters.postgres.audit_rows import AuditEventRow
from vad.adapters.postgres.schema import table
from vad.domain.audit import AuditEvent
from vad.services.log_fhir import FIELDS
from vad.services.log_fhir_codes import kinds

DOCUMENT = Path(__file__).parents[2] / "docs" / "audit-fields.md"


def told() -> dict[str, list[str]]:
    """The rows of its first table, by column."""
    text = DOCUMENT.read_text().partition("| column |")[2].partition("\n\n")[0]
    rows = [[cell.strip().strip("`") for cell in line.split("|")[1:-1]] for line in text.splitlines()[2:]]
    return {row[0]: row[1:] for row in rows}


def test_every_column_of_the_log_is_told() -> None:
    """A column that is added has a place in the standards, or says that it has none."""
    assert set(told()) == {column.name for column in table(AuditEventRow).c}
    assert all(len(row) == 3 and all(row) for row in told().values())


def test_the_element_of_fhir_is_that_of_the_export() -> None:
    """What the document promises an auditor is what the export holds."""
    assert {name: row[2] for name, row in told().items()} == {name: element for name, element, _ in FIELDS}


def test_every_type_is_told_as_what_it_is_to_others() -> None:
    """The second table has each type of event once, and says of it what the export says."""
    text = DOCUMENT.read_text().partition("| EventID (DICOM, CID 400) |")[2].partition("\n\n")[0]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines()[2:]]
    for module in iter_modules(vad.domain.__path__):
        import_module(f"vad.domain.{module.name}")
    said = [(each.strip("` "), (event, action)) for event, action, types in rows for each in types.split(",")]
    assert sorted(name for name, _ in said) == sorted(event.type for event in AuditEvent.__subclasses__())
    assert dict(said) == {name: (f"{kind.code} {kind.display}", kind.action) for name, kind in kinds().items()}


def test_each_demand_on_a_log_line_is_met() -> None:
    """BIO2 8.15.01: event, natural person, device, result, date and time; each has at least one column."""
    demands = " ".join(row[1] for row in told().values())
    for demand in ("the event", "natural person", "the device", "the result", "date and time"):
        assert demand in demands
