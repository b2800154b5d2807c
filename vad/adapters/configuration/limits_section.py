"""The section of the settings about how often something may be done. `vad.settings` joins it with the others."""

from pydantic import BaseModel, ConfigDict, Field


class Limits(BaseModel):
    """How often something may be done in a minute."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    authorize_per_address: int = Field(default=60, ge=1, description="Authorization requests per network address.")
    login_per_address: int = Field(default=20, ge=1, description="Visits to DigiD per network address.")
    proof_per_address: int = Field(
        default=30, ge=1, description="Papers that prove an authorisation, looked at per network address."
    )
    stop_codes_per_address: int = Field(
        default=10, ge=1, description="Stop codes of mandates by letter that a network address may try."
    )
    unproved_per_address: int = Field(
        default=60,
        ge=1,
        description="Requests of a network address for tokens, or about them, that do not prove who asks; also where "
        "the keys of who is named can't be had.",
    )
    token_per_client: int = Field(
        default=3000,
        ge=1,
        description="Token requests per client; counted ahead in lots of ten. Of clients that prove nothing: per "
        "network address, for anybody can name them.",
    )
    introspection_per_source: int = Field(
        default=6000, ge=1, description="Questions about tokens (introspection) per data source."
    )
    api_per_person: int = Field(
        default=120, ge=1, description="Requests to VAD's own API (`/v1`) for one person by one app."
    )
    downloads_per_person: int = Field(
        default=10, ge=1, description="Files of their activity, or of everything about them, that one person may take."
    )
    registration_per_token: int = Field(
        default=60, ge=1, description="Requests of apps that register themselves (`/register`), per token."
    )
    clients_updated: int = Field(
        default=10,
        ge=1,
        description="Times that the list of clients of the ministry may be said to have changed, per network address.",
    )
    log_per_address: int = Field(
        default=600, ge=1, description="Reads of the sealed log (`/log/…`) per network address."
    )
