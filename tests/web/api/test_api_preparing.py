"""What an app prepares at `/v1`, and the person confirms on a page of VAD."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.api_client import HENDRIKS_NAME, Household
from tests.support.mandate_pages import at_home, born, bring, code_on, offered
from tests.support.person import HENDRIK, SAMIRA
from vad.web.support.cookies import SESSION

OFFER = {"name": "Samira", "dataServices": ["48"], "apps": "this", "months": 6}
AGAIN = "Log opnieuw in"
UNFIT: list[tuple[dict[str, Any], str]] = [
    ({"name": " "}, "#/name"),
    ({"name": "\n"}, "#/name"),
    ({"name": "x" * 81}, "#/name"),
    ({"dataServices": []}, "#/dataServices"),
    ({"dataServices": ["48", "999991772"]}, "#/dataServices/1"),
    ({"apps": "pgo-demo"}, "#/apps"),
    ({"months": 0}, "#/months"),
    ({"months": 61}, "#/months"),
    ({"months": "6"}, "#/months"),
    ({"months": True}, "#/months"),
    ({"bsn": "999991772"}, "#"),
]


UNREADABLE = (
    *("", "[]", "null", '"name"', "{", '{"name": "x"', "{}{}", "\ufeff{}", "NaN"),
    *('{"name": "Samira", "name": "Somebody"}', '{"months": NaN}', '{"months": -Infinity}', '{"months": 1e400}'),
    *(r'{"name": "\ud800"}', r'{"name": "a\u0000"}', r'{"\udfff": 1}', '{"x": ' + "[" * 20 + "]" * 20 + "}"),
    '{"x": ' + "[" * 30_000 + "]" * 30_000 + "}",
)
"""JSON that is none, or that another reader understands in another way, or that no store can hold."""


def _grown_old(household: Household, minutes: int = 6) -> None:
    """Let his login have been longer ago than that."""
    cookies = household.father.cookies
    long_ago = datetime.now(UTC) - timedelta(minutes=minutes)
    household.backroom.change_session(cookies[SESSION], auth_time=long_ago)


def test_an_offer_is_none_before_the_person_confirms_it(household: Household) -> None:
    """Nothing is offered by the app; the person does it, who logged in a moment ago, and alone sees the code."""
    api = household.fathers()
    answer = api.post("/offers", OFFER)
    address = answer.json()["confirmUri"]
    assert (answer.status_code, answer.headers["Location"]) == (201, address)
    assert not household.backroom.events("mandate.offered")
    assert api.get("/mandates").json()["mandates"] == []
    (prepared,) = household.backroom.events("mandate.prepared")
    assert (prepared["client_id"], prepared["actor"]) == ("rp-acts", str(household.backroom.person_id(HENDRIK)))

    _grown_old(household)
    page = household.father.open(address)
    assert AGAIN in page.text
    page = household.father.log_in(HENDRIK)
    assert (page.url, page.heading) == (address, "Controleer uw machtiging")
    for shown in ("Test rp-acts", "Samira", "Basisgegevens"):
        assert shown in page.text
    # Somebody who stays on the page too long confirms nothing.
    _grown_old(household)
    assert AGAIN in household.father.press("make").text
    assert not household.backroom.events("mandate.offered")
    household.father.log_in(HENDRIK)
    form = household.father.filled_in("make") | {"action": "make"}
    code = code_on(household.father.press("make"))
    twice = household.father.send("POST", address, form)
    assert (twice.status_code, len(household.backroom.events("mandate.offered"))) == (404, 1)
    (made,) = household.backroom.events("mandate.offered")
    assert (made["client_id"], made["evidence"]["permissions"][0][2]) == ("rp-acts", "rp-acts")
    bring(household.helper, SAMIRA, code, born(household.backroom, HENDRIK))
    assert "U kunt nu gegevens bekijken" in household.helper.press("accept").text


def test_it_is_for_one_person(household: Household) -> None:
    """Another person finds nothing at the address, logged in or not; who does not want it drops it."""
    address = household.fathers().post("/offers", OFFER | {"apps": "all"}).json()["confirmUri"]
    page = household.helper.open(address)
    assert "login-submit" in page.elements
    assert household.helper.log_in(SAMIRA).status == 404
    nobodys = address[:-36] + "00000000-0000-4000-8000-000000000000"
    assert household.helper.open(nobodys).heading == household.helper.open(address).heading
    page = household.father.open(address)
    assert "Elke app" in page.text
    household.father.press("drop")
    assert household.father.open(address).status == 404
    assert not household.backroom.events("mandate.offered")


def test_a_body_has_one_meaning(household: Household) -> None:
    """What is not one JSON object that everybody reads alike is a problem of the app's, and prepares nothing."""
    api = household.fathers()
    whole = '{"name": "Samira", "dataServices": ["48"], "apps": "this", "months": 6%s}'
    hidden = (', "months": 7', r', "\u006donths": 7', ', "x": NaN', r', "x": "\ud800"')
    for body in (*UNREADABLE, *(whole % each for each in hidden)):
        sent = body.encode("utf-8", "surrogatepass")
        answer = api.send("POST", "/offers", data=sent, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input"), body[:80]
        assert answer.json()["errors"] == [
            {"in": "body", "pointer": "#", "code": "object_required", "detail": "The body must be a JSON object."}
        ], body[:80]
    assert not household.backroom.events("mandate.prepared")
    written = api.send("POST", "/offers", data=whole % "", headers={"Content-Type": "application/json"})
    assert written.status_code == 201


def test_an_answer_is_prepared_too(household: Household) -> None:
    """The helper's app leads to the page on which she accepts, having logged in a moment ago; the log names the app."""
    code = offered(household.father, HENDRIK, "48")
    bring(household.helper, SAMIRA, code, born(household.backroom, HENDRIK))
    father, helper = household.fathers(), household.helpers()
    (known,) = helper.get("/mandates").json()["mandates"]
    path = f"/mandates/{known['mandateId']}/acceptances"
    answer = father.post(path, {})
    assert (answer.status_code, answer.json()["code"]) == (409, "moved_on")
    address = helper.post(path, {}).json()["confirmUri"]
    household.backroom.change_session(
        household.helper.cookies[SESSION], auth_time=datetime.now(UTC) - timedelta(minutes=6)
    )
    assert AGAIN in household.helper.open(address).text
    page = household.helper.log_in(SAMIRA)
    assert HENDRIKS_NAME in page.text
    assert "U kunt nu gegevens bekijken" in household.helper.press("accept").text
    (accepted,) = household.backroom.events("mandate.accepted")
    assert (accepted["client_id"], accepted["actor"]) == ("rp-acts", str(household.backroom.person_id(SAMIRA)))
    assert household.helper.open(address).heading == "Voor wie mag ik gegevens bekijken?"
    assert helper.post(path, {}).status_code == 409
    stranger = helper.post("/mandates/00000000-0000-4000-8000-000000000000/acceptances", {})
    assert stranger.status_code == 404


def test_a_request_is_agreed_to_in_part(household: Household) -> None:
    """Who was asked answers on the same page as otherwise: what was not ticked is not given."""
    code = offered(household.helper, SAMIRA, "48", "51", where="machtiging-vragen")
    bring(household.father, HENDRIK, code, born(household.backroom, SAMIRA))
    father = household.fathers()
    (known,) = father.get("/mandates").json()["mandates"]
    address = father.post(f"/mandates/{known['mandateId']}/acceptances", {}).json()["confirmUri"]
    household.father.open(address)
    page = household.father.press("accept")
    assert (page.status, page.url) == (400, address)
    box = next(field for form in page.forms for field in form.fields if field.name == "permission")
    late: dict[str, str | bool] = {"term-date": True, "until-day": "1", "until-month": "1", "until-year": "2039"}
    page = household.father.press("accept", {box.identifier: True, **late})
    assert (page.status, page.url) == (400, address)
    assert "De machtiging werkt nu." in household.father.press("accept", {"term-asked": True}).text
    assert len(father.get("/mandates").json()["mandates"][0]["permissions"]) == 1


def test_what_can_be_no_offer(household: Household) -> None:
    """400, with a pointer to the member; what was sent is not said again."""
    api = household.fathers()
    for change, pointer in UNFIT:
        answer = api.post("/offers", OFFER | change)
        assert answer.status_code == 400, change
        assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]
        assert "999991772" not in answer.text
    assert not household.backroom.events("mandate.prepared")
    assert api.post("/offers", OFFER | {"months": 6.0}).status_code == 201


def test_who_can_not_give_one_hears_why_on_the_page(household: Household) -> None:
    """Rules 20 and 45: asked when it is confirmed; nothing was made, and it can be tried again."""
    address = household.fathers().post("/offers", OFFER).json()["confirmUri"]
    at_home(household.father, HENDRIK, "/mijn/delen")
    household.father.press("block-representation")
    household.father.open(address)
    page = household.father.press("make")
    assert (page.status, page.url) == (409, address)
    assert "Bekijken voor een ander staat uit." in page.text
    assert not household.backroom.events("mandate.offered")
    household.backroom.ask("DELETE FROM blocks")
    assert code_on(household.father.press("make"))
