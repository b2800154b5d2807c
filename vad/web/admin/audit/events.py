"""Events, the evidence behind one, the proof of one, and the newest checkpoint."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from flask import Blueprint
from spectree import Response

from vad.domain.checkpoint import SignedCheckpoint
from vad.domain.errors import LogBrokenError
from vad.domain.staff import StaffAction
from vad.services.log_proving import NoProofError
from vad.services.ports.log_search import LogFilter, LoggedEvent
from vad.web.admin import log_filter
from vad.web.admin.audit import cursor
from vad.web.admin.audit.access import looked, member, needs
from vad.web.admin.audit.cursor import Cursor
from vad.web.admin.audit.document import PREFIX, spec
from vad.web.admin.audit.models import (
    Checkpoint,
    ConsistencyQuery,
    Event,
    Events,
    EventsQuery,
    Filter,
    Look,
    Proof,
    Whole,
)
from vad.web.admin.support import services
from vad.web.support.api_models import Problem
from vad.web.support.api_problems import ApiProblem, invalid_value, not_found
from vad.web.support.services import now

blueprint = Blueprint("audit_events", __name__, url_prefix=PREFIX)
_AS_GIVEN: Final = (
    *("staff", "client_id", "resource", "mandate", "outcome", "reason", "basis"),
    *("grant_id", "sid", "correlation_id", "for_another"),
)


@blueprint.get("/events")
@needs(StaffAction.LOG_SEARCH)
@spec.validate(resp=Response(HTTP_200=Events), operation_id="listEvents")
def events(query: EventsQuery) -> Events:
    """List events, the newest first."""
    place = cursor.read(query.cursor)
    wanted = filter_of(query, place)
    concerned = {each for each in (wanted.person, wanted.actor, wanted.represented) if each is not None}
    looked(StaffAction.LOG_SEARCH, concerned, **log_filter.told(wanted, services().registrations))
    found = services().log.page(member(), wanted, place.after if place else None, query.limit)
    following = cursor.written(found.events[-1].position, wanted) if found.more else None
    return Events(events=[shown(each) for each in found.events], next_cursor=following, own_left_out=found.own_left_out)


@blueprint.get("/events/<uuid:event_id>")
@needs(StaffAction.LOG_SEARCH)
@spec.validate(resp=Response(HTTP_200=Event, HTTP_404=Problem), operation_id="getEvent")
def event(event_id: UUID) -> Event:
    """Read one event, with the evidence behind the decision."""
    return shown(_known(event_id))


@blueprint.get("/events/<uuid:event_id>/proof")
@needs(StaffAction.LOG_SEARCH)
@spec.validate(resp=Response(HTTP_200=Proof, HTTP_404=Problem, HTTP_409=Problem), operation_id="proveEvent")
def proof(event_id: UUID) -> Proof:
    """Prove that an event is in the log, to somebody who holds a key of the log alone."""
    _known(event_id)
    try:
        with services().proving() as proving:
            return Proof(proof=proving.inclusion(str(event_id)))
    except NoProofError as error:
        detail = "The event is not sealed yet, or in an archive alone."
        raise ApiProblem(HTTPStatus.CONFLICT, "no_proof", detail) from error


@blueprint.get("/checkpoint")
@needs(StaffAction.LOG_VERIFY)
@spec.validate(resp=Response(HTTP_200=Checkpoint, HTTP_404=Problem), operation_id="getCheckpoint")
def checkpoint() -> Checkpoint:
    """Read what the log signed of itself last."""
    looked(StaffAction.LOG_VERIFY)
    with services().proving() as proving:
        newest = proving.log.newest()
    if newest is None:
        raise not_found()
    said = SignedCheckpoint.parse(newest.note)
    return Checkpoint(
        origin=said.checkpoint.origin, size=said.checkpoint.size, root=said.checkpoint.root.hex(), note=newest.note
    )


@blueprint.get("/checkpoint/consistency")
@needs(StaffAction.LOG_VERIFY)
@spec.validate(resp=Response(HTTP_200=Proof, HTTP_404=Problem, HTTP_409=Problem), operation_id="proveConsistency")
def consistency(query: ConsistencyQuery) -> Proof:
    """Prove that the log only grew since a checkpoint that you hold."""
    looked(StaffAction.LOG_VERIFY)
    with services().proving() as proving:
        try:
            return Proof(proof=proving.growth(query.size))
        except NoProofError as error:
            raise not_found() from error
        except LogBrokenError as error:
            raise ApiProblem(HTTPStatus.CONFLICT, "log_broken", "The log is not what it signed.") from error


@blueprint.get("/whole")
@needs(StaffAction.LOG_VERIFY)
@spec.validate(resp=Response(HTTP_200=Whole), operation_id="getWhole")
def whole() -> Whole:
    """Read when somebody last verified the log, and what they saw."""
    looked(StaffAction.LOG_VERIFY)
    known = services().wholeness.known(member(), now())
    return Whole(size=known.size, verified=_look(known.verified), not_whole=_look(known.broken))


def _look(event: LoggedEvent | None) -> Look | None:
    if event is None:
        return None
    return Look(at=event.recorded_at, event_id=event.event_id, evidence=dict(event.evidence))


def filter_of(asked: Filter, place: Cursor | None = None) -> LogFilter:
    """The filter that a query or a body describes; a later part is of the time of the first. Raises `ApiProblem`."""
    until = place.until if place else now() + timedelta(seconds=1)
    until = log_filter.midnight(asked.until + timedelta(days=1)) if asked.until else until
    since = place.since if place else until - log_filter.SHOWN
    since = log_filter.midnight(asked.since) if asked.since else since
    given: dict[str, Any] = {name: getattr(asked, name) for name in _AS_GIVEN}
    for name in log_filter.PERSONS:
        reference = getattr(asked, name)
        given[name] = None if reference is None else services().references.person(reference)
        if given[name] is None and reference is not None:
            raise invalid_value(f"#/{name}", "unknown", "This is no reference.")
    return LogFilter(since=since, until=until, types=tuple(asked.type), **given)


def shown(event: LoggedEvent) -> Event:
    """An event as the API tells it."""
    refer = services().references.of
    told: dict[str, Any] = {name: getattr(event, name) for name in Event.model_fields if name != "named"}
    told["named"] = [refer(person) for _, person in event.others]
    told["actor"] = refer(event.actor) if event.actor else None
    told["represented"] = refer(event.represented) if event.represented else None
    return Event(**told)


def _known(event_id: UUID) -> LoggedEvent:
    found = services().log.event(member(), event_id)
    if found is None:
        raise not_found()
    looked(StaffAction.LOG_SEARCH, found.people)
    return found
