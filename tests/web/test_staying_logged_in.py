"""The end of a login by time (P16): what extends it, what does not, and where a page goes afterwards."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.backroom import Backroom
from tests.support.person import FROUKE, Person
from tests.support.town import Town

RENEW = "/auth/session/renew"
IDLE = "U bent uitgelogd omdat u 15 minuten niets deed. Log opnieuw in."
OVER = "U bent uitgelogd. Log opnieuw in."


def ago(**time: int) -> datetime:
    """This long before now."""
    return datetime.now(UTC) - timedelta(**time)


@pytest.fixture
def logged_in(person: Person) -> Person:
    """Give Frouke at VAD's own pages."""
    person.open(f"{person.town.issuer}/mijn/activiteit")
    person.log_in(FROUKE)
    return person


@pytest.fixture
def cookie(logged_in: Person) -> str:
    """Give her session cookie."""
    return logged_in.cookies["vad_session"]


def last_active(backroom: Backroom, cookie: str) -> datetime:
    """When the person last did something, as VAD knows it."""
    session = backroom.sessions.get(cookie)
    assert session is not None
    return session.last_active


def test_the_person_stays_logged_in(logged_in: Person, cookie: str, backroom: Backroom) -> None:
    """Rule 36: 204 and nothing in it; the 15 minutes begin anew."""
    backroom.change_session(cookie, last_active=ago(minutes=14))
    before = datetime.now(UTC)
    answer = logged_in.send("POST", RENEW)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert last_active(backroom, cookie) >= before


@pytest.mark.parametrize(
    "over",
    [
        {"last_active": ago(minutes=15)},
        {"auth_time": ago(hours=2), "last_active": ago(seconds=30)},
    ],
    ids=["idle", "two hours"],
)
def test_what_is_over_is_gone(logged_in: Person, cookie: str, backroom: Backroom, over: dict[str, datetime]) -> None:
    """Rule 36: after idle time, and past the absolute end whatever happened, 410; nothing comes back to life."""
    backroom.change_session(cookie, **over)
    for _ in range(2):
        answer = logged_in.send("POST", RENEW)
        assert (answer.status_code, answer.text) == (410, "Session is gone")
    assert last_active(backroom, cookie) == over["last_active"]
    assert logged_in.send("GET", "/mijn/activiteit").status_code == 303


def test_the_two_hours_do_not_move(logged_in: Person, cookie: str, backroom: Backroom) -> None:
    """Rule 36: staying logged in changes nothing but when the person was last there."""
    backroom.change_session(cookie, auth_time=ago(hours=1, minutes=59), last_active=ago(minutes=1))
    before = backroom.sessions.get(cookie)
    assert logged_in.send("POST", RENEW).status_code == 204
    after = backroom.sessions.get(cookie)
    assert before is not None
    assert after is not None
    assert after.ends_at == before.ends_at
    assert (after.sid, after.clients, after.level) == (before.sid, before.clients, before.level)


def test_nobody_else_is_renewed(person: Person) -> None:
    """Without a session, or with a cookie of one's own making, there is nothing to renew."""
    assert person.send("POST", RENEW).status_code == 410
    person.plant("vad_session", "A" * 43)
    assert person.send("POST", RENEW).status_code == 410
    assert person.send("GET", RENEW).status_code == 405


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 204),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, 410),
        ({"Sec-Fetch-Site": "same-site", "Origin": "https://app.example"}, 410),
        ({"Sec-Fetch-Site": "none"}, 410),
        ({"Sec-Fetch-Site": "x"}, 410),
        ({"Origin": "https://evil.example"}, 410),
        ({"Origin": "null"}, 410),
        ({"Origin": "own"}, 204),
    ],
)
def test_no_other_site_keeps_somebody_logged_in(
    logged_in: Person, cookie: str, backroom: Backroom, headers: dict[str, str], status: int
) -> None:
    """What a page of another origin sends counts for nothing (CSRF).

    Where apps may renew a login of their own it is answered as what they send; elsewhere it is 403.
    """
    long_ago = ago(minutes=14)
    backroom.change_session(cookie, last_active=long_ago)
    sent = {name: logged_in.town.issuer if value == "own" else value for name, value in headers.items()}
    assert logged_in.send("POST", RENEW, headers=sent).status_code == status
    assert (last_active(backroom, cookie) == long_ago) is (status == 410)


def test_what_a_page_does_by_itself_is_no_activity(logged_in: Person, cookie: str, backroom: Backroom) -> None:
    """A page whose time seems over asks. The login lives, so the page stays (204), and nobody was active (rule 2)."""
    long_ago = ago(minutes=14)
    backroom.change_session(cookie, last_active=long_ago)
    answer = logged_in.send("GET", "/verlopen?pagina=sessies")
    assert (answer.status_code, answer.content) == (204, b"")
    assert last_active(backroom, cookie) == long_ago


@pytest.mark.parametrize("page", ["activiteit", "toestemmingen", "sessies"])
def test_logging_in_again_leads_back(logged_in: Person, cookie: str, backroom: Backroom, page: str) -> None:
    """The login page says why, and after DigiD the person is where they were."""
    backroom.make_idle(cookie)
    logged_in.open(f"{logged_in.town.issuer}/verlopen?pagina={page}")
    assert IDLE in logged_in.page.text
    assert "is bewaard" not in logged_in.page.text
    logged_in.log_in(FROUKE)
    assert logged_in.page.address.endswith(f"/mijn/{page}")


def test_a_failed_login_still_knows_the_page(person: Person) -> None:
    """Who asks for a page, cancels at DigiD and tries again comes to that page."""
    person.open(f"{person.town.issuer}/mijn/sessies")
    person.press("login-submit")
    person.press("cancel")
    person.log_in(FROUKE)
    assert person.page.address.endswith("/mijn/sessies")


def test_a_page_that_is_asked_for_later_says_it_too(logged_in: Person, cookie: str, backroom: Backroom) -> None:
    """Without a script: whoever follows a link or presses a button after idle time reads why they are logged out."""
    backroom.make_idle(cookie)
    logged_in.open(f"{logged_in.town.issuer}/mijn/toestemmingen")
    assert IDLE in logged_in.page.text
    form = logged_in.filled_in("login-submit")
    assert form["page"] == ["toestemmingen"]


def test_a_login_that_is_not_known_any_more(logged_in: Person, cookie: str, backroom: Backroom) -> None:
    """After two hours, or when Redis lost it, nobody can tell why; the page says what to do. Strangers read nothing."""
    backroom.sessions.forget(cookie)
    logged_in.open(f"{logged_in.town.issuer}/mijn/activiteit")
    assert OVER in logged_in.page.text
    assert IDLE not in logged_in.page.text


def test_a_stranger_was_never_logged_out(person: Person) -> None:
    """Who comes for the first time reads nothing of an earlier login."""
    page = person.open(f"{person.town.issuer}/mijn/activiteit")
    assert "uitgelogd" not in page.text.lower()


@pytest.mark.parametrize("page", ["", "https://evil.example", "//evil.example", "../logout", "Activiteit"])
def test_no_page_is_an_address(vad_town: Town, person: Person, page: str) -> None:
    """What is not one of VAD's own pages by name leads to the activity: nobody is sent elsewhere."""
    person.open(f"{vad_town.issuer}/inloggen")
    person.open(f"{vad_town.issuer}/verlopen?pagina={page}")
    form = person.filled_in("login-submit") | {"page": [page], "action": ["login"]}
    sent = person.send("POST", "/inloggen", form)
    person.open(sent.headers["Location"])
    person.press("login-submit", {"bsn": FROUKE})
    assert person.page.address == f"{vad_town.issuer}/mijn/activiteit"


def test_the_page_says_its_limit_and_brings_the_script(logged_in: Person, cookie: str, backroom: Backroom) -> None:
    """WCAG 2.2.1: the limit is said to everybody. The policy lets one file of ours run, on pages that need it alone."""
    backroom.change_session(cookie, auth_time=ago(hours=1, minutes=50))
    page = logged_in.open(f"{logged_in.town.issuer}/mijn/activiteit")
    assert "Doet u 15 minuten niets? Dan loggen we u uit." in page.text
    assert 'data-idle="900" data-left="5' in page.text
    policy = logged_in.seen[-1].headers["Content-Security-Policy"]
    assert policy.startswith("script-src 'self'; connect-src 'self'; default-src 'none'; ")
    for path in ("/inloggen", "/hulp", "/bestaat-niet"):
        answer = logged_in.send("GET", path)
        assert "script" not in answer.headers["Content-Security-Policy"]
        assert "<script" not in answer.text
