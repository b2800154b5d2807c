"""Every page for staff, as every role and as nobody (rule 44). A new page is tried by being there."""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from uuid import UUID

import pytest
import requests
from flask import Flask

from tests.support.backroom import Backroom
from tests.support.colleague import STAFF, Colleague
from tests.support.town import Town
from tests.web.admin.test_audit_api import token
from vad.adapters.postgres.admin_rights import ADMIN_GRANTED
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.own_rights import differences, rights
from vad.adapters.postgres.worker_rights import WORKER_GRANTED
from vad.adapters.redis.keys import StoreKeys
from vad.adapters.redis.staff import RedisStaffSessions
from vad.domain.identifiers import PersonId, StaffId
from vad.domain.staff import StaffAction, StaffMember, StaffRole
from vad.web.admin import routes
from vad.web.admin.addresses import RIGHT
from vad.web.admin.audit.application import EXTENSION
from vad.web.support.application import Application

BY_ROLE = {StaffRole.HELPDESK: "karin", StaffRole.CLIENT_MANAGER: "anneke", StaffRole.AUDITOR: "tom"}
BY_ROLE[StaffRole.ADMINISTRATOR] = "iris"
SOME = {"uuid": str(UUID(int=7)), "int": "1"}
COMBINED = [*([role] for role in StaffRole), [StaffRole.AUDITOR, StaffRole.ADMINISTRATOR]]
"""Each role, and the two that somebody may have at once of which one takes rights away."""


def rights_of(roles: Collection[StaffRole]) -> frozenset[StaffAction]:
    """What somebody with these roles may do."""
    return StaffMember(StaffId(UUID(int=1)), PersonId(UUID(int=2)), frozenset(roles)).rights


def in_roles(colleague: Colleague, backroom: Backroom, roles: Collection[StaffRole]) -> Colleague:
    """Log in with an account of the first of these roles, and let the identity provider have named all of them."""
    subject = BY_ROLE[StaffRole(min(roles))] if len(roles) == 1 else BY_ROLE[StaffRole.AUDITOR]
    colleague.log_in_as(subject)
    cookie = colleague.cookies["vad_staff"]
    logins = RedisStaffSessions(backroom.redis, StoreKeys(backroom.foundation.keyring))
    found = logins.get(cookie)
    assert found is not None
    logins.add(cookie, replace(found, roles=frozenset(roles)))
    colleague.go("/")
    return colleague


def addresses(app: Flask) -> Iterator[tuple[str, str, StaffAction]]:
    """Every method and address that needs a right, and which."""
    for rule in app.url_map.iter_rules():
        action = getattr(app.view_functions[rule.endpoint], RIGHT, None)
        if action is not None:
            kinds = re.findall(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>", rule.rule)
            values = {name: SOME.get(kind or "string", "x") for kind, name in kinds}
            built = rule.build(values)
            assert built is not None
            yield from ((method, built[1], action) for method in sorted((rule.methods or set()) & {"GET", "POST"}))


@pytest.fixture
def admin_app(the_town: Town) -> Flask:
    """Give the application."""
    assert the_town.admin_app is not None
    return the_town.admin_app


def test_a_view_without_a_right_does_not_start() -> None:
    """Rule 44: nobody forgets it."""
    app = Application("vad.web")
    app.add_url_rule("/open", "somebody.forgot", lambda: "")
    with pytest.raises(TypeError, match=r"somebody\.forgot"):
        routes.require_rights(app)


def test_nobody_sees_anything(admin_app: Flask, colleague: Colleague, backroom: Backroom) -> None:
    """Rule 44: who is not logged in, or has not shown whose account it is, is led away from every page."""
    colleague.go("/")
    for method, address, _ in addresses(admin_app):
        assert colleague.request(method, address).status_code == (303 if method == "GET" else 400), address
    backroom.ask("UPDATE staff_accounts SET subject = account_id::text WHERE subject = 'iris'")
    colleague.log_in_without_enrolling("iris")
    for method, address, _ in addresses(admin_app):
        assert colleague.request(method, address).status_code == (303 if method == "GET" else 400), address


@pytest.mark.parametrize("roles", COMBINED, ids="+".join)
def test_each_role_gets_its_own(
    admin_app: Flask, new_colleague: Callable[[], Colleague], backroom: Backroom, roles: list[StaffRole]
) -> None:
    """Rule 44: a page answers who holds its right, refuses everybody else, and a form without its token does nothing.

    What a page is about does not exist here, so a good answer may be "not found" or "this is not filled in". Where
    that shows a page, a form that was posted has left an event as well (rule 40).
    """
    assert all(STAFF[BY_ROLE[role]]["roles"] == [role.value] for role in StaffRole)
    colleague = in_roles(new_colleague(), backroom, roles)
    form, refused, shown = colleague.csrf_token, 0, 0
    for method, address, action in addresses(admin_app):
        before = events_of_staff(backroom)
        posted = {"csrf_token": form} if method == "POST" else {}
        answer = colleague.request(method, address, **posted)
        allowed = action in rights_of(roles)
        assert (answer.status_code != 403) == allowed, (roles, method, address, answer.status_code)
        assert answer.status_code < 500, (roles, method, address)
        refused += not allowed
        # The page that says that something is over is not in the frame of staff, and about nothing.
        empty = answer.status_code == 400 and "timeout-close" not in answer.text
        if answer.status_code not in {303, 404} and not empty:
            assert events_of_staff(backroom) > before, (roles, method, address)
            shown += allowed and method == "POST"
        if method == "POST":
            assert colleague.request(method, address, csrf_token="made-up").status_code == 400
    assert len(backroom.events("staff.refused")) == refused
    assert shown > 0, "forms that come back with their faults"


def events_of_staff(backroom: Backroom) -> int:
    """How many there are."""
    [(number,)] = backroom.ask(
        "SELECT count(*) FROM audit_events WHERE staff IS NOT NULL AND txid::text::bigint > %s", backroom.since
    )
    return int(number)


def test_nobody_and_each_role_at_the_api(
    admin_app: Flask, new_colleague: Callable[[], Colleague], backroom: Backroom
) -> None:
    """Rules 40 and 44 hold at `/v1/audit`, an application of its own: every operation, as nobody and as every role."""
    api = admin_app.extensions[EXTENSION]
    known = list(addresses(api))
    assert {address for _, address, _ in known} >= {"/v1/audit/events", "/v1/audit/checkpoint", "/v1/audit/exports"}
    colleague = new_colleague()
    colleague.log_in_as("tom")
    for roles in (None, *COMBINED):
        key = token(colleague, roles=[*roles]) if roles else "nobody's"
        for method, address, action in known:
            before = events_of_staff(backroom)
            answer = requests.request(
                method,
                f"{colleague.admin}{address}",
                headers={"Authorization": f"Bearer {key}"},
                json={} if method == "POST" else None,
                timeout=20,
            )
            told = (roles, method, address, answer.status_code)
            if roles is None:
                assert answer.status_code == 401, told
                continue
            assert (answer.status_code != 403) == (action in rights_of(roles)), told
            assert answer.status_code < 500, told
            if answer.status_code in {200, 403}:
                assert events_of_staff(backroom) > before, told


def test_the_roles_in_postgresql(the_town: Town) -> None:
    """Rule 44: each has the rights of its table, to the letter, and none to change or erase what the log says."""
    for url, wanted in (
        (the_town.database.admin_url, ADMIN_GRANTED),
        (the_town.database.worker_url, WORKER_GRANTED),
    ):
        database = Database(url)
        held = rights(database)
        database.close()
        assert differences(held.held, wanted) == []
        assert not held.makes_tables
        assert not held.rules
        logs = {name: granted for name, granted in wanted.items() if name.startswith(("audit_", "log_", "staff_"))}
        assert not [name for name, granted in logs.items() if "DELETE" in granted or "TRUNCATE" in granted]
    assert {name: granted for name, granted in ADMIN_GRANTED.items() if name.startswith("log_")} == dict.fromkeys(
        ("log_checkpoints", "log_leaves", "log_purges", "log_thinnings", "log_tiles"), "SELECT"
    )
