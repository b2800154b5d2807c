"""Signals that somebody has handled."""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_HANDLED)


_HANDLED = """
CREATE TABLE handled_signals (
    kind text NOT NULL,
    person text NOT NULL,
    occasion text NOT NULL,
    account_id uuid NOT NULL CONSTRAINT fk_handled_signals_account_id REFERENCES staff_accounts (account_id),
    handled_at timestamptz NOT NULL,
    CONSTRAINT pk_handled_signals PRIMARY KEY (kind, person, occasion)
);
COMMENT ON COLUMN handled_signals.person IS 'id of whom it is about; empty: nobody';
COMMENT ON COLUMN handled_signals.occasion IS 'a number, or a day';
"""
