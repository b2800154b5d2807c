"""What the schemas of every JSON API of VAD have in common, and how each tells what went wrong."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


def _camel(name: str) -> str:
    """The name in JSON; one that Python keeps for itself has a line behind it here."""
    return to_camel(name.rstrip("_"))


class ApiModel(BaseModel):
    """Names in camelCase, and none that the document does not know."""

    model_config = ConfigDict(
        alias_generator=_camel, populate_by_name=True, serialize_by_alias=True, extra="forbid", frozen=True
    )


class InvalidValue(ApiModel):
    """One value that is not as it should be."""

    in_: Literal["body", "query"]
    pointer: str | None = Field(default=None, description="JSON Pointer to a member of the body (RFC 6901).")
    name: str | None = Field(default=None, description="Name of a parameter of the query.")
    code: str
    detail: str


class Problem(ApiModel):
    """What went wrong (RFC 9457)."""

    type: Literal["about:blank"] = "about:blank"
    title: str
    status: int
    detail: str
    code: str = Field(description="For programs: it stays the same where the words change.")
    errors: list[InvalidValue] | None = None
