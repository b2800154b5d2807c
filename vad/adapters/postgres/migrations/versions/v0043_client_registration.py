"""Apps that register themselves (RFC 7591) and look after that (RFC 7592).

The role of the service still writes no registration. It calls functions, which do no more than a token allows that an
operator made; whoever breaks into the service without one registers nothing.
"""

from alembic import op

from vad.adapters.postgres.migrations.permissions import let_app, let_app_call

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

_CALLED = (
    "registration_offered(bytea)",
    "register_client(bytea, bytea, jsonb)",
    "change_registration(text, bytea, bytea, jsonb)",
    "end_registration(text, bytea)",
)


def upgrade() -> None:
    schema = op.get_bind().exec_driver_sql("SELECT quote_ident(current_schema())").scalar()
    op.execute(_TABLES)
    op.execute(_FUNCTIONS.replace("SCHEMA,", f"{schema},"))
    let_app("SELECT", "client_registrations")
    for function in _CALLED:
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        let_app_call(function)


_TABLES = """
ALTER TABLE clients DROP CONSTRAINT ck_clients_owner_known;
ALTER TABLE clients ADD CONSTRAINT ck_clients_owner_known CHECK (owner IN ('file', 'pages', 'list', 'itself'));
COMMENT ON COLUMN clients.owner
    IS 'who changes it: vad clients apply, the pages for staff, the list of the ministry, or the app itself';

CREATE TABLE registration_tokens (
    token_sha256 bytea CONSTRAINT pk_registration_tokens PRIMARY KEY,
    profile text NOT NULL,
    organisation text NOT NULL,
    admits boolean NOT NULL,
    uses_left integer NOT NULL,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT ck_registration_tokens_hash_whole CHECK (octet_length(token_sha256) = 32),
    CONSTRAINT ck_registration_tokens_uses_counted CHECK (uses_left >= 0)
);
COMMENT ON COLUMN registration_tokens.organisation IS 'what people read; the app has no say in it';
COMMENT ON COLUMN registration_tokens.admits IS 'its apps are admitted to every source at once: for a sandbox';

CREATE TABLE client_registrations (
    client_id text CONSTRAINT pk_client_registrations PRIMARY KEY
        CONSTRAINT fk_client_registrations_client_id REFERENCES clients (client_id),
    token_sha256 bytea NOT NULL,
    registered_at timestamptz NOT NULL,
    CONSTRAINT ck_client_registrations_hash_whole CHECK (octet_length(token_sha256) = 32)
);
"""

_FUNCTIONS = """
CREATE FUNCTION registration_offered(initial bytea) RETURNS TABLE (profile text, organisation text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = SCHEMA, pg_temp AS $$
    SELECT offered.profile, offered.organisation FROM registration_tokens AS offered
    WHERE offered.token_sha256 = initial AND offered.uses_left > 0 AND offered.expires_at > now()
$$;

CREATE FUNCTION columns_of_registration(entry jsonb) RETURNS text
LANGUAGE sql STABLE SET search_path = SCHEMA, pg_temp AS $$
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
    WHERE attrelid = 'clients'::regclass AND attnum > 0 AND NOT attisdropped AND entry ? attname::text
$$;
REVOKE ALL ON FUNCTION columns_of_registration(jsonb) FROM PUBLIC;

CREATE FUNCTION register_client(initial bytea, management bytea, entry jsonb) RETURNS boolean
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
    INSERT INTO client_registrations VALUES (entry->>'client_id', management, now());
    IF offered.admits THEN
        INSERT INTO admissions (client_id, resource, data_service_id)
            SELECT entry->>'client_id', identifier, service FROM resource_servers, unnest(data_services) AS service
            WHERE active;
    END IF;
    UPDATE configuration_version SET version = version + 1;
    RETURN true;
END
$$;

CREATE FUNCTION change_registration(client text, former bytea, management bytea, entry jsonb) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = SCHEMA, pg_temp AS $$
DECLARE
    changed jsonb;
    columns text;
BEGIN
    PERFORM version FROM configuration_version FOR UPDATE;
    UPDATE client_registrations AS held SET token_sha256 = management FROM clients
        WHERE held.client_id = client AND held.token_sha256 = former AND clients.client_id = client
            AND clients.active AND clients.owner IN ('pages', 'itself');
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    changed := entry - ARRAY['client_id', 'sector', 'profile', 'organisation', 'active', 'owner', 'representation',
        'api_scopes', 'minimum_level'] || jsonb_build_object('updated_at', now());
    columns := columns_of_registration(changed);
    EXECUTE format('UPDATE clients SET (%s) = (SELECT %s FROM jsonb_populate_record(NULL::clients, $1)) '
        'WHERE client_id = $2', columns, columns) USING changed, client;
    UPDATE configuration_version SET version = version + 1;
    RETURN true;
END
$$;

CREATE FUNCTION end_registration(client text, former bytea) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = SCHEMA, pg_temp AS $$
BEGIN
    PERFORM version FROM configuration_version FOR UPDATE;
    DELETE FROM client_registrations AS held USING clients
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
