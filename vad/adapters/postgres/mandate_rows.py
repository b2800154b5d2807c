"""The schema: mandates and their permissions. Which moves there are is checked by triggers (`migrations`)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from vad.adapters.postgres.schema import Base


class MandateRow(Base):
    """One mandate, from its offer or request to its end."""

    __tablename__ = "mandates"
    __table_args__ = (
        CheckConstraint("route IN ('offer', 'request', 'letter', 'legal')", "route_known"),
        CheckConstraint(
            "state IN ('requested', 'offered', 'active', 'declined', 'lapsed', 'revoked', 'expired', 'ended')",
            "state_known",
        ),
        CheckConstraint("version >= 1", "version_counts_up"),
        CheckConstraint("represented <> representative", "two_people"),
        CheckConstraint(
            "CASE route WHEN 'offer' THEN represented ELSE representative END IS NOT NULL", "made_by_somebody"
        ),
        CheckConstraint(
            "state NOT IN ('active', 'revoked', 'expired', 'ended') OR num_nulls(represented, representative) = 0",
            "in_force_between_two",
        ),
        CheckConstraint("ends_at > starts_at", "ends_after_it_starts"),
        CheckConstraint("ends_at <= changed_at + interval '5 years 2 days'", "five_years_at_most"),
        CheckConstraint("changed_at >= made_at", "changed_after_made"),
        CheckConstraint("(label_sealed IS NULL) = (label_key_id IS NULL)", "label_whole"),
        CheckConstraint("octet_length(code_hash) = 32", "code_hash_is_hmac"),
        CheckConstraint("code_tries BETWEEN 0 AND 5", "tries_bounded"),
        Index("ix_mandates_represented", "represented", text("changed_at DESC")),
        Index("ix_mandates_representative", "representative", text("changed_at DESC")),
        Index("ix_mandates_changed", text("changed_at DESC"), text("mandate_id DESC")),
        Index("ix_mandates_helpers", "representative", "represented", postgresql_where=text("state = 'active'")),
        Index("ix_mandates_to_end", "ends_at", postgresql_where=text("state = 'active'")),
        Index("ix_mandates_to_check", "checked_at", postgresql_where=text("state = 'active'")),
        Index("ix_mandates_to_lapse", "answer_by", postgresql_where=text("state IN ('requested', 'offered')")),
    )

    mandate_id: Mapped[UUID] = mapped_column(primary_key=True)
    route: Mapped[str]
    state: Mapped[str]
    represented: Mapped[UUID | None] = mapped_column(
        ForeignKey("persons.person_id"), comment="whose data it is; null: a request that has not reached them"
    )
    representative: Mapped[UUID | None] = mapped_column(
        ForeignKey("persons.person_id"), comment="who acts for them; null: an offer that has not reached them"
    )
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    made_at: Mapped[datetime]
    answer_by: Mapped[datetime]
    changed_at: Mapped[datetime]
    version: Mapped[int]
    label_sealed: Mapped[bytes | None] = mapped_column(
        comment="the name that its maker wrote for the other; AES-256-GCM"
    )
    label_key_id: Mapped[str | None]
    code_hash: Mapped[bytes | None] = mapped_column(
        unique=True, comment="keyed hash of the code that brings it to the other"
    )
    code_tries: Mapped[int] = mapped_column(server_default=text("0"), comment="right codes with a wrong birth date")
    last_used_at: Mapped[datetime | None]
    checked_at: Mapped[datetime] = mapped_column(
        comment="when the register was last asked about both, while it is active"
    )


class PermissionRow(Base):
    """One kind of data that a mandate lets the representative see."""

    __tablename__ = "permissions"
    __table_args__ = (
        CheckConstraint("data_service <> ''", "something"),
        CheckConstraint("NOT live OR stopped_at IS NULL", "live_until_stopped"),
        CheckConstraint("NOT live OR num_nulls(represented, representative) = 0", "live_between_two"),
        UniqueConstraint("mandate_id", "data_service", "resource", "client_id"),
        Index(
            "uq_permissions_live",
            "represented",
            "representative",
            "data_service",
            "resource",
            "client_id",
            unique=True,
            postgresql_where=text("live"),
        ),
    )

    permission_id: Mapped[UUID] = mapped_column(primary_key=True)
    mandate_id: Mapped[UUID] = mapped_column(ForeignKey("mandates.mandate_id"))
    data_service: Mapped[str]
    resource: Mapped[str] = mapped_column(comment="one data source; empty: all of them")
    client_id: Mapped[str] = mapped_column(comment="one app; empty: all of them")
    stopped_at: Mapped[datetime | None]
    live: Mapped[bool] = mapped_column(
        server_default=text("false"), comment="its mandate is active and it was not stopped; kept by triggers"
    )
    represented: Mapped[UUID | None]
    representative: Mapped[UUID | None]


class MandateLetterRow(Base):
    """What a mandate has that was asked for by letter."""

    __tablename__ = "mandate_letters"
    __table_args__ = (
        CheckConstraint("(asked_sealed IS NULL) = (asked_key_id IS NULL)", "asked_whole"),
        CheckConstraint("num_nonnulls(asked_sealed, addressee) <= 1", "asked_until_known"),
        CheckConstraint("octet_length(stop_hash) = 32", "stop_hash_is_hmac"),
        CheckConstraint("stop_hash IS NULL OR addressee IS NOT NULL", "stops_for_somebody"),
        CheckConstraint("stop_tries BETWEEN 0 AND 5", "tries_bounded"),
    )

    mandate_id: Mapped[UUID] = mapped_column(ForeignKey("mandates.mandate_id"), primary_key=True)
    asked_sealed: Mapped[bytes | None] = mapped_column(
        comment="BSN and birth date that were asked for; AES-256-GCM; gone once looked up"
    )
    asked_key_id: Mapped[str | None]
    addressee: Mapped[UUID | None] = mapped_column(
        ForeignKey("persons.person_id"), comment="whom the letter with the code went to; null: not yet, or to nobody"
    )
    stop_hash: Mapped[bytes | None] = mapped_column(unique=True, comment="keyed hash of the code that stops it")
    stop_tries: Mapped[int] = mapped_column(
        server_default=text("0"), comment="right stop codes with a wrong birth date"
    )


class LegalMandateRow(Base):
    """What a mandate has that rests on a decision of a court, or on the law."""

    __tablename__ = "legal_mandates"
    __table_args__ = (
        CheckConstraint("kind IN ('curator', 'mentor', 'guardian', 'of_young_person')", "kind_known"),
        CheckConstraint("length(reference) BETWEEN 1 AND 80", "evidence_named"),
        CheckConstraint("proposed_by <> approved_by", "four_eyes"),
        CheckConstraint("renewal_proposed_by <> renewal_approved_by", "renewal_four_eyes"),
    )

    mandate_id: Mapped[UUID] = mapped_column(ForeignKey("mandates.mandate_id"), primary_key=True)
    kind: Mapped[str]
    reference: Mapped[str] = mapped_column(comment="to the decision that it rests on; no names")
    proposed_by: Mapped[UUID] = mapped_column(
        ForeignKey("persons.person_id"), comment="staff, as the person that they are"
    )
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.person_id"))
    renewed_until: Mapped[datetime | None] = mapped_column(comment="its end by the newest decision; null: the first")
    renewal_proposed_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.person_id"))
    renewal_approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.person_id"))
