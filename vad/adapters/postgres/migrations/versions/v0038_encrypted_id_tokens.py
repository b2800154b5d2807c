"""An app may get its ID tokens encrypted."""

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_ENCRYPTED)


_ENCRYPTED = """
ALTER TABLE clients
    ADD COLUMN id_token_encrypted_response_alg text NOT NULL DEFAULT '',
    ADD COLUMN id_token_encrypted_response_enc text NOT NULL DEFAULT '';
COMMENT ON COLUMN clients.id_token_encrypted_response_alg IS 'of ID tokens; empty: not encrypted';
"""
