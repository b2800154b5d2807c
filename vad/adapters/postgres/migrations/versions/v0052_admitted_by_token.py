"""Whether a token admitted an app everywhere, so that staff can read that nobody of them did."""

from alembic import op
from sqlalchemy import text

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    schema = op.get_bind().scalar(text("SELECT quote_ident(current_schema())"))
    op.execute(_COLUMN)
    op.execute(_REGISTER.replace("SCHEMA,", f"{schema},"))


_COLUMN = """
ALTER TABLE client_registrations ADD COLUMN admitted boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN client_registrations.admitted IS 'the token admitted it to every source at once';
UPDATE client_registrations SET admitted = true FROM registration_tokens AS offered
    WHERE offer = encode(substring(offered.token_sha256 FOR 8), 'hex') AND offered.admits;
"""

# As of 0049, and what the token allowed is remembered.
_REGISTER = """
CREATE OR REPLACE FUNCTION register_client(initial bytea, management bytea, entry jsonb) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = SCHEMA, pg_temp AS $$
DECLARE
    offered registration_tokens;
    made jsonb;
    columns text;
BEGIN
    UPDATE registration_tokens SET uses_left = uses_left - 1
        WHERE token_sha256 = initial AND uses_left > 0 AND expires_at > now() RETURNING * INTO offered;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM version FROM configuration_version FOR UPDATE;
    IF EXISTS (SELECT FROM resource_servers WHERE identifier = entry->>'client_id') THEN
        RETURN false;
    END IF;
    made := entry || jsonb_build_object('profile', offered.profile, 'organisation', offered.organisation,
        'active', true, 'owner', 'itself', 'representation', false, 'api_scopes', '[]'::jsonb, 'updated_at', now());
    columns := columns_of_registration(made);
    EXECUTE format('INSERT INTO clients (%s) SELECT %s FROM jsonb_populate_record(NULL::clients, $1)', columns, columns)
        USING made;
    INSERT INTO client_registrations (client_id, token_sha256, registered_at, offer, label, admitted)
        VALUES (entry->>'client_id', management, now(), encode(substring(initial FOR 8), 'hex'), offered.label,
            offered.admits);
    IF offered.admits THEN
        INSERT INTO admissions (client_id, resource, data_service_id)
            SELECT entry->>'client_id', identifier, service FROM resource_servers, unnest(data_services) AS service
            WHERE active;
    END IF;
    UPDATE configuration_version SET version = version + 1;
    RETURN true;
END
$$;
"""
