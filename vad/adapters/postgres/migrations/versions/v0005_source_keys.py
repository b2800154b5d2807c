"""What a data source proves itself with when it asks about a token."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_SOURCES)


# With a default: a release that does not know this column yet goes on writing rows.
_SOURCES = """
ALTER TABLE resource_servers ADD COLUMN jwks jsonb NOT NULL DEFAULT '[]';
COMMENT ON COLUMN resource_servers.jwks IS
    'public keys (RFC 7517) that it proves itself with; none: it never asks';
"""
