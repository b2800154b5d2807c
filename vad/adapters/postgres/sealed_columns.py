"""What is sealed beside persons: where it stands, so that it can be sealed anew, and no key it needs is destroyed."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Column, bindparam, func, literal_column, select, update

from vad.adapters.postgres.case_rows import CaseTextRow
from vad.adapters.postgres.mandate_rows import MandateLetterRow, MandateRow
from vad.adapters.postgres.notice_rows import ContactRow
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.schema import table

BATCH = 50
_CONTACTS, _MANDATES, _LETTERS = table(ContactRow), table(MandateRow), table(MandateLetterRow)
_CASE_TEXTS = table(CaseTextRow)


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """One column of one table; its value is bound to table, column and row, the row being named by its id."""

    row_id: Column[Any]
    key_id: Column[Any]
    value: Column[Any]

    def place(self, row: UUID) -> dict[str, str]:
        """Where a value stands, for `Sealer`."""
        return {"table": str(self.value.table), "column": self.value.name, "row": str(row)}

    @property
    def sealed_with(self) -> Query:
        """How many values a key has sealed."""
        return Query(select(func.count()).select_from(self.value.table).where(self.key_id == bindparam("key")))

    @property
    def to_seal(self) -> Query:
        """A batch of values that another key has sealed than the active one: row id, key id, value."""
        return Query(
            select(self.row_id, self.key_id, self.value)
            .where(self.row_id > bindparam("after"), self.key_id != bindparam("key"))
            .order_by(self.row_id)
            .limit(literal_column(str(BATCH)))
            .with_for_update(skip_locked=True)
        )

    @property
    def put(self) -> Query:
        """Write one value anew."""
        return Query(
            update(self.value.table)
            .where(self.row_id == bindparam("this_row"))
            .values({self.key_id: bindparam("new_key"), self.value: bindparam("new_value")})
        )


SEALED_COLUMNS = (
    SealedColumn(_CONTACTS.c.contact_id, _CONTACTS.c.address_key_id, _CONTACTS.c.address_sealed),
    SealedColumn(_MANDATES.c.mandate_id, _MANDATES.c.label_key_id, _MANDATES.c.label_sealed),
    SealedColumn(_CASE_TEXTS.c.text_id, _CASE_TEXTS.c.text_key_id, _CASE_TEXTS.c.text_sealed),
    SealedColumn(_LETTERS.c.mandate_id, _LETTERS.c.asked_key_id, _LETTERS.c.asked_sealed),
)
