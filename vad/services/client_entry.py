"""A registration as it would stand in a file: what staff see of it, and change member by member."""

from collections.abc import Mapping
from dataclasses import dataclass

from vad.domain.client import Client
from vad.services.client_metadata import metadata_of

Entry = Mapping[str, object]
_OF_ANSWERS = frozenset({"client_name", "response_types", "subject_type", "require_auth_time"})
"""What an app is told of itself, and no file says."""


def entry_of(client: Client) -> dict[str, object]:
    """What reading it again gives the same app; members that say nothing are left out."""
    entry: dict[str, object] = {name: value for name, value in metadata_of(client).items() if name not in _OF_ANSWERS}
    entry |= {
        "client_id": client.client_id,
        "name": client.name,
        "organisation": client.organisation,
        "profile": client.profile.value,
        "minimum_level": client.minimum_level.name.lower(),
        "active": client.active,
        "representation": client.representation,
    }
    if client.api_scopes:
        entry["api_scopes"] = sorted(client.api_scopes)
    if client.client_secret_sha256:
        entry["client_secret_sha256"] = list(client.client_secret_sha256)
    if not client.sector_identifier_uri and client.sector != client.client_id:
        entry["sector"] = client.sector
    return entry


@dataclass(frozen=True, slots=True)
class Difference:
    """Members that are another, as they were and as they are to be; None: left out."""

    before: Entry
    after: Entry

    def __bool__(self) -> bool:
        return bool(self.after)

    def holds(self, entry: Entry) -> bool:
        """Whether they are in this entry as they were."""
        return all(entry.get(name) == value for name, value in self.before.items())

    def applied(self, entry: Entry) -> dict[str, object]:
        """The entry as it is to be."""
        return {name: value for name, value in {**entry, **self.after}.items() if value is not None}


def difference(before: Entry, after: Entry) -> Difference:
    """Between two entries of one app."""
    names = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    return Difference(*({name: each.get(name) for name in names} for each in (before, after)))
