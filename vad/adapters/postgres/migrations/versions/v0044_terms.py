"""Closed cases go after their term, and handled signals of many people hold for a year."""

from alembic import op
from sqlalchemy import text

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    schema = op.get_bind().scalar(text("SELECT quote_ident(current_schema())"))
    op.execute(_FORGET.replace("SCHEMA", schema))
    op.execute("REVOKE ALL ON FUNCTION forget_cases(timestamptz) FROM PUBLIC")
    op.execute("COMMENT ON COLUMN handled_signals.occasion IS 'a day, or a year with a number'")


# The shortest term stands here: no setting, and no program that was broken into, can erase what is younger, or what is
# still open.
_FORGET = """
CREATE INDEX ix_cases_closed ON cases (closed_at) WHERE state = 'closed';

CREATE FUNCTION forget_cases(closed_before timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = SCHEMA, pg_temp AS $$
DECLARE
    over uuid[];
BEGIN
    over := ARRAY(
        SELECT case_id FROM cases
        WHERE state = 'closed' AND closed_at < LEAST(closed_before, now() - interval '1 year')
        ORDER BY closed_at LIMIT 500 FOR UPDATE SKIP LOCKED
    );
    DELETE FROM case_texts WHERE case_id = ANY (over);
    DELETE FROM cases WHERE case_id = ANY (over);
    RETURN cardinality(over);
END
$$;
"""
