"""The schema: cases, and apart from them what was written."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from vad.adapters.postgres.schema import Base


class CaseRow(Base):
    """A case of one person."""

    __tablename__ = "cases"
    __table_args__ = (
        CheckConstraint("reach IN ('mail', 'letter')", "reach_known"),
        CheckConstraint("state IN ('open', 'taken', 'closed')", "state_known"),
        CheckConstraint("outcome IN ('explained', 'corrected', 'passed_on', 'withdrawn')", "outcome_known"),
        CheckConstraint("(event_id IS NULL) = (event_at IS NULL)", "event_whole"),
        CheckConstraint("(state = 'open') = (taken_by IS NULL)", "taken_by_somebody"),
        CheckConstraint("(taken_by IS NULL) = (taken_at IS NULL)", "taken_at_some_time"),
        CheckConstraint("(state = 'closed') = (outcome IS NOT NULL)", "closed_with_outcome"),
        CheckConstraint("(outcome IS NULL) = (closed_at IS NULL)", "closed_at_some_time"),
        Index("ix_cases_person", "person_id", text("made_at DESC")),
        Index("ix_cases_closed", "closed_at", postgresql_where=text("state = 'closed'")),
        Index("ix_cases_state", "state", "made_at", "case_id"),
    )

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.person_id"), comment="who says that it is not right")
    event_id: Mapped[UUID | None] = mapped_column(comment="the event it is about; the log outlives it")
    event_at: Mapped[datetime | None]
    reach: Mapped[str]
    state: Mapped[str]
    made_at: Mapped[datetime]
    taken_by: Mapped[UUID | None] = mapped_column(comment="account of a member of staff")
    taken_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]


class CaseTextRow(Base):
    """Something that was written in a case, sealed. Erased by deleting the row."""

    __tablename__ = "case_texts"
    __table_args__ = (
        CheckConstraint("kind IN ('complaint', 'note', 'answer')", "kind_known"),
        CheckConstraint("(kind = 'complaint') = (written_by IS NULL)", "staff_or_person"),
        Index("ix_case_texts_case", "case_id", "written_at"),
    )

    text_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.case_id"))
    kind: Mapped[str]
    written_by: Mapped[UUID | None] = mapped_column(comment="account of a member of staff; null: the person")
    written_at: Mapped[datetime]
    text_sealed: Mapped[bytes] = mapped_column(comment="AES-256-GCM; AAD: table, column, row, key id")
    text_key_id: Mapped[str]
