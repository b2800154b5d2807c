"""The section of the settings about apps of profile `ministry`. `vad.settings` joins it with the others."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class Ministry(BaseModel):
    """Apps of the ministry's own proof of concept (profile `ministry`). All of it is off unless it is set."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    legacy_sub_clients: str = Field(
        default="",
        description="Apps that go on to know people by the `sub` of the former provider, each with the host of its "
        "addresses there, with its port where the address names one: `app=app.example`, `app=localhost:9000`, "
        "separated by commas. It is a salted hash of the BSN, which is weaker than VAD's own.",
    )
    legacy_sub_salt: SecretStr | None = Field(
        default=None, description="`subject_id_hash_salt` of the former provider. A secret: with it, BSNs can be tried."
    )

    rid_clients: str = Field(
        default="",
        description="Apps whose `rid` in userinfo leads somewhere, each with the data source that may swap it at the "
        "PRS, `app=https://source.example`, separated by commas. The source is registered as `rid` and admits the app, "
        "and the person agrees on the consent page. For every other app `rid` is random and leads nowhere.",
    )
    rid_scope: str | None = Field(
        default=None,
        max_length=100,
        description="The recipient scope for which those sources registered VAD's key at the PRS: not the one of their "
        "own key.",
    )
    rid_key_file: Path | None = Field(
        default=None,
        description="That key: a private JSON Web Key, RSA of 3072 bits for the PRS as it is published, or EC on "
        "P-256. The sources register its public half. While it changes, a set of them (`keys`, four at most): VAD "
        "opens what is sealed to any.",
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
    def legacy_clients(self) -> Mapping[str, str]:
        """The host of each, with its port.

        It stands here: who moves the app in a list makes nobody a stranger, or somebody else.
        """
        return dict(_named(self.legacy_sub_clients))

    @property
    def rid_sources(self) -> Mapping[str, str]:
        """The source of each."""
        return dict(_named(self.rid_clients))


def faults_of_ministry(given: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """What is wrong with the section as a whole; `given` are all settings, by their whole names."""
    if bool(given.get("ministry.legacy_sub_clients")) is not bool(given.get("ministry.legacy_sub_salt")):
        yield "ministry.legacy_sub_salt", "goes together with ministry.legacy_sub_clients"
    named = list(_named(str(given.get("ministry.legacy_sub_clients") or "")))
    if not all(name and host and "/" not in host for name, host in named) or len(dict(named)) != len(named):
        yield "ministry.legacy_sub_clients", "names each app once, with its host (and port): app=app.example"

    whole = [bool(given.get(f"ministry.{name}")) for name in ("rid_clients", "rid_scope", "rid_key_file")]
    if len({*whole}) != 1:
        yield "ministry.rid_clients", "goes together with ministry.rid_scope and ministry.rid_key_file"
    sources = list(_named(str(given.get("ministry.rid_clients") or "")))
    if not all(name and source for name, source in sources) or len({name for name, _ in sources}) != len(sources):
        yield "ministry.rid_clients", "names each app once, with its source: app=https://source.example"


def _named(clients: str) -> Iterator[tuple[str, str]]:
    for each in clients.split(","):
        if each.strip():
            name, _, host = each.partition("=")
            yield name.strip(), host.strip()
