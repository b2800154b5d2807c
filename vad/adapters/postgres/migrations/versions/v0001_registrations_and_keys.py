"""Registrations and keys: what operators set, and the service only reads."""

from alembic import op

from vad.adapters.postgres.migrations.permissions import let_app

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_CLIENTS)
    op.execute(_DATA_SERVICES)
    op.execute(_RESOURCE_SERVERS)
    op.execute(_ADMISSIONS)
    op.execute(_CONFIGURATION_VERSION)
    op.execute(_KEYS)
    for table in (
        "clients",
        "data_services",
        "resource_servers",
        "admissions",
        "configuration_version",
        "keys",
        "alembic_version",
    ):
        let_app("SELECT", table)


_CLIENTS = """
CREATE TABLE clients (
    client_id text CONSTRAINT pk_clients PRIMARY KEY,
    name text NOT NULL,
    organisation text NOT NULL,
    redirect_uris jsonb NOT NULL,
    jwks jsonb NOT NULL,
    sector text NOT NULL,
    profile text NOT NULL,
    grant_types text[] NOT NULL,
    id_token_signed_response_alg text NOT NULL,
    minimum_level smallint NOT NULL CONSTRAINT ck_clients_level_known CHECK (minimum_level IN (10, 20, 25, 30)),
    active boolean NOT NULL,
    updated_at timestamptz NOT NULL
);
COMMENT ON COLUMN clients.jwks IS 'public keys (RFC 7517)';
COMMENT ON COLUMN clients.sector IS 'of its pairwise subjects; never changed once people have logged in';
"""

_DATA_SERVICES = """
CREATE TABLE data_services (
    data_service_id text CONSTRAINT pk_data_services PRIMARY KEY,
    name_nl text NOT NULL,
    name_en text NOT NULL,
    active boolean NOT NULL,
    updated_at timestamptz NOT NULL
);
"""

_RESOURCE_SERVERS = """
CREATE TABLE resource_servers (
    identifier text CONSTRAINT pk_resource_servers PRIMARY KEY,
    name text NOT NULL,
    organisation text NOT NULL,
    data_services text[] NOT NULL,
    identifier_type text NOT NULL
        CONSTRAINT ck_resource_servers_identifier_type_known CHECK (identifier_type IN ('pseudonym', 'rid', 'bsn_jwe')),
    encryption_jwk jsonb NOT NULL,
    oin text NOT NULL,
    prs_scope text NOT NULL,
    access_token_signing_alg text NOT NULL,
    access_token_seconds integer NOT NULL
        CONSTRAINT ck_resource_servers_access_token_short_lived CHECK (access_token_seconds BETWEEN 1 AND 900),
    minimum_level smallint NOT NULL
        CONSTRAINT ck_resource_servers_level_known CHECK (minimum_level IN (10, 20, 25, 30)),
    active boolean NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT ck_resource_servers_rid_knows_its_recipient
        CHECK (identifier_type <> 'rid' OR (oin <> '' AND prs_scope <> ''))
);
COMMENT ON COLUMN resource_servers.encryption_jwk IS 'pinned public key, use enc; never fetched';
"""

_ADMISSIONS = """
CREATE TABLE admissions (
    client_id text NOT NULL CONSTRAINT fk_admissions_client_id REFERENCES clients (client_id),
    resource text NOT NULL CONSTRAINT fk_admissions_resource REFERENCES resource_servers (identifier),
    data_service_id text NOT NULL
        CONSTRAINT fk_admissions_data_service_id REFERENCES data_services (data_service_id),
    CONSTRAINT pk_admissions PRIMARY KEY (client_id, resource, data_service_id)
);
"""

_CONFIGURATION_VERSION = """
CREATE TABLE configuration_version (
    single boolean DEFAULT true CONSTRAINT pk_configuration_version PRIMARY KEY
        CONSTRAINT ck_configuration_version_one_row CHECK (single),
    version bigint NOT NULL
);
INSERT INTO configuration_version (version) VALUES (0);
"""

_KEYS = """
CREATE TABLE keys (
    key_id text CONSTRAINT pk_keys PRIMARY KEY,
    purpose text NOT NULL,
    algorithm text NOT NULL,
    state text NOT NULL CONSTRAINT ck_keys_state_known CHECK (state IN ('next', 'active', 'retired')),
    sealed bytea NOT NULL,
    public_jwk jsonb,
    created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX uq_keys_active ON keys (purpose, algorithm) WHERE state = 'active';
COMMENT ON COLUMN keys.sealed IS 'wrapped by the master key';
"""
