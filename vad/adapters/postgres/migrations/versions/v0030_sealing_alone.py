"""The tree of the log is the worker's alone: the role that serves people can neither add to it nor hold it up."""

from alembic import op
from sqlalchemy import text

from vad.adapters.postgres.migrations.permissions import let_app, take_from_app

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None
contract = """
The role of the service no longer seals the log or makes its months: a worker of before stops sealing until the one of
this release runs, with a role of its own. No release wrote `txid` of an event. Of one id there may be two events, of
different times, so `log_leaves` is unique by both.
"""

_EVENT = """event_id, recorded_at, type, outcome, actor, staff, represented, client_id, resource, basis, reason, sid,
    grant_id, request_id, correlation_id, origin, evidence, commitment"""


def upgrade() -> None:
    op.execute(_TURNS)
    op.execute(_LEAVES)
    op.execute(_SEALABLE)
    schema = op.get_bind().scalar(text("SELECT quote_ident(current_schema())"))
    op.execute(_MONTHS.replace("SCHEMA", schema))
    for name in ("log_leaves", "log_tiles", "log_checkpoints"):
        take_from_app("INSERT", name)
    take_from_app("EXECUTE", "FUNCTION keep_audit_months(date, date)")
    take_from_app("INSERT", "audit_events")
    let_app(f"INSERT ({_EVENT})", "audit_events")


# An advisory lock can be taken by everybody who can log in; a row by whoever may update it.
_TURNS = """
CREATE TABLE log_sealer (
    single boolean DEFAULT true CONSTRAINT pk_log_sealer PRIMARY KEY CONSTRAINT ck_log_sealer_one_row CHECK (single)
);
INSERT INTO log_sealer DEFAULT VALUES;
COMMENT ON TABLE log_sealer IS 'one row: who has locked it seals';
"""

_LEAVES = """
ALTER TABLE log_leaves DROP CONSTRAINT uq_log_leaves_event_id,
    ADD CONSTRAINT uq_log_leaves_event_id_recorded_at UNIQUE (event_id, recorded_at);
"""

# What could not be hashed, or not within the memory of a worker, would hold up all that comes after it.
_SEALABLE = """
ALTER TABLE audit_events ADD CONSTRAINT ck_audit_events_sealable CHECK (
    recorded_at < '10000-01-01 00:00:00+00' AND octet_length(evidence::text) + octet_length(
        concat(type, client_id, resource, basis, reason, sid, request_id, correlation_id, origin)
    ) <= 65536
);
"""

# As before, but for two things. Whether a month is there is asked of our own schema, and not of a temporary table that
# has its name; and who makes one holds off others by a lock that not everybody can take.
_MONTHS = """
CREATE OR REPLACE FUNCTION keep_audit_months(first date, last date) RETURNS integer
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
    LOCK TABLE ONLY audit_events IN SHARE UPDATE EXCLUSIVE MODE;
    FOR month IN SELECT generate_series(date_trunc('month', first), date_trunc('month', last), interval '1 month') LOOP
        FOREACH home IN ARRAY ARRAY['audit_events', 'audit_erasable'] LOOP
            name := home || to_char(month, '_YYYY_MM');
            CONTINUE WHEN to_regclass('SCHEMA.' || quote_ident(name)) IS NOT NULL;
            EXECUTE format('SELECT EXISTS (SELECT FROM SCHEMA.%I WHERE recorded_at >= %L AND recorded_at < %L)',
                home || '_default', month, month + interval '1 month') INTO taken;
            CONTINUE WHEN taken;
            rows_trigger := CASE home WHEN 'audit_events' THEN 'append_only_rows' ELSE 'unchanging_rows' END;
            EXECUTE format('CREATE TABLE SCHEMA.%I (LIKE SCHEMA.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)',
                name, home);
            EXECUTE format('ALTER TABLE SCHEMA.%I ATTACH PARTITION SCHEMA.%I FOR VALUES FROM (%L) TO (%L)',
                home, name, month, month + interval '1 month');
            EXECUTE format('CREATE TRIGGER append_only_table BEFORE TRUNCATE ON SCHEMA.%I FOR EACH STATEMENT '
                'EXECUTE FUNCTION SCHEMA.refuse_change()', name);
            EXECUTE format('ALTER TABLE SCHEMA.%I ENABLE ALWAYS TRIGGER append_only_table', name);
            EXECUTE format('ALTER TABLE SCHEMA.%I ENABLE ALWAYS TRIGGER %I', name, rows_trigger);
            made := made + 1;
        END LOOP;
    END LOOP;
    RETURN made;
END
$$;
"""
