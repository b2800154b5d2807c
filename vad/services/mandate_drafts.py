"""What somebody has filled in of an offer or a request, step by step: kept until they are done, for themself alone."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from vad.domain.age import AMSTERDAM, written
from vad.domain.errors import InvalidIdentifierError
from vad.domain.identifiers import Bsn
from vad.domain.mandate import Route, TermError, TermFault, ends_after, months_later
from vad.domain.mandate_letter import Addressee
from vad.domain.session import Session
from vad.services.mandates import Wanted
from vad.services.ports.tokens import Handles
from vad.services.ports.volatile import MandateDraft, MandateDrafts

TERMS: Mapping[str, int] = {"1": 1, "6": 6, "12": 12}
"""What can be chosen without naming a day, in months."""


@dataclass(frozen=True, slots=True)
class Drafting:
    """The use case."""

    drafts: MandateDrafts
    handles: Handles

    def of(self, session: Session, route: Route) -> MandateDraft:
        """The draft; an empty one where there is none."""
        return self.drafts.get(self._owner(session), route) or MandateDraft()

    def keep(self, session: Session, route: Route, draft: MandateDraft) -> None:
        """Keep it for two hours from now; of a session that has ended by idle time too."""
        self.drafts.keep(self._owner(session), route, draft)

    def take(self, session: Session, route: Route) -> MandateDraft | None:
        """Remove and return it: a form that is sent twice makes one mandate."""
        return self.drafts.take(self._owner(session), route)

    def _owner(self, session: Session) -> str:
        """By the person, so that what was typed is there again after logging in. Nobody sees it."""
        return self.handles.owner(session.person_id, "mandate draft")


def shown_digest(draft: MandateDraft, route: Route, at: datetime) -> str:
    """A digest of what the last page shows: another tab, or midnight, may have changed it before it is sent.

    Empty for a draft that lacks something.
    """
    if missing(draft, route, at) is not None:
        return ""
    clients = ["*"] if draft.every_app else sorted(draft.clients)
    what = [sorted(draft.data_services), clients, sorted(draft.resources)]
    shown = [route.value, draft.label, *what, last_day(draft, at).isoformat()]
    if route is Route.LETTER:
        shown += [draft.bsn, draft.birth_day, draft.birth_month, draft.birth_year]
    return hashlib.sha256(json.dumps(shown, separators=(",", ":")).encode()).hexdigest()


def last_day(draft: MandateDraft, at: datetime) -> date:
    """The last day that a draft names. Raises `TermError` with a `TermFault`."""
    months = TERMS.get(draft.term)
    if months is not None:
        day = months_later(at.astimezone(AMSTERDAM).date(), months)
    else:
        try:
            day = date(int(draft.year), int(draft.month), int(draft.day))
        except (ValueError, OverflowError):
            raise TermError(TermFault.NO_DATE) from None
    ends_after(day, at)
    return day


def wanted(draft: MandateDraft, at: datetime) -> Wanted:
    """What a complete draft asks for. Raises as `last_day` does."""
    clients = frozenset[str]() if draft.every_app else draft.clients
    return Wanted(draft.label, draft.data_services, clients, last_day(draft, at), draft.resources)


def addressee(draft: MandateDraft) -> Addressee | None:
    """Whom a letter is for; None while that is not filled in, or can't be."""
    birth = written(draft.birth_year, draft.birth_month, draft.birth_day)
    try:
        return None if birth is None else Addressee(Bsn(draft.bsn), birth)
    except InvalidIdentifierError:
        return None


def missing(draft: MandateDraft, route: Route, at: datetime) -> str | None:
    """The first step that has no good answer yet; None: it is complete."""
    if not draft.label or (route is Route.LETTER and addressee(draft) is None):
        return "wie"
    if not draft.data_services or not (draft.every_app or draft.clients):
        return "wat"
    try:
        last_day(draft, at)
    except TermError:
        return "hoelang"
    return None
