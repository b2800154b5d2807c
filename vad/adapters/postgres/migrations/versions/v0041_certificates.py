"""Certificates of apps: what they prove themselves with, and what their tokens are bound to (RFC 8705)."""

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_CERTIFICATES)


_CERTIFICATES = """
ALTER TABLE grants ADD COLUMN x5t_s256 text NOT NULL DEFAULT '';
COMMENT ON COLUMN grants.x5t_s256 IS 'thumbprint of the certificate that its tokens are bound to; empty: to none';
ALTER TABLE clients
    ADD COLUMN certificate_name text[] NOT NULL DEFAULT '{}',
    ADD COLUMN certificate_bound_tokens boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN clients.certificate_name IS 'what its certificate says, and where (RFC 8705); empty: it has none';
COMMENT ON COLUMN clients.certificate_bound_tokens IS 'its tokens are bound to its certificate (RFC 8705)';
"""
