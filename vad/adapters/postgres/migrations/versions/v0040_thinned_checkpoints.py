"""Of checkpoints that are two days old one an hour is left: the database drops the others itself, and nobody else."""

from alembic import op
from sqlalchemy import text

from vad.adapters.postgres.migrations.permissions import let_app

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    schema = op.get_bind().scalar(text("SELECT quote_ident(current_schema())"))
    op.execute(_TABLES)
    for statement in (_REFUSAL, _TRIGGERS, _THINNING):
        op.execute(statement.replace("SCHEMA", schema))
    let_app("SELECT", "log_thinnings")


_TABLES = """
ALTER TABLE log_checkpoints ADD COLUMN previous bigint;
COMMENT ON COLUMN log_checkpoints.previous IS
    'the size of the one that was signed before it; null where that was not noted';
CREATE INDEX ix_log_checkpoints_signed_at ON log_checkpoints (signed_at);

CREATE TABLE log_thinnings (
    hour timestamptz CONSTRAINT pk_log_thinnings PRIMARY KEY,
    kept bigint[] NOT NULL,
    dropped bigint NOT NULL,
    event_id uuid NOT NULL
);
COMMENT ON TABLE log_thinnings IS 'the hours of which one checkpoint is left';
COMMENT ON COLUMN log_thinnings.kept IS 'the sizes of those that stay';
COMMENT ON COLUMN log_thinnings.event_id IS 'the event that says so';
"""

# Whoever deletes, the owner and superusers as well: only what is older than yesterday, of an hour that was not thinned
# yet, and right before another of its hour. So the last of each hour stays; and where a clock was set back, the last
# before that as well.
_REFUSAL = """
CREATE FUNCTION refuse_dropping_checkpoints() RETURNS trigger
LANGUAGE plpgsql SET search_path = SCHEMA, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (
            SELECT dropped, signed_at, lead(signed_at) OVER (ORDER BY size) AS next FROM (
                SELECT size, signed_at, true AS dropped FROM gone
                UNION ALL
                SELECT size, signed_at, false FROM log_checkpoints
                WHERE size > (SELECT min(size) FROM gone) AND size <= (
                    SELECT min(size) FROM log_checkpoints WHERE size > (SELECT max(size) FROM gone)
                )
            ) AS before
        ) AS each
        WHERE dropped AND (
            signed_at >= current_date - 1
            OR signed_at < (SELECT max(hour) + interval '1 hour' FROM log_thinnings)
            OR date_trunc('hour', next) IS DISTINCT FROM date_trunc('hour', signed_at)
        )
    ) THEN
        RAISE EXCEPTION 'that checkpoint must stay' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END
$$;
"""

_TRIGGERS = """
DROP TRIGGER append_only_rows ON log_checkpoints;
CREATE TRIGGER append_only_rows BEFORE UPDATE ON log_checkpoints FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER thinned_only AFTER DELETE ON log_checkpoints REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_dropping_checkpoints();
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON log_thinnings
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON log_thinnings
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE log_checkpoints ENABLE ALWAYS TRIGGER append_only_rows;
ALTER TABLE log_checkpoints ENABLE ALWAYS TRIGGER thinned_only;
ALTER TABLE log_thinnings ENABLE ALWAYS TRIGGER append_only_rows;
ALTER TABLE log_thinnings ENABLE ALWAYS TRIGGER append_only_table;
"""

# An hour at a time: until a transaction ends, the sealer can't pass it. One of which a checkpoint is gone already is
# left as it is, and all after it: that is for whoever verifies the log, who would no longer see it.
_THINNING = """
CREATE FUNCTION thin_log_checkpoints() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = SCHEMA, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    begun timestamptz;
    ended timestamptz;
    first bigint;
    last bigint;
    staying bigint[];
    gone bigint;
    said uuid := gen_random_uuid();
BEGIN
    LOCK TABLE log_thinnings IN SHARE ROW EXCLUSIVE MODE;
    SELECT date_trunc('hour', signed_at) INTO begun FROM log_checkpoints
    WHERE signed_at >= COALESCE((SELECT max(hour) + interval '1 hour' FROM log_thinnings), '-infinity')
        AND signed_at < current_date - 1
    ORDER BY signed_at LIMIT 1;
    ended := begun + interval '1 hour';
    IF begun IS NULL OR EXISTS (
        SELECT FROM log_checkpoints AS c
        WHERE c.signed_at >= begun AND c.signed_at < ended AND c.previous > 0
            AND NOT EXISTS (SELECT FROM log_checkpoints AS p WHERE p.size = c.previous)
    ) THEN
        RETURN 0;
    END IF;
    SELECT min(size), max(size) INTO first, last FROM log_checkpoints WHERE signed_at >= begun AND signed_at < ended;
    SELECT array_agg(size ORDER BY size) INTO staying FROM (
        SELECT size, signed_at, lead(signed_at) OVER (ORDER BY size) AS next FROM log_checkpoints
        WHERE size >= first AND size <= COALESCE((SELECT min(size) FROM log_checkpoints WHERE size > last), last)
    ) AS each
    WHERE signed_at >= begun AND signed_at < ended
        AND date_trunc('hour', next) IS DISTINCT FROM date_trunc('hour', signed_at);
    DELETE FROM log_checkpoints WHERE signed_at >= begun AND signed_at < ended AND size <> ALL (staying);
    GET DIAGNOSTICS gone = ROW_COUNT;
    INSERT INTO audit_events (event_id, recorded_at, type, outcome, evidence) VALUES (
        said, now(), 'log.thinned', 'success', jsonb_build_object('hour', begun, 'kept', staying, 'dropped', gone)
    );
    INSERT INTO log_thinnings (hour, kept, dropped, event_id) VALUES (begun, staying, gone, said);
    RETURN 1;
END
$$;
REVOKE ALL ON FUNCTION thin_log_checkpoints() FROM PUBLIC;
"""
