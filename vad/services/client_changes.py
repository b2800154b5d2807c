"""What opens access for apps and data sources: each change takes two of the staff (rule 44, A7).

A payload says how things stood when it was asked for, as far as it changes them. If they stand otherwise when it is
approved, it is not done.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol

from vad.domain.approval import About, OutdatedError, StaffRequest
from vad.domain.audit import AuditEvent
from vad.domain.client import Client, Jwk, ResourceServer
from vad.domain.identifiers import ClientId, ResourceId
from vad.domain.registration_events import ClientChanged, ClientRegistered, SourceKeyChanged
from vad.domain.staff import StaffAction, StaffMember
from vad.services.approvals import Payload
from vad.services.client_entry import entry_of
from vad.services.client_member_changes import CHANGE, ChangesMembers, client_of
from vad.services.client_outside import ClientOutside
from vad.services.ports.records import UnitOfWork, UnitOfWorkFactory
from vad.services.ports.registering import NotReadError, Registered, RegistrationFaultError, RegistrationReader

REGISTER: Final = "client.register"
KEYS: Final = "client.keys"
ADMIT: Final = "client.admit"
ENABLE: Final = "client.enable"
SOURCE_KEY: Final = "source.key"
MOST_KEYS = 4
"""Keys of one app: the one in use, the next, and some that are on their way out."""


def digest(value: object) -> str:
    """What a payload remembers of how something stood."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def digest_of_keys(keys: Sequence[Jwk]) -> str:
    """The same of public keys."""
    return digest([dict(key) for key in keys])


def digest_of_proof(client: Client) -> str:
    """The same of how an app proves itself."""
    return digest(client.jwks_uri) if client.jwks_uri else digest_of_keys(client.jwks)


def digest_of_identity(client: Client) -> str:
    """The same of who an app is: what people read, where they are sent back, and how it proves itself."""
    name = client.certificate_name
    return digest(
        [
            *(client.name, client.organisation, sorted(client.redirect_uris)),
            *(client.token_endpoint_auth_method.value, digest_of_proof(client), sorted(client.client_secret_sha256)),
            [name.kind.value, name.value] if name else [],
        ]
    )


class _Registering(Protocol):
    """What each of these changes says of itself."""

    def changed(self, known: Registered, payload: Payload) -> Client | ResourceServer:
        """The registration as it is to be. Raises `OutdatedError`."""

    def event(self, payload: Payload) -> AuditEvent:
        """What is written down of it."""


@dataclass(frozen=True, slots=True)
class RegistrationChange:
    """`vad.services.approvals.Change` of one registration."""

    kind: str
    how: _Registering
    work: UnitOfWorkFactory
    outside: ClientOutside
    action: StaffAction = StaffAction.CLIENTS_CHANGE_KEYS

    def about(self, payload: Payload) -> About:
        """Which app, at which source: nobody's case."""
        event = self.how.event(payload)
        return About(client_id=event.client_id, resource=event.resource)

    def prepare(self, payload: Payload, at: datetime) -> None:  # noqa: ARG002 - what is there now
        """See that what the app publishes fits it, when it is asked for and once more when it is decided.

        Raises `NotReadError` where that can't be had: nothing is decided by it.
        """
        with self.work() as tx:
            known = tx.registration_changes.known()
        changed = self.how.changed(known, payload)
        if not isinstance(changed, Client):
            return
        try:
            self.outside.check(changed, known.clients.get(changed.client_id))
        except NotReadError:
            raise
        except RegistrationFaultError as error:
            of_sector = error.faults[0].member == "sector_identifier_uri"
            raise OutdatedError("sector_unproved" if of_sector else "keys_do_not_fit") from None

    def check(self, tx: UnitOfWork, payload: Payload, at: datetime) -> None:  # noqa: ARG002 - not bound to a moment
        """See that it can be done to what is registered now."""
        self.how.changed(tx.registration_changes.held(), payload)

    def carry_out(self, tx: UnitOfWork, request: StaffRequest, by: StaffMember, at: datetime) -> None:
        """Write it; every process goes by it within a second."""
        changed = self.how.changed(tx.registration_changes.held(), request.payload)
        if isinstance(changed, Client):
            tx.registration_changes.put_client(changed, at)
        else:
            tx.registration_changes.put_source(changed, at)
        self._seen(tx, request.payload, at)
        event = self.how.event(request.payload)
        evidence = {**event.evidence, "request": str(request.request_id), "asked_by": str(request.account)}
        tx.audit.append(replace(event, staff=by.account, evidence=evidence), at=at)

    def _seen(self, tx: UnitOfWork, payload: Payload, at: datetime) -> None:
        """Let an app that registered itself, and that two of the staff just judged, be one that they looked at."""
        client_id = payload.get("client_id")
        if client_id is None:  # a new app, or a data source; "None" might be somebody's name
            return
        client = tx.registration_changes.known().clients.get(str(client_id))
        if client is not None and client.registered_itself and not client.seen_by_staff:
            tx.registration_changes.put_client(client, at)


@dataclass(frozen=True, slots=True)
class Registers:
    """A new app. It is admitted nowhere yet."""

    reader: RegistrationReader

    def changed(self, known: Registered, payload: Payload) -> Client:
        """The app. Its name must be free: an app that is not served any more keeps its own."""
        entry = payload["client"]
        client = self.reader.client(entry if isinstance(entry, Mapping) else {})
        if client.client_id in known.clients or client.client_id in known.sources:
            raise OutdatedError("client_there")
        return client

    def event(self, payload: Payload) -> AuditEvent:
        """It was registered."""
        entry = payload["client"]
        name = entry.get("client_id") if isinstance(entry, Mapping) else None
        return ClientRegistered(client_id=ClientId(str(name)))


@dataclass(frozen=True, slots=True)
class ChangesKeys:
    """The keys by which an app proves itself: a second one beside the first, one less, or those that it publishes."""

    reader: RegistrationReader

    def changed(self, known: Registered, payload: Payload) -> Client:
        """The app with these keys alone, or with those that it publishes."""
        client, keys, address = client_of(known, payload), payload.get("keys"), payload.get("jwks_uri")
        if digest_of_proof(client) != payload["before"]:
            raise OutdatedError("changed_meanwhile")
        jwks = tuple(keys) if isinstance(keys, list) else ()
        if isinstance(address, str):
            jwks = ()
        elif not 0 < len(jwks) <= MOST_KEYS:
            raise OutdatedError("number_of_keys")
        jwks_uri = address if isinstance(address, str) else ""
        return self.reader.client(entry_of(replace(client, jwks=jwks, jwks_uri=jwks_uri)))

    def event(self, payload: Payload) -> AuditEvent:
        """Its keys are others; by thumbprint, or by where it publishes them."""
        keys, address = payload.get("keys"), payload.get("jwks_uri")
        prints = [self.reader.facts(key).thumbprint for key in keys] if isinstance(keys, list) else []
        evidence = {"jwks_uri": address} if address else {"thumbprints": prints}
        return ClientChanged(client_id=ClientId(str(payload["client_id"])), reason="keys", evidence=evidence)


class Admits:
    """Which kinds of data an app may fetch at one source; none: it is not admitted there any more."""

    def changed(self, known: Registered, payload: Payload) -> ResourceServer:
        """The source with this admission."""
        client, source = client_of(known, payload), known.sources.get(str(payload["resource"]))
        if source is None:
            raise OutdatedError("no_such_source")
        before = sorted(source.admitted.get(client.client_id, frozenset()))
        wanted = _texts(payload["services"])
        if before != _texts(payload["before"]):
            raise OutdatedError("changed_meanwhile")
        if not {*wanted} <= {*before} and digest_of_identity(client) != payload.get("identity"):
            # Who asked saw another app. Taking away never waits for that.
            raise OutdatedError("changed_meanwhile")
        if not {*wanted} <= {*source.data_services}:
            raise OutdatedError("no_such_service")
        if wanted and not source.signs_for(client):
            raise OutdatedError("signed_otherwise")
        others = {each: services for each, services in source.admitted.items() if each != client.client_id}
        admitted = {**others, client.client_id: frozenset(wanted)} if wanted else others
        return replace(source, admitted=admitted)

    def event(self, payload: Payload) -> AuditEvent:
        """Where it is admitted, and to what."""
        return ClientChanged(
            client_id=ClientId(str(payload["client_id"])),
            resource=ResourceId(str(payload["resource"])),
            reason="admitted",
            evidence={"before": _texts(payload["before"]), "after": _texts(payload["services"])},
        )


class Enables:
    """An app is served again. What had ended stays ended."""

    def changed(self, known: Registered, payload: Payload) -> Client:
        """The app, in service."""
        client = client_of(known, payload)
        if client.active:
            raise OutdatedError("changed_meanwhile")
        return replace(client, active=True)

    def event(self, payload: Payload) -> AuditEvent:
        """It is served again."""
        return ClientChanged(client_id=ClientId(str(payload["client_id"])), reason="enabled")


@dataclass(frozen=True, slots=True)
class ChangesSourceKey:
    """The key with which VAD encrypts for a source. The source opens both until tokens of the former are over."""

    reader: RegistrationReader

    def changed(self, known: Registered, payload: Payload) -> ResourceServer:
        """The source with this key."""
        source, key = known.sources.get(str(payload["resource"])), payload["key"]
        if source is None:
            raise OutdatedError("no_such_source")
        if digest_of_keys([source.encryption_jwk]) != payload["before"] or not isinstance(key, Mapping):
            raise OutdatedError("changed_meanwhile")
        changed = replace(source, encryption_jwk=key)
        self.reader.check_source(changed)
        return changed

    def event(self, payload: Payload) -> AuditEvent:
        """Its key is another; by thumbprint."""
        key = payload["key"]
        thumbprint = self.reader.facts(key).thumbprint if isinstance(key, Mapping) else ""
        return SourceKeyChanged(resource=ResourceId(str(payload["resource"])), evidence={"thumbprint": thumbprint})


def changes(
    reader: RegistrationReader, work: UnitOfWorkFactory, outside: ClientOutside
) -> tuple[RegistrationChange, ...]:
    """Every kind there is."""
    kinds: Mapping[str, _Registering] = {
        REGISTER: Registers(reader),
        KEYS: ChangesKeys(reader),
        CHANGE: ChangesMembers(reader),
        ADMIT: Admits(),
        ENABLE: Enables(),
        SOURCE_KEY: ChangesSourceKey(reader),
    }
    return tuple(RegistrationChange(kind, how, work, outside) for kind, how in kinds.items())


def _texts(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []
