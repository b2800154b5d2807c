"""The schema: persons, what they agreed to, what apps were given, and the log. Others have modules of their own.

Rows describe tables and carry their rules as constraints; they are never loaded as objects. What the two roles may do
with each table is said in `migrations`.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from vad.adapters.postgres.schema import Base


class PersonRow(Base):
    """A person: random id, BSN sealed and found by keyed hash, never a name."""

    __tablename__ = "persons"
    __table_args__ = (
        CheckConstraint("(bsn_lookup IS NULL) = (bsn_lookup_key_id IS NULL)", "lookup_whole"),
        CheckConstraint("(bsn_lookup_next IS NULL) = (bsn_lookup_next_key_id IS NULL)", "lookup_next_whole"),
        CheckConstraint("num_nonnulls(bsn_lookup, bsn_lookup_next) > 0", "lookup_there"),
        CheckConstraint("(evidence_sealed IS NULL) = (evidence_key_id IS NULL)", "evidence_whole"),
        CheckConstraint("octet_length(bsn_lookup) = 32", "lookup_is_hmac"),
        CheckConstraint("octet_length(bsn_lookup_next) = 32", "lookup_next_is_hmac"),
    )

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    bsn_lookup: Mapped[bytes | None] = mapped_column(
        unique=True, comment="HMAC-SHA-256 of the BSN under the look-up key of slot 1, never a plain hash"
    )
    bsn_lookup_key_id: Mapped[str | None]
    bsn_lookup_next: Mapped[bytes | None] = mapped_column(
        unique=True, comment="the same under the look-up key of slot 2; keys take turns"
    )
    bsn_lookup_next_key_id: Mapped[str | None]
    bsn_sealed: Mapped[bytes] = mapped_column(comment="AES-256-GCM; AAD: table, column, row, key id")
    bsn_key_id: Mapped[str]
    evidence_sealed: Mapped[bytes | None] = mapped_column(comment="what the register said, as sealed JSON")
    evidence_key_id: Mapped[str | None]
    created_at: Mapped[datetime]


class ConsentRow(Base):
    """A consent. No foreign key to clients: every insert would lock the one row of a busy app."""

    __tablename__ = "consents"
    __table_args__ = (
        CheckConstraint("duration IN ('once', 'until_stopped')", "duration_known"),
        CheckConstraint("until > given_at", "ends_after_it_begins"),
        CheckConstraint("withdrawn_at >= given_at", "withdrawn_after_given"),
        Index(
            "ix_consents_standing",
            "person_id",
            "subject",
            "client_id",
            postgresql_where=text("duration = 'until_stopped'"),
        ),
        Index(
            "ix_consents_to_lapse",
            "until",
            postgresql_where=text("duration = 'until_stopped' AND withdrawn_at IS NULL AND NOT lapse_recorded"),
        ),
        Index("ix_consents_about", "subject", postgresql_where=text("withdrawn_at IS NULL")),
        Index("ix_consents_given", "person_id", "until", postgresql_where=text("withdrawn_at IS NULL")),
    )

    consent_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.person_id"), comment="who gave it")
    subject: Mapped[UUID] = mapped_column(ForeignKey("persons.person_id"), comment="whose data it is about")
    client_id: Mapped[str]
    resource: Mapped[str] = mapped_column(comment="a data source, or the issuer itself: consent to log in")
    data_services: Mapped[list[str]]
    duration: Mapped[str]
    given_at: Mapped[datetime]
    until: Mapped[datetime] = mapped_column(comment="when it ends by itself; use moves it on")
    withdrawn_at: Mapped[datetime | None]
    lapse_recorded: Mapped[bool] = mapped_column(server_default=text("false"), comment="its end is in the log")


class BlockRow(Base):
    """Something that is switched off for one person's data."""

    __tablename__ = "blocks"
    __table_args__ = (
        CheckConstraint("kind IN ('representation', 'representative', 'client', 'source')", "kind_known"),
        CheckConstraint("placed_by IN ('subject', 'staff')", "placed_by_known"),
        CheckConstraint("(kind = 'representation') = (target = '')", "target_named"),
        CheckConstraint("until > placed_at", "ends_after_it_begins"),
        CheckConstraint("lifted_at >= placed_at", "lifted_after_placed"),
        CheckConstraint("placed_by = 'subject' OR until IS NOT NULL", "staff_say_until_when"),
        CheckConstraint("reason IN ('safety', 'care_provider', 'decision')", "reason_known"),
        CheckConstraint("placed_by = 'staff' OR reason IS NULL", "staff_say_why"),
        Index("ix_blocks_subject", "subject", "placed_at"),
        Index(
            "uq_blocks_standing",
            "subject",
            "kind",
            "target",
            "placed_by",
            unique=True,
            postgresql_where=text("lifted_at IS NULL"),
        ),
        Index("ix_blocks_of_staff", "placed_at", postgresql_where=text("placed_by = 'staff' AND lifted_at IS NULL")),
    )

    block_id: Mapped[UUID] = mapped_column(primary_key=True)
    subject: Mapped[UUID] = mapped_column(ForeignKey("persons.person_id"), comment="whose data it is about")
    kind: Mapped[str]
    target: Mapped[str] = mapped_column(comment="a person, an app or a data source, as the kind says; empty: everybody")
    placed_by: Mapped[str]
    placed_at: Mapped[datetime]
    until: Mapped[datetime | None]
    lifted_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(comment="why staff placed it: a code")


class AssentRow(Base):
    """What a child lets one parent see."""

    __tablename__ = "assents"
    __table_args__ = (
        CheckConstraint("subject <> actor", "about_another"),
        CheckConstraint("data_service <> ''", "data_service_named"),
        CheckConstraint("level >= 25", "level_sure_enough"),
        CheckConstraint("until > given_at", "ends_after_it_begins"),
        CheckConstraint("withdrawn_at >= given_at", "withdrawn_after_given"),
        Index("ix_assents_subject", "subject"),
        Index(
            "uq_assents_standing",
            "subject",
            "actor",
            "data_service",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    assent_id: Mapped[UUID] = mapped_column(primary_key=True)
    subject: Mapped[UUID] = mapped_column(ForeignKey("persons.person_id"), comment="the child, who agreed")
    actor: Mapped[UUID] = mapped_column(ForeignKey("persons.person_id"), comment="the parent")
    data_service: Mapped[str]
    level: Mapped[int] = mapped_column(SmallInteger(), comment="level of assurance of the login in which it was given")
    given_at: Mapped[datetime]
    until: Mapped[datetime] = mapped_column(comment="the sixteenth birthday of the child at the latest")
    withdrawn_at: Mapped[datetime | None]


class GrantRow(Base):
    """What one redeemed authorization code gave an app. Every token names it."""

    __tablename__ = "grants"
    __table_args__ = (
        CheckConstraint("state IN ('active', 'revoked', 'ended')", "state_known"),
        CheckConstraint("octet_length(code_hash) = 32", "code_hash_is_hmac"),
        CheckConstraint("refresh_generation >= 0", "generation_counts_up"),
        CheckConstraint("session_ends_at > auth_time", "session_ends_after_login"),
        Index("ix_grants_by_session", "sid"),
        Index(
            "ix_grants_by_mandate",
            "mandate_id",
            postgresql_where=text("mandate_id IS NOT NULL AND state = 'active'"),
        ),
    )

    grant_id: Mapped[UUID] = mapped_column(primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(unique=True, comment="a code that made a grant can't make another")
    sid: Mapped[str]
    client_id: Mapped[str]
    actor: Mapped[UUID] = mapped_column(ForeignKey("persons.person_id"), comment="who logged in")
    subject: Mapped[UUID] = mapped_column(ForeignKey("persons.person_id"), comment="whose data it is about")
    level: Mapped[int] = mapped_column(SmallInteger(), comment="level of assurance of the login: 10, 20, 25, 30")
    auth_time: Mapped[datetime]
    session_ends_at: Mapped[datetime]
    data_services: Mapped[list[str]]
    resources: Mapped[list[str]]
    consents: Mapped[list[UUID]]
    created_at: Mapped[datetime]
    state: Mapped[str]
    refresh_generation: Mapped[int]
    refreshed_at: Mapped[datetime | None]
    mandate_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("mandates.mandate_id"), comment="the mandate that it rests on; null: on none"
    )
    jkt: Mapped[str] = mapped_column(
        server_default=text("''"),
        comment="thumbprint of the key of its first tokens, or of the last refresh that gave a new refresh token; "
        "empty: none",
    )
    x5t_s256: Mapped[str] = mapped_column(
        server_default=text("''"),
        comment="thumbprint of the certificate that its tokens are bound to; empty: to none",
    )
    openid: Mapped[bool] = mapped_column(
        server_default=text("true"), comment="its app may know who logged in; false: plain OAuth 2.0"
    )
    basis: Mapped[str | None] = mapped_column(comment="the one ground that its app asked for (RFC 9396); null: any")


class OutboxRow(Base):
    """A delivery to be made. Gone once made."""

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'given_up')", "state_known"),
        CheckConstraint("attempts >= 0", "attempts_count_up"),
        Index("ix_outbox_due", "due_at", postgresql_where=text("state = 'waiting'")),
    )

    message_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    state: Mapped[str] = mapped_column(server_default=text("'waiting'"))
