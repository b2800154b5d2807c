"""What the API of the log takes and gives: the schemas of its OpenAPI document."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StrictBool, StringConstraints

from vad.domain.audit import Outcome
from vad.domain.ground import Basis
from vad.web.admin.audit.cursor import PATTERN
from vad.web.admin.audit.fields import CaseNumber, Day, Flag, Reference, Text, Words
from vad.web.support.api_models import ApiModel


class Filter(ApiModel):
    """Which events. Without a first day: those of the last thirty days up to the last one."""

    since: Day | None = Field(default=None, description="First day, in the Netherlands.")
    until: Day | None = Field(default=None, description="Last day, in the Netherlands.")
    person: Reference | None = Field(default=None, description="Reference of whoever it is about, named included.")
    actor: Reference | None = Field(default=None, description="Reference of who did it.")
    represented: Reference | None = Field(default=None, description="Reference of whose data it is about.")
    staff: UUID | None = Field(default=None, description="Account of the member of staff who did it.")
    client_id: Text | None = None
    resource: Text | None = None
    mandate: UUID | None = None
    type: list[Text] = Field(default=[], max_length=40)
    outcome: Outcome | None = None
    reason: Text | None = None
    basis: Basis | None = None
    grant_id: UUID | None = Field(default=None, description="All that came of one code.")
    sid: Text | None = Field(default=None, description="All of one login.")
    correlation_id: Text | None = Field(default=None, description="All of one request, or of one trace of an app.")
    for_another: StrictBool = Field(default=False, description="Only what somebody did for another person.")


class EventsQuery(Filter):
    """Which part of them."""

    for_another: Flag = Field(default=False, description="Only what somebody did for another person.")
    limit: int = Field(default=50, ge=1, le=200)
    cursor: Annotated[str, StringConstraints(pattern=PATTERN)] | None = Field(
        default=None,
        description="`nextCursor` of the part before, with the same filter. Where that gives no days, the cursor keeps "
        "the thirty that it began with: a later part is of the same time.",
    )


class Event(ApiModel):
    """An event as it stands in the log. People are named by their keyed references."""

    event_id: UUID
    recorded_at: datetime
    type: str
    outcome: str
    actor: str | None
    staff: UUID | None
    represented: str | None
    client_id: str | None
    resource: str | None
    basis: str | None
    reason: str | None
    sid: str | None
    grant_id: UUID | None
    request_id: str | None
    correlation_id: str | None
    origin: str | None
    evidence: dict[str, Any] = Field(description="What the decision rested on.")
    named: list[str] = Field(description="Whom the evidence names, in its order: also about them.")


class Events(ApiModel):
    """A part of them, the newest first."""

    events: list[Event]
    next_cursor: str | None = Field(description="For the next part; null: there is no more.")
    own_left_out: bool = Field(
        description="Whether the filter also finds events about the person of the token in the time of this part. "
        "Those are in no list, and take no place in a part."
    )


class Proof(ApiModel):
    """That an event is in the log."""

    proof: str = Field(description="C2SP tlog-proof; `vad audit verifier` gives the program that checks it.")


class Checkpoint(ApiModel):
    """What the log has signed of itself last."""

    origin: str
    size: int
    root: str = Field(description="In hexadecimal digits.")
    note: str = Field(description="C2SP tlog-checkpoint.")


class Look(ApiModel):
    """What somebody saw who verified the log."""

    at: datetime
    event_id: UUID
    evidence: dict[str, Any] = Field(description="How far it went, and what was found first where it was not whole.")


class Whole(ApiModel):
    """(j) What is known without looking again. Whoever believes nobody verifies the log with `vad audit verify`."""

    size: int = Field(description="Events in the tree that was signed last; 0: nothing was signed yet.")
    verified: Look | None = Field(description="The last look that found all of it whole.")
    not_whole: Look | None = Field(description="The last look that found it not whole, where none took that back.")


class ConsistencyQuery(ApiModel):
    """Since when."""

    size: int = Field(ge=1, description="Of the checkpoint that you hold, whether or not the log still keeps its own.")


class PersonAtQuery(ApiModel):
    """About whom, and when."""

    represented: Reference
    at: Day = Field(description="The end of this day, in the Netherlands.")


class MandateTerm(ApiModel):
    """A mandate that was in force."""

    mandate_id: UUID
    representative: str | None = Field(description="Reference.")
    route: str
    began_at: datetime
    ended_at: datetime


class Parent(ApiModel):
    """A parent who could act then, by what the register said when VAD last decided about that before."""

    actor: str = Field(description="Reference.")
    basis: str = Field(description="The ground as it was at that moment, by the age of the child then.")
    event_id: UUID = Field(description="The decision that this rests on.")
    at: datetime = Field(description="When that was decided.")


class Block(ApiModel):
    """What stood in the way."""

    kind: str
    placed_by: str
    placed_at: datetime
    lifted_at: datetime | None


class CouldAct(ApiModel):
    """(a) Who could act for somebody at a moment."""

    mandates: list[MandateTerm]
    parents: list[Parent] = Field(
        description=(
            "VAD keeps no register of parents: this rests on the newest decision about each parent in the 400 days "
            "before that moment, refusals included. Who was refused is left out, and so is who lacked the agreement "
            "of a child of 12 or older, and everybody where the child may have been 16 or was known to have died."
        )
    )
    blocks: list[Block]


class PeriodQuery(ApiModel):
    """In which days."""

    since: Day
    until: Day


class Refusal(ApiModel):
    """How often one thing was refused for one reason."""

    type: str
    reason: str | None
    count: int


class Refusals(ApiModel):
    """(e) The most first."""

    refusals: list[Refusal]


class Beyond(ApiModel):
    """Use of what had ended."""

    kind: str = Field(description="`end`, `death` or `birthday`.")
    mandate_id: UUID | None
    represented: str
    actor: str | None
    at: datetime
    event_id: UUID | None


class Overdue(ApiModel):
    """(d) There must be none."""

    overdue: list[Beyond]
    more: bool = Field(description="Whether there is more than is told here. Ask for less to see all of it.")


class DaysQuery(ApiModel):
    """How many days ahead."""

    days: int = Field(default=30, ge=1, le=366)


class TurningChild(ApiModel):
    """A child that turns 12 or 16."""

    child: str
    holder: str
    years: int
    told_from: date


class Turning(ApiModel):
    """(h) Of the day a month is all that stands in clear."""

    turning: list[TurningChild]
    more: bool = Field(description="Whether there is more than is told here. Ask for less to see all of it.")


class HelpersQuery(ApiModel):
    """More than how many people."""

    more_than: int = Field(default=10, ge=0, le=100_000)


class Helper(ApiModel):
    """Somebody who may act for many."""

    representative: str
    people: int


class Helpers(ApiModel):
    """(i) The most first."""

    helpers: list[Helper]
    more: bool = Field(description="Whether there is more than is told here. Ask for less to see all of it.")


class ExportOrder(ApiModel):
    """What to take away, and why."""

    format: Literal["csv", "jsonl", "fhir"]
    filter: Filter = Field(default_factory=Filter)
    reason: Words = Field(description="In words with one space between. It stays in the log, apart. No names, no BSN.")
    case_number: CaseNumber
