"""What the API takes and gives: the schemas of its OpenAPI document."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, StringConstraints

from vad.domain.mandate import MOST_YEARS, MandateState, Route
from vad.services.mandates import LONGEST_LABEL
from vad.web.api.cursors import PATTERN
from vad.web.support.api_models import ApiModel

_NAMED = r"^[^\s\x00-\x1f\x7f]"
"""It begins with what can be seen."""


def _whole(value: object) -> object:
    """In JSON Schema 6.0 is an integer too."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


class Person(ApiModel):
    """The other side of a mandate."""

    sub: str | None = Field(description="As in this app's ID tokens; null while nobody has brought the code.")
    name: str | None = Field(description="From the BRP, or what the person wrote down; null while neither is at hand.")


class Permission(ApiModel):
    """One kind of data that the representative may see."""

    permission_id: UUID
    data_service: str = Field(description="The scope value.")
    name_nl: str
    name_en: str
    apps: Literal["all", "this", "other"] = Field(description="With which apps. Other apps are not named.")
    source: str | None = Field(description="Name of the one data source; null: every one.")


class Mandate(ApiModel):
    """A mandate, an offer or a request of the person."""

    mandate_id: UUID
    role: Literal["represented", "representative"] = Field(description="What the person of the token is in it.")
    route: Route = Field(
        description="Who began: an offer by whose data it is, a request by who wants to act; a letter is a request to "
        "somebody without a DigiD. `legal`: staff made it, where a court or the law lets somebody act for another."
    )
    state: MandateState
    other: Person
    permissions: list[Permission] = Field(description="What was not stopped.")
    starts_at: datetime = Field(description="An active one can still have to begin.")
    ends_at: datetime
    last_day: date = Field(description="The last day on which it holds, in the Netherlands.")
    made_at: datetime
    changed_at: datetime
    answer_by: datetime | None = Field(description="Until when an offer or a request waits for its answer.")
    last_used_at: datetime | None


class Mandates(ApiModel):
    """A part of the person's mandates, the latest change first."""

    mandates: list[Mandate]
    next_cursor: str | None = Field(description="For the next part; null: there is no more.")


class MandatesQuery(ApiModel):
    """Which part of the list."""

    role: Literal["represented", "representative"] | None = None
    limit: int = Field(default=20, ge=1, le=50)
    cursor: Annotated[str, StringConstraints(pattern=PATTERN)] | None = None


class ActFor(ApiModel):
    """Somebody whose data the person can see with this app."""

    sub: str = Field(description="As in `represents` of this app's ID tokens.")
    name: str
    age: int | None = Field(description="In whole years; null where it is not certain.")
    basis: str = Field(description="The ground, as tokens name it.")
    mandate_id: UUID | None


class Representations(ApiModel):
    """For whom the person can act with this app now."""

    people: list[ActFor]
    complete: bool = Field(description="False: a register did not answer, so somebody may be missing.")


class Offer(ApiModel):
    """An offer to prepare."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_LABEL, pattern=_NAMED)] = Field(
        description="By which the person recognises the other. Nobody else sees it."
    )
    data_services: list[str] = Field(min_length=1, max_length=50, description="Scope values.")
    apps: Literal["all", "this"] = Field(description="For use with which apps.")
    months: Annotated[int, BeforeValidator(_whole)] = Field(
        ge=1, le=12 * MOST_YEARS, strict=True, description="From today."
    )


class Acceptance(ApiModel):
    """An answer to prepare; what it is, the person says on the page."""


class Confirmation(ApiModel):
    """Where the person confirms it."""

    confirm_uri: str = Field(description="Open it in the person's browser. It works for this person alone.")
    expires_at: datetime


class Revocation(ApiModel):
    """What to stop."""

    permission_id: UUID | None = Field(
        default=None, description="The one permission; left out, or null: the whole mandate."
    )
