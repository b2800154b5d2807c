"""Indexes for what auditors ask: acting for another, who acts for many, what changed last, what was off when."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_INDEXES)


_INDEXES = """
CREATE INDEX ix_audit_events_acting ON audit_events (recorded_at DESC) WHERE basis <> 'self';
CREATE INDEX ix_mandates_helpers ON mandates (representative, represented) WHERE state = 'active';
CREATE INDEX ix_mandates_changed ON mandates (changed_at DESC, mandate_id DESC);
CREATE INDEX ix_blocks_subject ON blocks (subject, placed_at);
"""
