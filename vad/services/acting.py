"""Choosing whose data it is about, and going on once it is clear for whom and why (pages P3 and P4)."""

import hmac
from dataclasses import dataclass, replace
from datetime import datetime

from vad.domain.authorization import ChooseRepresented, ConfirmActing
from vad.domain.errors import RegisterUnavailableError, StaleFlowError
from vad.domain.identifiers import PersonId
from vad.services.authorize import Step
from vad.services.ports.tokens import Handles
from vad.services.ports.volatile import AuthorizationRequests
from vad.services.representation import Representation


@dataclass(frozen=True, slots=True)
class Acting:
    """The use case. A choice belongs to one request: another one asks again."""

    requests: AuthorizationRequests
    handles: Handles
    representation: Representation

    def handle(self, step: Step, subject: PersonId) -> str:
        """How a form names this person: of no use in another flow, and nothing outside of VAD."""
        return self.handles.owner(subject, step.situation.request.flow)

    def choose(self, step: Step, handle: str) -> bool:
        """Record whose data it is about. False where nobody who may be chosen has this handle."""
        session, asked = step.situation.session, step.next
        if session is None or not isinstance(asked, ChooseRepresented):
            raise StaleFlowError("there is nobody to choose")
        people = (session.person_id, *(each.person_id for each in asked.choices.others if each.basis is not None))
        chosen = {self.handle(step, person): person for person in people}.get(handle)
        if chosen is None:
            return False
        self.requests.keep(replace(step.situation.request, subject=chosen, acting_confirmed=False))
        return True

    def chosen(self, step: Step) -> str:
        """The handle of whom the page is about, for its form to bring back."""
        subject = step.situation.request.subject
        return "" if subject is None else self.handle(step, subject)

    def confirm(self, step: Step, shown: str) -> None:
        """Record that the person has seen for whom they act, and on what ground.

        Raises `StaleFlowError` when the form was shown for somebody else: another tab has chosen since.
        """
        self._about_the_same(step, shown)
        self.requests.keep(replace(step.situation.request, acting_confirmed=True))

    def choose_again(self, step: Step, shown: str) -> None:
        """Go back to choosing. Raises `StaleFlowError` as `confirm` does."""
        self._about_the_same(step, shown)
        self.requests.keep(replace(step.situation.request, subject=None))

    def name(self, step: Step, at: datetime) -> str | None:
        """Whom the person acts for in this request; None for themself.

        Raises `RegisterUnavailableError` while the register does not say: a page about nobody would be about oneself.
        """
        request, session = step.situation.request, step.situation.session
        if request.subject is None or session is None or not request.acts(session):
            return None
        name = self.representation.name(request.subject, at)
        if name is None:
            raise RegisterUnavailableError("brp: no name of whom somebody acts for")
        return name

    def _about_the_same(self, step: Step, shown: str) -> None:
        if not isinstance(step.next, ConfirmActing):
            raise StaleFlowError("there is nothing to confirm")
        if not hmac.compare_digest(self.chosen(step).encode(), shown.encode(errors="replace")):
            raise StaleFlowError("the form shows somebody else than was chosen since")
