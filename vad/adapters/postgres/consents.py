"""The consents store."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Uuid, any_, bindparam, insert, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from vad.adapters.postgres.query import Query, Row
from vad.adapters.postgres.rows import ConsentRow
from vad.adapters.postgres.schema import table
from vad.adapters.postgres.transaction import Transaction
from vad.domain.block import Block, BlockKind
from vad.domain.consent import Consent, Duration
from vad.domain.identifiers import ClientId, ConsentId, PersonId, ResourceId

_CONSENTS = table(ConsentRow)
_C = _CONSENTS.c
COLUMNS = (
    _C.consent_id,
    _C.person_id,
    _C.subject,
    _C.client_id,
    _C.resource,
    _C.data_services,
    _C.duration,
    _C.given_at,
    _C.until,
    _C.withdrawn_at,
)
STANDING = _C.duration == literal_column(f"'{Duration.UNTIL_STOPPED.value}'")  # as in the predicates of the indexes
_THESE = _C.consent_id == any_(bindparam("consent_ids", type_=ARRAY(Uuid())))

_ADD = Query(insert(_CONSENTS).values({column.name: bindparam(column.name) for column in COLUMNS}))
_HOLDS = (_C.withdrawn_at.is_(None), _C.until > bindparam("at"))
_LIVE = Query(
    select(*COLUMNS).where(_C.person_id == bindparam("person_id"), *_HOLDS).order_by(_C.given_at, _C.consent_id)
)
_WITHDRAW = Query(
    update(_CONSENTS)
    .where(
        _C.person_id == bindparam("person_id"),
        _C.subject == bindparam("of_subject"),
        _C.client_id == bindparam("of_client"),
        *_HOLDS,
    )
    .values(withdrawn_at=bindparam("at"))
    .returning(*COLUMNS)
)
_WITHDRAW_ACTING = Query(
    update(_CONSENTS)
    .where(_C.person_id == bindparam("person_id"), _C.subject == bindparam("of_subject"), *_HOLDS)
    .values(withdrawn_at=bindparam("at"))
    .returning(*COLUMNS)
)
_ACTING_ABOUT = Query(
    select(_C.person_id)
    .where(_C.subject == bindparam("of_subject"), _C.person_id != bindparam("of_subject"), *_HOLDS)
    .distinct()
    .order_by(_C.person_id)
)
_WITHDRAW_COVERED = Query(
    update(_CONSENTS)
    .where(
        _C.subject == bindparam("of_subject"),
        or_(_C.client_id == bindparam("of_client"), _C.resource == bindparam("of_source")),
        *_HOLDS,
    )
    .values(withdrawn_at=bindparam("at"))
    .returning(*COLUMNS)
)
# A consent whose end is in the log stays ended, and no use ever shortens one.
_EXTEND = Query(
    update(_CONSENTS)
    .where(_THESE, STANDING, _C.withdrawn_at.is_(None), ~_C.lapse_recorded, _C.until < bindparam("new_end"))
    .values(until=bindparam("new_end")),
    "extend_consents",
)
HELD = select(_C.consent_id).where(_THESE, *_HOLDS).with_for_update(read=True)
"""Those of `consent_ids` that hold at `at`; they go on doing so until the transaction is over."""
_LAPSED = (
    select(_C.consent_id)
    .where(STANDING, _C.withdrawn_at.is_(None), ~_C.lapse_recorded, _C.until <= bindparam("at"))
    .order_by(_C.until)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_RECORD_LAPSED = Query(
    update(_CONSENTS).where(_C.consent_id.in_(_LAPSED)).values(lapse_recorded=True).returning(*COLUMNS)
)


class PostgresConsents:
    """`vad.services.ports.records.Consents` in one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, consents: Sequence[Consent]) -> None:
        for consent in consents:
            self._transaction.change(_ADD, **values_of(consent))

    def live(self, person_id: PersonId, at: datetime) -> tuple[Consent, ...]:
        return tuple(map(consent_of, self._transaction.read(_LIVE, person_id=person_id, at=at)))

    def withdraw(
        self, person_id: PersonId, subject: PersonId, client_id: ClientId, at: datetime
    ) -> tuple[Consent, ...]:
        rows = self._transaction.change(_WITHDRAW, person_id=person_id, of_subject=subject, of_client=client_id, at=at)
        return tuple(map(consent_of, rows))

    def withdraw_acting(self, person_id: PersonId, subject: PersonId, at: datetime) -> tuple[Consent, ...]:
        rows = self._transaction.change(_WITHDRAW_ACTING, person_id=person_id, of_subject=subject, at=at)
        return tuple(map(consent_of, rows))

    def acting_about(self, subject: PersonId, at: datetime) -> tuple[PersonId, ...]:
        rows = self._transaction.read(_ACTING_ABOUT, of_subject=subject, at=at)
        return tuple(PersonId(person_id) for (person_id,) in rows)

    def withdraw_covered(self, block: Block, at: datetime) -> tuple[Consent, ...]:
        client = block.target if block.kind is BlockKind.CLIENT else None
        source = block.target if block.kind is BlockKind.SOURCE else None
        rows = self._transaction.change(
            _WITHDRAW_COVERED, of_subject=block.subject, of_client=client, of_source=source, at=at
        )
        return tuple(map(consent_of, rows))

    def extend(self, consent_ids: Sequence[ConsentId], until: datetime) -> None:
        if consent_ids:
            self._transaction.later(_EXTEND, consent_ids=list(consent_ids), new_end=until)

    def lapsed_unrecorded(self, at: datetime, limit: int) -> tuple[Consent, ...]:
        return tuple(map(consent_of, self._transaction.change(_RECORD_LAPSED, at=at, most=limit)))


def values_of(consent: Consent) -> dict[str, Any]:
    """What a consent's row holds."""
    return {
        "consent_id": consent.consent_id,
        "person_id": consent.person_id,
        "subject": consent.subject,
        "client_id": consent.client_id,
        "resource": consent.resource,
        "data_services": sorted(consent.data_services),
        "duration": consent.duration.value,
        "given_at": consent.given_at,
        "until": consent.until,
        "withdrawn_at": consent.withdrawn_at,
    }


def consent_of(row: Row) -> Consent:
    """The consent of a row of `COLUMNS`."""
    consent_id, person_id, subject, client_id, resource, data_services, duration, given_at, until, withdrawn_at = row
    return Consent(
        consent_id=ConsentId(consent_id),
        person_id=PersonId(person_id),
        subject=PersonId(subject),
        client_id=ClientId(client_id),
        resource=ResourceId(resource),
        data_services=frozenset(data_services),
        duration=Duration(duration),
        given_at=given_at,
        until=until,
        withdrawn_at=withdrawn_at,
    )
