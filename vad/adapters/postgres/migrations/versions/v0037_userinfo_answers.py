"""An app may get the answers of the userinfo endpoint signed, and encrypted."""

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_ANSWERS)


_ANSWERS = """
ALTER TABLE clients
    ADD COLUMN userinfo_signed_response_alg text NOT NULL DEFAULT '',
    ADD COLUMN userinfo_encrypted_response_alg text NOT NULL DEFAULT '',
    ADD COLUMN userinfo_encrypted_response_enc text NOT NULL DEFAULT '';
COMMENT ON COLUMN clients.userinfo_signed_response_alg IS 'of userinfo; empty: not signed';
COMMENT ON COLUMN clients.userinfo_encrypted_response_alg IS 'of userinfo; empty: not encrypted';
"""
