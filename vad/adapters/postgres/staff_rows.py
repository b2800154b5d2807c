"""The schema: accounts of staff."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from vad.adapters.postgres.schema import Base


class StaffAccountRow(Base):
    """An account at the identity provider of staff, and the person whose it is. One person may have several."""

    __tablename__ = "staff_accounts"
    __table_args__ = (
        UniqueConstraint("issuer", "subject"),
        CheckConstraint("ended_at >= enrolled_at", "ends_after_it_begins"),
    )

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    issuer: Mapped[str]
    subject: Mapped[str] = mapped_column(comment="`sub` at that issuer")
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.person_id"), comment="proved with their own DigiD")
    enrolled_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class BreakGlassRow(Base):
    """A view that somebody took outside their role, and what another person found of it."""

    __tablename__ = "break_glass"
    __table_args__ = (
        CheckConstraint("ends_at > taken_at", "ends_after_it_begins"),
        CheckConstraint("num_nulls(reviewed_account, reviewed_person, reviewed_at, verdict) IN (0, 4)", "review_whole"),
        CheckConstraint("verdict IN ('justified', 'not_justified')", "verdict_known"),
        CheckConstraint("reviewed_person <> person_id", "four_eyes"),
        Index("ix_break_glass_account", "account_id", "ends_at"),
        Index("ix_break_glass_taken", text("taken_at DESC")),
        Index("ix_break_glass_to_review", "taken_at", postgresql_where=text("reviewed_at IS NULL")),
    )

    break_glass_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("staff_accounts.account_id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.person_id"))
    action: Mapped[str]
    reason: Mapped[str] = mapped_column(comment="in words; empty once it was erased")
    case_number: Mapped[str] = mapped_column(comment="empty once it was erased")
    taken_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reviewed_account: Mapped[UUID | None]
    reviewed_person: Mapped[UUID | None] = mapped_column(ForeignKey("persons.person_id"))
    reviewed_at: Mapped[datetime | None]
    verdict: Mapped[str | None]


class HandledSignalRow(Base):
    """A signal that somebody has handled; what they wrote about it stands with the event in the log."""

    __tablename__ = "handled_signals"

    kind: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True, comment="id of whom it is about; empty: nobody")
    occasion: Mapped[str] = mapped_column(primary_key=True, comment="a day, or a year with a number")
    account_id: Mapped[UUID] = mapped_column(ForeignKey("staff_accounts.account_id"))
    handled_at: Mapped[datetime]
