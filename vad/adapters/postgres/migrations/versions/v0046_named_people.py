"""An index for whom the evidence of an event names: a representative, a parent, whom a block or a signal is about."""

from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_NAMED)


# Of all events few name anybody. Those of before get into it by `index_building`, as with v0047, while others write:
# nobody is found from some day on only.
_NAMED = """
CREATE INDEX ix_audit_events_named ON ONLY audit_events USING gin (evidence jsonb_path_ops)
    WHERE evidence ?| ARRAY['representative', 'parent', 'against', 'person', 'concerning'];
"""
