"""Finding events by whom their evidence names (`vad.domain.audit_people`), by an index of their own."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Text, and_, bindparam, cast, func, literal_column, not_, or_
from sqlalchemy.dialects.postgresql import JSONB

from vad.adapters.postgres.audit_rows import NAMES_SOMEBODY, AuditEventRow
from vad.adapters.postgres.schema import table
from vad.domain.audit_people import CONCERNING, NAMED

_EVIDENCE = table(AuditEventRow).c.evidence


def names(parameter: str, keys: Sequence[str] = NAMED) -> ColumnElement[bool]:
    """Whether the evidence names the person of this parameter, by one of these keys."""
    # Each part says what the index holds: an OR is found by the index only where every part of it is.
    return or_(*(and_(literal_column(NAMES_SOMEBODY), _EVIDENCE.contains(_naming(key, parameter))) for key in keys))


def names_not(parameter: str, keys: Sequence[str] = NAMED) -> ColumnElement[bool]:
    """Whether the evidence does not name the person of this parameter: for what is found otherwise."""
    somebody: ColumnElement[bool] = literal_column(NAMES_SOMEBODY)
    return not_(and_(somebody, or_(*(_EVIDENCE.contains(_naming(key, parameter)) for key in keys))))


def _naming(key: str, parameter: str) -> ColumnElement[object]:
    person: ColumnElement[object] = cast(bindparam(parameter), Text())
    value = func.jsonb_build_array(person) if key == CONCERNING else person
    return func.jsonb_build_object(literal_column(f"'{key}'"), value, type_=JSONB())
