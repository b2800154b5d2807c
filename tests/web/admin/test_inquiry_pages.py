"""A2 to A4: staff find persons, mandates and events; who somebody is takes a reason, and all leave their events."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from babel.dates import format_date

from tests.support.backroom import Backroom
from tests.support.colleague import STAFF, Colleague
from tests.support.mandate_pages import authorised
from tests.support.person import FROUKE, PIETER, Person
from vad.adapters.vault.person_references import AesPersonReferences

pytestmark = pytest.mark.usefixtures("no_mandates")

WHY = {"reason": "The person called and asked who helps.", "case_number": "2026-77"}


@pytest.fixture
def mandate(new_person: Callable[[], Person], backroom: Backroom) -> UUID:
    """Let Frouke have authorised Pieter."""
    authorised((new_person(), FROUKE), (new_person(), PIETER), backroom, "48")
    [(found,)] = backroom.ask("SELECT mandate_id FROM mandates WHERE state = 'active'")
    return UUID(str(found))


def reference(backroom: Backroom, bsn: str) -> str:
    """How staff name this person."""
    return AesPersonReferences(backroom.foundation.keyring).of(backroom.person_id(bsn))


def typed(name: str, word: str) -> dict[str, str]:
    """What somebody types in the three fields of a day."""
    year, month, day = word.split("-")
    return {f"{name}-year": year, f"{name}-month": month, f"{name}-day": day}


def last(backroom: Backroom, kind: str) -> dict[str, object]:
    """The latest event of this type."""
    return dict(max(backroom.events(kind), key=lambda event: str(event["recorded_at"])))


def test_a_person_is_found_and_shown_with_a_reason(colleague: Colleague, mandate: UUID, backroom: Backroom) -> None:
    """A2: by BSN only with a reason, which stands apart from the event; the BSN is in no address, on no page again."""
    colleague.log_in_as("karin")
    colleague.go("/personen")
    page = colleague.press("find", {"person": FROUKE})
    assert (page.status, "Schrijf de reden" in page.text, FROUKE in page.text) == (422, True, False)
    page = colleague.press("find", {"person": "123456789", **WHY})
    assert (page.status, "Wij kennen hiermee niemand" in page.text, "123456789" in page.text) == (422, True, False)
    answer = colleague.request("POST", "/personen", csrf_token=colleague.csrf_token, person=FROUKE, **WHY)
    assert answer.headers["Location"] == f"/personen/{reference(backroom, FROUKE)}"
    page = colleague.open(f"{colleague.admin}{answer.headers['Location']}")
    assert str(mandate) in page.text
    assert not {FROUKE, "Jansen", "Frouke"} & set(re.findall(r"\w+", page.text))
    sought = last(backroom, "person.sought")
    assert sought["represented"] == str(backroom.person_id(FROUKE))
    assert (sought["actor"], sought["evidence"], bool(sought["staff"])) == (None, {}, True)
    [(fields,)] = backroom.ask("SELECT fields FROM audit_erasable WHERE event_id = %s::uuid", sought["event_id"])
    assert fields == WHY
    page = colleague.press("unmask", {"reason": "short", "case_number": "1"})
    assert (page.status, FROUKE in page.text) == (422, False)
    page = colleague.press("unmask", WHY)
    assert (page.status, FROUKE in page.text, "Frouke" in page.text) == (200, True, True)
    assert last(backroom, "person.unmasked")["represented"] == str(backroom.person_id(FROUKE))
    assert FROUKE not in colleague.go(f"/personen/{reference(backroom, FROUKE)}").text, "once"


def test_somebody_unknown_leaves_an_event_and_nobody_is_added(colleague: Colleague, backroom: Backroom) -> None:
    """A2: looking for a BSN that VAD does not know adds nobody."""
    colleague.log_in_as("karin")
    before = backroom.ask("SELECT count(*) FROM persons")
    colleague.go("/personen")
    page = colleague.press("find", {"person": "999999151", **WHY})
    assert (page.status, "Wij kennen hiermee niemand" in page.text) == (422, True)
    assert backroom.ask("SELECT count(*) FROM persons") == before
    assert last(backroom, "person.not_found")["outcome"] == "refused"
    for nobody in (str(uuid4()), "AAAAA-BBBBB", "A" * 26):
        assert colleague.request("GET", f"/personen/{nobody}").status_code == 404


def test_a_mandate_with_all_that_happened_to_it(colleague: Colleague, mandate: UUID, backroom: Backroom) -> None:
    """A3: its life, newest first, with the evidence; that somebody looked is part of that life."""
    colleague.log_in_as("karin")
    page = colleague.go("/machtigingen?state=active&route=offer")
    assert str(mandate) in page.text
    assert str(mandate) not in colleague.go("/machtigingen?state=revoked").text
    assert "Maak uw filters ruimer" in colleague.go("/machtigingen?route=legal").text
    page = colleague.go(f"/machtigingen/{mandate}")
    told = [each.strip() for each in re.findall(r"<strong>([^<]+)</strong></p>", page.text)]
    looked = ["Medewerker bekeek iets: Eén machtiging bekijken"] * 2
    assert told == [*looked, "Machtiging begonnen", "Code ingevuld", "Machtiging gemaakt"]
    assert ("mandate.accepted" in page.text, "staff.viewed" in page.text) == (False, False), "words for the helpdesk"
    assert reference(backroom, PIETER) in page.text
    assert "/logboek" not in colleague.page.text, "the helpdesk has no right to the log"
    colleague.go("/machtigingen")
    assert colleague.press("find", {"number": f" {mandate} "}).address.endswith(f"/machtigingen/{mandate}")
    for wrong in (FROUKE, str(uuid4())):
        colleague.go("/machtigingen")
        page = colleague.press("find", {"number": wrong})
        assert (page.status, wrong in page.text + page.url, "number-error" in page.elements) == (422, False, True)
    [(ends,)] = backroom.ask("SELECT (ends_at - interval '1 hour') AT TIME ZONE 'Europe/Amsterdam' FROM mandates")
    last_day = f"{ends.day} {format_date(ends, 'MMMM y', locale='nl')}"
    for path in ("/machtigingen", f"/machtigingen/{mandate}", f"/personen/{reference(backroom, FROUKE)}"):
        assert last_day in colleague.go(path).text, "the day that the citizen reads, not the midnight after it"
    assert colleague.request("GET", f"/machtigingen/{uuid4()}").status_code == 404


def test_the_log_by_a_filter(colleague: Colleague, mandate: UUID, backroom: Backroom) -> None:
    """A4: the form leads to an address with references alone; a BSN that is typed in it goes nowhere."""
    colleague.log_in_as("tom")
    colleague.go("/logboek")
    page = colleague.press(
        "show", {"person": FROUKE, "since-day": "31", "since-month": "2", "since-year": "2026", "mandate": "x"}
    )
    assert (page.status, FROUKE in page.text) == (422, False)
    assert 'href="#since-day"' in page.text
    assert page.elements["since-month"]["value"] == "2", "what was typed is kept"
    for wrong in ("Dit is geen kenmerk", "Vul een datum in die bestaat", "Dit is geen machtiging"):
        assert wrong in page.text
    colleague.go("/logboek")
    page = colleague.press(
        "show",
        {
            "person": reference(backroom, FROUKE),
            "mandate": str(mandate),
            "type": "mandate.accepted",
            "outcome": "",
            "basis": "",
            "since-day": "1",
            "since-month": "3",
            "since-year": "2026",
        },
    )
    assert (page.status, page.text.count("<code>mandate.accepted</code>")) == (200, 1)
    assert FROUKE not in page.url
    assert "since=2026-03-01" in page.url
    assert page.elements["since-day"]["value"] == "1"
    event = re.search(r'href="(/logboek/[0-9a-f-]{36})"', page.text)
    assert event is not None
    page = colleague.go(event[1])
    assert "mandate.accepted" in page.text
    assert "mandate_version" in page.text
    viewed = last(backroom, "staff.viewed")
    assert viewed["evidence"]["mandate"] == str(mandate)  # type: ignore[index]
    assert colleague.request("GET", "/logboek?until=2020-01-01&since=2026-01-01").status_code == 422
    assert colleague.request("GET", f"/logboek/{uuid4()}").status_code == 404
    assert "Maak uw filters ruimer" in colleague.go("/logboek?reason=nothing+like+it").text


def test_no_bsn_gets_into_an_address_or_the_log(colleague: Colleague, backroom: Backroom) -> None:
    """Rule 40: in whichever field somebody types it, and also where somebody made the address by hand."""
    colleague.log_in_as("tom")
    colleague.go("/logboek")
    token = colleague.csrf_token
    for name in ("person", "staff", "mandate", "client_id", "resource", "type", "reason", "outcome", "basis"):
        answer = colleague.request("POST", "/logboek", csrf_token=token, **{name: FROUKE})
        assert (answer.status_code, FROUKE in answer.text) == (422, False), name
        assert colleague.request("GET", f"/logboek?{name}={FROUKE}").status_code == 422, name
    assert not any(FROUKE in str(event) for event in backroom.events("staff.viewed"))


def test_each_question_has_its_page(colleague: Colleague, mandate: UUID, backroom: Backroom) -> None:
    """A4: (a), (d), (e), (h) and (i)."""
    colleague.log_in_as("tom")
    colleague.go("/logboek/vragen")
    page = colleague.press("ask", {"person": FROUKE})
    assert (page.status, FROUKE in page.text + page.url) == (422, False)
    colleague.go("/logboek/vragen")
    page = colleague.press("ask", {"person": reference(backroom, FROUKE), "on-day": "31", "on-month": "2"})
    assert (page.status, 'href="#on-day"' in page.text) == (422, True)
    colleague.go("/logboek/vragen")
    page = colleague.press("ask", {"person": reference(backroom, FROUKE)})
    assert (page.status, reference(backroom, PIETER) in page.text, str(mandate) in page.text) == (200, True, True)
    assert (
        str(mandate)
        not in colleague.go(f"/logboek/vragen/wie-mocht?person={reference(backroom, FROUKE)}&on=2026-01-01").text
    )
    assert "Er is niets gevonden" in colleague.go("/logboek/vragen/te-lang").text
    backroom.change_mandates(
        "starts_at = now() - interval '9 days', changed_at = now(), ends_at = now() - interval '1 day'"
    )
    backroom.ask(
        "INSERT INTO audit_events (event_id, recorded_at, type, outcome, basis, actor, represented, evidence)"
        " SELECT gen_random_uuid(), now(), 'token.issued', 'success', 'mandate', representative, represented,"
        " jsonb_build_object('mandate', mandate_id) FROM mandates"
    )
    assert "De machtiging was voorbij" in colleague.go("/logboek/vragen/te-lang").text
    for path in ("te-lang", "weigeringen"):
        colleague.go(f"/logboek/vragen/{path}")
        page = colleague.press("show", typed("since", "2026-01-01") | typed("until", "2026-01-31"))
        assert page.url.endswith(f"/logboek/vragen/{path}?since=2026-01-01&until=2026-01-31")
        assert "De machtiging was voorbij" not in page.text
        page = colleague.press("show", typed("since", "2026-02-01"))
        assert (page.status, "De laatste dag kan niet voor de eerste" in page.text) == (422, True)
        assert colleague.request("GET", f"/logboek/vragen/{path}?until=2026-02-31").status_code == 422
    colleague.go("/logboek/vragen/verjaardagen")
    ahead = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()
    assert colleague.press("show", typed("until", ahead)).url.endswith(f"?until={ahead}")
    for odd in ("2026-01-01", "9000-01-01", "2027-02-31"):
        assert colleague.press("show", typed("until", odd)).status == 422
        assert colleague.request("GET", f"/logboek/vragen/verjaardagen?until={odd}").status_code == 422
    looked = [each["evidence"] for each in backroom.events("staff.viewed")]
    assert any(each.get("since", "").startswith("2025-12-31T23:00") for each in looked), "which days, in the log"
    assert reference(backroom, PIETER) in colleague.go("/logboek/vragen/veel-mensen?more_than=0").text
    assert reference(backroom, PIETER) not in colleague.go("/logboek/vragen/veel-mensen?more_than=1").text
    for odd in ("-1", "x", "", "9" * 5000):
        assert colleague.request("GET", f"/logboek/vragen/veel-mensen?more_than={odd}").status_code == 200


def test_nobody_looks_at_themselves(colleague: Colleague, backroom: Backroom) -> None:
    """Rule 44: not by reference, BSN or filter, and a line about oneself in a list says no more than that."""
    colleague.log_in_as("tom")
    own = STAFF["tom"]["bsn"]
    me = reference(backroom, own)
    colleague.go("/personen")
    token = colleague.csrf_token
    assert colleague.request("GET", f"/personen/{me}").status_code == 403
    assert colleague.request("POST", f"/personen/{me}", csrf_token=token, **WHY).status_code == 403
    assert colleague.request("POST", "/personen", csrf_token=token, person=own, **WHY).status_code == 403
    for name in ("person", "actor", "represented"):
        assert colleague.request("GET", f"/logboek?{name}={me}").status_code == 403
    assert colleague.request("GET", f"/logboek/vragen/wie-mocht?person={me}&on=2026-11-01").status_code == 403
    event = str(uuid4())
    backroom.ask(
        "INSERT INTO audit_events (event_id, recorded_at, type, outcome, represented, reason, evidence)"
        " VALUES (%s::uuid, now(), 'token.refused', 'refused', %s::uuid, 'OWN', '{}')",
        event,
        str(backroom.person_id(own)),
    )
    assert colleague.request("GET", f"/logboek/{event}").status_code == 403
    page = colleague.go("/logboek?reason=OWN")
    assert "Dit gaat over uzelf" in page.text
    assert event not in page.text
    assert last(backroom, "staff.refused")["reason"] == "own_case"


def test_who_many_people_are_takes_two(new_colleague: Callable[[], Colleague], backroom: Backroom) -> None:
    """Rule 44: one auditor asks and another agrees; then whoever asked looks, for a day, and each look is an event."""
    tom, farid = new_colleague(), new_colleague()
    tom.log_in_as("tom")
    farid.log_in_as("farid-audit")
    listed = f"{reference(backroom, FROUKE)}\n{reference(backroom, PIETER)}\n"
    for wrong in ({}, {"references": FROUKE, **WHY}, {"references": listed}):
        tom.go("/personen/wie-zijn-dit")
        assert tom.press("ask", wrong).status == 422
    own = reference(backroom, STAFF["tom"]["bsn"])
    answer = tom.request("POST", "/personen/wie-zijn-dit", csrf_token=tom.csrf_token, references=own, **WHY)
    assert answer.status_code == 403
    tom.go("/personen/wie-zijn-dit")
    page = tom.press("ask", {"references": listed, **WHY})
    request = page.address.rpartition("/")[2]
    assert reference(backroom, PIETER) in page.text
    look = f"/personen/wie-zijn-dit/{request}"
    assert tom.request("GET", look).status_code == 404, "nobody agreed"
    page = farid.go(f"/verzoeken/{request}")
    assert FROUKE not in page.text
    farid.press("approve")
    assert farid.request("GET", look).status_code == 404, "somebody else asked"
    tom.go(f"/verzoeken/{request}")
    page = tom.go(tom.page.elements["look"]["href"])
    assert (FROUKE in page.text, PIETER in page.text, "Frouke" in page.text) == (True, True, True)
    unmasked = [e for e in backroom.events("person.unmasked") if e["evidence"] == {"request": request}]
    assert {e["represented"] for e in unmasked} == {str(backroom.person_id(each)) for each in (FROUKE, PIETER)}
    backroom.ask("ALTER TABLE staff_requests DISABLE TRIGGER guard_staff_request")
    backroom.ask("UPDATE staff_requests SET decided_at = decided_at - interval '25 hours'")
    backroom.ask("ALTER TABLE staff_requests ENABLE ALWAYS TRIGGER guard_staff_request")
    assert tom.request("GET", look).status_code == 404, "its day is over"
