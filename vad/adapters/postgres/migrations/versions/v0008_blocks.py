"""What is switched off for people's data."""

from alembic import op

from vad.adapters.postgres.migrations.permissions import let_app

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_BLOCKS)
    op.execute(_CONSENTS)
    # What a block is about never changes: whoever wants another one lifts it and places that.
    let_app("SELECT, INSERT, UPDATE (lifted_at)", "blocks")


_BLOCKS = """
CREATE TABLE blocks (
    block_id uuid CONSTRAINT pk_blocks PRIMARY KEY,
    subject uuid NOT NULL CONSTRAINT fk_blocks_subject REFERENCES persons (person_id),
    kind text NOT NULL
        CONSTRAINT ck_blocks_kind_known CHECK (kind IN ('representation', 'representative', 'client', 'source')),
    target text NOT NULL,
    placed_by text NOT NULL CONSTRAINT ck_blocks_placed_by_known CHECK (placed_by IN ('subject', 'staff')),
    placed_at timestamptz NOT NULL,
    until timestamptz,
    lifted_at timestamptz,
    CONSTRAINT ck_blocks_target_named CHECK ((kind = 'representation') = (target = '')),
    CONSTRAINT ck_blocks_ends_after_it_begins CHECK (until > placed_at),
    CONSTRAINT ck_blocks_lifted_after_placed CHECK (lifted_at >= placed_at),
    CONSTRAINT ck_blocks_staff_say_until_when CHECK (placed_by = 'subject' OR until IS NOT NULL)
);
CREATE UNIQUE INDEX uq_blocks_standing ON blocks (subject, kind, target, placed_by) WHERE lifted_at IS NULL;
COMMENT ON COLUMN blocks.subject IS 'whose data it is about';
COMMENT ON COLUMN blocks.target IS 'a person, an app or a data source, as the kind says; empty: everybody';
"""

# To end every consent about one person that an app or a source was given.
_CONSENTS = """
CREATE INDEX ix_consents_about ON consents (subject) WHERE withdrawn_at IS NULL;
"""
