"""How many people one of the staff is shown without another who agrees (rules 40 and 44)."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from tests.support.backroom import Backroom
from tests.support.colleague import Colleague
from tests.support.person import FROUKE, HENDRIK, PIETER
from vad.adapters.redis.keys import StoreKeys
from vad.adapters.redis.staff import RedisStaffSessions
from vad.domain.identifiers import StaffId

WHY = {"reason": "The person called and asked who helps.", "case_number": "2026-79"}
OWN = "999992235"
"""Of somebody who works here with two accounts, in this test alone."""


@pytest.fixture(autouse=True)
def _nothing_left(backroom: Backroom) -> Iterator[None]:
    yield
    backroom.ask("DELETE FROM outbox")
    backroom.ask("DELETE FROM staff_accounts WHERE issuer = 'unmasking'")


def new_account(backroom: Backroom) -> StaffId:
    """Let this person have one more account."""
    account = uuid4()
    backroom.ask(
        "INSERT INTO staff_accounts (account_id, issuer, subject, person_id, enrolled_at)"
        " VALUES (%s, 'unmasking', %s, %s, now())",
        *(str(account), str(account), str(backroom.person_id(OWN))),
    )
    return StaffId(account)


def become(colleague: Colleague, backroom: Backroom, account: UUID) -> None:
    """Let the login be one of this account."""
    logins, cookie = RedisStaffSessions(backroom.redis, StoreKeys(backroom.foundation.keyring)), colleague.cookies
    found = logins.get(cookie["vad_staff"])
    assert found is not None
    logins.add(cookie["vad_staff"], replace(found, account=StaffId(account), person=backroom.person_id(OWN)))
    colleague.go("/")


def test_one_by_one_is_no_way_around_the_second_person(colleague: Colleague, backroom: Backroom) -> None:
    """Rules 40, 44: 20 people a day for all accounts of one; who was shown may be again; an alarm at the last."""
    first, second = new_account(backroom), new_account(backroom)
    backroom.ask(
        "INSERT INTO audit_events (event_id, recorded_at, type, outcome, staff, represented, evidence)"
        " SELECT gen_random_uuid(), now() - interval '23 hours' * (n <= 19) :: int"
        " - interval '25 hours' * (n > 19) :: int,"
        " CASE WHEN n %% 2 = 0 THEN 'person.unmasked' ELSE 'person.exported' END,"
        " 'success', %s, gen_random_uuid(), '{}' FROM generate_series(1, 30) n",
        str(first),
    )
    colleague.log_in_as("karin")
    become(colleague, backroom, second)

    def ask(bsn: str, path: str = "") -> int:
        address = f"/personen/{backroom.reference(bsn)}{path}"
        return colleague.request("POST", address, csrf_token=colleague.csrf_token, **WHY).status_code

    assert ask(FROUKE) == 200, "the twentieth"
    alarm = "SELECT payload ->> 'staff' FROM outbox WHERE payload ->> 'reason' = 'too_many_shown'"
    assert backroom.ask(alarm) == [(str(second),)]
    assert (ask(FROUKE), ask(FROUKE, "/gegevens")) == (200, 200), "she was shown"
    assert (ask(PIETER), ask(HENDRIK, "/gegevens")) == (422, 422)
    become(colleague, backroom, first)
    page = colleague.request("POST", f"/personen/{backroom.reference(PIETER)}", csrf_token=colleague.csrf_token, **WHY)
    assert (page.status_code, PIETER in page.text, 'id="two-people"' in page.text) == (422, False, True)
    assert backroom.ask(alarm) == [(str(second),)], "once"
    refused = [each for each in backroom.events("staff.refused") if each["reason"] == "too_many_shown"]
    assert [each["evidence"] for each in refused] == [
        {"action": action, "people": 20} for action in ("persons.unmask", "persons.export", "persons.unmask")
    ]
    shown = [each["represented"] for each in backroom.events("person.unmasked") if each["staff"] == str(second)]
    assert shown == [str(backroom.person_id(FROUKE))] * 2
