"""An app may publish its keys itself, instead of registering them."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_PUBLISHED)


_PUBLISHED = """
ALTER TABLE clients ADD COLUMN jwks_uri text NOT NULL DEFAULT '';
COMMENT ON COLUMN clients.jwks_uri IS 'where it publishes its keys; empty: they are in jwks';
"""
