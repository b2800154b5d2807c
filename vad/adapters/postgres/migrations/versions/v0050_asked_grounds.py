"""A grant knows on which ground its app asked for it (RFC 9396); sources may have answers about tokens encrypted."""

from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_COLUMNS)


_COLUMNS = """
ALTER TABLE grants ADD COLUMN basis text;
COMMENT ON COLUMN grants.basis IS 'the one ground that its app asked for (RFC 9396); null: any';
ALTER TABLE resource_servers
    ADD COLUMN introspection_encrypted_response_alg text NOT NULL DEFAULT '',
    ADD COLUMN introspection_encrypted_response_enc text NOT NULL DEFAULT '';
COMMENT ON COLUMN resource_servers.introspection_encrypted_response_alg
    IS 'of answers about tokens that are JWTs (RFC 9701); empty: not encrypted';
"""
