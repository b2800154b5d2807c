"""The cases store. What was written is sealed, each text in its own row."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, any_, bindparam, func, insert, literal_column, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY

from vad.adapters.postgres.case_rows import CaseRow, CaseTextRow
from vad.adapters.postgres.query import Query, Row
from vad.adapters.postgres.schema import table
from vad.adapters.postgres.transaction import Transaction
from vad.adapters.vault.sealing import Sealed, Sealer
from vad.domain.case import Case, CaseOutcome, CaseState, CaseText, Reach, TextKind
from vad.domain.identifiers import CaseId, PersonId, StaffId
from vad.services.ports.cases import CasePlace

_CASES, _TEXTS = table(CaseRow), table(CaseTextRow)
_C, _T = _CASES.c, _TEXTS.c
_COLUMNS = (
    _C.case_id,
    _C.person_id,
    _C.reach,
    _C.made_at,
    _C.event_id,
    _C.event_at,
    _C.state,
    _C.taken_by,
    _C.taken_at,
    _C.closed_at,
    _C.outcome,
)
_HOLD = Query(select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("person"), literal_column("0")))))
_ADD = Query(insert(_CASES).values({column.name: bindparam(column.name) for column in (*_COLUMNS, _C.reference)}))
_WRITE = Query(insert(_TEXTS).values({column.name: bindparam(column.name) for column in _T}))
_COUNT = Query(select(func.count()).where(_C.person_id == bindparam("of_person"), _C.made_at >= bindparam("since")))
_OF = Query(select(*_COLUMNS).where(_C.person_id == bindparam("of_person")).order_by(_C.made_at.desc(), _C.case_id))
_GET = Query(select(*_COLUMNS).where(_C.case_id == bindparam("this_case")))
_BY_REFERENCE = Query(select(*_COLUMNS).where(_C.reference == bindparam("this_reference")))
_TEXTS_OF = Query(
    select(_T.text_id, _T.case_id, _T.kind, _T.written_by, _T.written_at, _T.text_sealed, _T.text_key_id)
    .where(_T.case_id == any_(bindparam("these", type_=ARRAY(Uuid()))))
    .order_by(_T.written_at, _T.text_id)
)
_LISTED = Query(
    select(*_COLUMNS)
    .where(
        _C.state == bindparam("in_state"),
        tuple_(_C.made_at, _C.case_id) > tuple_(bindparam("after_time"), bindparam("after_case")),
    )
    .order_by(_C.made_at, _C.case_id)
    .limit(bindparam("most"))
)
_IS: dict[CaseState, ColumnElement[str]] = {state: literal_column(f"'{state.value}'") for state in CaseState}
_TAKE = Query(
    update(_CASES)
    .where(
        _C.case_id == bindparam("this_case"),
        or_(_C.state == _IS[CaseState.OPEN], (_C.state == _IS[CaseState.TAKEN]) & (_C.taken_by != bindparam("staff"))),
    )
    .values(state=_IS[CaseState.TAKEN], taken_by=bindparam("staff"), taken_at=bindparam("at"))
)
_CLOSE = Query(
    update(_CASES)
    .where(_C.case_id == bindparam("this_case"), _C.state == _IS[CaseState.TAKEN], _C.taken_by == bindparam("staff"))
    .values(state=_IS[CaseState.CLOSED], outcome=bindparam("how"), closed_at=bindparam("at"))
)
_NONE = UUID(int=0)


class PostgresCases:
    """`vad.services.ports.cases.Cases` in one transaction."""

    def __init__(self, transaction: Transaction, sealer: Sealer) -> None:
        self._transaction = transaction
        self._sealer = sealer

    def hold(self, person_id: PersonId) -> None:
        self._transaction.change(_HOLD, person=f"cases {person_id}")

    def add(self, case: Case, complaint: CaseText) -> None:
        self._transaction.change(
            _ADD,
            case_id=case.case_id,
            reference=case.reference,
            person_id=case.person_id,
            reach=case.reach.value,
            made_at=case.made_at,
            event_id=case.event_id,
            event_at=case.event_at,
            state=case.state.value,
            taken_by=case.taken_by,
            taken_at=case.taken_at,
            closed_at=case.closed_at,
            outcome=case.outcome.value if case.outcome else None,
        )
        self.write(complaint)

    def count(self, person_id: PersonId, since: datetime) -> int:
        [[found]] = self._transaction.read(_COUNT, of_person=person_id, since=since)
        return int(found)

    def of(self, person_id: PersonId) -> tuple[Case, ...]:
        return tuple(map(_case, self._transaction.read(_OF, of_person=person_id)))

    def get(self, case_id: CaseId) -> Case | None:
        rows = self._transaction.read(_GET, this_case=case_id)
        return _case(rows[0]) if rows else None

    def by_reference(self, reference: str) -> Case | None:
        rows = self._transaction.read(_BY_REFERENCE, this_reference=reference)
        return _case(rows[0]) if rows else None

    def texts(self, case_ids: Collection[CaseId]) -> tuple[CaseText, ...]:
        return tuple(map(self._text, self._transaction.read(_TEXTS_OF, these=list(case_ids)))) if case_ids else ()

    def listed(self, state: CaseState, after: CasePlace | None, limit: int) -> tuple[Case, ...]:
        rows = self._transaction.read(
            _LISTED,
            in_state=state.value,
            after_time=after.made_at if after else "-infinity",
            after_case=after.case_id if after else _NONE,
            most=limit,
        )
        return tuple(map(_case, rows))

    def take(self, case_id: CaseId, staff: StaffId, at: datetime) -> bool:
        return self._transaction.count(_TAKE, this_case=case_id, staff=staff, at=at) == 1

    def write(self, text: CaseText) -> None:
        sealed = self._sealer.seal(text.text.encode(), **_place(text.text_id))
        self._transaction.change(
            _WRITE,
            text_id=text.text_id,
            case_id=text.case_id,
            kind=text.kind.value,
            written_by=text.written_by,
            written_at=text.written_at,
            text_sealed=sealed.value,
            text_key_id=sealed.key_id,
        )

    def close(self, case_id: CaseId, staff: StaffId, outcome: CaseOutcome, at: datetime) -> bool:
        return self._transaction.count(_CLOSE, this_case=case_id, staff=staff, how=outcome.value, at=at) == 1

    def _text(self, row: Row) -> CaseText:
        text_id, case_id, kind, written_by, written_at, value, key_id = row
        text = self._sealer.open(Sealed(key_id, bytes(value)), **_place(text_id)).decode()
        staff = StaffId(written_by) if written_by else None
        return CaseText(text_id, CaseId(case_id), TextKind(kind), written_at, text, staff)


def _place(text_id: UUID) -> dict[str, str]:
    """Where a text stands, for `Sealer`."""
    return {"table": "case_texts", "column": "text_sealed", "row": str(text_id)}


def _case(row: Row) -> Case:
    case_id, person_id, reach, made_at, event_id, event_at, state, taken_by, taken_at, closed_at, outcome = row
    return Case(
        case_id=CaseId(case_id),
        person_id=PersonId(person_id),
        reach=Reach(reach),
        made_at=made_at,
        event_id=event_id,
        event_at=event_at,
        state=CaseState(state),
        taken_by=StaffId(taken_by) if taken_by else None,
        taken_at=taken_at,
        closed_at=closed_at,
        outcome=CaseOutcome(outcome) if outcome else None,
    )
