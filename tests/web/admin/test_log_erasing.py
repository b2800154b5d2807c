"""A4: two of the staff agree, and one command takes something away from the log (rules 41 and 44)."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from tests.support.backroom import Backroom
from tests.support.colleague import Colleague
from tests.support.database import ask
from tests.support.old_events import happened
from tests.web.admin.test_break_glass import take
from vad.adapters.postgres.audit_erasing import StillToDecideError, erase
from vad.adapters.postgres.command_approvals import NotAgreedError
from vad.adapters.postgres.database import Database
from vad.domain.identifiers import RequestId

PAGE = "/logboek/wissen"
WHY = {"reason": "There was a name in it after all", "case_number": "AVG-31"}


def asked(colleague: Colleague, button: str, field: str, value: str) -> RequestId:
    """Ask for it; who asked can't agree to it."""
    colleague.go(PAGE)
    form = {f"{button}-{field}": value, **{f"{button}-{name}": text for name, text in WHY.items()}}
    page = colleague.press(button, form)
    assert page.status == 200, page.text
    assert "approve" not in page.elements
    return RequestId(UUID(page.address.rpartition("/")[2]))


@pytest.fixture(autouse=True)
def nothing_taken(backroom: Backroom) -> Iterator[None]:
    """Let nobody have taken emergency access, before and afterwards: it opens pages to whoever took it."""
    backroom.ask("DELETE FROM break_glass")
    yield
    backroom.ask("DELETE FROM break_glass")


def test_what_an_event_keeps_apart_is_erased_once_two_agreed(
    new_colleague: Callable[[], Colleague], backroom: Backroom
) -> None:
    """Not before, not of another event, and not twice; by nobody whose own words they are."""
    iris, karin, second = (new_colleague() for _ in range(3))
    karin.log_in_as("karin")
    take(karin)
    [taken] = backroom.events("staff.break_glass_taken")[-1:]
    event = UUID(str(taken["event_id"]))
    own, tom = new_colleague(), new_colleague()
    tom.log_in_as("tom")
    assert tom.request("GET", PAGE).status_code == 403
    own.log_in_as("karin-beheer")
    own.go(PAGE)
    form = {"erase-event": str(event), "erase-reason": WHY["reason"], "erase-case_number": WHY["case_number"]}
    assert own.press("erase", form).status == 403, "her own, whatever the account"
    iris.log_in_as("iris")
    [bare] = [each for each in backroom.events("staff.logged_in") if not backroom.ask(_KEPT, str(each["event_id"]))][:1]
    for wrong, words in (
        ("nonsense", "Deze gebeurtenis is er niet."),
        (str(uuid4()), "Deze gebeurtenis is er niet."),
        (str(bare["event_id"]), "Bij deze gebeurtenis staat niets apart, of niet meer."),
    ):
        iris.go(PAGE)
        page = iris.press("erase", form | {"erase-event": wrong})
        assert (page.status, words in page.text) == (422, True)
    request = asked(iris, "erase", "event", str(event))
    for known in ("staff.break_glass_taken", str(taken["staff"]), str(event)):
        assert known in iris.page.text, "who agrees sees what it is, without a right to the log"
    with closing(Database(backroom.town.database.migrate_url)) as owner:

        def by(given: RequestId, named: UUID = event) -> bool:
            return erase(owner, named, given, datetime.now(UTC))

        with pytest.raises(NotAgreedError, match="no second person"):
            by(request)
        assert own.go(f"/verzoeken/{request}").status == 403
        second.log_in_as("samira")
        second.go(f"/verzoeken/{request}")
        second.press("approve")
        assert f"vad audit erase {event} --request {request}" in re.sub(
            r"\s+", " ", iris.go(f"/verzoeken/{request}").text
        )
        for given, named in ((RequestId(uuid4()), event), (request, UUID(str(bare["event_id"])))):
            with pytest.raises(NotAgreedError, match="nobody asked"):
                by(given, named)
        assert backroom.ask(_KEPT, str(event)) != []
        assert by(request)
        with pytest.raises(NotAgreedError, match="carried out"):
            by(request)
    assert backroom.ask(_KEPT, str(event)) == []
    assert backroom.ask("SELECT reason, case_number FROM break_glass") == [("", "")]
    erased = backroom.events("log.erased")[-1]
    assert erased["evidence"] == {"event": str(event), "request": str(request)}
    assert backroom.ask(_KEPT, str(erased["event_id"])) == [], "the request has the reason"


def test_the_words_of_a_request_go_with_its_own_event_alone(
    new_colleague: Callable[[], Colleague], backroom: Backroom
) -> None:
    """Not before somebody decided, who has to read them; and not with what was said to it later."""
    iris, second = new_colleague(), new_colleague()
    iris.log_in_as("iris")
    happened(backroom.town.database, "2020-03")
    request = asked(iris, "purge", "month", "2020-03")

    def event(kind: str) -> UUID:
        [found] = [each for each in backroom.events(kind) if each["evidence"]["request"] == str(request)]
        return UUID(str(found["event_id"]))

    words = "SELECT reason, case_number FROM staff_requests WHERE request_id = %s::uuid"
    with closing(Database(backroom.town.database.migrate_url)) as owner:
        with pytest.raises(StillToDecideError):
            erase(owner, event("approval.requested"), None, datetime.now(UTC))
        assert backroom.ask(_KEPT, str(event("approval.requested"))) == [(WHY,)]
        second.log_in_as("samira")
        second.go(f"/verzoeken/{request}")
        second.press("refuse", {"reason": "That month is not in an archive."})
        assert erase(owner, event("approval.refused"), None, datetime.now(UTC))
        assert backroom.ask(words, str(request)) == [tuple(WHY.values())]
        assert erase(owner, event("approval.requested"), None, datetime.now(UTC))
        assert backroom.ask(words, str(request)) == [("", "")]


_KEPT = "SELECT fields FROM audit_erasable WHERE event_id = %s::uuid"


def test_a_month_that_must_be_kept_can_not_be_asked_for(colleague: Colleague, backroom: Backroom) -> None:
    """Rule 41: an older one can; the command then holds the archive against the leaves."""
    colleague.log_in_as("iris")
    now = datetime.now(UTC)
    kept = f"{now.year - backroom.town.settings.operator.log_years}-{now:%m}"
    for wrong in (kept, f"{now:%Y-%m}", "2020-13", "2020-00", "0000-01", "2020", "2020-2", ""):
        colleague.go(PAGE)
        page = colleague.press("purge", {"purge-month": wrong, **{f"purge-{name}": text for name, text in WHY.items()}})
        assert (page.status, "Vul een maand in" in page.text) == (422, True), wrong


def test_nobody_agrees_to_a_month_that_is_not_there(new_colleague: Callable[[], Colleague], backroom: Backroom) -> None:
    """Both see how many events go; what is gone is refused, when it is asked for and when it is agreed to."""
    iris, second = new_colleague(), new_colleague()
    iris.log_in_as("iris")
    second.log_in_as("samira")
    assert not_asked(iris, "2019-12") == "Van deze maand staan er geen gebeurtenissen in de database."
    number = happened(backroom.town.database, "2020-02")
    request = asked(iris, "purge", "month", "2020-02")
    assert f"vad audit purge 2020-02 FILE --request {request}" not in iris.page.text, "nobody has agreed"
    assert backroom.ask("SELECT payload FROM staff_requests WHERE request_id = %s::uuid", str(request)) == [
        ({"month": "2020-02", "events": number},)
    ]
    shown = second.go(f"/verzoeken/{request}").text
    for label in ("Gebeurtenissen toen dit is gevraagd", "Gebeurtenissen die er nu zijn"):
        assert re.search(rf"{label}</dt><dd[^>]*>{number}</dd>", shown), label
    happened(backroom.town.database, "2020-02")
    page = second.press("approve")
    assert (page.status, "Dit is veranderd sinds iemand het vroeg." in page.text) == (409, True)
    request = asked(iris, "purge", "month", "2020-02")
    second.go(f"/verzoeken/{request}")
    gone = "INSERT INTO log_purges VALUES ('2020-02-01', 1, sha256(''), gen_random_uuid(), '2025-03-04')"
    ask(backroom.town.database.superuser_url, gone)
    try:
        page = second.press("approve")
        assert (page.status, "Deze maand is al uit de database gehaald." in page.text) == (409, True)
        assert "4 maart 2025" in page.text
        assert not_asked(iris, "2020-02") == "Deze maand is al uit de database gehaald."
    finally:
        ask(backroom.town.database.superuser_url, _FORGET)


_FORGET = """
    ALTER TABLE log_purges DISABLE TRIGGER append_only_rows; DELETE FROM log_purges;
    ALTER TABLE log_purges ENABLE ALWAYS TRIGGER append_only_rows
"""


def not_asked(colleague: Colleague, month: str) -> str:
    """Ask for a month that can't go; what is said of it."""
    colleague.go(PAGE)
    page = colleague.press("purge", {"purge-month": month, **{f"purge-{name}": text for name, text in WHY.items()}})
    assert page.status == 422
    said = re.search(r'error-summary__list">.*?<a[^>]*>([^<]+)', page.text, re.DOTALL)
    assert said is not None
    return said[1].strip()
