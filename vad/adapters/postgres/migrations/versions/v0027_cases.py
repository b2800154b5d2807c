"""Cases: what people say is not right, and what the helpdesk does about it."""

from alembic import op

from vad.adapters.postgres.migrations.permissions import let_app

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_CASES)
    op.execute(_TEXTS)
    # People open cases and read their own. What becomes of them is for staff, and erasing for the owner.
    let_app("SELECT, INSERT", "cases")
    let_app("SELECT, INSERT", "case_texts")


_CASES = """
CREATE TABLE cases (
    case_id uuid CONSTRAINT pk_cases PRIMARY KEY,
    reference text NOT NULL CONSTRAINT uq_cases_reference UNIQUE,
    person_id uuid NOT NULL CONSTRAINT fk_cases_person_id REFERENCES persons (person_id),
    event_id uuid,
    event_at timestamptz,
    reach text NOT NULL CONSTRAINT ck_cases_reach_known CHECK (reach IN ('mail', 'letter')),
    state text NOT NULL CONSTRAINT ck_cases_state_known CHECK (state IN ('open', 'taken', 'closed')),
    made_at timestamptz NOT NULL,
    taken_by uuid,
    taken_at timestamptz,
    closed_at timestamptz,
    outcome text
        CONSTRAINT ck_cases_outcome_known CHECK (outcome IN ('explained', 'corrected', 'passed_on', 'withdrawn')),
    CONSTRAINT ck_cases_event_whole CHECK ((event_id IS NULL) = (event_at IS NULL)),
    CONSTRAINT ck_cases_taken_by_somebody CHECK ((state = 'open') = (taken_by IS NULL)),
    CONSTRAINT ck_cases_taken_at_some_time CHECK ((taken_by IS NULL) = (taken_at IS NULL)),
    CONSTRAINT ck_cases_closed_with_outcome CHECK ((state = 'closed') = (outcome IS NOT NULL)),
    CONSTRAINT ck_cases_closed_at_some_time CHECK ((outcome IS NULL) = (closed_at IS NULL))
);
CREATE INDEX ix_cases_person ON cases (person_id, made_at DESC);
CREATE INDEX ix_cases_state ON cases (state, made_at, case_id);
COMMENT ON COLUMN cases.person_id IS 'who says that it is not right';
COMMENT ON COLUMN cases.event_id IS 'the event it is about; the log outlives it';
COMMENT ON COLUMN cases.taken_by IS 'account of a member of staff';
"""

_TEXTS = """
CREATE TABLE case_texts (
    text_id uuid CONSTRAINT pk_case_texts PRIMARY KEY,
    case_id uuid NOT NULL CONSTRAINT fk_case_texts_case_id REFERENCES cases (case_id),
    kind text NOT NULL CONSTRAINT ck_case_texts_kind_known CHECK (kind IN ('complaint', 'note', 'answer')),
    written_by uuid,
    written_at timestamptz NOT NULL,
    text_sealed bytea NOT NULL,
    text_key_id text NOT NULL,
    CONSTRAINT ck_case_texts_staff_or_person CHECK ((kind = 'complaint') = (written_by IS NULL))
);
CREATE INDEX ix_case_texts_case ON case_texts (case_id, written_at);
COMMENT ON COLUMN case_texts.written_by IS 'account of a member of staff; null: the person';
COMMENT ON COLUMN case_texts.text_sealed IS 'AES-256-GCM; AAD: table, column, row, key id';
"""
