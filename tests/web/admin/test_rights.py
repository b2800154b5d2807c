"""Every page for staff, as every role and as nobody (rule 44). A new page is tried by being there."""

import re
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from flask import Flask

from tests.support.backroom import Backroom
from tests.support.colleague import STAFF, Colleague
from tests.support.town import Town
from vad.adapters.postgres.admin_rights import ADMIN_GRANTED
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.own_rights import differences, rights
from vad.adapters.postgres.worker_rights import WORKER_GRANTED
from vad.domain.staff import RIGHTS, StaffAction, StaffRole
from vad.web.admin import routes
from vad.web.admin.support import RIGHT
from vad.web.support.application import Application

BY_ROLE = {StaffRole.HELPDESK: "karin", StaffRole.CLIENT_MANAGER: "anneke", StaffRole.AUDITOR: "tom"}
BY_ROLE[StaffRole.ADMINISTRATOR] = "iris"
SOME = {"uuid": str(UUID(int=7)), "int": "1"}


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


@pytest.mark.parametrize("role", StaffRole)
def test_each_role_gets_its_own(
    admin_app: Flask, new_colleague: Callable[[], Colleague], backroom: Backroom, role: StaffRole
) -> None:
    """Rule 44: a page answers who holds its right, refuses everybody else, and a form without its token does nothing.

    What a page is about does not exist here, so a good answer may be "not found" or "this is not filled in".
    """
    assert STAFF[BY_ROLE[role]]["roles"] == [role.value]
    colleague = new_colleague()
    colleague.log_in_as(BY_ROLE[role])
    colleague.go("/")
    token, refused = colleague.csrf_token, 0
    for method, address, action in addresses(admin_app):
        form = {"csrf_token": token} if method == "POST" else {}
        answer = colleague.request(method, address, **form)
        allowed = action in RIGHTS[role]
        assert (answer.status_code != 403) == allowed, (role, method, address, answer.status_code)
        assert answer.status_code < 500, (role, method, address)
        refused += not allowed
        if method == "POST":
            assert colleague.request(method, address, csrf_token="made-up").status_code == 400
    assert len(backroom.events("staff.refused")) == refused


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
        ("log_checkpoints", "log_leaves", "log_purges", "log_tiles"), "SELECT"
    )
