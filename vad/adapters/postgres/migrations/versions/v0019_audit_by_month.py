"""The log in one partition a month; who of the staff did it; and apart from the events what may have to be erased."""

from alembic import op
from sqlalchemy import text

from vad.adapters.postgres.migrations.permissions import let_app, let_app_call

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None
contract = """
`audit_events` has another primary key: a partitioned table has none without the column that it is partitioned by. A
release of before names the former one when it appends, and is refused: it must be stopped first.
"""


def upgrade() -> None:
    op.execute(_SET_ASIDE)
    op.execute(_EVENTS)
    op.execute(_INDEXES)
    op.execute(_ERASABLE)
    op.execute(_APPEND_ONLY)
    schema = op.get_bind().scalar(text("SELECT quote_ident(current_schema())"))
    op.execute(_MONTHS.replace("SCHEMA,", f"{schema},"))
    op.execute(_TAKE_OVER)
    let_app("SELECT, INSERT", "audit_events")
    let_app("SELECT, INSERT", "audit_erasable")
    let_app("SELECT", "audit_events_default")  # for `vad doctor`, which tells that there are any
    let_app("SELECT", "audit_erasable_default")
    let_app_call("keep_audit_months(date, date)")


_SET_ASIDE = """
ALTER TABLE audit_events RENAME TO audit_events_before;
ALTER TABLE audit_events_before RENAME CONSTRAINT pk_audit_events TO pk_audit_events_before;
ALTER TABLE audit_events_before RENAME CONSTRAINT ck_audit_events_outcome_known TO ck_audit_events_before;
DO $$
DECLARE
    taken text;
BEGIN  -- since PostgreSQL 18 these have names too
    FOR taken IN
        SELECT conname FROM pg_constraint WHERE conrelid = 'audit_events_before'::regclass AND contype = 'n'
    LOOP
        EXECUTE format('ALTER TABLE audit_events_before RENAME CONSTRAINT %I TO %I', taken, taken || '_before');
    END LOOP;
END
$$;
DROP INDEX ix_audit_events_actor;
DROP INDEX ix_audit_events_represented;
"""

_EVENTS = """
CREATE TABLE audit_events (
    event_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL,
    txid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    type text NOT NULL,
    outcome text NOT NULL CONSTRAINT ck_audit_events_outcome_known CHECK (outcome IN ('success', 'refused')),
    actor uuid,
    staff uuid,
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
    evidence jsonb NOT NULL,
    commitment bytea,
    CONSTRAINT pk_audit_events PRIMARY KEY (event_id, recorded_at),
    CONSTRAINT ck_audit_events_one_actor CHECK (actor IS NULL OR staff IS NULL)
) PARTITION BY RANGE (recorded_at);
COMMENT ON COLUMN audit_events.txid IS 'tells which events are surely committed';
COMMENT ON COLUMN audit_events.actor IS 'the person who did it; null: the system, or staff';
COMMENT ON COLUMN audit_events.staff IS 'the account of the member of staff who did it';
COMMENT ON COLUMN audit_events.represented IS 'whose data it is about';
COMMENT ON COLUMN audit_events.origin IS 'network address, truncated or keyed';
COMMENT ON COLUMN audit_events.evidence IS 'what the decision rested on: references and times';
COMMENT ON COLUMN audit_events.commitment IS 'SHA-256 of salt and fields in audit_erasable';
"""

# For the questions that are asked of it, each as small as its question lets it be.
_INDEXES = """
CREATE INDEX ix_audit_events_txid ON audit_events (txid);
CREATE INDEX ix_audit_events_recorded ON audit_events (recorded_at DESC);
CREATE INDEX ix_audit_events_actor ON audit_events (actor, recorded_at DESC);
CREATE INDEX ix_audit_events_represented ON audit_events (represented, recorded_at DESC);
CREATE INDEX ix_audit_events_client ON audit_events (client_id, recorded_at DESC);
CREATE INDEX ix_audit_events_staff ON audit_events (staff, recorded_at DESC) WHERE staff IS NOT NULL;
CREATE INDEX ix_audit_events_type ON audit_events (type, recorded_at DESC);
CREATE INDEX ix_audit_events_mandate ON audit_events ((evidence ->> 'mandate'), recorded_at DESC)
    WHERE evidence ->> 'mandate' IS NOT NULL;
CREATE INDEX ix_audit_events_refused ON audit_events (recorded_at DESC, reason) WHERE outcome = 'refused';
"""

_ERASABLE = """
CREATE TABLE audit_erasable (
    event_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL,
    salt bytea NOT NULL,
    fields jsonb NOT NULL,
    CONSTRAINT pk_audit_erasable PRIMARY KEY (event_id, recorded_at)
) PARTITION BY RANGE (recorded_at);
COMMENT ON TABLE audit_erasable IS 'what may have to be erased; the event keeps a salted commitment to it';
"""

# Erasing is a DELETE by the owner, so these are refused an UPDATE alone. Nobody empties either of them.
_APPEND_ONLY = """
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON audit_events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER unchanging_rows BEFORE UPDATE ON audit_erasable
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON audit_erasable
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE audit_events ENABLE ALWAYS TRIGGER append_only_rows;
ALTER TABLE audit_events ENABLE ALWAYS TRIGGER append_only_table;
ALTER TABLE audit_erasable ENABLE ALWAYS TRIGGER unchanging_rows;
ALTER TABLE audit_erasable ENABLE ALWAYS TRIGGER append_only_table;
"""

# An event of a month without a partition goes to the default one: nothing is refused because nobody made room. Then
# that month stays there, since no row may be moved; whoever looks after the database is told.
#
# A partition is made beside the table and attached to it, which lets others go on writing meanwhile (CREATE TABLE ...
# PARTITION OF would not). What a trigger of the table says of TRUNCATE does not hold for a partition: each has its own.
_MONTHS = """
CREATE TABLE audit_events_default PARTITION OF audit_events DEFAULT;
CREATE TABLE audit_erasable_default PARTITION OF audit_erasable DEFAULT;
ALTER TABLE audit_events_default ENABLE ALWAYS TRIGGER append_only_rows;
ALTER TABLE audit_erasable_default ENABLE ALWAYS TRIGGER unchanging_rows;
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON audit_events_default
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON audit_erasable_default
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE audit_events_default ENABLE ALWAYS TRIGGER append_only_table;
ALTER TABLE audit_erasable_default ENABLE ALWAYS TRIGGER append_only_table;

CREATE FUNCTION keep_audit_months(first date, last date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = SCHEMA, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    home text;
    month date;
    made integer := 0;
    name text;
    rows_trigger text;
    taken boolean;
BEGIN
    IF first < current_date - interval '20 years' OR last > current_date + interval '2 years' THEN
        RAISE EXCEPTION 'no log is kept for those months' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('keep_audit_months'));
    FOR month IN SELECT generate_series(date_trunc('month', first), date_trunc('month', last), interval '1 month') LOOP
        FOREACH home IN ARRAY ARRAY['audit_events', 'audit_erasable'] LOOP
            name := home || to_char(month, '_YYYY_MM');
            CONTINUE WHEN to_regclass(name) IS NOT NULL;
            EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE recorded_at >= %L AND recorded_at < %L)',
                home || '_default', month, month + interval '1 month') INTO taken;
            CONTINUE WHEN taken;
            rows_trigger := CASE home WHEN 'audit_events' THEN 'append_only_rows' ELSE 'unchanging_rows' END;
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name, home);
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                home, name, month, month + interval '1 month');
            EXECUTE format('CREATE TRIGGER append_only_table BEFORE TRUNCATE ON %I FOR EACH STATEMENT '
                'EXECUTE FUNCTION refuse_change()', name);
            EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER append_only_table', name);
            EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I', name, rows_trigger);
            made := made + 1;
        END LOOP;
    END LOOP;
    RETURN made;
END
$$;
REVOKE ALL ON FUNCTION keep_audit_months(date, date) FROM PUBLIC;
"""

_TAKE_OVER = """
SELECT keep_audit_months(
    LEAST((SELECT min(recorded_at) FROM audit_events_before), now() - interval '1 month')::date,
    (now() + interval '3 months')::date
);
INSERT INTO audit_events (event_id, recorded_at, txid, type, outcome, actor, represented, client_id, resource, basis,
    reason, sid, grant_id, request_id, correlation_id, origin, evidence)
    SELECT event_id, recorded_at, txid, type, outcome, actor, represented, client_id, resource, basis, reason,
    sid, grant_id, request_id, correlation_id, origin, evidence FROM audit_events_before;
DROP TABLE audit_events_before;
"""
