"""What is registered of an app, changed member by member: asked for by one of the staff, agreed to by another (A7).

Read as a file is read, so that no page lets in what a file would not. What it is called may change and keep its people:
they agreed to an app of an organisation, and that stays the same. Another organisation, or another sector, is another
app (ADR 0040).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from vad.domain.approval import OutdatedError
from vad.domain.audit import AuditEvent
from vad.domain.client import Client
from vad.domain.identifiers import ClientId, RequestId
from vad.domain.justification import Justification
from vad.domain.profile import Profile
from vad.domain.registration_events import ClientChanged
from vad.domain.registration_fault import FaultKind
from vad.domain.staff import StaffAction, StaffMember, check
from vad.services.approvals import Approvals, Payload
from vad.services.client_entry import Difference, Entry, difference, entry_of
from vad.services.ports.records import UnitOfWorkFactory
from vad.services.ports.registering import Registered, RegistrationFaultError, RegistrationReader

CHANGE: Final = "client.change"
_STAYS: Final = frozenset({"client_id", "organisation", "active", "jwks", "jwks_uri"})
"""What none of these forms changes: who it is for those who know it, and what has a form of its own."""
_OF_REDIRECTS: Final = ("redirect_uris", "sector_identifier_uri")
"""These go together: one is looked up in what the other leads to."""


@dataclass(frozen=True, slots=True)
class ChangesMembers:
    """Anything else that is registered of an app."""

    reader: RegistrationReader

    def changed(self, known: Registered, payload: Payload) -> Client:
        """The app with these members."""
        client, entry = client_of(known, payload), entry_of(client_of(known, payload))
        wanted = Difference(_members(payload["before"]), _members(payload["after"]))
        if not wanted.holds(entry):
            raise OutdatedError("changed_meanwhile")
        changed = self.reader.client(wanted.applied(entry))
        if changed.sector != client.sector or wanted.after.keys() & _STAYS:
            raise OutdatedError("another_app")
        if not changed.proves_itself and any(changed.client_id in each.admitted for each in known.sources.values()):
            raise RegistrationFaultError([FaultKind.PROVES_NOTHING.at("token_endpoint_auth_method")])
        return changed

    def event(self, payload: Payload) -> AuditEvent:
        """Which members are another: by name, as what they hold stands in the request."""
        after = _members(payload["after"])
        evidence = {"members": sorted(name for name in after if after[name] != _members(payload["before"]).get(name))}
        return ClientChanged(client_id=ClientId(str(payload["client_id"])), reason="members", evidence=evidence)


@dataclass(frozen=True, slots=True)
class ClientEditing:
    """The use case. Raises what `Approvals` raises, and `RegistrationFaultError` for what can't be registered."""

    work: UnitOfWorkFactory
    approvals: Approvals
    reader: RegistrationReader
    profiles: tuple[Profile, ...]
    """Those that the installation allows."""

    def client(self, member: StaffMember, client_id: str) -> Client | None:
        """The app as it is registered now; None where there is none of this name."""
        check(member, StaffAction.CLIENTS_VIEW)
        with self.work() as tx:
            return tx.registration_changes.known().clients.get(client_id)

    def ask(self, member: StaffMember, client_id: str, members: Entry, why: Justification, at: datetime) -> RequestId:
        """Ask another to agree to these members of an app; None: it goes without."""
        check(member, StaffAction.CLIENTS_CHANGE_KEYS)
        with self.work() as tx:
            known = tx.registration_changes.known()
        before = entry_of(client_of(known, {"client_id": client_id}))
        changed = self.reader.client(Difference({}, members).applied(before))
        if changed.profile != before.get("profile"):
            check_profile(changed.profile, self.profiles)
        found = difference(before, entry_of(changed))
        if not found:
            raise OutdatedError("nothing_changed")
        also = {name: before.get(name) for name in _OF_REDIRECTS if found.after.keys() & {*_OF_REDIRECTS}}
        payload = {"client_id": client_id, "before": {**found.before, **also}, "after": dict(found.after)}
        return self.approvals.request(member, CHANGE, payload, why, at)


def check_profile(wanted: object, profiles: tuple[Profile, ...]) -> None:
    """See that the installation has this profile: an app of another could do nothing."""
    if wanted not in profiles:
        raise RegistrationFaultError([FaultKind.PROFILE_NOT_HERE.at("profile", profiles=", ".join(profiles))])


def client_of(known: Registered, payload: Payload) -> Client:
    """The app that a payload is about. Raises `OutdatedError` where there is none of that name."""
    client = known.clients.get(str(payload["client_id"]))
    if client is None:
        raise OutdatedError("no_such_client")
    return client


def _members(value: object) -> Entry:
    return value if isinstance(value, Mapping) else {}
