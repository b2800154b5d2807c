"""Making a mandate: an offer, or a request, and the code that brings it to the other (rules 20 to 24 and 26)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from vad.domain.audit import AuditEvent
from vad.domain.identifiers import ClientId, MandateId, PersonId
from vad.domain.mandate import ANSWER_WITHIN, MOST_OPEN, Mandate, MandateState, Permission, Route, ends_after
from vad.domain.mandate_code import LENGTH, MandateCode
from vad.domain.mandate_events import MandateCodeRenewed, MandateOffered, MandateRequested
from vad.domain.mandate_parties import MandateUnableError, Unable
from vad.domain.session import Session
from vad.domain.staff import StaffMember
from vad.services.mandate_parties import MandateParties, check_not_switched_off
from vad.services.ports.records import Registrations, UnitOfWorkFactory
from vad.services.ports.tokens import Handles, Randomness
from vad.services.reaching import reach_of

LONGEST_LABEL = 80
"""Characters of the name by which somebody recognises the other."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody filled in."""

    label: str
    """The name by which they recognise the other."""
    data_services: frozenset[str]
    clients: frozenset[str]
    """The apps; empty: all of them."""
    last_day: date
    resources: frozenset[str] = frozenset()
    """The data sources; empty: all of them."""


@dataclass(frozen=True, slots=True)
class Made:
    """An offer or a request, with the code that nobody can look up afterwards."""

    mandate: Mandate
    code: MandateCode


@dataclass(frozen=True, slots=True)
class Mandates:
    """The use case. Raises `MandateUnableError` for what can't be, `TermError` for a last day that can't be."""

    work: UnitOfWorkFactory
    registrations: Registrations
    parties: MandateParties
    handles: Handles
    random: Randomness

    def offer(self, session: Session, wanted: Wanted, at: datetime) -> Made:
        """The person of this session lets somebody act for them, once that one accepts."""
        self.parties.check_grantor(session.person_id, at)
        return self._make(session, Route.OFFER, wanted, at)

    def request(self, session: Session, wanted: Wanted, at: datetime) -> Made:
        """The person of this session asks somebody to let them act for them."""
        self.parties.check_representative(session.person_id, at)
        return self._make(session, Route.REQUEST, wanted, at)

    def recode(self, session: Session, mandate_id: MandateId, at: datetime) -> Made:
        """Another code for what nobody has answered. The one before is of no use from now on."""
        code = MandateCode.of_random(self.random.octets(LENGTH))
        with self.work() as tx:
            known = tx.mandates.get(mandate_id)
            if known is None or known.maker != session.person_id or known.other is not None or not known.open(at):
                raise MandateUnableError(Unable.MOVED_ON)
            if known.route is Route.LETTER:
                # Its code is for somebody else's eyes: whoever has it has their consent.
                raise MandateUnableError(Unable.MOVED_ON)
            answer_by = min(at + ANSWER_WITHIN, known.ends_at)
            mandate = replace(known, answer_by=answer_by, version=known.version + 1)
            if not tx.mandates.recode(mandate, self._hash(code)):
                raise MandateUnableError(Unable.MOVED_ON)
            tx.audit.append(event(MandateCodeRenewed, mandate, session.person_id, session), at=at)
            tx.commit()
        return Made(mandate, code)

    def drawn(self, session: Session, route: Route, wanted: Wanted, at: datetime) -> Mandate:
        """What this person wants, as a mandate that nobody has kept yet."""
        person, offer, ends_at = session.person_id, route is Route.OFFER, ends_after(wanted.last_day, at)
        return Mandate(
            mandate_id=MandateId(self.random.uuid()),
            route=route,
            state=MandateState.OFFERED if offer else MandateState.REQUESTED,
            represented=person if offer else None,
            representative=None if offer else person,
            permissions=tuple(self._permissions(wanted)),
            starts_at=at,
            ends_at=ends_at,
            made_at=at,
            answer_by=min(at + ANSWER_WITHIN, ends_at),
            changed_at=at,
            label=wanted.label.strip()[:LONGEST_LABEL],
        )

    def _make(self, session: Session, route: Route, wanted: Wanted, at: datetime) -> Made:
        person, offer, mandate = session.person_id, route is Route.OFFER, self.drawn(session, route, wanted, at)
        code = MandateCode.of_random(self.random.octets(LENGTH))
        with self.work() as tx:
            tx.mandates.hold(person)
            if offer:
                check_not_switched_off(tx, person, None, at, told=person)
            if tx.mandates.waiting(person, at) >= MOST_OPEN:
                raise MandateUnableError(Unable.TOO_MANY)
            tx.mandates.add(mandate, self._hash(code))
            tx.audit.append(event(MandateOffered if offer else MandateRequested, mandate, person, session), at=at)
            tx.commit()
        return Made(mandate, code)

    def _permissions(self, wanted: Wanted) -> Iterator[Permission]:
        """One for each kind of data, source and app. Raises `MandateUnableError` for what there is not."""
        known = reach_of(self.registrations)
        clients: Iterable[ClientId | None] = [ClientId(each) for each in sorted(wanted.clients)] or [None]
        if not wanted.data_services or not wanted.clients <= {each.client_id for each in known.clients}:
            raise MandateUnableError(Unable.NOTHING)
        places = known.places(wanted.data_services, wanted.clients, wanted.resources)
        if not places:
            raise MandateUnableError(Unable.NOTHING)
        for client_id in clients:
            for service, resource in places:
                yield Permission(self.random.uuid(), service, resource, client_id)

    def _hash(self, code: MandateCode) -> bytes:
        return self.handles.mandate_code_hashes(code.reveal())[0]


def event(
    kind: type[AuditEvent],
    mandate: Mandate,
    actor: PersonId | StaffMember | None,
    session: Session | None = None,
    *,
    reason: str | None = None,
    more: Mapping[str, object] | None = None,
) -> AuditEvent:
    """An event of a mandate. `actor` None: nobody did it. `more`: evidence beside that of every mandate."""
    member = actor if isinstance(actor, StaffMember) else None
    return kind(
        actor=None if isinstance(actor, StaffMember) else actor,
        staff=None if member is None else member.account,
        represented=mandate.represented,
        client_id=None if session is None else session.through,
        sid=None if session is None else session.sid,
        reason=reason,
        evidence={
            **mandate.as_record(),
            **(more or {}),
            "representative": None if mandate.representative is None else str(mandate.representative),
            "until": mandate.ends_at.isoformat(),
            "permissions": [
                [part and str(part) for part in each.about] for each in mandate.permissions if each.stopped_at is None
            ],
        },
    )
