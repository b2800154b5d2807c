"""The tables of the sealed log. All of them are append-only, as the events are."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from vad.adapters.postgres.schema import Base, Xid8


class LogLeafRow(Base):
    """Which event is which leaf. Stays when its month is purged: the tree needs the hash."""

    __tablename__ = "log_leaves"
    __table_args__ = (
        CheckConstraint("octet_length(leaf_hash) = 32", "hash_whole"),
        CheckConstraint("leaf_index >= 0", "index_counts_up"),
        UniqueConstraint("event_id", "recorded_at"),
        {"comment": "the order of the log: which event is which leaf; stays when a month is purged"},
    )

    leaf_index: Mapped[int] = mapped_column(BigInteger(), primary_key=True, autoincrement=False)
    event_id: Mapped[UUID]
    recorded_at: Mapped[datetime]
    leaf_hash: Mapped[bytes]


class LogTileRow(Base):
    """A tile of the tree that is full, and so never changes."""

    __tablename__ = "log_tiles"
    __table_args__ = (
        CheckConstraint("octet_length(hashes) = 8192", "hashes_full"),
        {"comment": "the tree of the log in full tiles of 256 hashes (C2SP tlog-tiles)"},
    )

    level: Mapped[int] = mapped_column(SmallInteger(), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger(), primary_key=True)
    hashes: Mapped[bytes]


class LogCheckpointRow(Base):
    """What was signed of the tree, and how far the events were settled then."""

    __tablename__ = "log_checkpoints"
    __table_args__ = (
        CheckConstraint("octet_length(root) = 32", "root_whole"),
        Index("ix_log_checkpoints_signed_at", "signed_at"),
    )

    size: Mapped[int] = mapped_column(BigInteger(), primary_key=True, autoincrement=False)
    root: Mapped[bytes]
    note: Mapped[str] = mapped_column(comment="what was signed (C2SP tlog-checkpoint)")
    signed_at: Mapped[datetime]
    settled_before: Mapped[int] = mapped_column(
        Xid8(), comment="every event of a transaction before this one is in the tree"
    )
    cluster: Mapped[int] = mapped_column(
        BigInteger(), comment="whose transaction ids these are: the system identifier of PostgreSQL"
    )
    previous: Mapped[int | None] = mapped_column(
        BigInteger(), comment="the size of the one that was signed before it; null where that was not noted"
    )


class LogThinningRow(Base):
    """An hour of which one checkpoint is left."""

    __tablename__ = "log_thinnings"
    __table_args__ = ({"comment": "the hours of which one checkpoint is left"},)

    hour: Mapped[datetime] = mapped_column(primary_key=True)
    kept: Mapped[list[int]] = mapped_column(ARRAY(BigInteger()), comment="the sizes of those that stay")
    dropped: Mapped[int] = mapped_column(BigInteger())
    event_id: Mapped[UUID] = mapped_column(comment="the event that says so")


class LogSealerRow(Base):
    """One row, which the worker alone can lock: who holds it seals."""

    __tablename__ = "log_sealer"
    __table_args__ = (CheckConstraint("single", "one_row"), {"comment": "one row: who has locked it seals"})

    single: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))


class LogPurgeRow(Base):
    """A month whose events are in an archive alone."""

    __tablename__ = "log_purges"
    __table_args__ = (
        CheckConstraint("octet_length(archive_hash) = 32", "hash_whole"),
        {"comment": "the months whose events are in an archive alone"},
    )

    month: Mapped[date] = mapped_column(primary_key=True)
    events: Mapped[int] = mapped_column(BigInteger())
    archive_hash: Mapped[bytes] = mapped_column(comment="SHA-256 of the archive")
    event_id: Mapped[UUID] = mapped_column(comment="the event that says so")
    purged_at: Mapped[datetime]
