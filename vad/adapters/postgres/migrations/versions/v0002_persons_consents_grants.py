"""Persons, what they agreed to, and what apps were given."""

from alembic import op

from vad.adapters.postgres.migrations.permissions import let_app

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_PERSONS)
    op.execute(_CONSENTS)
    op.execute(_GRANTS)
    # What a row is about never changes; only what its life brings may be written afterwards.
    let_app("SELECT, INSERT, UPDATE (evidence_sealed, evidence_key_id)", "persons")
    let_app("SELECT, INSERT, UPDATE (until, withdrawn_at, lapse_recorded)", "consents")
    let_app("SELECT, INSERT, UPDATE (state, refresh_generation, refreshed_at)", "grants")


_PERSONS = """
CREATE TABLE persons (
    person_id uuid CONSTRAINT pk_persons PRIMARY KEY,
    bsn_lookup bytea NOT NULL CONSTRAINT uq_persons_bsn_lookup UNIQUE
        CONSTRAINT ck_persons_lookup_is_hmac CHECK (octet_length(bsn_lookup) = 32),
    bsn_lookup_key_id text NOT NULL,
    bsn_lookup_next bytea CONSTRAINT uq_persons_bsn_lookup_next UNIQUE,
    bsn_lookup_next_key_id text,
    bsn_sealed bytea NOT NULL,
    bsn_key_id text NOT NULL,
    evidence_sealed bytea,
    evidence_key_id text,
    created_at timestamptz NOT NULL,
    CONSTRAINT ck_persons_lookup_next_whole CHECK ((bsn_lookup_next IS NULL) = (bsn_lookup_next_key_id IS NULL)),
    CONSTRAINT ck_persons_evidence_whole CHECK ((evidence_sealed IS NULL) = (evidence_key_id IS NULL))
);
COMMENT ON COLUMN persons.bsn_lookup IS 'HMAC-SHA-256 of the BSN, never a plain hash';
COMMENT ON COLUMN persons.bsn_lookup_next IS 'the same under the next key';
COMMENT ON COLUMN persons.bsn_sealed IS 'AES-256-GCM; AAD: table, column, row, key id';
COMMENT ON COLUMN persons.evidence_sealed IS 'what the register said, as sealed JSON';
"""

_CONSENTS = """
CREATE TABLE consents (
    consent_id uuid CONSTRAINT pk_consents PRIMARY KEY,
    person_id uuid NOT NULL CONSTRAINT fk_consents_person_id REFERENCES persons (person_id),
    subject uuid NOT NULL CONSTRAINT fk_consents_subject REFERENCES persons (person_id),
    client_id text NOT NULL,
    resource text NOT NULL,
    data_services text[] NOT NULL,
    duration text NOT NULL CONSTRAINT ck_consents_duration_known CHECK (duration IN ('once', 'until_stopped')),
    given_at timestamptz NOT NULL,
    until timestamptz NOT NULL,
    withdrawn_at timestamptz,
    lapse_recorded boolean NOT NULL DEFAULT false,
    CONSTRAINT ck_consents_ends_after_it_begins CHECK (until > given_at),
    CONSTRAINT ck_consents_withdrawn_after_given CHECK (withdrawn_at >= given_at)
);
CREATE INDEX ix_consents_standing ON consents (person_id, subject, client_id) WHERE duration = 'until_stopped';
CREATE INDEX ix_consents_to_lapse ON consents (until)
    WHERE duration = 'until_stopped' AND withdrawn_at IS NULL AND NOT lapse_recorded;
COMMENT ON COLUMN consents.person_id IS 'who gave it';
COMMENT ON COLUMN consents.subject IS 'whose data it is about';
COMMENT ON COLUMN consents.resource IS 'a data source, or the issuer itself: consent to log in';
COMMENT ON COLUMN consents.until IS 'when it ends by itself; use moves it on';
COMMENT ON COLUMN consents.lapse_recorded IS 'its end is in the log';
"""

_GRANTS = """
CREATE TABLE grants (
    grant_id uuid CONSTRAINT pk_grants PRIMARY KEY,
    code_hash bytea NOT NULL CONSTRAINT uq_grants_code_hash UNIQUE
        CONSTRAINT ck_grants_code_hash_is_hmac CHECK (octet_length(code_hash) = 32),
    sid text NOT NULL,
    client_id text NOT NULL,
    actor uuid NOT NULL CONSTRAINT fk_grants_actor REFERENCES persons (person_id),
    subject uuid NOT NULL CONSTRAINT fk_grants_subject REFERENCES persons (person_id),
    level smallint NOT NULL,
    auth_time timestamptz NOT NULL,
    session_ends_at timestamptz NOT NULL,
    data_services text[] NOT NULL,
    resources text[] NOT NULL,
    consents uuid[] NOT NULL,
    created_at timestamptz NOT NULL,
    state text NOT NULL CONSTRAINT ck_grants_state_known CHECK (state IN ('active', 'revoked', 'ended')),
    refresh_generation integer NOT NULL
        CONSTRAINT ck_grants_generation_counts_up CHECK (refresh_generation >= 0),
    refreshed_at timestamptz,
    CONSTRAINT ck_grants_session_ends_after_login CHECK (session_ends_at > auth_time)
);
CREATE INDEX ix_grants_active_by_session ON grants (sid) WHERE state = 'active';
COMMENT ON COLUMN grants.code_hash IS 'a code that made a grant can''t make another';
COMMENT ON COLUMN grants.actor IS 'who logged in';
COMMENT ON COLUMN grants.subject IS 'whose data it is about';
COMMENT ON COLUMN grants.level IS 'level of assurance of the login: 10, 20, 25, 30';
"""
