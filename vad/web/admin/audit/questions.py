"""The questions of auditors that have an answer of their own: (a), (d), (e), (h) and (i) of rule 43.

The others are a filter on events: (b) and (g) by `mandate`, (c) by `actor`, (f) one event.
"""

from datetime import date, datetime, timedelta

from flask import Blueprint
from spectree import Response

from vad.domain.identifiers import PersonId
from vad.domain.staff import StaffAction
from vad.web.admin import log_filter
from vad.web.admin.audit import models
from vad.web.admin.audit.access import looked, member, needs
from vad.web.admin.audit.document import PREFIX, spec
from vad.web.admin.support import services
from vad.web.support.api_problems import invalid_value
from vad.web.support.services import now

blueprint = Blueprint("audit_questions", __name__, url_prefix=f"{PREFIX}/questions")


@blueprint.get("/could-act")
@needs(StaffAction.LOG_SEARCH)
@spec.validate(resp=Response(HTTP_200=models.CouldAct), operation_id="askCouldAct")
def could_act(query: models.PersonAtQuery) -> models.CouldAct:
    """(a) Who could act for this person at the end of a day, and on what ground."""
    person = services().references.person(query.represented)
    if person is None:
        raise invalid_value("represented", "unknown", "This is no reference.")
    looked(StaffAction.LOG_SEARCH, (person,), at=query.at.isoformat())
    at = min(log_filter.midnight(query.at + timedelta(days=1)) - timedelta(microseconds=1), now())
    found = services().log.could_act(member(), person, at)
    return models.CouldAct(
        mandates=[
            models.MandateTerm(
                mandate_id=each.mandate.mandate_id,
                representative=_refer(each.mandate.representative),
                route=each.mandate.route.value,
                began_at=each.began_at,
                ended_at=each.ended_at,
            )
            for each in found.terms
        ],
        parents=[
            models.Parent(actor=_known(each.actor), basis=each.basis.value, event_id=each.event_id, at=each.at)
            for each in found.parents
        ],
        blocks=[
            models.Block(
                kind=each.kind.value, placed_by=each.placed_by.value, placed_at=each.placed_at, lifted_at=each.lifted_at
            )
            for each in found.blocks
        ],
    )


@blueprint.get("/overdue")
@needs(StaffAction.LOG_SEARCH)
@spec.validate(resp=Response(HTTP_200=models.Overdue), operation_id="askOverdue")
def overdue(query: models.PeriodQuery) -> models.Overdue:
    """(d) What was used beyond its end, a death or a birthday. There must be none."""
    looked(StaffAction.LOG_SEARCH, since=query.since.isoformat(), until=query.until.isoformat())
    found = services().log.overdue(member(), *_period(query.since, query.until))
    return models.Overdue(
        overdue=[
            models.Beyond(
                kind=each.kind,
                mandate_id=each.mandate,
                represented=_known(each.represented),
                actor=_refer(each.actor),
                at=each.at,
                event_id=each.event_id,
            )
            for each in found.lines
        ],
        more=found.more,
    )


@blueprint.get("/refusals")
@needs(StaffAction.LOG_SEARCH)
@spec.validate(resp=Response(HTTP_200=models.Refusals), operation_id="askRefusals")
def refusals(query: models.PeriodQuery) -> models.Refusals:
    """(e) How often what was refused, and why."""
    looked(StaffAction.LOG_SEARCH, since=query.since.isoformat(), until=query.until.isoformat())
    found = services().log.refusals(member(), *_period(query.since, query.until))
    return models.Refusals(
        refusals=[models.Refusal(type=each.type, reason=each.reason, count=each.count) for each in found]
    )


@blueprint.get("/turning")
@needs(StaffAction.LOG_SEARCH)
@spec.validate(resp=Response(HTTP_200=models.Turning), operation_id="askTurning")
def turning(query: models.DaysQuery) -> models.Turning:
    """(h) Children who turn 12 or 16 within so many days, or might."""
    looked(StaffAction.LOG_SEARCH, days=str(query.days))
    found = services().log.turning(member(), now(), query.days)
    return models.Turning(
        turning=[
            models.TurningChild(
                child=_known(each.child), holder=_known(each.holder), years=each.years, told_from=each.told_from
            )
            for each in found.lines
        ],
        more=found.more,
    )


@blueprint.get("/helpers")
@needs(StaffAction.LOG_SEARCH)
@spec.validate(resp=Response(HTTP_200=models.Helpers), operation_id="askHelpers")
def helpers(query: models.HelpersQuery) -> models.Helpers:
    """(i) Who may act for more than so many people."""
    looked(StaffAction.LOG_SEARCH, more_than=str(query.more_than))
    found = services().log.helpers(member(), query.more_than)
    return models.Helpers(
        helpers=[models.Helper(representative=_known(each.representative), people=each.people) for each in found.lines],
        more=found.more,
    )


def _period(since: date, until: date) -> tuple[datetime, datetime]:
    return log_filter.midnight(since), max(log_filter.midnight(each + timedelta(days=1)) for each in (since, until))


def _known(person: PersonId) -> str:
    return services().references.of(person)


def _refer(person: PersonId | None) -> str | None:
    return None if person is None else _known(person)
