"""The tables of the log. The events are one partition a month; so is what may have to be erased of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from vad.adapters.postgres.schema import Base, Xid8
from vad.domain.audit_people import NAMED

NAMES_SOMEBODY = f"evidence ?| ARRAY{list(NAMED)}"
"""What an event says that its index of named people holds."""


class AuditEventRow(Base):
    """An event. Append-only: triggers refuse everything but INSERT and SELECT, to the owner of the table as well.

    No foreign keys: the log outlives what it speaks of.
    """

    __tablename__ = "audit_events"
    __table_args__ = (
        CheckConstraint("outcome IN ('success', 'refused')", "outcome_known"),
        CheckConstraint("actor IS NULL OR staff IS NULL", "one_actor"),
        CheckConstraint("recorded_at >= '0001-01-01 00:00:00+00'", "recorded_in_era"),
        CheckConstraint(
            "recorded_at < '10000-01-01 00:00:00+00' AND octet_length(evidence::text) + octet_length("
            "concat(type, client_id, resource, basis, reason, sid, request_id, correlation_id, origin)) <= 65536",
            "sealable",
        ),
        Index("ix_audit_events_txid", "txid"),
        Index("ix_audit_events_recorded", text("recorded_at DESC")),
        Index("ix_audit_events_actor", "actor", text("recorded_at DESC")),
        Index("ix_audit_events_represented", "represented", text("recorded_at DESC")),
        Index("ix_audit_events_client", "client_id", text("recorded_at DESC")),
        Index("ix_audit_events_staff", "staff", text("recorded_at DESC"), postgresql_where=text("staff IS NOT NULL")),
        Index("ix_audit_events_type", "type", text("recorded_at DESC")),
        Index(
            "ix_audit_events_mandate",
            text("(evidence ->> 'mandate')"),
            text("recorded_at DESC"),
            postgresql_where=text("evidence ->> 'mandate' IS NOT NULL"),
        ),
        Index(
            "ix_audit_events_refused",
            text("recorded_at DESC"),
            "reason",
            postgresql_where=text("outcome = 'refused'"),
        ),
        Index(
            "ix_audit_events_named",
            "evidence",
            postgresql_using="gin",
            postgresql_ops={"evidence": "jsonb_path_ops"},
            postgresql_where=text(NAMES_SOMEBODY),
        ),
        Index("ix_audit_events_acting", text("recorded_at DESC"), postgresql_where=text("basis <> 'self'")),
        Index("ix_audit_events_resource", "resource", postgresql_where=text("resource IS NOT NULL")),
        Index("ix_audit_events_sid", "sid", postgresql_where=text("sid IS NOT NULL")),
        Index("ix_audit_events_grant", "grant_id", postgresql_where=text("grant_id IS NOT NULL")),
        Index("ix_audit_events_correlation", "correlation_id", postgresql_where=text("correlation_id IS NOT NULL")),
        {"postgresql_partition_by": "RANGE (recorded_at)"},
    )

    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    recorded_at: Mapped[datetime] = mapped_column(primary_key=True)
    txid: Mapped[int] = mapped_column(
        Xid8(), server_default=text("pg_current_xact_id()"), comment="tells which events are surely committed"
    )
    type: Mapped[str]
    outcome: Mapped[str]
    actor: Mapped[UUID | None] = mapped_column(comment="the person who did it; null: the system, or staff")
    staff: Mapped[UUID | None] = mapped_column(comment="the account of the member of staff who did it")
    represented: Mapped[UUID | None] = mapped_column(comment="whose data it is about")
    client_id: Mapped[str | None]
    resource: Mapped[str | None]
    basis: Mapped[str | None]
    reason: Mapped[str | None]
    sid: Mapped[str | None]
    grant_id: Mapped[UUID | None]
    request_id: Mapped[str | None]
    correlation_id: Mapped[str | None]
    origin: Mapped[str | None] = mapped_column(comment="network address, truncated or keyed")
    evidence: Mapped[dict[str, Any]] = mapped_column(comment="what the decision rested on: references and times")
    commitment: Mapped[bytes | None] = mapped_column(comment="SHA-256 of salt and fields in audit_erasable")


class AuditErasableRow(Base):
    """What an event says that may have to be erased. The owner can take a row away, and nobody can change one."""

    __tablename__ = "audit_erasable"
    __table_args__ = (
        {
            "comment": "what may have to be erased; the event keeps a salted commitment to it",
            "postgresql_partition_by": "RANGE (recorded_at)",
        },
    )

    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    recorded_at: Mapped[datetime] = mapped_column(primary_key=True)
    salt: Mapped[bytes]
    fields: Mapped[dict[str, Any]]
