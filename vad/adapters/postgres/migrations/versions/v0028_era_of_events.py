"""Events of before year 1: there are none, and the text of a time that is hashed has no era."""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_IN_ERA)


_IN_ERA = """
ALTER TABLE audit_events
    ADD CONSTRAINT ck_audit_events_recorded_in_era CHECK (recorded_at >= '0001-01-01 00:00:00+00')
"""
