"""When the keys of apps and data sources end, so that nobody finds out by what does not work any more (A7).

Only a certificate that comes with a key (`x5c`) says when it ends. A key without one serves until somebody takes it
away.
"""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import inf

from vad.domain.client import Client, Jwk, ResourceServer
from vad.domain.errors import RegisterUnavailableError
from vad.domain.identifiers import ClientId, ResourceId
from vad.services.ports.registering import KeyFacts

WARN_BEFORE = timedelta(days=60)
"""How long before the end of a key somebody is told."""
_EVERY = 600.0
"""Seconds between two looks at what one app publishes."""
AT_ONCE = 8
"""Apps whose published keys are read in one round: one that hangs must not hold up the worker."""
MOST_TOLD = 100
"""Apps, or sources, of which the end is told one by one, the first to end first: a figure has room for no more."""


@dataclass(frozen=True, slots=True)
class KeyEnd:
    """A key that an app will miss."""

    thumbprint: str
    ends: datetime

    def soon(self, at: datetime) -> bool:
        """Whether the app needs another one by now."""
        return self.ends < at + WARN_BEFORE


def key_ends(keys: Iterable[Jwk], facts: Callable[[Jwk], KeyFacts]) -> tuple[KeyEnd, ...]:
    """Of one app, for each use of its keys (RFC 7517 section 4.2) the last one to end; the first to end comes first.

    One with another beside it that lasts longer is missed by nobody, and a use with a key that does not end has none.
    """
    of_use: dict[str, list[KeyFacts]] = {}
    for key in keys:
        of_use.setdefault(str(key.get("use", "sig")), []).append(facts(key))
    last = (max(known, key=lambda each: each.expires.timestamp() if each.expires else inf) for known in of_use.values())
    found = (KeyEnd(each.thumbprint, each.expires) for each in last if each.expires is not None)
    return tuple(sorted(found, key=lambda each: each.ends))


@dataclass(frozen=True, slots=True)
class _Seen:
    """What an app published when somebody last looked."""

    address: str
    ends: tuple[KeyEnd, ...] = ()
    looked_at: float = -inf
    read: bool = False
    """Whether it ever answered, at this address."""


@dataclass(slots=True)
class ClientKeyWatch:
    """A chore of the worker: looks when each app in service will be without a key."""

    clients: Callable[[], Iterable[Client]]
    published: Callable[[Client], tuple[Jwk, ...]]
    """Raises `RegisterUnavailableError`."""
    facts: Callable[[Jwk], KeyFacts]
    ends: Mapping[ClientId, float] | None = None
    """In seconds since 1970, of those whose keys end; None before the first look."""
    unread: int = 0
    """Apps that publish their keys, and of which nobody has read any yet."""
    _seen: Mapping[ClientId, _Seen] = field(default_factory=dict)

    def __call__(self, at: datetime) -> int:
        """Look; there is never anything left to do."""
        serving = [each for each in self.clients() if each.active]
        self._look([each for each in serving if each.jwks_uri], at.timestamp())
        found = {
            each.client_id: self._seen[each.client_id].ends if each.jwks_uri else key_ends(each.jwks, self.facts)
            for each in serving
        }
        first = sorted((known[0].ends.timestamp(), client_id) for client_id, known in found.items() if known)
        self.ends = {client_id: ends for ends, client_id in first[:MOST_TOLD]}
        self.unread = sum(not each.read for each in self._seen.values())
        return 0

    def _look(self, publishing: list[Client], at: float) -> None:
        """Read what some of them publish, whoever waited longest. Of one that does not answer the last look counts."""
        seen = {
            each.client_id: known
            if (known := self._seen.get(each.client_id)) is not None and known.address == each.jwks_uri
            else _Seen(each.jwks_uri)
            for each in publishing
        }
        due = [each for each in publishing if seen[each.client_id].looked_at <= at - _EVERY]
        due = sorted(due, key=lambda each: seen[each.client_id].looked_at)[:AT_ONCE]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for client, ends in zip(due, pool.map(self._read, due), strict=True):
                known = seen[client.client_id]
                answered = known.read or ends is not None
                seen[client.client_id] = _Seen(known.address, known.ends if ends is None else ends, at, answered)
        self._seen = seen

    def _read(self, client: Client) -> tuple[KeyEnd, ...] | None:
        try:
            return key_ends(self.published(client), self.facts)
        except RegisterUnavailableError:
            return None


@dataclass(slots=True)
class SourceKeyWatch:
    """A chore of the worker: looks when the key ends with which VAD encrypts for a data source."""

    sources: Callable[[], Iterable[ResourceServer]]
    facts: Callable[[Jwk], KeyFacts]
    ends: Mapping[ResourceId, float] | None = None
    """In seconds since 1970, of those in service whose key ends; None before the first look."""

    def __call__(self, _at: datetime) -> int:
        """Look; there is never anything left to do."""
        serving = (each for each in self.sources() if each.active)
        found = sorted(
            (end.ends.timestamp(), each.identifier)
            for each in serving
            for end in key_ends((each.encryption_jwk,), self.facts)
        )
        self.ends = {identifier: ends for ends, identifier in found[:MOST_TOLD]}
        return 0
