"""What the API of the log takes and gives: the schemas of its OpenAPI document."""

import re
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from vad.domain.audit import Outcome
from vad.domain.ground import Basis
from vad.domain.justification import LONGEST_REASON, SHORTEST_REASON, holds_bsn
from vad.web.support.api_models import ApiModel

_Reference = Annotated[str, StringConstraints(pattern=r"^[A-Z2-7]{5}(-[A-Z2-7]{5}){4}-[A-Z2-7]$")]


def _without_bsn(text: str) -> str:
    """The log keeps what was asked of it."""
    if holds_bsn(text):
        raise ValueError("a BSN is not looked for here")
    return text


_Text = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$"),
    AfterValidator(_without_bsn),
]
_DAY: Final = r"\d{4}-\d{2}-\d{2}"
_FIRST_YEAR, _LAST_YEAR = 1900, 9000


def _written(value: object) -> object:
    """A day is written as one: no number that could be seconds, in an address or a body."""
    if isinstance(value, date) or (isinstance(value, str) and re.fullmatch(_DAY, value)):
        return value
    raise ValueError("a day is written as yyyy-mm-dd")


def _of_some_log(day: date) -> date:
    """Before and after these years there are no events, and some days there have no midnight."""
    return min(max(day, date(_FIRST_YEAR, 1, 1)), date(_LAST_YEAR, 12, 31))


_Day = Annotated[date, BeforeValidator(_written), AfterValidator(_of_some_log)]
_ONE_LINE: Final = r"^[!-~\u00a1-\u024f]+( [!-~\u00a1-\u024f]+)*$"
_Words = Annotated[str, StringConstraints(min_length=SHORTEST_REASON, max_length=LONGEST_REASON, pattern=_ONE_LINE)]
_CaseNumber = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]([A-Za-z0-9./_-]{0,38}[A-Za-z0-9])?$")]


class Filter(ApiModel):
    """Which events. Without a first day: those of the last thirty days up to the last one."""

    since: _Day | None = Field(default=None, description="First day, in the Netherlands.")
    until: _Day | None = Field(default=None, description="Last day, in the Netherlands.")
    person: _Reference | None = Field(default=None, description="Reference of whoever it is about, named included.")
    actor: _Reference | None = Field(default=None, description="Reference of who did it.")
    represented: _Reference | None = Field(default=None, description="Reference of whose data it is about.")
    staff: UUID | None = Field(default=None, description="Account of the member of staff who did it.")
    client_id: _Text | None = None
    resource: _Text | None = None
    mandate: UUID | None = None
    type: list[_Text] = Field(default=[], max_length=40)
    outcome: Outcome | None = None
    reason: _Text | None = None
    basis: Basis | None = None


class EventsQuery(Filter):
    """Which part of them."""

    limit: int = Field(default=50, ge=1, le=200)
    cursor: Annotated[str, StringConstraints(pattern=r"^AA[A-Za-z0-9_-]{30}$")] | None = None


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

    size: int = Field(ge=1, description="Of a checkpoint that the log keeps, for instance one that you hold.")


class PersonAtQuery(ApiModel):
    """About whom, and when."""

    represented: _Reference
    at: _Day = Field(description="The end of this day, in the Netherlands.")


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

    since: _Day
    until: _Day


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
    reason: _Words = Field(description="In words with one space between. It stays in the log, apart. No names, no BSN.")
    case_number: _CaseNumber
