"""Where clients are told of a logout, and the grants of a session whatever their state."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(_CLIENTS)
    op.execute(_GRANTS)


# With defaults: a release that does not know these columns yet goes on writing rows.
_CLIENTS = """
ALTER TABLE clients
    ADD COLUMN post_logout_redirect_uris jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN backchannel_logout_uri text NOT NULL DEFAULT '',
    ADD COLUMN backchannel_logout_session_required boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN clients.backchannel_logout_uri IS 'empty: it is not told';
"""

# An app that gave its grant back still has a session of its own to end.
_GRANTS = """
CREATE INDEX ix_grants_by_session ON grants (sid);
DROP INDEX ix_grants_active_by_session;
"""
