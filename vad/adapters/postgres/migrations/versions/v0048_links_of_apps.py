"""What apps say themselves of people's data and of their terms: pages link there."""

from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_LINKS)


_LINKS = """
ALTER TABLE clients
    ADD COLUMN policy_uri text NOT NULL DEFAULT '',
    ADD COLUMN tos_uri text NOT NULL DEFAULT '';
COMMENT ON COLUMN clients.policy_uri IS 'what it says of people''s data';
COMMENT ON COLUMN clients.tos_uri IS 'what it says of its terms';
"""
