"""Who changes a registration: the configuration files, or the pages for staff."""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("clients", "resource_servers"):
        op.execute(_OWNER.replace("TABLE_NAME", table))


_OWNER = """
ALTER TABLE TABLE_NAME ADD COLUMN owner text NOT NULL DEFAULT 'file'
    CONSTRAINT ck_TABLE_NAME_owner_known CHECK (owner IN ('file', 'pages'));
COMMENT ON COLUMN TABLE_NAME.owner IS 'who changes it: vad clients apply, or the pages for staff';
"""
