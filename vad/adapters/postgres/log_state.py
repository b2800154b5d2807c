"""How far the log is sealed, for figures and for `vad doctor`."""

from sqlalchemy import text

from vad.adapters.metrics_looks import LogState
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.log_key import SINCE
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.transaction import Transaction

# Numbers in JSON, and compared as such: what is none is no reason for an error, and stands before or after all of them.
_STATE = Query(
    text(f"""
    WITH newest AS (
        SELECT size, signed_at, settled_before FROM log_checkpoints ORDER BY size DESC LIMIT 1
    ), oldest AS (
        SELECT recorded_at FROM audit_events
        WHERE txid >= COALESCE((SELECT settled_before FROM newest), '0'::xid8)
            AND (
                -- Counted: NOT EXISTS would be a pass through all leaves, for the planner can't know how few these are.
                SELECT count(*) FROM log_leaves AS l
                WHERE l.event_id = audit_events.event_id AND l.recorded_at = audit_events.recorded_at
            ) = 0
        ORDER BY txid LIMIT 1
    ), verified AS (
        SELECT recorded_at AS at, COALESCE(evidence -> 'from', '0') AS begun FROM audit_events
        WHERE type = 'log.verified' AND recorded_at > now() - interval '400 days' AND evidence ->> 'part' IS NULL
    ), not_whole AS (
        SELECT recorded_at AS at, COALESCE(evidence -> 'since', '0') AS since FROM audit_events
        WHERE type = 'log.not_whole' AND recorded_at > now() - interval '400 days'
    ), unthinned AS (
        SELECT date_trunc('day', signed_at, 'UTC') + interval '2 days' AS due FROM log_checkpoints
        WHERE signed_at >= COALESCE((SELECT max(hour) + interval '1 hour' FROM log_thinnings), '-infinity')
            AND signed_at < date_trunc('day', now(), 'UTC') - interval '1 day'
        ORDER BY signed_at LIMIT 1
    )
    SELECT COALESCE((SELECT size FROM newest), 0), COALESCE((SELECT extract(epoch FROM signed_at) FROM newest), 0),
        COALESCE((SELECT extract(epoch FROM now() - recorded_at) FROM oldest), 0),
        COALESCE((SELECT extract(epoch FROM max(at)) FROM verified WHERE begun = '0'), 0),
        EXISTS (
            SELECT FROM not_whole AS n
            WHERE NOT EXISTS (SELECT FROM verified AS v WHERE v.at > n.at AND v.begun <= n.since)
        ),
        COALESCE((SELECT extract(epoch FROM now() - due) FROM unthinned), 0),
        COALESCE(extract(epoch FROM {SINCE}), 0)
    """)  # noqa: S608 - nothing from outside stands in it
)


def log_state(database: Database) -> LogState:
    """Look. Raises errors of the store."""
    with Transaction(database) as transaction:
        [[size, signed_at, waiting, verified, not_whole, unthinned, key_since]] = transaction.read(_STATE)
    waiting, unthinned = (max(0.0, float(seconds)) for seconds in (waiting, unthinned))
    return LogState(int(size), float(signed_at), waiting, float(verified), not_whole, unthinned, float(key_since))
