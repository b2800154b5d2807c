"""Requests by reference and encrypted ones, and sectors that an app proves."""

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_REQUESTS)


_REQUESTS = """
ALTER TABLE clients
    ADD COLUMN sector_identifier_uri text NOT NULL DEFAULT '',
    ADD COLUMN request_uris jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN request_object_signing_alg text NOT NULL DEFAULT '',
    ADD COLUMN request_object_encryption_alg text NOT NULL DEFAULT '',
    ADD COLUMN request_object_encryption_enc text NOT NULL DEFAULT '';
COMMENT ON COLUMN clients.sector_identifier_uri IS 'lists its redirect URIs, at the host that is its sector';
COMMENT ON COLUMN clients.request_uris IS 'where requests of its may lie (OIDC Core 6.2)';
COMMENT ON COLUMN clients.request_object_signing_alg IS 'of its requests; empty: any of its profile';
"""
