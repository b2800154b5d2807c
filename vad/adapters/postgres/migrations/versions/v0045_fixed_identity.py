"""Who an app is stays what staff agreed to; and a list of the ministry that is understood in part is taken in part."""

from alembic import op
from sqlalchemy import text

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    schema = op.get_bind().scalar(text("SELECT quote_ident(current_schema())"))
    for function in (_CHANGE, _TAKE):
        op.execute(function.replace("SCHEMA,", f"{schema},"))


# Held as staff hold it while they admit: no admission comes between the look and the change.
_CHANGE = """
CREATE OR REPLACE FUNCTION change_registration(client text, former bytea, management bytea, entry jsonb) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = SCHEMA, pg_temp AS $$
DECLARE
    changed jsonb;
    columns text;
BEGIN
    PERFORM version FROM configuration_version FOR UPDATE;
    UPDATE client_registrations AS held SET token_sha256 = management FROM clients
        WHERE held.client_id = client AND held.token_sha256 = former AND clients.client_id = client
            AND clients.active AND clients.owner IN ('pages', 'itself')
            AND (
                (clients.owner = 'itself' AND NOT EXISTS (SELECT FROM admissions WHERE admissions.client_id = client))
                OR (
                    clients.redirect_uris @> (entry -> 'redirect_uris')
                    AND NOT EXISTS (
                        SELECT FROM unnest(ARRAY['name', 'jwks', 'jwks_uri', 'token_endpoint_auth_method',
                            'client_secret_sha256', 'certificate_name']) AS member
                        WHERE to_jsonb(clients) -> member IS DISTINCT FROM entry -> member
                    )
                )
            );
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
"""

# An entry without a name was not understood: that client stays as it is, or ends where it says so. One that does not
# even say of whom it is may be anybody's: then nobody ends for not being on the list.
_TAKE = """
CREATE OR REPLACE FUNCTION take_client_list(listed jsonb, at timestamptz) RETURNS TABLE (client text, outcome text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = SCHEMA, pg_temp AS $$
DECLARE
    entry jsonb;
    served boolean;
    touched boolean := false;
BEGIN
    PERFORM FROM configuration_version FOR UPDATE;
    FOR entry IN SELECT value FROM jsonb_array_elements(listed) WHERE value ? 'client_id' LOOP
        client := entry ->> 'client_id';
        IF EXISTS (SELECT FROM clients c WHERE c.client_id = client AND c.owner <> 'list')
            OR EXISTS (SELECT FROM resource_servers r WHERE r.identifier = client) THEN
            outcome := 'left_alone';
            RETURN NEXT;
            CONTINUE;
        END IF;
        served := EXISTS (SELECT FROM clients c WHERE c.client_id = client AND c.active);
        IF NOT entry ? 'name' THEN
            UPDATE clients c SET active = false, updated_at = at
                WHERE c.client_id = client AND served AND entry -> 'active' = 'false';
        ELSE
            INSERT INTO clients AS c (client_id, name, organisation, redirect_uris, jwks, sector, profile, grant_types,
                id_token_signed_response_alg, minimum_level, active, updated_at, token_endpoint_auth_method,
                client_secret_sha256, owner)
            VALUES (client, entry ->> 'name', entry ->> 'organisation', entry -> 'redirect_uris', '[]', client,
                'ministry', '{authorization_code}', 'RS256', 25, (entry ->> 'active')::boolean, at, entry ->> 'method',
                ARRAY(SELECT jsonb_array_elements_text(entry -> 'secrets')), 'list')
            ON CONFLICT (client_id) DO UPDATE SET name = excluded.name, organisation = excluded.organisation,
                redirect_uris = excluded.redirect_uris, active = excluded.active, updated_at = excluded.updated_at,
                token_endpoint_auth_method = excluded.token_endpoint_auth_method,
                client_secret_sha256 = excluded.client_secret_sha256
            WHERE (c.name, c.organisation, c.redirect_uris, c.active, c.token_endpoint_auth_method,
                c.client_secret_sha256) IS DISTINCT FROM (excluded.name, excluded.organisation, excluded.redirect_uris,
                excluded.active, excluded.token_endpoint_auth_method, excluded.client_secret_sha256);
        END IF;
        IF FOUND THEN
            touched := true;
            outcome := CASE WHEN served AND entry -> 'active' = 'false' THEN 'deactivated' ELSE 'changed' END;
            RETURN NEXT;
        END IF;
    END LOOP;
    FOR client IN UPDATE clients c SET active = false, updated_at = at
        WHERE c.owner = 'list' AND c.active
            AND NOT EXISTS (SELECT FROM jsonb_array_elements(listed) WHERE NOT value ? 'client_id')
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
