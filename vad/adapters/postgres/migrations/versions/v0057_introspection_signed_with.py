"""What answers about tokens are signed with (RFC 9701), where an app or a source said so."""

from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_SIGNED_WITH)


_SIGNED_WITH = """
ALTER TABLE clients ADD COLUMN introspection_signed_response_alg text NOT NULL DEFAULT '';
COMMENT ON COLUMN clients.introspection_signed_response_alg
    IS 'of answers about tokens that are JWTs (RFC 9701); empty: as ID tokens';
ALTER TABLE resource_servers ADD COLUMN introspection_signed_response_alg text NOT NULL DEFAULT '';
COMMENT ON COLUMN resource_servers.introspection_signed_response_alg IS 'of such answers; empty: as access tokens';
"""
