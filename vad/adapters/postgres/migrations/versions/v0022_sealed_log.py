"""The log in a Merkle tree: where each event stands in it, the tree in tiles, and what was signed of it."""

from alembic import op

from vad.adapters.postgres.migrations.permissions import let_app

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_TABLES = ("log_leaves", "log_tiles", "log_checkpoints", "log_purges")


def upgrade() -> None:
    op.execute(_LOG)
    for table in _TABLES:
        op.execute(_APPEND_ONLY.format(table=table))
        let_app("SELECT" if table == "log_purges" else "SELECT, INSERT", table)


_LOG = """
CREATE TABLE log_leaves (
    leaf_index bigint CONSTRAINT pk_log_leaves PRIMARY KEY,
    event_id uuid NOT NULL CONSTRAINT uq_log_leaves_event_id UNIQUE,
    recorded_at timestamptz NOT NULL,
    leaf_hash bytea NOT NULL CONSTRAINT ck_log_leaves_hash_whole CHECK (octet_length(leaf_hash) = 32),
    CONSTRAINT ck_log_leaves_index_counts_up CHECK (leaf_index >= 0)
);
COMMENT ON TABLE log_leaves IS 'the order of the log: which event is which leaf; stays when a month is purged';

CREATE TABLE log_tiles (
    level smallint NOT NULL,
    number bigint NOT NULL,
    hashes bytea NOT NULL CONSTRAINT ck_log_tiles_hashes_full CHECK (octet_length(hashes) = 8192),
    CONSTRAINT pk_log_tiles PRIMARY KEY (level, number)
);
COMMENT ON TABLE log_tiles IS 'the tree of the log in full tiles of 256 hashes (C2SP tlog-tiles)';

CREATE TABLE log_checkpoints (
    size bigint CONSTRAINT pk_log_checkpoints PRIMARY KEY,
    root bytea NOT NULL CONSTRAINT ck_log_checkpoints_root_whole CHECK (octet_length(root) = 32),
    note text NOT NULL,
    signed_at timestamptz NOT NULL,
    settled_before xid8 NOT NULL,
    cluster bigint NOT NULL
);
COMMENT ON COLUMN log_checkpoints.note IS 'what was signed (C2SP tlog-checkpoint)';
COMMENT ON COLUMN log_checkpoints.settled_before IS 'every event of a transaction before this one is in the tree';
COMMENT ON COLUMN log_checkpoints.cluster IS 'whose transaction ids these are: the system identifier of PostgreSQL';

CREATE TABLE log_purges (
    month date CONSTRAINT pk_log_purges PRIMARY KEY,
    events bigint NOT NULL,
    archive_hash bytea NOT NULL CONSTRAINT ck_log_purges_hash_whole CHECK (octet_length(archive_hash) = 32),
    event_id uuid NOT NULL,
    purged_at timestamptz NOT NULL
);
COMMENT ON TABLE log_purges IS 'the months whose events are in an archive alone';
COMMENT ON COLUMN log_purges.archive_hash IS 'SHA-256 of the archive';
COMMENT ON COLUMN log_purges.event_id IS 'the event that says so';
"""

_APPEND_ONLY = """
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only_rows;
ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only_table;
"""
