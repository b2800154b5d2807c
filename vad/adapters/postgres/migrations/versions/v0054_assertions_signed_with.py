"""What an app signs its assertions with, where it said so."""

from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_SIGNED_WITH)


_SIGNED_WITH = """
ALTER TABLE clients ADD COLUMN token_endpoint_auth_signing_alg text NOT NULL DEFAULT '';
COMMENT ON COLUMN clients.token_endpoint_auth_signing_alg IS 'of its assertions; empty: any of its profile';
"""
