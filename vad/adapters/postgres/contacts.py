"""The contacts store: e-mail addresses, each sealed in its own row."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, delete, func, insert, literal_column, or_, select, update

from vad.adapters.postgres.notice_rows import ContactRow
from vad.adapters.postgres.query import Query, Row
from vad.adapters.postgres.schema import table
from vad.adapters.postgres.transaction import Transaction
from vad.adapters.vault.sealing import Sealed, Sealer
from vad.domain.contact import Contact, ContactState, EmailAddress
from vad.domain.identifiers import ContactId, PersonId

_CONTACTS = table(ContactRow)
_C = _CONTACTS.c
_COLUMNS = (_C.contact_id, _C.person_id, _C.address_key_id, _C.address_sealed, _C.language, _C.state, _C.asked_at)


def _is(state: ContactState) -> ColumnElement[bool]:
    return _C.state == literal_column(f"'{state.value}'")  # as in the predicates of the indexes


_THIS = _C.contact_id == bindparam("this_contact")
_OF_PERSON = _C.person_id == bindparam("of_person")
_HOLD = Query(select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("person"), literal_column("0")))))
_GET = Query(select(*_COLUMNS).where(_THIS))
_CONFIRMED = Query(select(*_COLUMNS).where(_OF_PERSON, _is(ContactState.CONFIRMED)))
_PENDING = Query(select(*_COLUMNS).where(_OF_PERSON, _is(ContactState.PENDING)))
_DROP_PENDING = Query(delete(_CONTACTS).where(_OF_PERSON, _is(ContactState.PENDING)))
_ADD = Query(insert(_CONTACTS).values({column.name: bindparam(column.name) for column in _COLUMNS}))
_COUNT_TRY = Query(
    update(_CONTACTS)
    .where(_THIS, _is(ContactState.PENDING), _C.tries < bindparam("most"))
    .values(tries=_C.tries + literal_column("1"))
)
_END = Query(
    update(_CONTACTS)
    .where(_OF_PERSON, _is(ContactState.CONFIRMED))
    .values(state=literal_column(f"'{ContactState.FORMER.value}'"), ended_at=bindparam("at"))
    .returning(_C.contact_id)
)
_CONFIRM = Query(
    update(_CONTACTS)
    .where(_THIS, _is(ContactState.PENDING))
    .values(state=literal_column(f"'{ContactState.CONFIRMED.value}'"), confirmed_at=bindparam("at"))
)
_FORGET_OLD = Query(
    delete(_CONTACTS).where(
        ~_is(ContactState.CONFIRMED),
        # What ended before was asked before: said for the index.
        _C.asked_at < func.greatest(bindparam("asked_before"), bindparam("ended_before")),
        or_(
            and_(_is(ContactState.PENDING), _C.asked_at < bindparam("asked_before")),
            _C.ended_at < bindparam("ended_before"),
        ),
    )
)


class PostgresContacts:
    """`vad.services.ports.notices.Contacts` in one transaction."""

    def __init__(self, transaction: Transaction, sealer: Sealer) -> None:
        self._transaction = transaction
        self._sealer = sealer

    def hold(self, person_id: PersonId) -> None:
        self._transaction.change(_HOLD, person=f"contacts {person_id}")

    def confirmed(self, person_id: PersonId) -> Contact | None:
        return self._only(self._transaction.read(_CONFIRMED, of_person=person_id))

    def pending(self, person_id: PersonId) -> Contact | None:
        return self._only(self._transaction.read(_PENDING, of_person=person_id))

    def get(self, contact_id: ContactId) -> Contact | None:
        return self._only(self._transaction.read(_GET, this_contact=contact_id))

    def ask(self, contact: Contact) -> None:
        sealed = self._sealer.seal(contact.address.reveal().encode(), **place(contact.contact_id))
        self._transaction.change(_DROP_PENDING, of_person=contact.person_id)
        self._transaction.change(
            _ADD,
            contact_id=contact.contact_id,
            person_id=contact.person_id,
            address_key_id=sealed.key_id,
            address_sealed=sealed.value,
            language=contact.language,
            state=contact.state.value,
            asked_at=contact.asked_at,
        )

    def count_try(self, contact_id: ContactId, most: int) -> bool:
        return self._transaction.count(_COUNT_TRY, this_contact=contact_id, most=most) == 1

    def confirm(self, contact: Contact, at: datetime) -> ContactId | None:
        former = self._transaction.change(_END, of_person=contact.person_id, at=at)
        self._transaction.change(_CONFIRM, this_contact=contact.contact_id, at=at)
        return ContactId(former[0][0]) if former else None

    def remove(self, person_id: PersonId, at: datetime) -> ContactId | None:
        self._transaction.change(_DROP_PENDING, of_person=person_id)
        former = self._transaction.change(_END, of_person=person_id, at=at)
        return ContactId(former[0][0]) if former else None

    def forget_old(self, asked_before: datetime, ended_before: datetime) -> int:
        return self._transaction.count(_FORGET_OLD, asked_before=asked_before, ended_before=ended_before)

    def _only(self, rows: list[Row]) -> Contact | None:
        return self._opened(rows[0]) if rows else None

    def _opened(self, row: Row) -> Contact:
        contact_id, person_id, key_id, sealed, language, state, asked_at = row
        address = self._sealer.open(Sealed(key_id, bytes(sealed)), **place(contact_id))
        return Contact(
            contact_id=ContactId(contact_id),
            person_id=PersonId(person_id),
            address=EmailAddress(address.decode()),
            language=language,
            state=ContactState(state),
            asked_at=asked_at,
        )


def place(contact_id: UUID) -> dict[str, str]:
    """Where an address stands, for `Sealer`."""
    return {"table": "contacts", "column": "address_sealed", "row": str(contact_id)}
