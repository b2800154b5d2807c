"""The store of mandates on the ground of law. That two people made one is checked by the database as well."""

from datetime import datetime

from sqlalchemy import bindparam, insert, select, update

from vad.adapters.postgres.mandate_reading import ACTIVE, MANDATES
from vad.adapters.postgres.mandate_rows import LegalMandateRow
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.schema import table
from vad.adapters.postgres.transaction import Transaction
from vad.domain.identifiers import MandateId, PersonId
from vad.domain.mandate_legal import Legal, LegalKind
from vad.services.ports.mandate_legal import ListedLegal

_LEGAL = table(LegalMandateRow)
_L = _LEGAL.c
_THIS = _L.mandate_id == bindparam("this_mandate")

_ADD = Query(
    insert(_LEGAL).values({name: bindparam(name) for name in ("mandate_id", "kind", "reference", "proposed_by")})
)
_GET = Query(select(_L.kind, _L.reference, _L.proposed_by, _L.approved_by).where(_THIS).with_for_update())
_APPROVE = Query(
    update(_LEGAL).where(_THIS, _L.approved_by.is_(None)).values(approved_by=bindparam("by")).returning(_L.mandate_id)
)
_RENEW = Query(
    update(_LEGAL)
    .where(_THIS)
    .values(
        {name: bindparam(name) for name in ("reference", "renewed_until", "renewal_proposed_by", "renewal_approved_by")}
    )
)
_M = MANDATES.c
_LISTED = Query(
    select(_L.mandate_id, _L.kind, _L.reference, _M.represented, _M.representative, _M.starts_at, _M.ends_at)
    .join_from(_LEGAL, MANDATES, _M.mandate_id == _L.mandate_id)
    .where(ACTIVE, _M.ends_at > bindparam("at"))
    .order_by(_M.ends_at, _L.mandate_id)
    .limit(bindparam("most"))
)


class PostgresLegalMandates:
    """`vad.services.ports.mandate_legal.LegalMandates` in one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, mandate_id: MandateId, legal: Legal) -> None:
        self._transaction.change(
            _ADD,
            mandate_id=mandate_id,
            kind=legal.kind.value,
            reference=legal.reference.strip(),
            proposed_by=legal.proposed_by,
        )

    def get(self, mandate_id: MandateId) -> Legal | None:
        for kind, reference, proposed_by, approved_by in self._transaction.change(_GET, this_mandate=mandate_id):
            approved = None if approved_by is None else PersonId(approved_by)
            return Legal(LegalKind(kind), reference, PersonId(proposed_by), approved)
        return None

    def approve(self, mandate_id: MandateId, by: PersonId) -> bool:
        return bool(self._transaction.change(_APPROVE, this_mandate=mandate_id, by=by))

    def renew(self, mandate_id: MandateId, legal: Legal, until: datetime) -> None:
        self._transaction.change(
            _RENEW,
            this_mandate=mandate_id,
            reference=legal.reference,
            renewed_until=until,
            renewal_proposed_by=legal.proposed_by,
            renewal_approved_by=legal.approved_by,
        )

    def listed(self, at: datetime, limit: int) -> tuple[ListedLegal, ...]:
        rows = self._transaction.read(_LISTED, at=at, most=limit)
        return tuple(
            ListedLegal(
                MandateId(mandate_id),
                LegalKind(kind),
                reference,
                PersonId(represented),
                PersonId(representative),
                *times,
            )
            for mandate_id, kind, reference, represented, representative, *times in rows
        )
