"""${message}."""

from alembic import op

from vad.adapters.postgres.migrations.permissions import let_app

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    op.execute("")
