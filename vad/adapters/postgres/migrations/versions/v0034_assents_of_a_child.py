"""Auditors ask what a child agreed to at a moment that is past: what was taken back since is found by the child too."""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX ix_assents_subject ON assents (subject)")
