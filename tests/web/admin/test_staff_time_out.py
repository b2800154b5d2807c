"""A login of staff ends while they fill in a form: what they typed waits, for them alone, for an hour and for once."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, quote, urlsplit
from uuid import uuid4

import pytest

from tests.support.backroom import Backroom
from tests.support.colleague import Colleague
from tests.support.person import FROUKE
from vad.adapters.redis.keys import StoreKeys
from vad.sandbox.demo.browser import Page

PAGE = "/logboek/wissen"
SECRET = "Een reden die lang genoeg is"
FORM = {"event": "een gebeurtenis", "form": "erase-", "reason": SECRET, "case_number": "999990457"}
"""With a BSN where it does not belong."""
ENDED = rb'"ends_at":"2020-01-01T00:00:00+00:00"'
IDLE = rb'"last_active":"2020-01-01T00:00:00+00:00"'


def end(backroom: Backroom, cookie: str, how: bytes) -> None:
    """Let the login of this browser be over."""
    name = StoreKeys(backroom.foundation.keyring).of("staff_session", cookie)
    stored = backroom.redis.client.get(name)
    assert isinstance(stored, bytes)
    field = how.partition(b":")[0]
    backroom.redis.client.set(name, re.sub(field + b':"[^"]+"', how, stored), keepttl=True)


def sent(colleague: Colleague, token: str, path: str = f"{PAGE}/gebeurtenis", **more: str) -> tuple[int, str]:
    """Send the form."""
    answer = colleague.request("POST", path, csrf_token=token, **FORM, **more)
    return answer.status_code, answer.headers.get("Location", "")


def values(page: Page) -> set[str]:
    """What is filled in there."""
    return {field.value for form in page.forms for field in form.fields}


@pytest.mark.parametrize("how", [ENDED, IDLE])
def test_what_was_typed_comes_back(new_colleague: Callable[[], Colleague], backroom: Backroom, how: bytes) -> None:
    """P16: sealed meanwhile, without a BSN; on its own page, to the same account and nobody else, once."""
    iris = new_colleague()
    iris.log_in_as("iris")
    iris.go(PAGE)
    token = iris.csrf_token
    end(backroom, iris.cookies["vad_staff"], how)
    assert sent(iris, "x" * 64)[0] == 400, "a form that is not ours is kept by nobody"
    assert sent(iris, token) == (303, f"/inloggen?pagina={PAGE}&verlopen=ja&bewaard=ja")
    assert "Wat u invulde, is bewaard." in iris.go("/inloggen?verlopen=ja&bewaard=ja").text
    kept = [backroom.redis.client.get(name) for name in backroom.redis.client.scan_iter("vad:*:staff_draft")]
    assert kept
    assert SECRET.encode() not in b"".join(each for each in kept if isinstance(each, bytes))
    assert SECRET not in values(iris.log_in_as("karin-beheer", PAGE)), "in the same browser, somebody else"
    iris.request("POST", "/uitloggen", csrf_token=iris.csrf_token)
    assert SECRET not in values(iris.log_in_as("iris", "/accounts")), "on another page"
    page = iris.go(PAGE)
    assert "Wat u invulde, staat hier weer." in page.text
    found = {field.name: field.value for form in page.forms for field in form.fields if field.value}
    assert (found["event"], found["reason"], found.get("case_number")) == (FORM["event"], SECRET, None)
    assert SECRET not in values(iris.go(PAGE)), "once"


def test_a_page_sends_it_by_itself(new_colleague: Callable[[], Colleague], backroom: Backroom) -> None:
    """Nothing is done. While the login lives after all the page stays, and that is no activity; then it is kept."""
    iris = new_colleague()
    iris.log_in_as("iris")
    iris.go(PAGE)
    token = iris.csrf_token
    before = backroom.ask("SELECT count(*) FROM staff_requests")
    name = StoreKeys(backroom.foundation.keyring).of("staff_session", iris.cookies["vad_staff"])
    stored = backroom.redis.client.get(name)
    assert sent(iris, token, keep_only="keep") == (204, "")
    assert backroom.redis.client.get(name) == stored
    end(backroom, iris.cookies["vad_staff"], IDLE)
    assert sent(iris, token, keep_only="keep")[0] == 303
    assert backroom.ask("SELECT count(*) FROM staff_requests") == before
    iris.log_in_as("iris", PAGE)
    assert "Wat u invulde, staat hier weer." in iris.page.text


def test_the_filter_of_an_export_comes_back(colleague: Colleague, backroom: Backroom) -> None:
    """Or it would be of everything; with a BSN in it, nothing of that address is kept anywhere."""
    colleague.log_in_as("tom")
    query = f"type=token.refused&grant_id={uuid4()}&since=2026-01-31"
    colleague.go(f"/logboek/export?{query}")
    token, form = colleague.csrf_token, {"format": "csv", "reason": SECRET, "case_number": "AUD-1"}
    end(backroom, colleague.cookies["vad_staff"], IDLE)
    answer = colleague.request("POST", f"/logboek/export?{query}", csrf_token=token, **form)
    assert parse_qs(urlsplit(answer.headers["Location"]).query)["pagina"] == [f"/logboek/export?{query}"]
    bsn = colleague.request("GET", f"/logboek/export?reason={FROUKE}")
    assert bsn.headers["Location"] == "/inloggen?verlopen=ja"
    page = colleague.log_in_as("tom", quote(f"/logboek/export?{query}"))
    assert "Wat u invulde, staat hier weer." in page.text
    (action,) = (form.action for form in page.forms if any(button.identifier == "download" for button in form.buttons))
    assert parse_qs(urlsplit(action).query) == parse_qs(query)
    assert SECRET in values(page)
    assert colleague.download("download", {"format-2": True})[:2] == b"PK"


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/bronnen", "/apps"),
        ("/apps-stoppen/pgo/een", "/apps/pgo/een"),
        ("/wettelijk/00000000-0000-0000-0000-000000000001/verlengen", "/wettelijk"),
        ("/stopcode", "/stopcode"),
    ],
)
def test_the_page_of_a_form(colleague: Colleague, backroom: Backroom, path: str, page: str) -> None:
    """Wherever a form is sent to, after logging in somebody is at the page that it stands on."""
    colleague.log_in_as("iris")
    token = colleague.csrf_token
    end(backroom, colleague.cookies["vad_staff"], IDLE)
    status, address = sent(colleague, token, path)
    assert (status, address.partition("&")[0]) == (303, f"/inloggen?pagina={page}")
