"""The table of what takes two people of the staff."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from vad.adapters.postgres.schema import Base


class StaffRequestRow(Base):
    """Something that one of the staff asked for. A trigger holds what was asked and what became of it unchanged."""

    __tablename__ = "staff_requests"
    __table_args__ = (
        CheckConstraint("state IN ('requested', 'approved', 'refused', 'withdrawn', 'expired')", "state_known"),
        CheckConstraint("expires_at > requested_at", "ends_after_it_begins"),
        CheckConstraint(
            "(state IN ('requested', 'expired')) = (num_nonnulls(decided_account, decided_person, decided_at) = 0) "
            "AND num_nonnulls(decided_account, decided_person, decided_at) IN (0, 3)",
            "decided_by_somebody",
        ),
        Index("ix_staff_requests_waiting", "expires_at", postgresql_where=text("state = 'requested'")),
        Index("ix_staff_requests_over", text("requested_at DESC"), postgresql_where=text("state <> 'requested'")),
    )

    request_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(comment="what is to be done, whole; no BSN, name or secret")
    concerning: Mapped[list[UUID]] = mapped_column(comment="the people whose case it is")
    account: Mapped[UUID] = mapped_column(comment="whose login asked for it")
    person: Mapped[UUID] = mapped_column(
        ForeignKey("persons.person_id"), comment="who that is: four eyes are those of two people"
    )
    reason: Mapped[str] = mapped_column(comment="in words; empty once it was erased")
    case_number: Mapped[str] = mapped_column(comment="empty once it was erased")
    requested_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    state: Mapped[str]
    decided_account: Mapped[UUID | None]
    decided_person: Mapped[UUID | None] = mapped_column(ForeignKey("persons.person_id"))
    decided_at: Mapped[datetime | None]
