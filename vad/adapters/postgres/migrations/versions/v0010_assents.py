"""What children of 12 to 15 let their parents see."""

from alembic import op

from vad.adapters.postgres.migrations.permissions import let_app

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_ASSENTS)
    # What was agreed to never changes: it can only be taken back.
    let_app("SELECT, INSERT, UPDATE (withdrawn_at)", "assents")


_ASSENTS = """
CREATE TABLE assents (
    assent_id uuid CONSTRAINT pk_assents PRIMARY KEY,
    subject uuid NOT NULL CONSTRAINT fk_assents_subject REFERENCES persons (person_id),
    actor uuid NOT NULL CONSTRAINT fk_assents_actor REFERENCES persons (person_id),
    data_service text NOT NULL,
    level smallint NOT NULL,
    given_at timestamptz NOT NULL,
    until timestamptz NOT NULL,
    withdrawn_at timestamptz,
    CONSTRAINT ck_assents_about_another CHECK (subject <> actor),
    CONSTRAINT ck_assents_data_service_named CHECK (data_service <> ''),
    CONSTRAINT ck_assents_level_sure_enough CHECK (level >= 25),
    CONSTRAINT ck_assents_ends_after_it_begins CHECK (until > given_at),
    CONSTRAINT ck_assents_withdrawn_after_given CHECK (withdrawn_at >= given_at)
);
CREATE UNIQUE INDEX uq_assents_standing ON assents (subject, actor, data_service) WHERE withdrawn_at IS NULL;
COMMENT ON COLUMN assents.subject IS 'the child, who agreed';
COMMENT ON COLUMN assents.actor IS 'the parent';
COMMENT ON COLUMN assents.level IS 'level of assurance of the login in which it was given';
COMMENT ON COLUMN assents.until IS 'the sixteenth birthday of the child at the latest';
"""
