"""Ending an account of staff: at once, for good, and by somebody else than its owner (rule 44)."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner

from tests.support.api_client import Api
from tests.support.backroom import Backroom
from tests.support.colleague import Colleague
from tests.web.admin.test_audit_api import token
from vad.cli import staff as command
from vad.domain.errors import NotPermittedError
from vad.domain.identifiers import PersonId, StaffId
from vad.domain.justification import Justification
from vad.domain.staff import StaffMember, StaffRole
from vad.services import log_export
from vad.services.log_export import ExportFormat
from vad.services.ports.log_search import LogFilter
from vad.web.admin.support import AdminServices
from vad.web.support.services import EXTENSION

WHY = {"reason": "This person left us this morning", "case_number": "HR-2026-4"}


@pytest.fixture(autouse=True)
def accounts_as_new(backroom: Backroom) -> Iterator[None]:
    """Let every account be enrolled anew, now and for who comes after."""
    backroom.ask("UPDATE staff_accounts SET subject = account_id::text")
    yield
    backroom.ask("UPDATE staff_accounts SET subject = account_id::text")


def account_of(backroom: Backroom, subject: str) -> str:
    """The account of one of the staff."""
    [(account,)] = backroom.ask("SELECT account_id::text FROM staff_accounts WHERE subject = %s", subject)
    return str(account)


def test_an_account_that_is_ended_is_out_at_once(
    new_colleague: Callable[[], Colleague], backroom: Backroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In every browser and at the API; it can't log in again, and an export under way gets no signature."""
    tom, elsewhere, iris = new_colleague(), new_colleague(), new_colleague()
    for browser in (tom, elsewhere):
        browser.log_in_as("tom")
    iris.log_in_as("iris")
    account, api = account_of(backroom, "tom"), Api(tom.admin, token(tom))
    assert api.get("/audit/events").status_code == 200
    assert iris.town.admin_app is not None
    services: AdminServices = iris.town.admin_app.extensions[EXTENSION]
    now = datetime.now(UTC)
    member = StaffMember(StaffId(UUID(account)), PersonId(uuid4()), frozenset({StaffRole.AUDITOR}))
    everything = LogFilter(since=now - timedelta(days=1), until=now)
    monkeypatch.setattr(log_export, "LOOKED_EVERY", 1)
    export = services.exports.begin(member, everything, ExportFormat.CSV, Justification(*WHY.values()), now)

    page = iris.go("/accounts")
    assert "tom" in page.text
    page = iris.press(f"end-{account}", {f"end-{account}-reason": "gone", f"end-{account}-case_number": "1"})
    assert (page.status, "in 10 tot 500 letters" in page.text) == (400, True)
    page = iris.press(f"end-{account}", {f"end-{account}-{name}": said for name, said in WHY.items()})
    assert (page.status, page.heading) == (200, "Accounts van medewerkers")
    assert f"end-{account}" not in page.elements
    for browser in (tom, elsewhere):
        assert browser.go("/").heading == "Inloggen voor medewerkers"
    assert api.get("/audit/events").status_code == 401
    assert "Dit account is beëindigd." in tom.log_in_as("tom").text
    with pytest.raises(NotPermittedError):
        list(export)
    export.close()

    [event] = backroom.events("staff.account_ended")
    assert (event["staff"], event["reason"]) == (account_of(backroom, "iris"), "by_staff")
    assert event["evidence"] == {"account": account}
    assert WHY["reason"] not in str(event)
    assert [each["reason"] for each in backroom.events("staff.logged_out")] == ["account_ended"] * 2
    assert iris.request("POST", f"/accounts/{account}/beeindigen", csrf_token=iris.csrf_token, **WHY).status_code == 400


def test_nobody_ends_an_account_of_their_own(new_colleague: Callable[[], Colleague], backroom: Backroom) -> None:
    """By whatever account of theirs; that they tried is an event, and nothing has ended."""
    iris = new_colleague()
    iris.log_in_as("iris")
    account = account_of(backroom, "iris")
    assert f"end-{account}" not in iris.go("/accounts").elements
    answer = iris.request("POST", f"/accounts/{account}/beeindigen", csrf_token=iris.csrf_token, **WHY)
    assert answer.status_code == 403
    assert [each["reason"] for each in backroom.events("staff.refused")] == ["own_case"]
    assert iris.go("/accounts").status == 200
    assert backroom.events("staff.account_ended") == []


def test_the_operator_ends_one(colleague: Colleague, backroom: Backroom, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a command, once; an event says so, and whoever was logged in is out."""
    colleague.log_in_as("karin")
    account = account_of(backroom, "karin")
    monkeypatch.setattr(command, "known_settings", lambda: colleague.town.settings)
    listed = CliRunner().invoke(command.staff, ["list"])
    assert f"{account} " in listed.output
    assert listed.output.count("\n") == 1 + backroom.ask("SELECT count(*) FROM staff_accounts")[0][0]
    ended = CliRunner().invoke(command.staff, ["end", account])
    assert (ended.exit_code, ended.output) == (0, f"{account} is ended\n")
    assert CliRunner().invoke(command.staff, ["end", account]).exit_code == 1
    assert CliRunner().invoke(command.staff, ["end", str(uuid4())]).exit_code == 1
    [event] = backroom.events("staff.account_ended")
    assert (event["staff"], event["reason"], event["evidence"]) == (None, "by_operator", {"account": account})
    assert colleague.go("/").heading == "Inloggen voor medewerkers"
