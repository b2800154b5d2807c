"""Views that staff took outside their roles. Who took one can't be the one who looks into it."""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_TAKEN)


_TAKEN = """
CREATE TABLE break_glass (
    break_glass_id uuid CONSTRAINT pk_break_glass PRIMARY KEY,
    account_id uuid NOT NULL CONSTRAINT fk_break_glass_account_id REFERENCES staff_accounts (account_id),
    person_id uuid NOT NULL CONSTRAINT fk_break_glass_person_id REFERENCES persons (person_id),
    action text NOT NULL,
    reason text NOT NULL,
    case_number text NOT NULL,
    taken_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    reviewed_account uuid,
    reviewed_person uuid CONSTRAINT fk_break_glass_reviewed_person REFERENCES persons (person_id),
    reviewed_at timestamptz,
    verdict text CONSTRAINT ck_break_glass_verdict_known CHECK (verdict IN ('justified', 'not_justified')),
    CONSTRAINT ck_break_glass_ends_after_it_begins CHECK (ends_at > taken_at),
    CONSTRAINT ck_break_glass_review_whole
        CHECK (num_nulls(reviewed_account, reviewed_person, reviewed_at, verdict) IN (0, 4)),
    CONSTRAINT ck_break_glass_four_eyes CHECK (reviewed_person <> person_id)
);
CREATE INDEX ix_break_glass_account ON break_glass (account_id, ends_at);
CREATE INDEX ix_break_glass_taken ON break_glass (taken_at DESC);
CREATE INDEX ix_break_glass_to_review ON break_glass (taken_at) WHERE reviewed_at IS NULL;
COMMENT ON COLUMN break_glass.reason IS 'in words; empty once it was erased';
COMMENT ON COLUMN break_glass.case_number IS 'empty once it was erased';
"""
