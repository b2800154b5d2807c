"""The mandates store. What a person wrote in one, to recognise the other, is sealed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    LargeBinary,
    Uuid,
    and_,
    any_,
    bindparam,
    func,
    insert,
    literal_column,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from vad.adapters.postgres.mandate_reading import ACTIVE, IS_OPEN, MANDATES, PERMISSIONS, READ, mandate_of
from vad.adapters.postgres.mandate_rows import MandateLetterRow
from vad.adapters.postgres.mandate_upkeep import CHECK_AGAIN, ENDING, OVERDUE, REMIND_FROM, REMIND_UNTIL, TO_CHECK
from vad.adapters.postgres.query import Query, Row
from vad.adapters.postgres.rows import ConsentRow
from vad.adapters.postgres.schema import table
from vad.adapters.postgres.transaction import Transaction
from vad.adapters.vault.sealing import Sealed, Sealer
from vad.domain.identifiers import MandateId, PersonId
from vad.domain.mandate import Mandate
from vad.services.ports.mandates import Coded

_M, _P, _L = MANDATES.c, PERMISSIONS.c, table(MandateLetterRow).c
_CONSENTS = table(ConsentRow)

_THIS = _M.mandate_id == bindparam("this_mandate")

_HOLD = Query(select(func.pg_advisory_xact_lock(bindparam("number"))))
_ADD = Query(
    insert(MANDATES).values(
        {column.name: bindparam(column.name) for column in _M if column.name not in {"code_tries", "last_used_at"}}
    )
)
_PERMIT = Query(
    insert(PERMISSIONS).values(
        {
            name: bindparam(name)
            for name in ("permission_id", "mandate_id", "data_service", "resource", "client_id", "stopped_at")
        }
    )
)
_GET = Query(select(*READ).where(_THIS))
_OF = Query(
    select(*READ)
    .where(
        or_(_M.represented == bindparam("person_id"), _M.representative == bindparam("person_id")),
        or_(ACTIVE, IS_OPEN, _M.changed_at >= bindparam("since")),
    )
    .order_by(_M.changed_at.desc(), _M.mandate_id)
)
_BETWEEN = Query(
    select(*READ)
    .where(_M.represented == bindparam("grantor"), _M.representative == bindparam("helper"), ACTIVE)
    .order_by(_M.ends_at.desc(), _M.mandate_id)
)
_WAITING = Query(
    select(func.count()).where(
        or_(
            and_(_M.represented == bindparam("person_id"), _M.route == literal_column("'offer'")),
            and_(
                _M.representative == bindparam("person_id"),
                _M.route.in_([literal_column("'request'"), literal_column("'letter'")]),
            ),
        ),
        IS_OPEN,
        _M.answer_by > bindparam("at"),
    )
)
_BY_CODE = Query(
    select(*READ, _M.code_tries, select(_L.addressee).where(_L.mandate_id == _M.mandate_id).scalar_subquery())
    .where(_M.code_hash == any_(bindparam("hashes", type_=ARRAY(LargeBinary()))))
    .with_for_update(of=MANDATES)
)
_TRIED = Query(
    update(MANDATES)
    .where(_THIS)
    .values(code_tries=func.least(_M.code_tries + literal_column("1"), literal_column("5")))
)
_RECODE = Query(
    update(MANDATES)
    .where(_THIS, _M.version == bindparam("read_version"), IS_OPEN)
    .values(
        code_hash=bindparam("code_hash"),
        code_tries=literal_column("0"),
        version=_M.version + literal_column("1"),
        answer_by=bindparam("answer_by"),
    )
    .returning(_M.mandate_id)
)
_MOVED = ("state", "represented", "representative", "starts_at", "ends_at", "changed_at", "version")
_KEEP = Query(
    update(MANDATES)
    .where(_THIS, _M.version == bindparam("read_version"))
    .values({name: bindparam(name) for name in _MOVED})
    .returning(_M.mandate_id)
)
_FORGET_LABEL = Query(update(MANDATES).where(_THIS, ~IS_OPEN).values(label_sealed=null(), label_key_id=null()))
_STOP = Query(
    update(PERMISSIONS)
    .where(_P.permission_id == any_(bindparam("these", type_=ARRAY(Uuid()))), _P.stopped_at.is_(None))
    .values(stopped_at=bindparam("at"))
)
_FORMER = select(_M.mandate_id, _M.last_used_at).where(_THIS).with_for_update().cte("former")
_USED = Query(
    update(MANDATES)
    .where(_M.mandate_id == _FORMER.c.mandate_id)
    .values(last_used_at=func.greatest(_M.last_used_at, bindparam("at")))
    .returning(_FORMER.c.last_used_at.is_(None))
)
_HOLD_CONSENTS = Query(
    select(_CONSENTS.c.consent_id)
    .where(
        _CONSENTS.c.person_id == bindparam("helper"),
        _CONSENTS.c.subject == bindparam("grantor"),
        _CONSENTS.c.withdrawn_at.is_(None),
        _CONSENTS.c.until > bindparam("at"),
    )
    .order_by(_CONSENTS.c.consent_id)
    .with_for_update()
)
_HOLD_PERMISSIONS = Query(
    select(_P.permission_id)
    .where(_P.mandate_id == bindparam("this_mandate"))
    .order_by(_P.permission_id)
    .with_for_update()
)


class PostgresMandates:
    """`vad.services.ports.mandates.Mandates` in one transaction."""

    def __init__(self, transaction: Transaction, sealer: Sealer) -> None:
        self._transaction = transaction
        self._sealer = sealer

    def hold(self, *people: PersonId) -> None:
        # In one order everywhere, so that nobody waits for somebody who waits for them.
        for number in sorted({int.from_bytes(person.bytes[:8], signed=True) for person in people}):
            self._transaction.change(_HOLD, number=number)

    def hold_all(self, mandate: Mandate, at: datetime) -> None:
        # As what issues does: consents, permissions, the mandate, grants.
        self._transaction.change(_HOLD_CONSENTS, helper=mandate.representative, grantor=mandate.represented, at=at)
        self._transaction.change(_HOLD_PERMISSIONS, this_mandate=mandate.mandate_id)

    def add(self, mandate: Mandate, code_hash: bytes | None) -> None:
        row = str(mandate.mandate_id)
        sealed = self._sealer.seal(mandate.label.encode(), table="mandates", column="label_sealed", row=row)
        self._transaction.change(
            _ADD,
            mandate_id=mandate.mandate_id,
            route=mandate.route.value,
            made_at=mandate.made_at,
            answer_by=mandate.answer_by,
            label_sealed=sealed.value,
            label_key_id=sealed.key_id,
            code_hash=code_hash,
            checked_at=mandate.made_at,
            **_moved(mandate),
        )
        for each in mandate.permissions:
            self._transaction.change(
                _PERMIT,
                permission_id=each.permission_id,
                mandate_id=mandate.mandate_id,
                data_service=each.data_service,
                resource=each.resource or "",
                client_id=each.client_id or "",
                stopped_at=each.stopped_at,
            )

    def get(self, mandate_id: MandateId) -> Mandate | None:
        return next(iter(self._read(_GET, this_mandate=mandate_id)), None)

    def of(self, person_id: PersonId, since: datetime) -> tuple[Mandate, ...]:
        return self._read(_OF, person_id=person_id, since=since)

    def active(self, represented: PersonId, representative: PersonId) -> tuple[Mandate, ...]:
        return self._read(_BETWEEN, grantor=represented, helper=representative)

    def waiting(self, person_id: PersonId, at: datetime) -> int:
        return int(self._transaction.change(_WAITING, person_id=person_id, at=at)[0][0])

    def by_code(self, hashes: Sequence[bytes]) -> Coded | None:
        for *whole, tries, addressee in self._transaction.change(_BY_CODE, hashes=list(hashes)):
            return Coded(self._opened(tuple(whole)), int(tries), None if addressee is None else PersonId(addressee))
        return None

    def tried(self, mandate_id: MandateId) -> None:
        self._transaction.change(_TRIED, this_mandate=mandate_id)

    def recode(self, mandate: Mandate, code_hash: bytes) -> bool:
        return bool(
            self._transaction.change(
                _RECODE,
                this_mandate=mandate.mandate_id,
                read_version=mandate.version - 1,
                code_hash=code_hash,
                answer_by=mandate.answer_by,
            )
        )

    def keep(self, mandate: Mandate) -> bool:
        stopped = [each for each in mandate.permissions if each.stopped_at is not None]
        if stopped:
            # First: what is stopped does not come alive with the others.
            at = max(each.stopped_at for each in stopped if each.stopped_at is not None)
            self._transaction.change(_STOP, these=[each.permission_id for each in stopped], at=at)
        kept = self._transaction.change(
            _KEEP, this_mandate=mandate.mandate_id, read_version=mandate.version - 1, **_moved(mandate)
        )
        self._transaction.later(_FORGET_LABEL, this_mandate=mandate.mandate_id)
        return bool(kept)

    def used(self, mandate_id: MandateId, at: datetime) -> bool:
        return any(first for (first,) in self._transaction.change(_USED, this_mandate=mandate_id, at=at))

    def overdue(self, at: datetime, limit: int) -> tuple[Mandate, ...]:
        return tuple(map(self._opened, self._transaction.change(OVERDUE, at=at, most=limit)))

    def ending(self, at: datetime, limit: int) -> tuple[Mandate, ...]:
        return self._read(ENDING, after=at + REMIND_FROM, until=at + REMIND_UNTIL, most=limit)

    def to_check(self, before: datetime, at: datetime, limit: int) -> tuple[Mandate, ...]:
        rows = self._transaction.change(TO_CHECK, before=before, at=at, most=limit)
        return tuple(map(self._opened, rows))

    def check_again(self, mandates: Sequence[Mandate], checked_at: datetime) -> None:
        self._transaction.change(CHECK_AGAIN, these=[each.mandate_id for each in mandates], checked_at=checked_at)

    def _read(self, query: Query, **values: Any) -> tuple[Mandate, ...]:
        # In the transaction that may have just changed them, which sees what it did.
        return tuple(map(self._opened, self._transaction.change(query, **values)))

    def _opened(self, row: Row) -> Mandate:
        whole, key_id, sealed = row
        if key_id is None:
            return mandate_of(whole, "")
        value = Sealed(key_id, bytes(sealed))
        return mandate_of(
            whole, self._sealer.open(value, table="mandates", column="label_sealed", row=whole[0]).decode()
        )


def _moved(mandate: Mandate) -> dict[str, Any]:
    return {
        "state": mandate.state.value,
        "represented": mandate.represented,
        "representative": mandate.representative,
        "starts_at": mandate.starts_at,
        "ends_at": mandate.ends_at,
        "changed_at": mandate.changed_at,
        "version": mandate.version,
    }
