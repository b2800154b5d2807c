"""Telling both sides of a mandate what becomes of it, in the unit of work in which it does (rule 28)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from vad.domain.audit import AuditEvent
from vad.domain.mandate import Mandate, Route
from vad.domain.mandate_events import (
    MandateAccepted,
    MandateApproved,
    MandateChanged,
    MandateDeclined,
    MandateEnded,
    MandateExpired,
    MandateStopped,
)
from vad.domain.notice import Notice
from vad.services.notifications import tell
from vad.services.ports.records import UnitOfWork, UnitOfWorkFactory

_BATCH: Final = 50
_TOLD: Final[Mapping[type[AuditEvent], tuple[Notice, Notice]]] = {
    MandateAccepted: (Notice.MANDATE_ACCEPTED, Notice.MANDATE_AGREED),
    MandateApproved: (Notice.MANDATE_ACCEPTED, Notice.MANDATE_AGREED),
    MandateDeclined: (Notice.MANDATE_DECLINED, Notice.MANDATE_DECLINED),
    MandateChanged: (Notice.MANDATE_CHANGED, Notice.MANDATE_CHANGED),
    MandateStopped: (Notice.MANDATE_ENDED, Notice.MANDATE_ENDED),
    MandateExpired: (Notice.MANDATE_ENDED, Notice.MANDATE_ENDED),
    MandateEnded: (Notice.MANDATE_ENDED, Notice.MANDATE_ENDED),
}
"""What the person whose data it is hears of each event, and what their representative hears."""


def tell_both(tx: UnitOfWork, kind: type[AuditEvent], mandate: Mandate, at: datetime) -> None:
    """Tell whoever of the two is known what this event means. Each version of a mandate is told once."""
    to_represented, to_representative = _TOLD[kind]
    about = f"{mandate.mandate_id} {mandate.version}"
    by_letter = mandate.route is Route.LETTER
    # What is in force by letter they hear by the letter with the stop code.
    if mandate.represented is not None and not (by_letter and kind is MandateAccepted):
        tell(tx, mandate.represented, to_represented, at, about=about, by_post=by_letter)
    if mandate.representative is not None:
        tell(tx, mandate.representative, to_representative, at, about=about)


def tell_of_request(tx: UnitOfWork, mandate: Mandate, at: datetime) -> None:
    """Tell the one whose data it is that somebody's request has reached them."""
    if mandate.represented is not None:
        tell(tx, mandate.represented, Notice.MANDATE_REQUESTED, at, about=str(mandate.mandate_id))


@dataclass(frozen=True, slots=True)
class MandateReminders:
    """A use case of the worker. Any number of workers may run it at once."""

    work: UnitOfWorkFactory

    def tell(self, at: datetime) -> int:
        """Tell people whose mandate ends in thirty days; returns how many."""
        with self.work() as tx:
            ending = tx.mandates.ending(at, _BATCH)
            for mandate in ending:
                if mandate.represented is not None:
                    about = f"{mandate.mandate_id} {mandate.ends_at:%Y-%m-%d}"
                    by_letter = mandate.route is Route.LETTER
                    tell(tx, mandate.represented, Notice.MANDATE_ENDS_SOON, at, about=about, by_post=by_letter)
            tx.commit()
        return len(ending)
