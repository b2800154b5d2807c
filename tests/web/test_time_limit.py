"""A request that came too long ago ends with a clear no, whatever it asks."""

import time

import pytest

from tests.support.backroom import Backroom
from tests.support.person import Person
from tests.support.relying_party_client import RelyingParty
from tests.support.town import Town
from tests.web.test_rate_limits import proof
from vad.domain.errors import OutOfTimeError
from vad.services.time_limit import SECONDS, TO_USE_UP, at_least, left, limited


def test_no_answer_comes_after_its_time(vad_town: Town, other_rp: RelyingParty) -> None:
    """A program hears 503 and `temporarily_unavailable`, a person reads it; a moment earlier both get their answer."""
    client, form = vad_town.app.test_client(), {"grant_type": "refresh_token", "refresh_token": "x"}
    for waited, token, page in ((SECONDS + 1.0, 503, 503), (0.0, 400, 200)):
        with limited(time.monotonic, since=time.monotonic() - waited):
            told = client.post("/token", data=form | proof(other_rp))
            shown = client.get("/inloggen")
        assert (told.status_code, shown.status_code) == (token, page)
        if waited:
            assert told.get_json()["error"] == "temporarily_unavailable"
            assert int(told.headers["Retry-After"]) > 0
            assert "VAD werkt nu even niet" in shown.text


@pytest.mark.parametrize("waited", [SECONDS + 1.0, SECONDS - TO_USE_UP / 2])
def test_nothing_is_used_up_without_time_to_use_it(
    vad_town: Town, rp: RelyingParty, person: Person, backroom: Backroom, waited: float
) -> None:
    """A code and an assertion that come too late, or in the last second, are as good as before in a new request."""
    asked = rp.ask(resources=("https://source.example",), scope="openid 51")
    form = {
        "grant_type": "authorization_code",
        "code": person.authorize(asked),
        "redirect_uri": rp.redirect_uri,
        "code_verifier": asked.code_verifier,
    } | proof(rp)
    with limited(time.monotonic, since=time.monotonic() - waited):
        assert vad_town.app.test_client().post("/token", data=form).status_code == 503
    assert vad_town.app.test_client().post("/token", data=form).status_code == 200
    assert backroom.events("token.refused") == []


def test_a_visit_to_digid_is_not_used_up_too_late(vad_town: Town, person: Person) -> None:
    """Who comes back while VAD has no time is told so, and can come again by the same address."""
    person.open(f"{vad_town.issuer}/mijn/activiteit")
    page = person.press("login-submit")
    form = person.filled_in("login-submit") | {"bsn": ["999990457"]}
    back = person.send("POST", page.url, form).headers["Location"]
    client = vad_town.app.test_client()
    for name, value in person.cookies.items():
        client.set_cookie(name, value, domain="localhost")
    with limited(time.monotonic, since=time.monotonic() - SECONDS - 1.0):
        assert client.get(back).status_code == 503
    assert client.get(back).status_code == 303


def test_taking_back_has_a_time_of_its_own() -> None:
    """However little is left of a request, what may be stolen is taken back; never longer than that, nor shorter."""
    with limited(lambda: 100.0, since=100.0 - SECONDS - 5.0):
        with at_least(1.0):
            assert left(60.0) == 1.0
        with pytest.raises(OutOfTimeError):
            left(60.0)
    with limited(lambda: 100.0, since=100.0), at_least(1.0):
        assert left(60.0) == SECONDS
    with at_least(1.0):
        assert left(60.0) == 60.0


def test_every_request_has_a_time_of_its_own(vad_town: Town) -> None:
    """Nothing of one request is left for the next of the same thread."""
    client = vad_town.app.test_client()
    with limited(time.monotonic, since=time.monotonic() - SECONDS - 1.0):
        assert client.get("/readyz").status_code == 503
    assert client.get("/readyz").status_code == 200


def test_a_code_whose_request_ran_out_of_time_is_said_to_be_spent(
    vad_town: Town, rp: RelyingParty, person: Person, backroom: Backroom
) -> None:
    """The PRS takes longer than what is left: no token, the app hears that only a new request helps, and the log knows.

    What the code gave is taken back within the time that is kept for it.
    """
    gp = vad_town.address("gp")
    asked = rp.ask(scope="openid 49", resources=(gp,))
    form = {
        "grant_type": "authorization_code",
        "code": person.authorize(asked),
        "redirect_uri": rp.redirect_uri,
        "code_verifier": asked.code_verifier,
        "resource": gp,
    }
    began = time.monotonic()
    with vad_town.misbehaving("prs", "hang", seconds=20), limited(time.monotonic, since=began - SECONDS + 2.0):
        answer = vad_town.app.test_client().post("/token", data=form | proof(rp))
    assert time.monotonic() - began < 2.5
    assert (answer.status_code, answer.get_json()["error"]) == (503, "temporarily_unavailable")
    assert "the code is spent" in answer.get_json()["error_description"]
    assert backroom.events("token.issued") == []
    assert [event["reason"] for event in backroom.events("token.refused")] == ["REGISTER_UNAVAILABLE"]
    (created,), (revoked,) = backroom.events("grant.created"), backroom.events("grant.revoked")
    assert created["grant_id"] == revoked["grant_id"]
