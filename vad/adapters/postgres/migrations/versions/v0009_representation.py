"""Which clients and data sources take part where somebody acts for another."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_REGISTRATIONS)


# With defaults: a release that does not know these columns yet goes on writing rows.
_REGISTRATIONS = """
ALTER TABLE clients ADD COLUMN representation boolean NOT NULL DEFAULT false;
ALTER TABLE resource_servers ADD COLUMN representation boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN clients.representation IS 'it understands that people act for others';
COMMENT ON COLUMN resource_servers.representation IS 'it takes tokens of people who act for others';
"""
