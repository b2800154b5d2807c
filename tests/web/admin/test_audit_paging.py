"""The API of the log: what an event shares with others, and parts of one answer that are all of the same time."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from uuid import uuid4

from tests.support.api_client import Api
from tests.support.backroom import Backroom
from tests.support.colleague import Colleague
from tests.web.admin.test_audit_api import BODY, token, tom
from vad.adapters.vault.person_references import AesPersonReferences
from vad.domain.audit import TokenRefused
from vad.domain.identifiers import GrantId, PersonId, Sid
from vad.services import correlation
from vad.services.correlation import Correlation

__all__ = ["tom"]


def write(backroom: Backroom, *events: TokenRefused, cause: str, at: datetime) -> list[str]:
    """Let these have happened for one cause; their ids, the newest first."""
    begun = correlation.begin(Correlation(correlation_id=cause))
    try:
        with backroom.foundation.work() as tx:
            for number, event in enumerate(events):
                tx.audit.append(event, at=at - timedelta(minutes=number))
            tx.commit()
    finally:
        correlation.end(begun)
    found = "SELECT event_id::text FROM audit_events WHERE correlation_id = %s ORDER BY recorded_at DESC"
    return [event for (event,) in backroom.ask(found, cause)]


def test_what_an_event_shares_with_others(tom: Colleague, backroom: Backroom) -> None:
    """By grant, login and cause, and only what was done for another; the page of an event leads there."""
    actor, cause, grant, sid = PersonId(uuid4()), uuid4().hex, GrantId(uuid4()), Sid(uuid4().hex)
    shared = TokenRefused(actor=actor, represented=PersonId(uuid4()), grant_id=grant, sid=sid, reason="LOA")
    alone = TokenRefused(actor=actor, represented=actor, reason="LOA")
    event, other = write(backroom, shared, alone, cause=cause, at=datetime.now(UTC))
    api = Api(tom.admin, token(tom))
    given = {"grantId": str(grant), "sid": sid, "correlationId": cause}
    for name, found in (("grantId", [event]), ("sid", [event]), ("correlationId", [event, other])):
        answer = api.get("/audit/events", **{name: given[name]})
        assert [each["eventId"] for each in answer.json()["events"]] == found, name
    answer = api.get("/audit/events", correlationId=cause, forAnother="true")
    assert [each["eventId"] for each in answer.json()["events"]] == [event]
    looked = backroom.events("staff.viewed")[-1]
    assert (looked["evidence"]["correlation_id"], looked["evidence"]["for_another"]) == ("other", "True")
    taken = api.post("/audit/exports", {"format": "csv", "filter": {**given, "forAnother": True}, **BODY})
    assert taken.status_code == 200
    page = tom.go(f"/logboek/{event}")
    for name, value in (("grant_id", grant), ("sid", sid), ("correlation_id", cause)):
        link = re.search(rf'href="(/logboek\?{name}={value}&amp;[^"]*)"', page.text)
        assert link is not None, name
        assert event in tom.request("GET", unescape(link[1])).text, name
    assert tom.request("GET", "/logboek?grant_id=none").status_code == 422


def test_a_later_part_is_of_the_time_of_the_first(tom: Colleague, backroom: Backroom) -> None:
    """Without days in the filter that is thirty days up to when the first was asked for: they do not move on."""
    actor = PersonId(uuid4())
    same = TokenRefused(actor=actor, represented=actor, reason="LOA")
    events = write(backroom, same, same, same, cause=uuid4().hex, at=datetime.now(UTC))
    api, reference = Api(tom.admin, token(tom)), AesPersonReferences(backroom.foundation.keyring).of(actor)
    found: list[str] = []
    cursor: dict[str, str] = {}
    for _ in events:
        part = api.get("/audit/events", person=reference, type="token.refused", limit=1, **cursor).json()
        found += [each["eventId"] for each in part["events"]]
        cursor = {"cursor": part["nextCursor"]}
    assert (found, part["nextCursor"]) == (events, None)
    looked = [each["evidence"] for each in backroom.events("staff.viewed") if each["represented"] == str(actor)]
    assert len({(each["since"], each["until"]) for each in looked[-3:]}) == 1
    for made_up in ("A" * 50, "_" * 50):
        assert api.get("/audit/events", cursor=made_up).json()["events"] == []
    assert api.get("/audit/events", cursor="A" * 49).status_code == 400
