"""Which apps may ask for VAD's own API."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_API_SCOPES)


# With a default: a release that does not know this column yet goes on writing rows.
_API_SCOPES = """
ALTER TABLE clients ADD COLUMN api_scopes text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN clients.api_scopes IS 'of VAD''s own API, that it may ask for';
"""
