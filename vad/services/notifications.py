"""Telling a person something outside VAD's pages (rule 28).

What is queued names a notice and nothing else. Who gets it, where, and in which words is looked up when it is
delivered, so that the outbox holds nothing about anybody.
"""

from datetime import datetime, timedelta
from typing import Final

from vad.domain.identifiers import PersonId
from vad.domain.notice import Channel, Notice
from vad.services.ports.records import UnitOfWork, UnitOfWorkFactory

MAIL: Final = "mail"
"""Kind of outbox message: a notice goes by mail. It holds `notice_id`, no more."""
LETTER: Final = "letter"
"""Kind of outbox message: a notice goes by post. It holds `notice_id`, no more."""

PATIENCE: Final = 180
"""Attempts to deliver a notice: the later ones an hour apart, so about a week."""

PENDING_KEPT: Final = timedelta(days=1)
"""How long an address is kept that nobody confirmed."""
FORMER_KEPT: Final = timedelta(days=8)
"""How long a former address is kept: for as long as it may still be told that it is one."""
NOTICES_KEPT: Final = timedelta(days=7 * 365)
"""How long it is known what somebody was told: longer than anything lasts that they are told of."""
_BATCH = 50


def tell(
    tx: UnitOfWork, person_id: PersonId, notice: Notice, at: datetime, *, about: str, by_post: bool = False
) -> bool:
    """Queue a notice, in the transaction of what it tells of: neither is without the other.

    `about` says which mandate, birthday or address it is about, by an id of ours. The same person is told the same
    about the same once, ever: False, and nothing is queued, when that was done before. `by_post`: by letter too,
    whichever way it travels otherwise.
    """
    notice_id = tx.notices.add(person_id, notice, about, at)
    if notice_id is None:
        return False
    for kind in sorted({*_kinds(tx, person_id, notice), *((LETTER,) if by_post else ())}):
        tx.outbox.add(kind, {"notice_id": str(notice_id)}, at)
    return True


def forget_old(work: UnitOfWorkFactory, at: datetime) -> int:
    """Delete addresses that nobody confirmed or uses any more, and notices of long ago; returns how many."""
    with work() as tx:
        contacts = tx.contacts.forget_old(at - PENDING_KEPT, at - FORMER_KEPT)
        notices = tx.notices.forget_old(at - NOTICES_KEPT, _BATCH)
        tx.commit()
    return contacts + notices


def _kinds(tx: UnitOfWork, person_id: PersonId, notice: Notice) -> tuple[str, ...]:
    match notice.channel:
        case Channel.MAIL:
            return (MAIL,)
        case Channel.LETTER:
            return (LETTER,)
        case Channel.MAIL_AND_LETTER:
            return (MAIL, LETTER)
        case Channel.MAIL_OR_LETTER:
            return (LETTER,) if tx.contacts.confirmed(person_id) is None else (MAIL,)
