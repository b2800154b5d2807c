"""A7: what is registered of an app, asked to be changed group by group, or for a new app whole. It takes two people."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final

from flask import Blueprint, Response, abort

from vad.domain.errors import VadError
from vad.domain.staff import StaffAction
from vad.services.client_entry import entry_of
from vad.web.admin import asking
from vad.web.admin.client_fields import Group
from vad.web.admin.client_groups import groups
from vad.web.admin.requests import to_request
from vad.web.admin.support import Visit, page, services, staff_page
from vad.web.support.i18n import _
from vad.web.support.services import now

blueprint = Blueprint("client_forms", __name__)

_NEW: Final[Mapping[str, str]] = {
    "profile": "nlgov",
    "minimum_level": "substantieel",
    "grant_types_0": "yes",
    "grant_types_1": "yes",
    "grant_types_2": "yes",
}
"""How the form of a new app begins: as one that says nothing of it is read."""


@blueprint.get("/apps-aanmelden")
@staff_page(StaffAction.CLIENTS_CHANGE)
def new(here: Visit) -> Response:
    """The form of a new app."""
    return _new(here)


@blueprint.post("/apps-aanmelden")
@staff_page(StaffAction.CLIENTS_CHANGE)
def register(here: Visit) -> Response:
    """Ask another to agree to a new app."""
    clients = services().deciding.clients
    try:
        asked = clients.ask_to_register(here.member, _entry(), asking.text("keys"), asking.justification(), now())
    except asking.ERRORS as error:
        return _new(here, error)
    return to_request(asked)


@blueprint.get("/apps-wijzigen/<group>/<path:client_id>")
@staff_page(StaffAction.CLIENTS_CHANGE)
def form(here: Visit, group: str, client_id: str) -> Response:
    """One group of what is registered, to be changed."""
    return _form(here, group, client_id)


@blueprint.post("/apps-wijzigen/<group>/<path:client_id>")
@staff_page(StaffAction.CLIENTS_CHANGE)
def change(here: Visit, group: str, client_id: str) -> Response:
    """Ask another to agree to it."""
    fields, editing = _group(group), services().deciding.client_editing
    try:
        members = fields.read(asking.text)
        asked = editing.ask(here.member, client_id, members, asking.justification(), now())
    except asking.ERRORS as error:
        return _form(here, group, client_id, error)
    return to_request(asked)


def _group(address: str) -> Group:
    group = groups().get(address)
    if group is None:
        abort(HTTPStatus.NOT_FOUND)
    return group


def _entry() -> dict[str, object]:
    """What was filled in of a new app, as it would stand in a file."""
    members: dict[str, object] = {each: asking.text(each) for each in ("client_id", "organisation")}
    members |= {name: value for group in groups().values() for name, value in group.read(asking.text).items()}
    members["jwks_uri"] = asking.text("jwks_uri") or None
    return {name: value for name, value in members.items() if value is not None}


def _options(values: Sequence[str], *, needed: bool = False) -> list[dict[str, str]]:
    """A list to choose from, as the component takes it."""
    none = [] if needed else [{"value": "", "text": _("Not chosen")}]
    return [*none, *({"value": each, "text": each} for each in values)]


def _new(here: Visit, error: VadError | None = None) -> Response:
    return page(
        "client_new.html",
        here,
        status=HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK,
        groups=groups().values(),
        filled=asking.typed() or _NEW,
        options=_options,
        **asking.shown(error, frozenset[str]().union(*(each.controls for each in groups().values()))),
    )


def _form(here: Visit, address: str, client_id: str, error: VadError | None = None) -> Response:
    group, client = _group(address), services().deciding.client_editing.client(here.member, client_id)
    if client is None:
        abort(HTTPStatus.NOT_FOUND)
    return page(
        "client_form.html",
        here,
        status=HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK,
        group=group,
        client=client,
        options=_options,
        filled=asking.typed() or group.filled(entry_of(client)),
        **asking.shown(error, group.controls),
    )
