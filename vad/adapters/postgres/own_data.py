"""Everything that VAD holds about one person, table by table (AVG article 15).

The tables and columns stand here once. A test fails when a table comes that holds persons and is neither told nor
left out with a reason.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import BindParameter, Column, ColumnElement, bindparam, or_, select

from vad.adapters.postgres.audit_rows import AuditEventRow
from vad.adapters.postgres.case_rows import CaseRow, CaseTextRow
from vad.adapters.postgres.log_people import names
from vad.adapters.postgres.mandate_rows import LegalMandateRow, MandateRow, PermissionRow
from vad.adapters.postgres.notice_rows import BirthdayRow, ContactRow, NoticeRow
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.rows import AssentRow, BlockRow, ConsentRow, PersonRow
from vad.adapters.postgres.schema import Base, table
from vad.adapters.postgres.transaction import Transaction
from vad.adapters.vault.sealing import Sealed, Sealer
from vad.domain import audit_people
from vad.domain.audit_people import TOLD, WEIGHED
from vad.domain.identifiers import PersonId
from vad.domain.log_events import LogExported
from vad.domain.staff_events import StaffViewed


@dataclass(frozen=True, slots=True)
class Section:
    """One table."""

    row: type[Base]
    persons: tuple[str, ...] = ()
    """The columns that name persons: the rows are those in which one of them is this person."""
    named: tuple[str, ...] = ()
    """And those whose evidence names this person, by one of these keys."""
    through: tuple[str, type[Base]] | None = None
    """Or: the rows that belong, by this column, to rows of another section."""
    left_out: frozenset[str] = frozenset()
    """Columns that say nothing to anybody, or something about others."""
    sealed: Mapping[str, str] = field(default_factory=dict)
    """Columns to open, each with the column of its key."""


_OF_THE_LOG = frozenset({"txid", "commitment", "request_id", "correlation_id", "grant_id", "sid", "origin"})
SECTIONS: Final[Mapping[str, Section]] = {
    "person": Section(
        PersonRow,
        ("person_id",),
        left_out=frozenset(
            {"bsn_lookup", "bsn_lookup_key_id", "bsn_lookup_next", "bsn_lookup_next_key_id", "bsn_sealed", "bsn_key_id"}
        ),
        sealed={"evidence_sealed": "evidence_key_id"},
    ),
    "consents": Section(ConsentRow, ("person_id", "subject")),
    "mandates": Section(
        MandateRow,
        ("represented", "representative"),
        left_out=frozenset({"code_hash", "code_tries", "label_sealed", "label_key_id"}),
    ),
    "permissions": Section(PermissionRow, through=("mandate_id", MandateRow)),
    "legal_mandates": Section(
        LegalMandateRow, through=("mandate_id", MandateRow), left_out=frozenset({"proposed_by", "approved_by"})
    ),
    "blocks": Section(BlockRow, ("subject",)),
    "assents": Section(AssentRow, ("subject", "actor")),
    "contacts": Section(ContactRow, ("person_id",), sealed={"address_sealed": "address_key_id"}),
    "birthdays": Section(BirthdayRow, ("child", "holder")),
    "notices": Section(NoticeRow, ("person_id",)),
    "cases": Section(CaseRow, ("person_id",), left_out=frozenset({"taken_by"})),
    "case_texts": Section(
        CaseTextRow,
        through=("case_id", CaseRow),
        left_out=frozenset({"written_by"}),
        sealed={"text_sealed": "text_key_id"},
    ),
    "events": Section(
        AuditEventRow,
        ("actor", "represented"),
        TOLD,
        left_out=_OF_THE_LOG,
    ),
}
TO_WEIGH: Final = "events_to_weigh"
"""What staff alone take, once they weighed whether it can be told: signals, and blocks against this person."""
_TO_WEIGH = Section(AuditEventRow, named=WEIGHED, left_out=_OF_THE_LOG)
_QUESTIONS: Final[Mapping[str, frozenset[str]]] = {
    StaffViewed.type: frozenset({"action", "page", "break_glass"}),
    LogExported.type: frozenset({"format"}),
}
"""Of what staff asked of the log about this person: all that is told. The rest of the question would say what they look
for, such as signals, or about whom else."""
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NOT_TOLD: Final[Mapping[str, str]] = {
    "grants": "each is told by its events: when an app got access, for what, and when that ended",
    "mandate_letters": "hashes of codes, and what somebody else wrote to have it sent, which is erased on delivery",
    "staff_accounts": "of an employment: the pages for citizens have no right to read it; the employer gives it",
    "staff_requests": "what somebody does in a profession; what came of it about this person is told by its events",
    "break_glass": "what somebody does in a profession; what they looked at of this person is told by its events",
    "audit_erasable": "words of staff, maybe about others: given on request, once the rights of those were weighed",
    "handled_signals": "a signal that turned out to be nothing, or led to a case; what was done is told by its events",
}
"""Tables with something about persons that is not told, and why."""


class PostgresOwnData:
    """`vad.services.ports.own_data.OwnDataStore` in one transaction."""

    def __init__(self, transaction: Transaction, sealer: Sealer) -> None:
        self._transaction = transaction
        self._sealer = sealer

    def sections(self, person_id: PersonId, *, to_weigh: bool = False) -> Iterator[tuple[str, list[dict[str, object]]]]:
        given = {**SECTIONS, TO_WEIGH: _TO_WEIGH} if to_weigh else SECTIONS
        read = {name: self._transaction.read(_QUERIES[name], me=person_id) for name in given}
        called = _Names(person_id, frozenset(each for name in given for each in _people(given[name], read[name])))
        for name, section in given.items():
            yield name, [self._told(section, row, called) for row in read[name]]

    def _told(self, section: Section, row: tuple[Any, ...], names: "_Names") -> dict[str, object]:
        columns = _columns(section)
        values = {column.name: value for column, value in zip(columns, row, strict=True)}
        if values.get("type") in _QUESTIONS:
            kept = _QUESTIONS[values["type"]]
            values["evidence"] = {name: value for name, value in values["evidence"].items() if name in kept}
        told: dict[str, object] = {}
        (key,) = [column.name for column in columns if column.primary_key][:1]
        for name, value in values.items():
            if name in section.sealed:
                told[name.removesuffix("_sealed")] = self._opened(section, name, values[key], value, values)
            elif name not in section.sealed.values():
                told[name] = names.said(value)
        if "staff" in told:
            told["staff"] = told["staff"] is not None
        return told

    def _opened(self, section: Section, name: str, row: UUID, value: Any, values: Mapping[str, Any]) -> str | None:
        if value is None:
            return None
        place = {"table": table(section.row).name, "column": name, "row": str(row)}
        return self._sealer.open(Sealed(values[section.sealed[name]], bytes(value)), **place).decode()


def _columns(section: Section) -> list[Column[Any]]:
    return [column for column in table(section.row).c if column.name not in section.left_out]


def _query(section: Section) -> Query:
    me: BindParameter[UUID] = bindparam("me")
    columns = table(section.row).c
    if section.through is not None:
        name, parent = section.through
        roles = next(each.persons for each in SECTIONS.values() if each.row is parent)
        ours = select(table(parent).c[name]).where(or_(*(table(parent).c[role] == me for role in roles)))
        condition: ColumnElement[bool] = columns[name].in_(ours)
    else:
        named = [names("me", section.named)] if section.named else []
        condition = or_(*(columns[role] == me for role in section.persons), *named)
    return Query(select(*_columns(section)).where(condition).order_by(*table(section.row).primary_key.columns))


_QUERIES = {name: _query(section) for name, section in {**SECTIONS, TO_WEIGH: _TO_WEIGH}.items()}


def _people(section: Section, rows: list[tuple[Any, ...]]) -> Iterator[UUID]:
    """Everybody who stands in these rows."""
    columns = [column.name for column in _columns(section)]
    roles = {"actor", "represented"} if section.named else section.persons
    places = [columns.index(role) for role in roles]
    yield from (row[place] for row in rows for place in places if row[place] is not None)
    if section.named:
        evidence = columns.index("evidence")
        yield from (person for row in rows for _, person in audit_people.named(row[evidence]))


@dataclass(frozen=True, slots=True)
class _Names:
    """Says values without anybody's id: this person is "you", others have a name in all of this person's files."""

    me: PersonId
    people: frozenset[UUID]

    def said(self, value: Any) -> object:
        if isinstance(value, datetime | date):
            return value.isoformat()
        if isinstance(value, list):
            return [self.said(each) for each in value]
        if isinstance(value, dict):
            return {name: self.said(each) for name, each in value.items()}
        if isinstance(value, str | UUID):
            return _ID.sub(lambda found: self._called(UUID(found.group())), str(value))
        return value

    def _called(self, found: UUID) -> str:
        if found == self.me:
            return "you"
        return f"person {uuid5(self.me, str(found))}" if found in self.people else str(found)
