"""Who registered an app stays known, to staff as well; and apps that push every request of theirs (RFC 9126)."""

from alembic import op
from sqlalchemy import text

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    schema = op.get_bind().scalar(text("SELECT quote_ident(current_schema())"))
    op.execute(_COLUMNS)
    for function in (_REGISTER, _END):
        op.execute(function.replace("SCHEMA,", f"{schema},"))


_COLUMNS = """
ALTER TABLE clients ADD COLUMN require_pushed_authorization_requests boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN clients.require_pushed_authorization_requests
    IS 'it takes part in no request that was not pushed (RFC 9126)';
ALTER TABLE registration_tokens ADD COLUMN label text NOT NULL DEFAULT '';
COMMENT ON COLUMN registration_tokens.label IS 'what the operator calls it';
ALTER TABLE client_registrations
    ALTER COLUMN token_sha256 DROP NOT NULL,
    ADD COLUMN offer text NOT NULL DEFAULT '',
    ADD COLUMN label text NOT NULL DEFAULT '';
COMMENT ON COLUMN client_registrations.token_sha256 IS 'of its own token; none once it ended itself';
COMMENT ON COLUMN client_registrations.offer IS 'how the log names the token by which it registered itself';
COMMENT ON COLUMN client_registrations.label IS 'what the operator called that token';
"""

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
    INSERT INTO client_registrations (client_id, token_sha256, registered_at, offer, label)
        VALUES (entry->>'client_id', management, now(), encode(substring(initial FOR 8), 'hex'), offered.label);
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

# What registered it stays: staff go on seeing where an app came from that ended itself.
_END = """
CREATE OR REPLACE FUNCTION end_registration(client text, former bytea) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = SCHEMA, pg_temp AS $$
BEGIN
    PERFORM version FROM configuration_version FOR UPDATE;
    UPDATE client_registrations AS held SET token_sha256 = NULL FROM clients
        WHERE held.client_id = client AND held.token_sha256 = former AND clients.client_id = client
            AND clients.active AND clients.owner IN ('pages', 'itself');
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE clients SET active = false, updated_at = now() WHERE client_id = client;
    UPDATE configuration_version SET version = version + 1;
    RETURN true;
END
$$;
"""
