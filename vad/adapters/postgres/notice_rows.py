"""The schema: where people want to be told, and what they were told."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from vad.adapters.postgres.schema import Base


class ContactRow(Base):
    """An e-mail address of a person, sealed."""

    __tablename__ = "contacts"
    __table_args__ = (
        CheckConstraint("state IN ('pending', 'confirmed', 'former')", "state_known"),
        CheckConstraint("language IN ('nl', 'en')", "language_known"),
        CheckConstraint("(state = 'pending') = (confirmed_at IS NULL)", "confirmed_at_some_time"),
        CheckConstraint("(state = 'former') = (ended_at IS NOT NULL)", "ended_at_some_time"),
        CheckConstraint("tries >= 0", "tries_count_up"),
        Index("uq_contacts_pending", "person_id", unique=True, postgresql_where=text("state = 'pending'")),
        Index("uq_contacts_confirmed", "person_id", unique=True, postgresql_where=text("state = 'confirmed'")),
        Index("ix_contacts_to_forget", "asked_at", postgresql_where=text("state <> 'confirmed'")),
    )

    contact_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.person_id"))
    address_sealed: Mapped[bytes] = mapped_column(comment="AES-256-GCM; AAD: table, column, row, key id")
    address_key_id: Mapped[str]
    language: Mapped[str]
    state: Mapped[str]
    asked_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(SmallInteger(), server_default=text("0"), comment="how often a code was entered")
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class BirthdayRow(Base):
    """A birthday that a parent and a child are to be told of beforehand. Of the date only a month stands here."""

    __tablename__ = "birthdays"
    __table_args__ = (
        CheckConstraint("years IN (12, 16)", "years_known"),
        CheckConstraint("told BETWEEN 0 AND 2", "told_known"),
        Index("ix_birthdays_month", "month"),
    )

    child: Mapped[UUID] = mapped_column(ForeignKey("persons.person_id"), primary_key=True)
    holder: Mapped[UUID] = mapped_column(ForeignKey("persons.person_id"), primary_key=True)
    years: Mapped[int] = mapped_column(SmallInteger(), primary_key=True)
    month: Mapped[date] = mapped_column(comment="first day of the month in which the first notice falls")
    told: Mapped[int] = mapped_column(SmallInteger(), server_default=text("0"))
    looked_on: Mapped[date | None] = mapped_column(comment="the last day on which somebody looked at it")


class NoticeRow(Base):
    """Something that a person is told, once. Ids alone: what it says follows from its kind."""

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("person_id", "notice", "about"),
        Index("ix_notices_told_at", "told_at"),
    )

    notice_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.person_id"))
    notice: Mapped[str]
    about: Mapped[str] = mapped_column(comment="which mandate, birthday or address")
    told_at: Mapped[datetime] = mapped_column(comment="when it was queued")
