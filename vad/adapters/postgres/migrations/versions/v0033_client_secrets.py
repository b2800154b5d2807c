"""An app may prove itself by a secret, where its profile has that."""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_SECRETS)


_SECRETS = """
ALTER TABLE clients
    ADD COLUMN token_endpoint_auth_method text NOT NULL DEFAULT 'private_key_jwt',
    ADD COLUMN client_secret_sha256 text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN clients.token_endpoint_auth_method IS 'how it proves itself (RFC 7591)';
COMMENT ON COLUMN clients.client_secret_sha256 IS 'SHA-256 of each of its random secrets, in hexadecimal';
"""
