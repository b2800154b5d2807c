"""For whom somebody acts, as the registers say it: asked anew when it is a quarter of an hour old (rules 13 to 16)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from vad.domain.access import Facts
from vad.domain.assent import OpenAges
from vad.domain.client import Client
from vad.domain.errors import RegisterUnavailableError
from vad.domain.identifiers import Bsn, PersonId
from vad.domain.mandate import OVER, Mandate, MandateState
from vad.domain.parental_authority import Represented
from vad.domain.person import Evidence
from vad.domain.representation import Choice, Choices, choice
from vad.domain.session import Session
from vad.services.birthday_notices import note
from vad.services.ports.outside import PersonRegister, RegisteredSubject, SubjectCache
from vad.services.ports.records import Person, Standing, UnitOfWorkFactory
from vad.services.register_evidence import keep

_WAS_IN_FORCE = OVER | {MandateState.ACTIVE}
SHOWN_AFTER_END = timedelta(days=30)
"""How long somebody hears that a mandate they held is over."""


@dataclass(frozen=True, slots=True)
class Representation:
    """The one loader of facts about another than the actor. A register that gives no answer leaves them out."""

    work: UnitOfWorkFactory
    register: PersonRegister
    minors: SubjectCache
    open_ages: OpenAges

    def facts(self, standing: Standing, subject: PersonId, at: datetime) -> Facts:
        """The facts for a decision on the data of this subject."""
        if subject == standing.person.person_id:
            return standing.facts
        with self.work() as tx:
            represented = tx.persons.get(subject)
        actor = self.evidence_of(standing.person, at)
        if represented is None:
            return replace(standing.facts, evidence=actor)
        found = self._subject(represented, at)
        known = Represented(
            actor=standing.person.bsn,
            subject=represented.bsn,
            evidence=found.person.evidence if found else None,
            authority=found.authority if found else None,
            open_ages=self.open_ages,
        )
        return replace(standing.facts, evidence=actor, represented=known)

    def choices(self, client: Client, session: Session, at: datetime) -> Choices:
        """For whom this person may act with this app, and for whom not although a register or a mandate names them."""
        with self.work() as tx:
            person = tx.persons.get(session.person_id)
            mandates = tx.mandates.of(session.person_id, at - SHOWN_AFTER_END)
        if person is None:
            return Choices(certain=False)
        given = _held(mandates, session.person_id)
        try:
            minors = self._minors_of(person, at)
        except RegisterUnavailableError:
            minors, away = (), True
        else:
            away = False
        found: list[Choice] = []
        for subject, mandate in {**dict.fromkeys(each.person_id for each in minors), **given}.items():
            # Once the register has not answered, nothing more waits for it, however many people there are.
            choice_of = self._choice(client, session, subject, mandate, at, at_hand=away)
            away = away or choice_of is None
            found += choice_of or ()
        return Choices(tuple(found), certain=not away)

    def name(self, subject: PersonId, at: datetime) -> str | None:
        """What somebody whom others act for is called; None while the register does not say."""
        found = self.subject(subject, at)
        return None if found is None else found.person.name.full_name

    def subject(self, person_id: PersonId, at: datetime) -> RegisteredSubject | None:
        """What the register says of somebody whom others may act for; None while it does not say."""
        with self.work() as tx:
            person = tx.persons.get(person_id)
        return None if person is None else self._subject(person, at)

    def _choice(
        self,
        client: Client,
        session: Session,
        subject: PersonId,
        mandate: Mandate | None,
        at: datetime,
        *,
        at_hand: bool,
    ) -> tuple[Choice, ...] | None:
        """None while the register does not say who it is; nothing of somebody who has died.

        `at_hand`: ask no register.
        """
        with self.work() as tx:
            represented = tx.persons.get(subject)
            standing = tx.standings.of_request(session.person_id, subject, client.client_id, ())
        found = None if represented is None else self._subject(represented, at, at_hand=at_hand)
        if found is None:
            return None
        if standing is None or found.person.evidence.deceased:
            return ()
        facts = self.facts(standing, subject, at)
        return (choice(client, session, subject, found.person.name.full_name, facts, at, last=mandate),)

    def _minors_of(self, person: Person, at: datetime) -> tuple[Person, ...]:
        listed = self.minors.listed(person.person_id)
        if listed is None:
            # In one order everywhere: another parent may be adding the same children.
            bsns = sorted(self.register.minors_of(person.bsn), key=Bsn.reveal)
            with self.work() as tx:
                listed = tuple(tx.persons.find_or_add(bsn, at).person_id for bsn in bsns)
                tx.commit()
            self.minors.list(person.person_id, listed)
            self._note_birthdays(person.person_id, self._known(listed), at)
        return self._known(listed)

    def _known(self, listed: Iterable[PersonId]) -> tuple[Person, ...]:
        with self.work() as tx:
            found = [tx.persons.get(minor) for minor in listed]
        return tuple(minor for minor in found if minor is not None)

    def _note_birthdays(self, holder: PersonId, minors: Iterable[Person], at: datetime) -> None:
        """For what is told before them. The register is asked about these children anyway."""
        said = [(minor, self._subject(minor, at)) for minor in minors]
        known = [(minor, found) for minor, found in said if found is not None]
        if known:
            with self.work() as tx:
                note(tx, holder, known, at)
                tx.commit()

    def _subject(self, represented: Person, at: datetime, *, at_hand: bool = False) -> RegisteredSubject | None:
        """What the register says of them, of a quarter of an hour ago at most; None where it says nothing."""
        known = self.minors.get(represented.person_id)
        if known is not None and known.authority.usable(at):
            return known
        if at_hand:
            return None
        try:
            found = self.register.look_up_subject(represented.bsn, at)
        except RegisterUnavailableError:
            return None
        if found is not None:
            self.minors.keep(represented.person_id, found)
            if found.person.evidence.deceased:
                with self.work() as tx:
                    keep(tx, represented, found.person.evidence, at)
                    tx.commit()
        return found

    def evidence_of(self, person: Person, at: datetime) -> Evidence | None:
        """What is known of somebody: for acting it must be fresh, so it may have to be asked for again."""
        if person.evidence is not None and person.evidence.fresh(at):
            return person.evidence
        try:
            found = self.register.look_up(person.bsn, at)
        except RegisterUnavailableError:
            return person.evidence
        if found is None:
            return None
        with self.work() as tx:
            keep(tx, person, found.evidence, at)
            tx.commit()
        return found.evidence


def _held(mandates: Iterable[Mandate], representative: PersonId) -> dict[PersonId, Mandate]:
    """The last mandate that each person gave this one, the one in force before all others."""
    held: dict[PersonId, Mandate] = {}
    for each in mandates:
        if each.representative != representative or each.represented is None or each.state not in _WAS_IN_FORCE:
            continue
        known = held.get(each.represented)
        if known is None or (each.state is MandateState.ACTIVE and known.state is not MandateState.ACTIVE):
            held[each.represented] = each
    return held
