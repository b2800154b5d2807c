"""Reading mandates: each is one JSON value, wherever it is read."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, any_, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from vad.adapters.postgres.mandate_rows import MandateRow, PermissionRow
from vad.adapters.postgres.schema import table
from vad.domain.identifiers import ClientId, MandateId, PersonId, ResourceId
from vad.domain.mandate import OPEN, Mandate, MandateState, Permission, Route

MANDATES, PERMISSIONS = table(MandateRow), table(PermissionRow)
_M, _P = MANDATES.c, PERMISSIONS.c

_ITS_PERMISSIONS = (
    select(
        func.jsonb_agg(
            aggregate_order_by(
                func.jsonb_build_array(_P.permission_id, _P.data_service, _P.resource, _P.client_id, _P.stopped_at),
                _P.data_service,
                _P.client_id,
                _P.resource,
            )
        )
    )
    .where(_P.mandate_id == _M.mandate_id)
    .scalar_subquery()
)
_WHOLE = func.jsonb_build_array(
    _M.mandate_id,
    _M.route,
    _M.state,
    _M.represented,
    _M.representative,
    _M.starts_at,
    _M.ends_at,
    _M.made_at,
    _M.answer_by,
    _M.changed_at,
    _M.version,
    _M.last_used_at,
    _ITS_PERMISSIONS,
)
READ = (_WHOLE, _M.label_key_id, _M.label_sealed)
ACTIVE = _M.state == literal_column(f"'{MandateState.ACTIVE.value}'")  # as in the predicates of the indexes
IS_OPEN = _M.state.in_([literal_column(f"'{state}'") for state in sorted(state.value for state in OPEN)])

HELD = (
    select(_P.permission_id)
    .join_from(PERMISSIONS, MANDATES, _P.mandate_id == _M.mandate_id)
    .where(
        _P.permission_id == any_(bindparam("permission_ids", type_=ARRAY(Uuid()))),
        _P.live,
        ACTIVE,
        _M.starts_at <= bindparam("at"),
        _M.ends_at > bindparam("at"),
    )
    .with_for_update(read=True)
)
"""Those of `permission_ids` that are live at `at`; they go on being so until the transaction is over."""


def mandates_between(represented: ColumnElement[UUID], representative: ColumnElement[UUID]) -> ColumnElement[Any]:
    """One column with the active mandates of these two, for `mandates_of`: NULL where there is none, or but one."""
    return (
        select(func.jsonb_agg(_WHOLE))
        .where(_M.represented == represented, _M.representative == representative, ACTIVE)
        .where(represented != representative)
        .scalar_subquery()
    )


def mandate_named(mandate_id: ColumnElement[Any]) -> ColumnElement[Any]:
    """The same for one mandate, active or not."""
    return select(func.jsonb_agg(_WHOLE)).where(_M.mandate_id == mandate_id).scalar_subquery()


def mandates_of(told: Sequence[Sequence[Any]] | None) -> tuple[Mandate, ...]:
    """The mandates of a column that one of these made, without what their makers wrote."""
    return tuple(mandate_of(each, "") for each in told or ())


def mandate_of(whole: Sequence[Any], label: str) -> Mandate:
    """The mandate of a `READ` row's JSON."""
    mandate_id, route, state, represented, representative, *times, version, used, permissions = whole
    starts_at, ends_at, made_at, answer_by, changed_at = map(datetime.fromisoformat, times)
    return Mandate(
        mandate_id=MandateId(UUID(mandate_id)),
        route=Route(route),
        state=MandateState(state),
        represented=_person(represented),
        representative=_person(representative),
        permissions=tuple(map(_permission, permissions or ())),
        starts_at=starts_at,
        ends_at=ends_at,
        made_at=made_at,
        answer_by=answer_by,
        changed_at=changed_at,
        version=version,
        label=label,
        last_used_at=None if used is None else datetime.fromisoformat(used),
    )


def _permission(told: Sequence[Any]) -> Permission:
    permission_id, data_service, resource, client_id, stopped_at = told
    return Permission(
        permission_id=UUID(permission_id),
        data_service=data_service,
        resource=ResourceId(resource) if resource else None,
        client_id=ClientId(client_id) if client_id else None,
        stopped_at=None if stopped_at is None else datetime.fromisoformat(stopped_at),
    )


def _person(told: str | None) -> PersonId | None:
    return None if told is None else PersonId(UUID(told))
