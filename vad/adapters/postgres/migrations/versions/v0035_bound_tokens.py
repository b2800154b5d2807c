"""Tokens bound to a key of the app (RFC 9449)."""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_BOUND)


_BOUND = """
ALTER TABLE grants ADD COLUMN jkt text NOT NULL DEFAULT '';
COMMENT ON COLUMN grants.jkt IS 'thumbprint of the key that its tokens are bound to; empty: to none';
ALTER TABLE clients ADD COLUMN dpop_bound_access_tokens boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN clients.dpop_bound_access_tokens
    IS 'it takes no tokens but such as are bound to a key (RFC 9449)';
"""
