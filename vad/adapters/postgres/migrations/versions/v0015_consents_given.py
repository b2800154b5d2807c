"""Finding what somebody agreed to, however many people there are."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The page of consents asks for those that hold; what was for one login and is over is most of the table.
    op.execute("CREATE INDEX ix_consents_given ON consents (person_id, until) WHERE withdrawn_at IS NULL")
