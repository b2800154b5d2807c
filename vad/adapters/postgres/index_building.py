"""Giving the months of the log the indexes that a migration promised them, while others go on writing.

A migration is one transaction, and an index that is built in one keeps everybody from writing until it commits: with
ten million events that is minutes. So it makes the index of the table alone (`ON ONLY`), and what follows is done
partition by partition, outside of any transaction. What broke off is done again by the next `vad db upgrade`.
"""

from sqlalchemy import Connection, text

_LOCK_TIMEOUT = "60s"
"""To build waits for transactions that have begun, and holds up nobody. An export may take longer than that."""
_ATTACH_TIMEOUT = "2s"
"""This holds up whoever writes to that month, for as long as somebody reads by the new index."""
_TURN = text("SELECT pg_try_advisory_lock(:lock)")
_LOCK = 0x_7661_6420_6978  # "vad ix": whoever waited for it in a statement would be waited for in turn
# The index of a table is valid once it is attached to an index of every partition.
_LACKING = text(
    r"""
    SELECT i.indexrelid::regclass::text, p.inhrelid::regclass::text,
        quote_ident(n.nspname) || '.' || quote_ident(c.relname || regexp_replace(x.relname, '^ix_audit_events', '')),
        regexp_replace(pg_get_indexdef(i.indexrelid), '^.*? USING ', 'USING ')
    FROM pg_index AS i
        JOIN pg_class AS x ON x.oid = i.indexrelid
        JOIN pg_inherits AS p ON p.inhparent = i.indrelid
        JOIN pg_class AS c ON c.oid = p.inhrelid
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE i.indrelid = to_regclass('audit_events') AND NOT i.indisvalid AND NOT EXISTS (
        SELECT FROM pg_inherits AS has JOIN pg_index AS own ON own.indexrelid = has.inhrelid
        WHERE has.inhparent = i.indexrelid AND own.indrelid = p.inhrelid
    )
    ORDER BY c.relname DESC, x.relname
    """
)


def build(connection: Connection) -> int:
    """Build what is missing, the newest month first; how many that were: none while somebody else does it."""
    connection = connection.execution_options(isolation_level="AUTOCOMMIT")
    if not connection.scalar(_TURN, {"lock": _LOCK}):
        return 0
    lacking = connection.execute(_LACKING).all()
    for of_table, partition, name, using in lacking:
        connection.exec_driver_sql(f"SET lock_timeout = '{_LOCK_TIMEOUT}'")
        connection.exec_driver_sql(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")  # half built
        short = name.rpartition(".")[2]
        connection.exec_driver_sql(f"CREATE INDEX CONCURRENTLY {short} ON {partition} {using}")
        connection.exec_driver_sql(f"SET lock_timeout = '{_ATTACH_TIMEOUT}'")
        connection.exec_driver_sql(f"ALTER INDEX {of_table} ATTACH PARTITION {name}")
    return len(lacking)
