"""The section of the settings about apps of profile `ministry`. `vad.settings` joins it with the others."""

from collections.abc import Iterator, Mapping

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class Ministry(BaseModel):
    """Apps of the ministry's own proof of concept (profile `ministry`). All of it is off unless it is set."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    legacy_sub_clients: str = Field(
        default="",
        description="Apps, separated by commas, that go on to know people by the `sub` of the former provider: a "
        "salted hash of the BSN, which is weaker than VAD's own.",
    )
    legacy_sub_salt: SecretStr | None = Field(
        default=None, description="`subject_id_hash_salt` of the former provider. A secret: with it, BSNs can be tried."
    )

    auth_session: bool = Field(
        default=False,
        description="Whether these apps may renew a login to themselves (cookie `auth_session`), up to the end that "
        "every login has. VAD's own session is not renewed by it.",
    )

    clients_url: str | None = Field(
        default=None,
        description="Where the ministry's list of clients is, before `/clients`. Without it no list is read, and "
        "nobody is heard at `/api/v1/clients-updated`.",
    )
    notify_token: SecretStr | None = Field(
        default=None,
        description="The bearer token that whoever says that the list changed has to show. Not set: they need not, for "
        "the ministry's own manager sends none; let only its address through then.",
    )

    @property
    def legacy_clients(self) -> frozenset[str]:
        """The names."""
        return frozenset(name.strip() for name in self.legacy_sub_clients.split(",") if name.strip())


def faults_of_ministry(given: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """What is wrong with the section as a whole; `given` are all settings, by their whole names."""
    if bool(given.get("ministry.legacy_sub_clients")) is not bool(given.get("ministry.legacy_sub_salt")):
        yield "ministry.legacy_sub_salt", "goes together with ministry.legacy_sub_clients"
