"""Error pages (P18): what happened, what to do, a code; nothing about our insides."""

import re
from collections.abc import Callable

import pytest
from flask import Blueprint, Flask, Response, abort, make_response
from structlog.testing import capture_logs
from werkzeug.exceptions import MethodNotAllowed, NotFound, TooManyRequests

from tests.web.presentation import presentation_app
from vad.domain.identifiers import Bsn
from vad.web.support.errors import app_not_set_up, page_expired, temporarily_unavailable

CODE = re.compile(r"Code: ([A-Z2-7]{4}-[A-Z2-7]{4})")
SECRET = "999991772 postgresql://vad:geheim@db"


class StoreError(Exception):
    """A fault whose text must not get out."""


@pytest.fixture
def app() -> Flask:
    """Give an application with one address for each way to go wrong."""
    app = presentation_app(machine_blueprints={"oidc"})
    oidc = Blueprint("oidc", __name__)
    faults: dict[str, Callable[[], Exception]] = {
        "fault": lambda: StoreError(SECRET),
        "unknown-app": app_not_set_up,
        "known-app": lambda: app_not_set_up("<i>Zorgmap</i> B.V."),
        "expired": page_expired,
        "away": temporarily_unavailable,
        "limited": lambda: TooManyRequests(retry_after=30),
    }

    @app.post("/submit")
    def submit() -> Response:
        raise page_expired()

    @app.route("/wrong/<name>", methods=["GET", "POST"])
    def fail(name: str) -> Response:
        error = faults.get(name, NotFound)()
        raise error

    @app.get("/deep")
    def deep() -> Response:
        try:
            try:
                _ = dict[str, str]()[SECRET]
            except KeyError as error:
                raise StoreError(SECRET) from error
        except StoreError:
            Bsn(SECRET)
        return Response()

    @app.get("/status/<int:status>")
    def fail_with(status: int) -> Response:
        abort(status)

    @app.get("/response")
    def own_response() -> Response:
        abort(make_response("own words", 409))

    @app.get("/folder/")
    def folder() -> str:
        return "here"

    @oidc.post("/token")
    def token() -> Response:
        raise StoreError(SECRET)

    app.register_blueprint(oidc)
    return app


@pytest.mark.parametrize(
    ("status", "dutch", "english"),
    [
        (400, "Dit lukt niet", "This does not work"),
        (401, "U bent niet ingelogd", "You are not logged in"),
        (403, "U mag deze pagina niet bekijken", "No access"),
        (404, "Pagina niet gevonden", "Page not found"),
        (405, "Zo kunt u deze pagina niet openen", "You cannot open this page like this"),
        (408, "Het duurde te lang", "It took too long"),
        (413, "Dit is te veel", "This is too much"),
        (414, "Het adres is te lang", "The address is too long"),
        (418, "Dit lukt niet", "This does not work"),
        (429, "Te veel pogingen", "Too many attempts"),
        (500, "Er ging iets mis bij ons", "Something went wrong"),
        (501, "Er ging iets mis bij ons", "Something went wrong"),
        (503, "VAD werkt nu even niet", "VAD does not work at this moment"),
    ],
)
def test_each_error_says_what_happened(app: Flask, status: int, dutch: str, english: str) -> None:
    """The page keeps its status, is not cached, and has a heading and title in both languages."""
    for language, words, prefix in (("nl", dutch, "Fout:"), ("en", english, "Error:")):
        response = app.test_client().get(f"/status/{status}?taal={language}")
        assert response.status_code == status
        assert response.headers["Cache-Control"] == "no-store"
        assert f"<title>{prefix} {words} - VAD</title>" in response.text
        assert f"{words}</h1>" in response.text
        assert CODE.search(response.text)


def test_the_code_on_the_page_is_the_code_in_the_log(app: Flask) -> None:
    """One log line per error carries the same code, the status, the class and the place, and nothing that was asked."""
    with capture_logs() as lines:
        response = app.test_client().get("/wrong/fault?bsn=999991772")
    found = CODE.search(response.text)
    assert found is not None
    (line,) = lines
    assert line["event"] == "page_error"
    assert (line["code"], line["status"], line["log_level"]) == (found[1], 500, "error")
    assert line["exception_class"].endswith("StoreError")
    assert line["where"] == []
    assert line["causes"] == []
    assert line["endpoint"] == "fail"
    assert "999991772" not in str(line)


def test_a_fault_is_found_in_our_own_code(app: Flask) -> None:
    """A 500 names the last places in VAD's own files, not those of libraries, and the classes that led to it."""
    with capture_logs() as lines:
        response = app.test_client().get("/deep")
    assert response.status_code == 500
    (line,) = lines
    assert line["exception_class"] == "vad.domain.errors.InvalidIdentifierError"
    assert line["causes"] == ["tests.web.test_error_pages.StoreError", "builtins.KeyError"]
    assert re.fullmatch(r"vad/domain/identifiers\.py:\d+:\w+", line["where"][-1])
    for part in SECRET.split():
        assert part not in str(line)


def test_each_error_has_its_own_code(app: Flask) -> None:
    """Codes do not repeat: one code, one line in the log."""
    codes = {CODE.findall(app.test_client().get("/nowhere").text)[0] for _ in range(20)}
    assert len(codes) == 20


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_the_text_of_an_exception_goes_nowhere(app: Flask, accept: str) -> None:
    """Neither the caller nor the log gets the words of a fault, which may hold a BSN or a password."""
    with capture_logs() as lines:
        response = app.test_client().get("/wrong/fault", headers={"Accept": accept})
    assert response.status_code == 500
    for part in SECRET.split():
        assert part not in response.text
        assert part not in str(lines)


def test_programs_get_json(app: Flask) -> None:
    """Who likes JSON better than HTML gets {error, error_description, code} with the same status."""
    response = app.test_client().get("/nowhere", headers={"Accept": "application/json"})
    assert response.status_code == 404
    assert response.headers["Cache-Control"] == "no-store"
    answer = response.get_json()
    assert set(answer) == {"error", "error_description", "code"}
    assert answer["error"] == "not_found"
    assert answer["error_description"] == "Page not found. This page does not exist or has moved."


@pytest.mark.parametrize("accept", ["*/*", "text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.8", ""])
def test_browsers_get_a_page(app: Flask, accept: str) -> None:
    """Who likes HTML at least as much gets the page."""
    response = app.test_client().get("/nowhere", headers={"Accept": accept} if accept else {})
    assert response.mimetype == "text/html"


def test_endpoints_for_programs_always_answer_with_json(app: Flask) -> None:
    """A blueprint named as one for programs answers JSON, whatever the Accept header."""
    response = app.test_client().post("/token", headers={"Accept": "*/*"})
    assert response.status_code == 500
    assert response.get_json()["error"] == "server_error"


def test_headers_of_the_protocol_are_kept(app: Flask) -> None:
    """405 names the allowed methods, 429 and 503 say when to come back (RFC 9110)."""
    client = app.test_client()
    assert "GET" in client.post("/hulp").headers["Allow"]
    assert MethodNotAllowed.code == client.post("/hulp").status_code
    # Another method would be sent on to the address with one slash: that is no fault either.
    assert MethodNotAllowed.code == client.post("/status//404").status_code
    assert client.get("/wrong/limited").headers["Retry-After"] == "30"
    assert client.get("/wrong/away").headers["Retry-After"] == "60"
    assert client.get("/wrong/away").status_code == 503


def test_an_app_that_is_not_set_up_is_named_when_known(app: Flask) -> None:
    """A wrong client or redirect URI ends here, never in a redirect; the app's name is escaped."""
    unknown, known = app.test_client().get("/wrong/unknown-app"), app.test_client().get("/wrong/known-app")
    assert unknown.status_code == known.status_code == 400
    assert "Location" not in known.headers
    assert "Deze app is niet goed ingesteld" in unknown.text
    assert "Neem contact op met de maker van de app." in unknown.text
    assert "Neem contact op met &lt;i&gt;Zorgmap&lt;/i&gt; B.V." in known.text
    assert "B.V..<" not in known.text


def test_an_old_form_says_how_to_go_on(app: Flask) -> None:
    """A stale or reused page asks the person to begin again at the app."""
    response = app.test_client().get("/wrong/expired")
    assert response.status_code == 400
    assert "Ga terug naar uw app en begin opnieuw." in response.text


def test_the_language_link_never_leads_to_a_dead_end(app: Flask) -> None:
    """After a form whose address cannot be opened by a link, no link in another language is offered."""
    client = app.test_client()
    assert 'hreflang="en"' not in client.post("/submit").text
    assert 'hreflang="en"' in client.post("/wrong/expired").text
    assert 'hreflang="en"' in client.get("/wrong/expired").text


def test_what_is_no_error_passes(app: Flask) -> None:
    """Redirects to the right address, and responses that a view made itself, are left alone."""
    client = app.test_client()
    assert client.get("/folder").status_code == 308
    own = client.get("/response")
    assert (own.status_code, own.text) == (409, "own words")


def test_error_pages_carry_the_security_headers(app: Flask) -> None:
    """A page that went wrong is no less protected."""
    headers = app.test_client().get("/wrong/fault").headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["X-Frame-Options"] == "DENY"
