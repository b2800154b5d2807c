"""Apps of the ministry's list: the worker keeps them in step with it, and can touch no other registration."""

from alembic import op
from sqlalchemy import text

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_OWNERS)
    schema = op.get_bind().scalar(text("SELECT quote_ident(current_schema())"))
    op.execute(_TAKE.replace("SCHEMA", schema))
    op.execute("REVOKE ALL ON FUNCTION take_client_list(jsonb, timestamptz) FROM PUBLIC")


_OWNERS = """
ALTER TABLE clients DROP CONSTRAINT ck_clients_owner_known,
    ADD CONSTRAINT ck_clients_owner_known CHECK (owner IN ('file', 'pages', 'list'));
COMMENT ON COLUMN clients.owner
    IS 'who changes it: vad clients apply, the pages for staff, or the list of the ministry';
"""

# Profile, grants, algorithm and level are fixed here: whoever calls it makes clients of one kind, and no source admits
# one. What somebody else looks after is left alone.
_TAKE = """
CREATE FUNCTION take_client_list(listed jsonb, at timestamptz) RETURNS TABLE (client text, outcome text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = SCHEMA, pg_temp AS $$
DECLARE
    entry jsonb;
    touched boolean := false;
BEGIN
    PERFORM FROM configuration_version FOR UPDATE;
    FOR entry IN SELECT value FROM jsonb_array_elements(listed) LOOP
        client := entry ->> 'client_id';
        IF EXISTS (SELECT FROM clients c WHERE c.client_id = client AND c.owner <> 'list')
            OR EXISTS (SELECT FROM resource_servers r WHERE r.identifier = client) THEN
            outcome := 'left_alone';
            RETURN NEXT;
            CONTINUE;
        END IF;
        INSERT INTO clients AS c (client_id, name, organisation, redirect_uris, jwks, sector, profile, grant_types,
            id_token_signed_response_alg, minimum_level, active, updated_at, token_endpoint_auth_method,
            client_secret_sha256, owner)
        VALUES (client, entry ->> 'name', entry ->> 'organisation', entry -> 'redirect_uris', '[]', client, 'ministry',
            '{authorization_code}', 'RS256', 25, (entry ->> 'active')::boolean, at, entry ->> 'method',
            ARRAY(SELECT jsonb_array_elements_text(entry -> 'secrets')), 'list')
        ON CONFLICT (client_id) DO UPDATE SET name = excluded.name, organisation = excluded.organisation,
            redirect_uris = excluded.redirect_uris, active = excluded.active, updated_at = excluded.updated_at,
            token_endpoint_auth_method = excluded.token_endpoint_auth_method,
            client_secret_sha256 = excluded.client_secret_sha256
        WHERE (c.name, c.organisation, c.redirect_uris, c.active, c.token_endpoint_auth_method, c.client_secret_sha256)
            IS DISTINCT FROM (excluded.name, excluded.organisation, excluded.redirect_uris, excluded.active,
                excluded.token_endpoint_auth_method, excluded.client_secret_sha256);
        IF FOUND THEN
            touched := true;
            outcome := 'changed';
            RETURN NEXT;
        END IF;
    END LOOP;
    FOR client IN UPDATE clients c SET active = false, updated_at = at
        WHERE c.owner = 'list' AND c.active
            AND NOT EXISTS (SELECT FROM jsonb_array_elements(listed) WHERE value ->> 'client_id' = c.client_id)
        RETURNING c.client_id
    LOOP
        touched := true;
        outcome := 'deactivated';
        RETURN NEXT;
    END LOOP;
    IF touched THEN
        UPDATE configuration_version SET version = version + 1;
    END IF;
END
$$;
"""
