"""A8: two of the staff agree, and one command takes one step with a key (rule 44)."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from tests.support.backroom import Backroom
from tests.support.colleague import Colleague
from vad.adapters.postgres.audit_erasing import erase
from vad.adapters.postgres.command_approvals import NotAgreedError
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.key_rotation import PostgresKeyRotation
from vad.adapters.vault.keys import Purpose
from vad.bootstrap.foundation import master_key
from vad.domain.identifiers import RequestId

_AGREED_LONG_AGO = (
    "ALTER TABLE staff_requests DISABLE TRIGGER guard_staff_request;"
    " UPDATE staff_requests SET decided_at = decided_at - interval '25 hours';"
    " ALTER TABLE staff_requests ENABLE ALWAYS TRIGGER guard_staff_request"
)
WHY = {"reason": "The yearly change of this key.", "case_number": "CHG-12"}


def test_a_key_is_moved_once_two_agreed(new_colleague: Callable[[], Colleague], backroom: Backroom) -> None:
    """Not before, not for another key, not twice, and not a day later, whatever the clock of the operator says."""
    iris, karin = new_colleague(), new_colleague()
    iris.log_in_as("iris")
    karin.log_in_as("karin-beheer")
    assert "De sleutel waarmee het logboek is ondertekend" in iris.go("/sleutels").text
    assert "log-key" in iris.page.elements
    assert iris.press("ask", {"step": "key.rotate nothing", **WHY}).status == 422
    iris.go("/sleutels")
    page = iris.press("ask", {"step": "key.rotate cache", **WHY})
    request = RequestId(UUID(page.address.rpartition("/")[2]))
    assert "approve" not in page.elements
    settings = backroom.foundation.settings
    assert settings.database.migrate_url is not None
    owner = Database(settings.database.migrate_url.get_secret_value())
    rotation, master = PostgresKeyRotation(owner), master_key(settings)

    def rotate(purpose: Purpose, by: RequestId = request, later: timedelta = timedelta()) -> None:
        rotation.rotate(master, purpose, None, datetime.now(UTC) + later, at_once=False, request=by)

    with pytest.raises(NotAgreedError, match="no second person"):
        rotate(Purpose.CACHE)
    page = karin.go(f"/verzoeken/{request}")
    assert "Afsluiten wat kort bewaard wordt" in page.text
    assert page.elements["approve"]
    assert "Akkoord: doe het nu" not in page.text, "a command does it"
    assert "Het is gedaan" not in karin.press("approve").text
    page = iris.go(f"/verzoeken/{request}")
    assert f"vad keys rotate cache --request {request}" in re.sub(r"\s+", " ", page.text)
    for purpose, by, later, why in (
        (Purpose.SEAL, request, timedelta(), "nobody asked"),
        (Purpose.CACHE, RequestId(uuid4()), timedelta(), "nobody asked"),
        (Purpose.CACHE, request, timedelta(days=1, minutes=1), "more than a day"),
    ):
        with pytest.raises(NotAgreedError, match=why):
            rotate(purpose, by, later)
    back = -timedelta(minutes=5)
    rotate(Purpose.CACHE, later=back)
    for clock in (timedelta(), back):
        with pytest.raises(NotAgreedError, match="carried out"):
            rotate(Purpose.CACHE, later=clock)
    backroom.ask(_AGREED_LONG_AGO)
    with pytest.raises(NotAgreedError, match="more than a day"):
        rotate(Purpose.CACHE, later=timedelta(days=-2))
    [event] = [each for each in backroom.events("keys.rotated") if each["evidence"].get("request") == str(request)]
    assert event["evidence"]["keys"][0]["purpose"] == "cache"
    # Rule 41: erasing what the event of the request keeps apart takes the same words away from the request.
    [asked] = [each for each in backroom.events("approval.requested") if each["evidence"]["request"] == str(request)]
    assert erase(owner, UUID(str(asked["event_id"])), None, datetime.now(UTC))
    words = "SELECT reason, case_number FROM staff_requests WHERE request_id = %s::uuid"
    assert backroom.ask(words, str(request)) == [("", "")]
    assert backroom.ask("SELECT FROM audit_erasable WHERE event_id = %s::uuid", str(asked["event_id"])) == []
    owner.close()
