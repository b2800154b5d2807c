"""Apps and data sources, for staff: what there is, asking for changes, and stopping an app at once (A7).

Opening takes two people, closing takes one: an app that leaks is not to wait for a second person.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from vad.domain.access import ISSUER_TOKEN_LIFE, LONGEST_TOKEN_LIFE
from vad.domain.approval import OutdatedError
from vad.domain.audit import AuditEvent
from vad.domain.client import Client, Jwk, ResourceServer
from vad.domain.errors import RegisterUnavailableError
from vad.domain.identifiers import ClientId, RequestId
from vad.domain.justification import Justification
from vad.domain.profile import Profile
from vad.domain.registration_events import ClientDisabled, ClientGrantsEnded
from vad.domain.staff import StaffAction, StaffMember, check
from vad.services.approvals import Approvals
from vad.services.client_changes import (
    ADMIT,
    ENABLE,
    KEYS,
    REGISTER,
    SOURCE_KEY,
    digest_of_identity,
    digest_of_keys,
    digest_of_proof,
)
from vad.services.client_entry import Entry
from vad.services.client_keys import WARN_BEFORE, key_ends
from vad.services.client_member_changes import check_profile
from vad.services.client_stop import ClientStop
from vad.services.ports.records import UnitOfWork, UnitOfWorkFactory
from vad.services.ports.registering import KeyFacts, Registered, RegisteredItself, RegistrationReader
from vad.services.source_entry import entry_of_source


@dataclass(frozen=True, slots=True)
class KeyShown:
    """One key of an app or a source."""

    facts: KeyFacts
    ends_soon: bool
    """And no other takes its place."""


@dataclass(frozen=True, slots=True)
class ClientShown:
    """One app."""

    client: Client
    of_pages: bool
    """Whether `vad clients apply` leaves it alone."""
    keys: tuple[KeyShown, ...]
    """Those that it publishes, where it does and they were read."""
    admitted: tuple[tuple[ResourceServer, tuple[str, ...]], ...]
    """Each source that admits it, and to what."""
    by_itself: RegisteredItself | None
    """That it registered itself, if it did."""
    unread: bool = False
    """It publishes its keys, and they can't be had now."""

    @property
    def longest_token_minutes(self) -> int:
        """So long may a token that is out still work at a source that neither asks nor is told."""
        lives = [ISSUER_TOKEN_LIFE, *(source.access_token_lifetime for source, _ in self.admitted)]
        return ceil(min(max(lives), LONGEST_TOKEN_LIFE) / timedelta(minutes=1))


@dataclass(frozen=True, slots=True)
class SourceShown:
    """One data source."""

    source: ResourceServer
    of_pages: bool
    key: KeyShown
    """With which VAD encrypts for it."""
    asking: tuple[KeyShown, ...]
    """By which it proves itself where it asks about a token; none: it never asks."""

    @property
    def entry(self) -> Entry:
        """As it would stand in a file, but for its keys."""
        return entry_of_source(self.source)


@dataclass(frozen=True, slots=True)
class ClientAdministration:
    """The use case. Raises what `Approvals` raises, and `RegistrationFaultError` for what can't be registered."""

    work: UnitOfWorkFactory
    approvals: Approvals
    reader: RegistrationReader
    stop: ClientStop
    published: Callable[[Client], tuple[Jwk, ...]]
    """The keys that an app publishes. Raises `RegisterUnavailableError`."""
    profiles: tuple[Profile, ...]
    """Those that the installation allows."""

    def clients(self, member: StaffMember, at: datetime, *, by_itself: bool | None = None) -> tuple[ClientShown, ...]:
        """Every app, by name; `by_itself`: those alone that registered themselves, or that did not."""
        known, made = self._known(member)
        shown = (self._shown(known, made, client, at) for client in known.clients.values())
        shown = (each for each in shown if by_itself in {None, each.by_itself is not None})
        return tuple(sorted(shown, key=lambda each: (each.client.name.casefold(), each.client.client_id)))

    def client(self, member: StaffMember, client_id: str, at: datetime) -> ClientShown | None:
        """One app; None where there is none of this name."""
        known, made = self._known(member)
        client = known.clients.get(client_id)
        return None if client is None else self._with_published(self._shown(known, made, client, at), at)

    def sources(self, member: StaffMember, at: datetime) -> tuple[SourceShown, ...]:
        """Every data source, by name."""
        known, _ = self._known(member)
        shown = (
            SourceShown(
                each, each.identifier in known.of_pages, self._key(each.encryption_jwk, at), self._keys(each.jwks, at)
            )
            for each in known.sources.values()
        )
        return tuple(sorted(shown, key=lambda each: (each.source.name.casefold(), each.source.identifier)))

    def ask_to_register(
        self, member: StaffMember, entry: Mapping[str, object], keys: str, why: Justification, at: datetime
    ) -> RequestId:
        """Ask another to agree to a new app; `entry` as it would stand in a file, without `keys`.

        Without `jwks` that is. There are no `keys` where the app publishes them itself (`jwks_uri`).
        """
        check(member, StaffAction.CLIENTS_CHANGE)
        check_profile(entry.get("profile", Profile.NLGOV), self.profiles)
        published = "jwks_uri" in entry and not keys.strip()
        whole = dict(entry) if published else {**entry, "jwks": {"keys": [dict(key) for key in self.reader.jwks(keys)]}}
        return self.approvals.request(member, REGISTER, {"client": whole}, why, at)

    def ask_to_add_keys(
        self, member: StaffMember, client_id: str, keys: str, why: Justification, at: datetime
    ) -> RequestId:
        """Ask another to agree to keys beside those that the app has: both hold until the former is removed."""
        check(member, StaffAction.CLIENTS_CHANGE_KEYS)
        client = self._client(client_id)
        more = [dict(key) for key in (*client.jwks, *self.reader.jwks(keys))]
        return self._ask_keys(member, client, {"keys": more}, why, at)

    def ask_to_fetch_keys(
        self, member: StaffMember, client_id: str, address: str, why: Justification, at: datetime
    ) -> RequestId:
        """Ask another to agree that the keys of an app are what it publishes at this address, whatever they become."""
        check(member, StaffAction.CLIENTS_CHANGE_KEYS)
        published = {"jwks_uri": self.reader.jwks_uri(address)}
        return self._ask_keys(member, self._client(client_id), published, why, at)

    def ask_to_remove_key(
        self, member: StaffMember, client_id: str, thumbprint: str, why: Justification, at: datetime
    ) -> RequestId:
        """Ask another to agree that one key of an app is of no use any more."""
        check(member, StaffAction.CLIENTS_CHANGE_KEYS)
        client = self._client(client_id)
        left = [dict(key) for key in client.jwks if self.reader.facts(key).thumbprint != thumbprint]
        return self._ask_keys(member, client, {"keys": left}, why, at)

    def ask_to_admit(
        self,
        member: StaffMember,
        client_id: str,
        resource: str,
        services: Sequence[str],
        why: Justification,
        at: datetime,
    ) -> RequestId:
        """Ask another to agree that an app may fetch these kinds of data at this source, and no others."""
        check(member, StaffAction.CLIENTS_CHANGE)
        with self.work() as tx:
            known = tx.registration_changes.held()
        source, client = known.sources.get(resource), _of(known, client_id)
        if source is None:
            raise OutdatedError("no_such_source")
        before = sorted(source.admitted.get(client.client_id, frozenset()))
        payload = {
            "client_id": client_id,
            "identity": digest_of_identity(client),
            "resource": resource,
            "before": before,
            "services": sorted({*services}),
        }
        return self.approvals.request(member, ADMIT, payload, why, at)

    def ask_to_enable(self, member: StaffMember, client_id: str, why: Justification, at: datetime) -> RequestId:
        """Ask another to agree that an app is served again."""
        return self.approvals.request(member, ENABLE, {"client_id": client_id}, why, at)

    def ask_to_change_source_key(
        self, member: StaffMember, resource: str, key: str, why: Justification, at: datetime
    ) -> RequestId:
        """Ask another to agree to the key with which VAD encrypts for a source from then on."""
        check(member, StaffAction.CLIENTS_CHANGE_KEYS)
        with self.work() as tx:
            source = tx.registration_changes.known().sources.get(resource)
        if source is None:
            raise OutdatedError("no_such_source")
        before, after = digest_of_keys([source.encryption_jwk]), dict(self.reader.encryption_key(key))
        payload = {"resource": resource, "before": before, "key": after}
        return self.approvals.request(member, SOURCE_KEY, payload, why, at)

    def disable(self, member: StaffMember, client_id: str, why: Justification, at: datetime) -> int:
        """Serve an app no more, and end all that it was given, at once; returns how many grants that were."""
        return self._stop(ClientDisabled, member, client_id, why, at)

    def end_grants(self, member: StaffMember, client_id: str, why: Justification, at: datetime) -> int:
        """End all that an app was given; people log in at it anew. Returns how many grants that were."""
        return self._stop(ClientGrantsEnded, member, client_id, why, at)

    def _stop(
        self, kind: type[AuditEvent], member: StaffMember, client_id: str, why: Justification, at: datetime
    ) -> int:
        check(member, StaffAction.CLIENTS_DISABLE)
        with self.work() as tx:
            client = _held(tx, client_id)
            if kind is ClientDisabled:
                tx.registration_changes.put_client(replace(client, active=False), at)
            evidence = self.stop(tx, client.client_id, tx.registration_changes.held().sources.values(), at)
            tx.audit.append(
                kind(staff=member.account, client_id=client.client_id, evidence=evidence, erasable=why.erasable), at=at
            )
            tx.commit()
        return evidence["grants"]

    def _ask_keys(
        self, member: StaffMember, client: Client, after: Mapping[str, object], why: Justification, at: datetime
    ) -> RequestId:
        payload = {"client_id": client.client_id, "before": digest_of_proof(client), **after}
        return self.approvals.request(member, KEYS, payload, why, at)

    def _known(self, member: StaffMember) -> tuple[Registered, Mapping[str, RegisteredItself]]:
        check(member, StaffAction.CLIENTS_VIEW)
        with self.work() as tx:
            return tx.registration_changes.known(), tx.registration_changes.by_themselves()

    def _client(self, client_id: str) -> Client:
        with self.work() as tx:
            return _of(tx.registration_changes.known(), client_id)

    def _shown(
        self, known: Registered, made: Mapping[str, RegisteredItself], client: Client, at: datetime
    ) -> ClientShown:
        admitted = ((source, tuple(sorted(services))) for source, services in _admitting(known, client.client_id))
        keys = self._keys(client.jwks, at)
        return ClientShown(
            client, client.client_id in known.of_pages, keys, tuple(admitted), made.get(client.client_id)
        )

    def _with_published(self, shown: ClientShown, at: datetime) -> ClientShown:
        """The same, with the keys that count where the app publishes them: it is asked, or was a moment ago."""
        if not shown.client.jwks_uri:
            return shown
        try:
            return replace(shown, keys=self._keys(self.published(shown.client), at))
        except RegisterUnavailableError:
            return replace(shown, keys=(), unread=True)

    def _keys(self, keys: tuple[Jwk, ...], at: datetime) -> tuple[KeyShown, ...]:
        missed = {each.thumbprint for each in key_ends(keys, self.reader.facts)}
        shown = (self._key(key, at) for key in keys)
        return tuple(replace(key, ends_soon=key.ends_soon and key.facts.thumbprint in missed) for key in shown)

    def _key(self, jwk: Jwk, at: datetime) -> KeyShown:
        facts = self.reader.facts(jwk)
        return KeyShown(facts, facts.expires is not None and facts.expires < at + WARN_BEFORE)


def _held(tx: UnitOfWork, client_id: str) -> Client:
    return _of(tx.registration_changes.held(), client_id)


def _of(known: Registered, client_id: str) -> Client:
    client = known.clients.get(client_id)
    if client is None:
        raise OutdatedError("no_such_client")
    return client


def _admitting(known: Registered, client_id: ClientId) -> Iterator[tuple[ResourceServer, frozenset[str]]]:
    """The sources at which an app may get something, and what."""
    return ((source, source.admitted[client_id]) for source in known.sources.values() if client_id in source.admitted)
