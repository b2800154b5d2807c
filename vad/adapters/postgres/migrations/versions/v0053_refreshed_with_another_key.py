"""The service may write the key with which a grant was refreshed last (RFC 9449 section 5)."""

from alembic import op

from vad.adapters.postgres.migrations.permissions import let_app

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_WORDS)
    let_app("UPDATE (jkt)", "grants")


_WORDS = """
COMMENT ON COLUMN grants.jkt
    IS 'thumbprint of the key of its first tokens, or of the last refresh that gave a new refresh token; empty: none';
"""
