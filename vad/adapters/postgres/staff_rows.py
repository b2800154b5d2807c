"""The schema: accounts of staff."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
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
