"""What an app reads of a person's mandates at `/v1`."""

from datetime import datetime

from tests.support.api_client import HENDRIKS_NAME, SAMIRAS_NAME, Household
from tests.support.mandate_pages import offered
from tests.support.person import HENDRIK


def test_both_sides_of_a_mandate(household: Household) -> None:
    """Both see it, each from their own side, with the other as this app knows them; the log says who read."""
    household.authorise("48", "51", apps=("rp-acts", "pgo-demo"))
    father, helper = household.fathers(), household.helpers()
    answer = father.get("/mandates")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert (answer.headers["API-Version"], answer.headers["Cache-Control"]) == ("1.0.0", "no-store")
    (given,), (held,) = answer.json()["mandates"], helper.get("/mandates", role="representative").json()["mandates"]
    assert (given["role"], held["role"]) == ("represented", "representative")
    assert (given["other"]["name"], held["other"]["name"]) == (SAMIRAS_NAME, HENDRIKS_NAME)
    assert (given["state"], given["route"], given["answerBy"]) == ("active", "offer", None)
    assert given["mandateId"] == held["mandateId"]
    assert {(each["dataService"], each["apps"]) for each in given["permissions"]} == {
        (service, app) for service in ("48", "51") for app in ("this", "other")
    }
    assert "pgo-demo" not in answer.text
    assert datetime.fromisoformat(given["endsAt"]) > datetime.fromisoformat(given["startsAt"])
    assert father.get(f"/mandates/{given['mandateId']}").json() == given
    assert helper.get("/mandates", role="represented").json() == {"mandates": [], "nextCursor": None}

    (can,) = helper.get("/representations").json()["people"]
    assert can["sub"] == held["other"]["sub"]
    assert (can["name"], can["mandateId"]) == (HENDRIKS_NAME, given["mandateId"])
    assert can["basis"] == "urn:nl-vad:1.0:RT:Vrijwillige_Machtiging"
    assert father.get("/representations").json() == {"people": [], "complete": True}

    events = household.backroom.events("mandate.read")
    assert len(events) == 6
    assert {event["client_id"] for event in events} == {"rp-acts"}
    assert events[0]["evidence"] == {"mandates": [given["mandateId"]]}
    assert events[0]["actor"] == str(household.backroom.person_id(HENDRIK))
    page = household.father.open(f"{household.father.town.issuer}/mijn/activiteit")
    assert "App zag uw machtigingen" in page.text


def test_while_the_register_is_away(household: Household) -> None:
    """Mandates are there without names, and can be stopped; that somebody may be missing is said."""
    household.authorise("48")
    helper = household.helpers()
    household.backroom.forget_names()
    household.backroom.forget_minors()
    with household.helper.town.misbehaving("brp", "error500"):
        (known,) = helper.get("/mandates").json()["mandates"]
        assert (known["other"]["name"], known["state"]) == (None, "active")
        assert known["other"]["sub"]
        assert helper.get("/representations").json() == {"people": [], "complete": False}
        stopped = helper.post(f"/mandates/{known['mandateId']}/revocations", {})
        assert (stopped.status_code, stopped.json()["state"]) == (200, "revoked")
    household.backroom.wait_for_brp()


def test_a_long_list_comes_in_parts(household: Household) -> None:
    """Each mandate once, the latest first, in parts that the app asks for one after the other."""
    for label in ("een", "twee", "drie"):
        offered(household.father, HENDRIK, "48", label=label)
    father = household.fathers()
    first = father.get("/mandates", limit=2).json()
    rest = father.get("/mandates", limit=2, cursor=first["nextCursor"]).json()
    names = [each["other"]["name"] for each in (*first["mandates"], *rest["mandates"])]
    assert (names, rest["nextCursor"]) == (["drie", "twee", "een"], None)
    assert {each["other"]["sub"] for each in first["mandates"]} == {None}
    assert all(each["answerBy"] for each in first["mandates"])
    (wrong,) = father.get("/mandates", cursor=first["nextCursor"][:-1]).json()["errors"]
    assert (wrong["in"], wrong["name"], wrong["code"]) == ("query", "cursor", "string_pattern_mismatch")


def test_somebody_elses_is_not_found(household: Household) -> None:
    """Whoever guesses an identifier hears what they hear of one that there is not."""
    offered(household.father, HENDRIK, "48")
    (his,) = household.fathers().get("/mandates").json()["mandates"]
    helper = household.helpers()
    answers = [
        helper.get(f"/mandates/{his['mandateId']}"),
        helper.get("/mandates/00000000-0000-4000-8000-000000000000"),
        helper.post(f"/mandates/{his['mandateId']}/revocations", {}),
        helper.post("/mandates/00000000-0000-4000-8000-000000000000/revocations", {}),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert not [
        event
        for event in household.backroom.events("mandate.read")
        if event["actor"] == str(household.backroom.person_id("999990457"))
    ]
