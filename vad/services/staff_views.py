"""That staff look is an event, before anything is shown; so is that they tried what they may not see (rule 40)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from vad.domain.errors import NotPermittedError, OwnCaseError
from vad.domain.identifiers import PersonId, Sid
from vad.domain.staff import StaffAction, StaffMember, check
from vad.domain.staff_events import StaffRefused, StaffViewed
from vad.services.ports.records import UnitOfWorkFactory


@dataclass(frozen=True, slots=True)
class StaffViews:
    """The use case."""

    work: UnitOfWorkFactory

    def record(  # noqa: PLR0913 - what an event of somebody who looks may say
        self,
        member: StaffMember,
        action: StaffAction,
        at: datetime,
        *,
        sid: Sid | None = None,
        what: Mapping[str, str] | None = None,
        apart: Mapping[str, str] | None = None,
        concerning: Collection[PersonId] = (),
    ) -> None:
        """Write down that this member looks, before they do; `what` says at what, in ids, and `apart` in their words.

        Raises `NotPermittedError` or `OwnCaseError`.
        """
        check(member, action, concerning)
        evidence: dict[str, object] = {"action": action.value, **(what or {})}
        if member.by_break_glass(action):
            evidence["break_glass"] = True
        people = tuple(concerning) or (None,)
        with self.work() as tx:
            tx.audit.append(
                *(
                    StaffViewed(
                        staff=member.account, represented=person, sid=sid, evidence=evidence, erasable=apart or {}
                    )
                    for person in people
                ),
                at=at,
            )
            tx.commit()

    def refused(
        self,
        member: StaffMember,
        error: NotPermittedError | OwnCaseError,
        at: datetime,
        *,
        sid: Sid | None = None,
        what: Mapping[str, str] | None = None,
    ) -> None:
        """Write down that this member was refused."""
        reason = "own_case" if isinstance(error, OwnCaseError) else "not_permitted"
        evidence = {"action": error.action, **(what or {})}
        with self.work() as tx:
            tx.audit.append(StaffRefused(staff=member.account, sid=sid, reason=reason, evidence=evidence), at=at)
            tx.commit()
