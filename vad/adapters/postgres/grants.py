"""The grants store: one row per redeemed code. `MADE` and `ROTATED` decide who was first."""

from typing import Any

from sqlalchemy import Boolean, Text, Uuid, and_, bindparam, exists, func, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from vad.adapters.postgres import assents, blocks, consents, mandate_reading
from vad.adapters.postgres.query import Query, Row, VersionedQuery
from vad.adapters.postgres.rows import GrantRow
from vad.adapters.postgres.schema import table
from vad.adapters.postgres.transaction import Transaction
from vad.domain.assurance import LevelOfAssurance
from vad.domain.grant import Grant, GrantState
from vad.domain.ground import Basis
from vad.domain.identifiers import ClientId, ConsentId, GrantId, MandateId, PersonId, ResourceId, Sid

_GRANTS = table(GrantRow)
_C = _GRANTS.c
COLUMNS = (
    _C.grant_id,
    _C.code_hash,
    _C.sid,
    _C.client_id,
    _C.actor,
    _C.subject,
    _C.level,
    _C.auth_time,
    _C.session_ends_at,
    _C.data_services,
    _C.resources,
    _C.consents,
    _C.created_at,
    _C.state,
    _C.refresh_generation,
    _C.refreshed_at,
    _C.mandate_id,
    _C.jkt,
    _C.x5t_s256,
    _C.openid,
    _C.basis,
)
_ACTIVE = _C.state == literal_column(f"'{GrantState.ACTIVE.value}'")  # as in the predicate of the index
_REVOKED = _C.state == literal_column(f"'{GrantState.REVOKED.value}'")
_THIS = _C.grant_id == bindparam("this_grant")

_PERMISSIONS_HELD = mandate_reading.HELD.cte("permitted")
_CARRIED = and_(
    exists(select(consents.HELD.cte("agreed"))),
    assents.HELD,
    select(func.count()).select_from(_PERMISSIONS_HELD).scalar_subquery()
    == func.cardinality(bindparam("permission_ids", type_=ARRAY(Uuid()))),
)
"""A stop of the consent, the assent or the mandate that carries this commits either before, and is seen, or after."""
_OPEN = ~blocks.barring(_C.subject, _C.actor, _C.client_id)
_OPEN_TO_IT = ~blocks.barring(
    *(bindparam(column.name, type_=column.type) for column in (_C.subject, _C.actor, _C.client_id))
)
"""Nothing was switched off since the decision, which may have waited for a register."""
MADE = (
    insert(_GRANTS)
    .from_select(
        [column.name for column in COLUMNS],
        select(*(bindparam(column.name, type_=column.type) for column in COLUMNS)).where(
            or_(bindparam("nothing_issued", type_=Boolean()), and_(_CARRIED, _OPEN_TO_IT))
        ),
    )
    .on_conflict_do_nothing(index_elements=[_C.code_hash])
    .returning(_C.grant_id)
)
"""A row when this grant is the first that its code makes; `values_of` says what it takes."""
ROTATED = (
    update(_GRANTS)
    .where(
        _THIS,
        _ACTIVE,
        _C.refresh_generation == bindparam("generation"),
        _C.session_ends_at > bindparam("at"),
        _CARRIED,
        _OPEN,
    )
    .values(
        refresh_generation=_C.refresh_generation + literal_column("1"),
        refreshed_at=bindparam("at"),
        jkt=func.coalesce(func.nullif(bindparam("new_jkt", type_=Text()), literal_column("''")), _C.jkt),
    )
    .returning(_C.grant_id)
)
"""A row when this generation was still the current one of a live grant."""
LIVE = (
    select(_C.grant_id)
    .where(
        _THIS,
        or_(and_(_ACTIVE, _C.session_ends_at > bindparam("at")), and_(_REVOKED, bindparam("or_revoked"))),
        _CARRIED,
        _OPEN,
    )
    .with_for_update(read=True)
)
"""A row when this grant is live, and is held so."""
_GET = VersionedQuery(select(*COLUMNS).where(_THIS))
_HOLD = Query(select(*COLUMNS).where(_THIS).with_for_update(read=True))
_BY_CODE = Query(select(*COLUMNS).where(_C.code_hash == bindparam("code_hash")))
_REVOKE = Query(update(_GRANTS).where(_THIS, _ACTIVE).values(state=GrantState.REVOKED.value))
_END_SESSION = Query(
    update(_GRANTS).where(_C.sid == bindparam("this_session"), _ACTIVE).values(state=GrantState.ENDED.value)
)
_END_MANDATE = Query(
    update(_GRANTS).where(_C.mandate_id == bindparam("this_mandate"), _ACTIVE).values(state=GrantState.ENDED.value)
)
_END_MANDATE_FOR = Query(
    update(_GRANTS)
    .where(_C.mandate_id == bindparam("this_mandate"), _C.client_id == bindparam("of_client"), _ACTIVE)
    .values(state=GrantState.ENDED.value)
)
_END_CLIENT = Query(
    update(_GRANTS).where(_C.client_id == bindparam("of_client"), _ACTIVE).values(state=GrantState.ENDED.value)
)
"""Looks through the whole table: an index would cost every code something, for what hardly ever happens."""
_CLIENTS_OF = Query(select(_C.client_id).distinct().where(_C.sid == bindparam("this_session")).order_by(_C.client_id))


class PostgresGrants:
    """`vad.services.ports.records.Grants` in one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def get(self, grant_id: GrantId) -> Grant | None:
        return _one(self._transaction.read(_GET, this_grant=grant_id))

    def hold(self, grant_id: GrantId) -> Grant | None:
        return _one(self._transaction.change(_HOLD, this_grant=grant_id))

    def by_code(self, code_hash: bytes) -> Grant | None:
        return _one(self._transaction.read(_BY_CODE, code_hash=code_hash))

    def revoke(self, grant_id: GrantId) -> bool:
        return self._transaction.count(_REVOKE, this_grant=grant_id) == 1

    def end_session(self, sid: Sid) -> int:
        return self._transaction.count(_END_SESSION, this_session=sid)

    def end_mandate(self, mandate_id: MandateId) -> int:
        return self._transaction.count(_END_MANDATE, this_mandate=mandate_id)

    def end_mandate_for(self, mandate_id: MandateId, client_id: ClientId) -> int:
        return self._transaction.count(_END_MANDATE_FOR, this_mandate=mandate_id, of_client=client_id)

    def end_client(self, client_id: ClientId) -> int:
        return self._transaction.count(_END_CLIENT, of_client=client_id)

    def clients_of(self, sid: Sid) -> tuple[ClientId, ...]:
        # In the transaction that may have just ended them, which sees what it did.
        return tuple(ClientId(row[0]) for row in self._transaction.change(_CLIENTS_OF, this_session=sid))


def values_of(grant: Grant) -> dict[str, Any]:
    """What a grant's row holds."""
    return {
        "grant_id": grant.grant_id,
        "code_hash": grant.code_hash,
        "sid": grant.sid,
        "client_id": grant.client_id,
        "actor": grant.actor,
        "subject": grant.subject,
        "level": grant.level.value,
        "auth_time": grant.auth_time,
        "session_ends_at": grant.session_ends_at,
        "data_services": sorted(grant.data_services),
        "resources": list(grant.resources),
        "consents": list(grant.consents),
        "created_at": grant.created_at,
        "state": grant.state.value,
        "refresh_generation": grant.refresh_generation,
        "refreshed_at": grant.refreshed_at,
        "mandate_id": grant.mandate,
        "jkt": grant.jkt,
        "x5t_s256": grant.certificate,
        "openid": grant.openid,
        "basis": grant.basis.value if grant.basis else None,
    }


def _one(rows: list[Row]) -> Grant | None:
    return grant_of(rows[0]) if rows else None


def grant_of(row: Row) -> Grant:
    """The grant of a row of `COLUMNS`."""
    (
        grant_id,
        code_hash,
        sid,
        client_id,
        actor,
        subject,
        level,
        auth_time,
        session_ends_at,
        data_services,
        resources,
        given,
        created_at,
        state,
        refresh_generation,
        refreshed_at,
        mandate_id,
        jkt,
        certificate,
        openid,
        basis,
    ) = row
    return Grant(
        grant_id=GrantId(grant_id),
        code_hash=bytes(code_hash),
        sid=Sid(sid),
        client_id=ClientId(client_id),
        actor=PersonId(actor),
        subject=PersonId(subject),
        level=LevelOfAssurance(level),
        auth_time=auth_time,
        session_ends_at=session_ends_at,
        data_services=frozenset(data_services),
        resources=tuple(map(ResourceId, resources)),
        consents=tuple(map(ConsentId, given)),
        created_at=created_at,
        state=GrantState(state),
        refresh_generation=refresh_generation,
        refreshed_at=refreshed_at,
        mandate=None if mandate_id is None else MandateId(mandate_id),
        jkt=jkt,
        certificate=certificate,
        openid=openid,
        basis=None if basis is None else Basis(basis),
    )
