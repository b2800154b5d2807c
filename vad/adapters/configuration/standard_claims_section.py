"""The section of the settings about claims of people. `vad.settings` joins it with the others."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class StandardClaims(BaseModel):
    """Name, e-mail, address and phone as OpenID Connect calls them, for apps of profile `basic` (ADR 0037)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    persons_file: Path | None = Field(
        default=None,
        description="JSON with the claims of test persons, by BSN. For a sandbox: `production` refuses it. Without it "
        "there are no such claims, and no scopes for them.",
    )
