"""Stopping a mandate, or a part of it, by an app at `/v1`."""

from tests.support.api_client import Household
from tests.support.mandate_pages import offered
from tests.support.person import HENDRIK, SAMIRA


def test_a_part_and_then_the_whole(household: Household) -> None:
    """Rules 21 and 27: at once, from either side, with the app in the log; asking twice is no error."""
    household.authorise("48", "51")
    father, helper = household.fathers(), household.helpers()
    (known,) = father.get("/mandates").json()["mandates"]
    path = f"/mandates/{known['mandateId']}/revocations"
    part = known["permissions"][0]
    for _ in range(2):
        answer = father.post(path, {"permissionId": part["permissionId"]})
        assert answer.status_code == 200
        assert [each["dataService"] for each in answer.json()["permissions"]] == ["51"]
        assert answer.json()["state"] == "active"
    (changed,) = household.backroom.events("mandate.changed")
    assert (changed["client_id"], changed["reason"]) == ("rp-acts", "permission_stopped")
    assert father.post(path, {"permissionId": known["mandateId"]}).status_code == 404
    for api in (helper, father):
        answer = api.post(path, {})
        assert (answer.status_code, answer.json()["state"]) == (200, "revoked")
    assert helper.get("/representations").json()["people"] == []
    (stopped,) = household.backroom.events("mandate.stopped")
    assert (stopped["client_id"], stopped["actor"]) == ("rp-acts", str(household.backroom.person_id(SAMIRA)))
    page = household.father.open(f"{household.father.town.issuer}/mijn/activiteit")
    assert "Machtiging gestopt" in page.text


def test_what_was_never_in_force(household: Household) -> None:
    """An offer that nobody answered is not stopped but taken back, which is a page's work: it stays as it is."""
    offered(household.father, HENDRIK, "48")
    father = household.fathers()
    (known,) = father.get("/mandates").json()["mandates"]
    answer = father.post(f"/mandates/{known['mandateId']}/revocations", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "moved_on")
    assert father.get(f"/mandates/{known['mandateId']}").json()["state"] == "offered"
