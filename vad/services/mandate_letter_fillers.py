"""What stands in the two letters of a mandate by letter: who may see what, and a code (rules 23 and 24)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from vad.domain.age import AMSTERDAM
from vad.domain.errors import RegisterUnavailableError
from vad.domain.identifiers import MandateId
from vad.domain.mandate import Mandate, MandateState, MoveError, Permission
from vad.domain.mandate_code import MandateCode
from vad.domain.mandate_events import MandateAccepted, MandateDeclined
from vad.domain.mandate_parties import MandateUnableError
from vad.domain.mandate_words import MandateDetails, permission
from vad.domain.notice_words import LANGUAGES
from vad.services.mandate_end import MandateEnd
from vad.services.mandate_moves import check_possible, held, kept
from vad.services.mandate_notices import tell_both
from vad.services.mandates import event
from vad.services.ports.letters import Filling
from vad.services.ports.notices import ToldNotice
from vad.services.ports.outside import PersonRegister
from vad.services.ports.records import Registrations, UnitOfWork, UnitOfWorkFactory
from vad.services.ports.tokens import Handles


@dataclass(frozen=True, slots=True)
class MandateFillings:
    """What both letters are made of."""

    work: UnitOfWorkFactory
    registrations: Registrations
    register: PersonRegister
    handles: Handles
    stop_page: str
    """The address at which a stop code is entered, as somebody types it."""

    def of(
        self, mandate: Mandate, letter: str, known: bytes | None, starts_at: datetime | None, at: datetime
    ) -> tuple[Filling, bytes]:
        """What this letter shows, and the hash of its code. Raises `RegisterUnavailableError`.

        `known`: the hash that was kept when it was written before. The post service may have that letter already, so it
        gets the same code, whichever key is the active one now.
        """
        who = self._name(mandate, at)
        codes = [MandateCode.of_random(each) for each in self.handles.letter_octets(letter, mandate.mandate_id)]
        hashes = {code: self.handles.mandate_code_hashes(code.reveal()) for code in codes}
        code = next((each for each in codes if known in hashes[each]), codes[0])
        allowed = [each for each in mandate.permissions if each.stopped_at is None]
        since = None if starts_at is None else starts_at.astimezone(AMSTERDAM).date()
        details = {
            language: MandateDetails(
                who,
                tuple(self._line(each, language) for each in allowed),
                since,
                mandate.last_day,
                "" if starts_at is None else self.stop_page,
            )
            for language in LANGUAGES
        }
        return Filling(code.shown(), details), known if known in hashes[code] else hashes[code][0]

    def _name(self, mandate: Mandate, at: datetime) -> str:
        with self.work() as tx:
            person = None if mandate.representative is None else tx.persons.get(mandate.representative)
        found = None if person is None else self.register.look_up(person.bsn, at)
        if found is None:
            raise RegisterUnavailableError("brp: it does not know somebody who asked for a letter")
        return found.name.full_name

    def _line(self, allowed: Permission, language: str) -> str:
        service = self.registrations.data_service(allowed.data_service)
        client = None if allowed.client_id is None else self.registrations.client(allowed.client_id)
        source = None if allowed.resource is None else self.registrations.resource_server(allowed.resource)
        kind = allowed.data_service
        if service is not None:
            kind = service.name_nl if language == "nl" else service.name_en
        return permission(kind, client.name if client else None, source.name if source else None, language)


@dataclass(frozen=True, slots=True)
class CodeLetter:
    """`vad.services.ports.letters.LetterFiller` of the letter that asks."""

    fillings: MandateFillings

    def fill(self, told: ToldNotice, at: datetime) -> Filling | None:
        """While somebody waits for it."""
        mandate_id = MandateId(UUID(told.about))
        with self.fillings.work() as tx:
            mandate, known = tx.mandates.get(mandate_id), tx.mandate_letters.hashes(mandate_id)[0]
        if mandate is None or mandate.state is not MandateState.REQUESTED or not mandate.open(at):
            return None
        filling, code_hash = self.fillings.of(mandate, "code", known, None, at)
        with self.fillings.work() as tx:
            tx.mandate_letters.keep_code(mandate_id, code_hash)
            tx.commit()
        return filling

    def posted(self, tx: UnitOfWork, told: ToldNotice, at: datetime) -> None:
        """Nothing waits for it."""


@dataclass(frozen=True, slots=True)
class StopLetter:
    """`vad.services.ports.letters.LetterFiller` of the letter with the stop code; once it is posted, the wait begins.

    So nobody acts on a mandate whose giver does not hold the means to stop it.
    """

    fillings: MandateFillings
    end: MandateEnd
    wait: timedelta
    """From the letter to the beginning."""

    def fill(self, told: ToldNotice, at: datetime) -> Filling | None:
        """While the mandate waits for it. What has got in the way meanwhile is the end of it."""
        mandate_id = MandateId(UUID(told.about))
        with self.fillings.work() as tx:
            mandate, known = held(tx, mandate_id), tx.mandate_letters.hashes(mandate_id)[1]
            if mandate is None or mandate.state is not MandateState.OFFERED or not mandate.open(at):
                return None
            if self._begun(tx, mandate, told, at) is None:
                tx.commit()
                return None
        filling, code_hash = self.fillings.of(mandate, "stop", known, at + self.wait, at)
        with self.fillings.work() as tx:
            tx.mandate_letters.keep_stop_code(mandate_id, code_hash)
            tx.commit()
        return filling

    def posted(self, tx: UnitOfWork, told: ToldNotice, at: datetime) -> None:
        """The mandate is in force; it begins after the wait."""
        mandate = held(tx, MandateId(UUID(told.about)))
        if mandate is None or mandate.state is not MandateState.OFFERED:
            # Stopped with the code that it brought.
            return
        begun = self._begun(tx, mandate, told, at)
        if begun is None:
            return
        self.end.of_overdue_between(tx, mandate, at)
        active = kept(tx, begun)
        tx.audit.append(event(MandateAccepted, active, None, reason="letter_posted"), at=at)
        tell_both(tx, MandateAccepted, active, at)

    def _begun(self, tx: UnitOfWork, mandate: Mandate, told: ToldNotice, at: datetime) -> Mandate | None:
        """The mandate in force. None, and it is declined, where something has got in the way."""
        try:
            check_possible(tx, mandate, at, told=told.person_id)
            return mandate.begun(at + self.wait, at)
        except (MandateUnableError, MoveError) as error:
            reason = error.why.value if isinstance(error, MandateUnableError) else "too_late"
        declined = kept(tx, mandate.moved(MandateState.DECLINED, at))
        tx.audit.append(event(MandateDeclined, declined, None, reason=reason), at=at)
        tell_both(tx, MandateDeclined, declined, at)
        return None
