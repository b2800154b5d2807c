"""Giving a role its rights as a whole, at each `vad db upgrade`: what a role has beyond its table it loses there.

Not in the migrations: an installation may get a role long after a table was made.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, text

APPEND_EVENTS = (
    "INSERT (actor, basis, client_id, commitment, correlation_id, event_id, evidence, grant_id, origin, outcome, "
    "reason, recorded_at, represented, request_id, resource, sid, staff, type), SELECT"
)
"""What whoever writes events may do with them. Not say of which transaction they are: by that the sealer finds them, so
one of long ago would never be sealed."""


def grant(connection: Connection, role: str, granted: Mapping[str, str], functions: Iterable[str] = ()) -> None:
    """Give this role exactly these rights, whatever it had before, and let it call these functions."""
    quoted = connection.dialect.identifier_preparer.quote(role)
    schema = connection.scalar(text("SELECT quote_ident(current_schema())"))
    connection.execute(text(f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {quoted}"))
    for name, privileges in granted.items():
        connection.execute(text(f"GRANT {privileges} ON {name} TO {quoted}"))
    for function in functions:
        connection.execute(text(f"GRANT EXECUTE ON FUNCTION {function} TO {quoted}"))
