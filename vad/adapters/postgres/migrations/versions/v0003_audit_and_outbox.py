"""The append-only log, and the deliveries that commit with their cause."""

from alembic import op

from vad.adapters.postgres.migrations.permissions import let_app

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_AUDIT_EVENTS)
    op.execute(_APPEND_ONLY)
    op.execute(_OUTBOX)
    let_app("SELECT, INSERT", "audit_events")
    # The only DELETE: what has been delivered has no reason to be kept, and its payload may be personal.
    let_app("SELECT, INSERT, UPDATE (due_at, attempts, state), DELETE", "outbox")


_AUDIT_EVENTS = """
CREATE TABLE audit_events (
    event_id uuid CONSTRAINT pk_audit_events PRIMARY KEY,
    recorded_at timestamptz NOT NULL,
    txid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    type text NOT NULL,
    outcome text NOT NULL CONSTRAINT ck_audit_events_outcome_known CHECK (outcome IN ('success', 'refused')),
    actor uuid,
    represented uuid,
    client_id text,
    resource text,
    basis text,
    reason text,
    sid text,
    grant_id uuid,
    request_id text,
    correlation_id text,
    origin text,
    evidence jsonb NOT NULL
);
CREATE INDEX ix_audit_events_actor ON audit_events (actor, recorded_at DESC);
CREATE INDEX ix_audit_events_represented ON audit_events (represented, recorded_at DESC);
COMMENT ON COLUMN audit_events.txid IS 'tells which events are surely committed';
COMMENT ON COLUMN audit_events.actor IS 'the person who did it; null: the system';
COMMENT ON COLUMN audit_events.represented IS 'whose data it is about';
COMMENT ON COLUMN audit_events.origin IS 'network address, truncated or keyed';
COMMENT ON COLUMN audit_events.evidence IS 'what the decision rested on: references and times';
"""

# Privileges stop the service; these triggers stop the owner too, and TRUNCATE needs one of its own. ALWAYS: they fire
# in a session that plays a replica as well.
_APPEND_ONLY = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON audit_events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE audit_events ENABLE ALWAYS TRIGGER append_only_rows;
ALTER TABLE audit_events ENABLE ALWAYS TRIGGER append_only_table;
"""

_OUTBOX = """
CREATE TABLE outbox (
    message_id uuid CONSTRAINT pk_outbox PRIMARY KEY,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0 CONSTRAINT ck_outbox_attempts_count_up CHECK (attempts >= 0),
    state text NOT NULL DEFAULT 'waiting' CONSTRAINT ck_outbox_state_known CHECK (state IN ('waiting', 'given_up'))
);
CREATE INDEX ix_outbox_due ON outbox (due_at) WHERE state = 'waiting';
"""
