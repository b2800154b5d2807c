"""What counts for an app's requests where they don't say it: how old a login may be, and its level."""

from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_DEFAULTS)


_DEFAULTS = """
ALTER TABLE clients
    ADD COLUMN default_max_age integer,
    ADD COLUMN default_acr_values text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN clients.default_max_age IS 'seconds since the login, where a request says nothing';
COMMENT ON COLUMN clients.default_acr_values IS 'levels, where a request says nothing';
"""
