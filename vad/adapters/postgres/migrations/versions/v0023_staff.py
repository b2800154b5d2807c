"""Accounts of staff. What the role of the administration may do stands in `admin_rights`, for all tables alike."""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_ACCOUNTS)


_ACCOUNTS = """
CREATE TABLE staff_accounts (
    account_id uuid CONSTRAINT pk_staff_accounts PRIMARY KEY,
    issuer text NOT NULL,
    subject text NOT NULL,
    person_id uuid NOT NULL CONSTRAINT fk_staff_accounts_person_id REFERENCES persons (person_id),
    enrolled_at timestamptz NOT NULL,
    ended_at timestamptz,
    CONSTRAINT uq_staff_accounts_issuer_subject UNIQUE (issuer, subject),
    CONSTRAINT ck_staff_accounts_ends_after_it_begins CHECK (ended_at >= enrolled_at)
);
COMMENT ON COLUMN staff_accounts.subject IS '`sub` at that issuer';
COMMENT ON COLUMN staff_accounts.person_id IS 'proved with their own DigiD';
"""
