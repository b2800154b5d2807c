"""Plain OAuth 2.0: grants of apps that did not ask who logs in. And apps that sign each request (RFC 9101)."""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_PLAIN)


_PLAIN = """
ALTER TABLE grants ADD COLUMN openid boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN grants.openid IS 'its app may know who logged in; false: plain OAuth 2.0';
ALTER TABLE clients ADD COLUMN require_signed_request_object boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN clients.require_signed_request_object
    IS 'it takes part in no request that it did not sign (RFC 9101)';
"""
