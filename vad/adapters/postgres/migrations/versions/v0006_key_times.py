"""When a key became active and when it was retired; one next key for each use."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_KEYS)


# Keys that are there already were active from the moment they were made.
_KEYS = """
ALTER TABLE keys ADD COLUMN activated_at timestamptz, ADD COLUMN retired_at timestamptz;
UPDATE keys SET activated_at = created_at WHERE state <> 'next';
CREATE UNIQUE INDEX uq_keys_next ON keys (purpose, algorithm) WHERE state = 'next';
"""
