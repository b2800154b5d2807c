"""Where a data source hears that what a token rests on has ended."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_RECEIVERS)


# With a default: a release that does not know this column yet goes on writing rows.
_RECEIVERS = """
ALTER TABLE resource_servers ADD COLUMN security_events_uri text NOT NULL DEFAULT '';
COMMENT ON COLUMN resource_servers.security_events_uri IS 'empty: it is not told';
"""
