"""What staff typed in a form when their login ended: kept for the same account, for an hour and for once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from vad.services.ports.staff import StaffDrafts, StaffSessions
from vad.services.typed_persons import typed_bsn

KEPT: Final = timedelta(hours=1)
Fields = tuple[tuple[str, str], ...]
"""Names and values of a form, in its order: a name may stand there more than once."""


@dataclass(frozen=True, slots=True)
class Typed:
    """The use case."""

    sessions: StaffSessions
    drafts: StaffDrafts

    def keep(self, cookie: str, page: str, fields: Iterable[tuple[str, str]]) -> bool:
        """Keep it for whoever was logged in by this cookie; False where that is unknown, or nothing was typed.

        A BSN is not kept: whoever typed it looks it up again.
        """
        session = self.sessions.get(cookie)
        kept = tuple((name, value) for name, value in fields if value.strip() and typed_bsn(value) is None)
        if session is None or session.account is None or not kept:
            return False
        self.drafts.add(session.account, page, kept)
        return True
