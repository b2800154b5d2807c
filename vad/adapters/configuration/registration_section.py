"""The section of the settings about apps that register themselves. `vad.settings` joins it with the others."""

from pydantic import BaseModel, ConfigDict, Field


class Registration(BaseModel):
    """Apps that register themselves (RFC 7591), by tokens that `vad clients registration-token` makes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = Field(
        default=False,
        description="Whether there is a `/register`. Apps get no data until staff admit them to sources.",
    )
