"""Where people want to be told, and what they were told."""

from alembic import op

from vad.adapters.postgres.migrations.permissions import let_app

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_CONTACTS)
    op.execute(_NOTICES)
    # An address itself never changes: another one is another row, proved by a code of its own.
    let_app("SELECT, INSERT, UPDATE (state, tries, confirmed_at, ended_at), DELETE", "contacts")
    let_app("SELECT, INSERT, DELETE", "notices")


_CONTACTS = """
CREATE TABLE contacts (
    contact_id uuid CONSTRAINT pk_contacts PRIMARY KEY,
    person_id uuid NOT NULL CONSTRAINT fk_contacts_person_id REFERENCES persons (person_id),
    address_sealed bytea NOT NULL,
    address_key_id text NOT NULL,
    language text NOT NULL CONSTRAINT ck_contacts_language_known CHECK (language IN ('nl', 'en')),
    state text NOT NULL CONSTRAINT ck_contacts_state_known CHECK (state IN ('pending', 'confirmed', 'former')),
    asked_at timestamptz NOT NULL,
    tries smallint NOT NULL DEFAULT 0 CONSTRAINT ck_contacts_tries_count_up CHECK (tries >= 0),
    confirmed_at timestamptz,
    ended_at timestamptz,
    CONSTRAINT ck_contacts_confirmed_at_some_time CHECK ((state = 'pending') = (confirmed_at IS NULL)),
    CONSTRAINT ck_contacts_ended_at_some_time CHECK ((state = 'former') = (ended_at IS NOT NULL))
);
CREATE UNIQUE INDEX uq_contacts_pending ON contacts (person_id) WHERE state = 'pending';
CREATE UNIQUE INDEX uq_contacts_confirmed ON contacts (person_id) WHERE state = 'confirmed';
CREATE INDEX ix_contacts_to_forget ON contacts (asked_at) WHERE state <> 'confirmed';
COMMENT ON COLUMN contacts.address_sealed IS 'AES-256-GCM; AAD: table, column, row, key id';
COMMENT ON COLUMN contacts.tries IS 'how often a code was entered';
"""

_NOTICES = """
CREATE TABLE notices (
    notice_id uuid CONSTRAINT pk_notices PRIMARY KEY,
    person_id uuid NOT NULL CONSTRAINT fk_notices_person_id REFERENCES persons (person_id),
    notice text NOT NULL,
    about text NOT NULL,
    told_at timestamptz NOT NULL,
    CONSTRAINT uq_notices_person_id_notice_about UNIQUE (person_id, notice, about)
);
CREATE INDEX ix_notices_told_at ON notices (told_at);
COMMENT ON COLUMN notices.about IS 'which mandate, birthday or address';
COMMENT ON COLUMN notices.told_at IS 'when it was queued';
"""
