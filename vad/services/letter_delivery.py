"""Delivering notices by post: name and address are fetched while the letter is made, and nobody keeps them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from vad.domain.errors import UnavailableError
from vad.domain.notice import Notice
from vad.services.deliveries import UndeliverableError
from vad.services.notice_delivery import sent
from vad.services.notifications import LETTER
from vad.services.ports.letters import AddressRegister, Letter, LetterFiller, LetterPost, LetterWriter
from vad.services.ports.notices import ToldNotice
from vad.services.ports.outbox import OutboxMessage
from vad.services.ports.records import UnitOfWorkFactory

_FILLED = frozenset({Notice.MANDATE_CODE, Notice.MANDATE_STOP_CODE})


@dataclass(frozen=True, slots=True)
class LetterDelivery:
    """`vad.services.deliveries.Deliverer` for messages of kind `letter`."""

    work: UnitOfWorkFactory
    register: AddressRegister
    writer: LetterWriter
    post: LetterPost
    fillers: Mapping[Notice, LetterFiller] = field(default_factory=dict)
    """Who fills the letters that say more than their text."""

    def __call__(self, message: OutboxMessage, at: datetime) -> None:
        """Write it and hand it over. Nobody is written to who died; an address that is not known is the end of it."""
        with self.work() as tx:
            told = tx.notices.get(UUID(str(message.payload["notice_id"])))
            person = None if told is None else tx.persons.get(told.person_id)
        if told is None or person is None:
            return
        address = self.register.postal_address(person.bsn)
        if address is None:
            return
        if not address.lines:
            raise UndeliverableError("the register knows no address for a letter")
        filler = self._filler(told)
        filling = None if filler is None else filler.fill(told, at)
        if filler is not None and filling is None:
            return
        pdf = self.writer.write(Letter(address, told.notice.text, at, filling))
        # By the notice: the letter that a mail became is the same letter, however often that happened.
        self.post.hand_over(pdf, told.notice_id)
        with self.work() as tx:
            tx.audit.append(sent(told, LETTER), at=at)
            if filler is not None:
                filler.posted(tx, told, at)
            tx.commit()

    def _filler(self, told: ToldNotice) -> LetterFiller | None:
        if told.notice not in _FILLED:
            return None
        filler = self.fillers.get(told.notice)
        if filler is None:
            # A kind of letter that a newer release writes: its worker may come later.
            raise UnavailableError(f"nothing here fills the letter of {told.notice}")
        return filler
