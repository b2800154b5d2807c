"""Mandates: who let whom act for them, for what and until when."""

from alembic import op
from sqlalchemy import text

from vad.adapters.postgres.migrations.permissions import let_app

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_MANDATES)
    op.execute(_PERMISSIONS)
    op.execute(_MOVES)
    schema = op.get_bind().scalar(text("SELECT quote_ident(current_schema())"))
    op.execute(_LIVE.replace("SCHEMA.", f"{schema}."))
    op.execute(_GRANTS)
    let_app(
        "SELECT, INSERT, UPDATE (state, represented, representative, starts_at, ends_at, changed_at, version, "
        "label_sealed, label_key_id, code_hash, code_tries, answer_by, last_used_at, checked_at)",
        "mandates",
    )
    # What a permission is about never changes, and whether it is live follows from the mandate.
    let_app("SELECT, INSERT (permission_id, mandate_id, data_service, resource, client_id, stopped_at)", "permissions")
    let_app("UPDATE (stopped_at)", "permissions")


_MANDATES = """
CREATE TABLE mandates (
    mandate_id uuid CONSTRAINT pk_mandates PRIMARY KEY,
    route text NOT NULL CONSTRAINT ck_mandates_route_known CHECK (route IN ('offer', 'request')),
    state text NOT NULL CONSTRAINT ck_mandates_state_known CHECK (
        state IN ('requested', 'offered', 'active', 'declined', 'lapsed', 'revoked', 'expired', 'ended')),
    represented uuid CONSTRAINT fk_mandates_represented REFERENCES persons (person_id),
    representative uuid CONSTRAINT fk_mandates_representative REFERENCES persons (person_id),
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    made_at timestamptz NOT NULL,
    answer_by timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    version integer NOT NULL CONSTRAINT ck_mandates_version_counts_up CHECK (version >= 1),
    label_sealed bytea,
    label_key_id text,
    code_hash bytea CONSTRAINT uq_mandates_code_hash UNIQUE,
    code_tries integer NOT NULL DEFAULT 0,
    last_used_at timestamptz,
    checked_at timestamptz NOT NULL,
    CONSTRAINT ck_mandates_two_people CHECK (represented <> representative),
    CONSTRAINT ck_mandates_made_by_somebody CHECK (
        CASE route WHEN 'offer' THEN represented ELSE representative END IS NOT NULL),
    CONSTRAINT ck_mandates_in_force_between_two CHECK (
        state NOT IN ('active', 'revoked', 'expired', 'ended') OR num_nulls(represented, representative) = 0),
    CONSTRAINT ck_mandates_ends_after_it_starts CHECK (ends_at > starts_at),
    CONSTRAINT ck_mandates_five_years_at_most CHECK (ends_at <= changed_at + interval '5 years 2 days'),
    CONSTRAINT ck_mandates_changed_after_made CHECK (changed_at >= made_at),
    CONSTRAINT ck_mandates_label_whole CHECK ((label_sealed IS NULL) = (label_key_id IS NULL)),
    CONSTRAINT ck_mandates_code_hash_is_hmac CHECK (octet_length(code_hash) = 32),
    CONSTRAINT ck_mandates_tries_bounded CHECK (code_tries BETWEEN 0 AND 5)
);
CREATE INDEX ix_mandates_represented ON mandates (represented, changed_at DESC);
CREATE INDEX ix_mandates_representative ON mandates (representative, changed_at DESC);
CREATE INDEX ix_mandates_to_end ON mandates (ends_at) WHERE state = 'active';
CREATE INDEX ix_mandates_to_check ON mandates (checked_at) WHERE state = 'active';
CREATE INDEX ix_mandates_to_lapse ON mandates (answer_by) WHERE state IN ('requested', 'offered');
COMMENT ON COLUMN mandates.represented IS 'whose data it is; null: a request that has not reached them';
COMMENT ON COLUMN mandates.representative IS 'who acts for them; null: an offer that has not reached them';
COMMENT ON COLUMN mandates.label_sealed IS 'the name that its maker wrote for the other; AES-256-GCM';
COMMENT ON COLUMN mandates.code_hash IS 'keyed hash of the code that brings it to the other';
COMMENT ON COLUMN mandates.checked_at IS 'when the register was last asked about both, while it is active';
COMMENT ON COLUMN mandates.code_tries IS 'right codes with a wrong birth date';
"""

_PERMISSIONS = """
CREATE TABLE permissions (
    permission_id uuid CONSTRAINT pk_permissions PRIMARY KEY,
    mandate_id uuid NOT NULL CONSTRAINT fk_permissions_mandate_id REFERENCES mandates (mandate_id),
    data_service text NOT NULL CONSTRAINT ck_permissions_something CHECK (data_service <> ''),
    resource text NOT NULL,
    client_id text NOT NULL,
    stopped_at timestamptz,
    live boolean NOT NULL DEFAULT false,
    represented uuid,
    representative uuid,
    CONSTRAINT uq_permissions_mandate_id_data_service_resource_client_id
        UNIQUE (mandate_id, data_service, resource, client_id),
    CONSTRAINT ck_permissions_live_until_stopped CHECK (NOT live OR stopped_at IS NULL),
    CONSTRAINT ck_permissions_live_between_two CHECK (NOT live OR num_nulls(represented, representative) = 0)
);
CREATE UNIQUE INDEX uq_permissions_live
    ON permissions (represented, representative, data_service, resource, client_id) WHERE live;
COMMENT ON COLUMN permissions.resource IS 'one data source; empty: all of them';
COMMENT ON COLUMN permissions.client_id IS 'one app; empty: all of them';
COMMENT ON COLUMN permissions.live IS 'its mandate is active and it was not stopped; kept by triggers';
"""

# Whoever writes a mandate makes one of the moves there are, one at a time, and changes neither side once it is known.
_MOVES = """
CREATE FUNCTION check_mandate() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state IN ('requested', 'offered') AND NEW.version = 1 THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'a mandate begins as an offer or a request' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'ck_mandates_moves';
    END IF;
    IF NEW.state <> OLD.state AND NOT (OLD.state, NEW.state) IN (
        ('requested', 'offered'), ('requested', 'declined'), ('requested', 'lapsed'),
        ('offered', 'active'), ('offered', 'declined'), ('offered', 'lapsed'),
        ('active', 'revoked'), ('active', 'expired'), ('active', 'ended')
    ) THEN
        RAISE EXCEPTION 'no such move' USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_mandates_moves';
    END IF;
    IF OLD.state NOT IN ('requested', 'offered', 'active')
        AND (NEW.starts_at, NEW.ends_at) IS DISTINCT FROM (OLD.starts_at, OLD.ends_at) THEN
        RAISE EXCEPTION 'it is over' USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_mandates_moves';
    END IF;
    IF OLD.represented <> NEW.represented OR OLD.representative <> NEW.representative
        OR num_nulls(NEW.represented, NEW.representative) > num_nulls(OLD.represented, OLD.representative) THEN
        RAISE EXCEPTION 'its sides are known' USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_mandates_moves';
    END IF;
    IF NEW.version <> OLD.version AND NEW.version <> OLD.version + 1 THEN
        RAISE EXCEPTION 'one move at a time' USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_mandates_moves';
    END IF;
    IF NEW.version = OLD.version AND (NEW.state, NEW.starts_at, NEW.ends_at, NEW.represented, NEW.representative)
        IS DISTINCT FROM (OLD.state, OLD.starts_at, OLD.ends_at, OLD.represented, OLD.representative) THEN
        RAISE EXCEPTION 'a move has a number' USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_mandates_moves';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER check_mandate BEFORE INSERT OR UPDATE ON mandates FOR EACH ROW EXECUTE FUNCTION check_mandate();
ALTER TABLE mandates ENABLE ALWAYS TRIGGER check_mandate;
"""

# Whether a permission is live is nobody's to write, the service included: the functions are the owner's. So no two live
# mandates hold the same permission of the same two people, whoever is first.
_LIVE = """
CREATE FUNCTION carry_to_permissions() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    UPDATE SCHEMA.permissions SET live = (NEW.state = 'active' AND stopped_at IS NULL),
        represented = NEW.represented, representative = NEW.representative
        WHERE mandate_id = NEW.mandate_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER carry_to_permissions AFTER UPDATE OF state ON mandates
    FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION carry_to_permissions();
CREATE FUNCTION stop_permission() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.stopped_at IS NOT NULL AND NEW.stopped_at IS DISTINCT FROM OLD.stopped_at THEN
        RAISE EXCEPTION 'stopped for good' USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_permissions_moves';
    END IF;
    IF TG_OP = 'INSERT' OR NEW.stopped_at IS NOT NULL THEN
        NEW.live := false;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER stop_permission BEFORE INSERT OR UPDATE ON permissions FOR EACH ROW EXECUTE FUNCTION stop_permission();
ALTER TABLE mandates ENABLE ALWAYS TRIGGER carry_to_permissions;
ALTER TABLE permissions ENABLE ALWAYS TRIGGER stop_permission;
"""

# With a default: a release that does not know mandates goes on writing grants.
_GRANTS = """
ALTER TABLE grants ADD COLUMN mandate_id uuid CONSTRAINT fk_grants_mandate_id REFERENCES mandates (mandate_id);
CREATE INDEX ix_grants_by_mandate ON grants (mandate_id) WHERE mandate_id IS NOT NULL AND state = 'active';
COMMENT ON COLUMN grants.mandate_id IS 'the mandate that it rests on; null: on none';
"""
