"""A7: apps and data sources. Opening takes a second person; stopping an app is done at once."""

from collections.abc import Callable, Mapping
from http import HTTPStatus

from flask import Blueprint, Response, abort, request, url_for

from vad.domain.approval import OutdatedError
from vad.domain.errors import VadError
from vad.domain.identifiers import RequestId
from vad.domain.staff import StaffAction
from vad.services.client_entry import entry_of
from vad.web.admin import asking
from vad.web.admin.client_groups import groups
from vad.web.admin.requests import to_request
from vad.web.admin.source_fields import source_fields
from vad.web.admin.support import Visit, page, services, staff_page
from vad.web.admin.time_out import sent
from vad.web.support.redirects import see_other
from vad.web.support.services import now

blueprint = Blueprint("clients", __name__)


@blueprint.get("/apps")
@staff_page(StaffAction.CLIENTS_VIEW)
def listed(here: Visit) -> Response:
    """Every app and every data source."""
    return _list(here)


@blueprint.post("/bronnen")
@staff_page(StaffAction.CLIENTS_CHANGE_KEYS)
def change_source_key(here: Visit) -> Response:
    """Ask another to agree to the key with which VAD encrypts for a data source."""
    clients = services().deciding.clients
    try:
        asked = clients.ask_to_change_source_key(
            here.member, asking.text("resource"), asking.text("keys"), asking.justification(), now()
        )
        return to_request(asked)
    except asking.ERRORS as error:
        return _list(here, error)


@blueprint.get("/apps/<path:client_id>")
@staff_page(StaffAction.CLIENTS_VIEW)
def shown(here: Visit, client_id: str) -> Response:
    """One app."""
    return _one(here, client_id)


@blueprint.post("/apps/<path:client_id>")
@staff_page(StaffAction.CLIENTS_CHANGE)
def change(here: Visit, client_id: str) -> Response:
    """Ask another to agree to a change of one app."""
    asks = _ASKS.get(asking.text("change"))
    if asks is None:
        abort(HTTPStatus.NOT_FOUND)
    try:
        return to_request(asks(here, client_id))
    except asking.ERRORS as error:
        return _one(here, client_id, error)


@blueprint.post("/apps-stoppen/<path:client_id>")
@staff_page(StaffAction.CLIENTS_DISABLE)
def stop(here: Visit, client_id: str) -> Response:
    """End all that an app was given, at once; and serve it no more, where that is what was chosen."""
    clients = services().deciding.clients
    known = {"disable": clients.disable, "end": clients.end_grants}
    try:
        ends = known.get(asking.text("stop"))
        if ends is None:
            raise asking.FieldError("stop", OutdatedError("what_happens"))
        ends(here.member, client_id, asking.justification(), now())
    except asking.ERRORS as error:
        return _one(here, client_id, error)
    return see_other(url_for("clients.shown", client_id=client_id))


def _add_keys(here: Visit, client_id: str) -> RequestId:
    clients, why = services().deciding.clients, asking.justification()
    return clients.ask_to_add_keys(here.member, client_id, asking.text("keys"), why, now())


def _fetch_keys(here: Visit, client_id: str) -> RequestId:
    clients, why = services().deciding.clients, asking.justification()
    return clients.ask_to_fetch_keys(here.member, client_id, asking.text("jwks_uri"), why, now())


def _remove_key(here: Visit, client_id: str) -> RequestId:
    clients, why = services().deciding.clients, asking.justification()
    return clients.ask_to_remove_key(here.member, client_id, asking.text("thumbprint"), why, now())


def _admit(here: Visit, client_id: str) -> RequestId:
    clients, why = services().deciding.clients, asking.justification()
    chosen = request.form.getlist("service")
    return clients.ask_to_admit(here.member, client_id, asking.text("resource"), chosen, why, now())


def _enable(here: Visit, client_id: str) -> RequestId:
    return services().deciding.clients.ask_to_enable(here.member, client_id, asking.justification(), now())


_ASKS: Mapping[str, Callable[[Visit, str], RequestId]] = {
    "add_keys": _add_keys,
    "fetch_keys": _fetch_keys,
    "remove_key": _remove_key,
    "admit": _admit,
    "enable": _enable,
}


_BY_ITSELF: Mapping[str, bool] = {"zelf": True, "anderen": False}
"""Who registered an app, as the list is asked for it."""


def _list(here: Visit, error: VadError | None = None) -> Response:
    clients, who = services().deciding.clients, request.args.get("wie", "")
    return page(
        "clients.html",
        here,
        status=HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK,
        clients=clients.clients(here.member, now(), by_itself=_BY_ITSELF.get(who)),
        who=who if who in _BY_ITSELF else "",
        sources=clients.sources(here.member, now()),
        source_fields=source_fields(),
        may_change=here.member.may(StaffAction.CLIENTS_CHANGE),
        **asking.shown(error),
    )


def _one(here: Visit, client_id: str, error: VadError | None = None) -> Response:
    clients = services().deciding.clients
    known = clients.client(here.member, client_id, now())
    if known is None:
        abort(HTTPStatus.NOT_FOUND)
    return page(
        "client.html",
        here,
        status=HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK,
        known=known,
        groups=groups().values(),
        entry=entry_of(known.client),
        chosen=sent().getlist("service"),
        sources=clients.sources(here.member, now()),
        may_change=here.member.may(StaffAction.CLIENTS_CHANGE),
        **asking.shown(error),
    )
