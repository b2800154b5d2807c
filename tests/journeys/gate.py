"""What every page must pass before it is shown to anybody, and the record of it that a person can review.

The record of a page, in `snapshots`, holds its title, language, focus order and what assistive technology hears of its
main part. VAD_UPDATE_SNAPSHOTS=1 writes the records anew; read the difference before committing it.
"""

import os
import re
from pathlib import Path
from urllib.parse import quote_plus

from playwright.sync_api import Page, expect

from tests.support.accessibility import assert_accessible, assert_no_horizontal_scroll
from tests.support.focus import assert_focus_visible, assert_same_focus_visible
from tests.support.visitor import Visitor
from vad.sandbox.demo.layout import WEB

SNAPSHOTS = Path(__file__).parent / "snapshots"
_FOUND = tuple(f"staff-{kind}-missing" for kind in ("mandates", "person", "persons"))
STATES = (
    *("staff-break-glass-review", "staff-mandate", "staff-mandates", "staff-person", "staff-person-unmasked"),
    *("staff-persons", *_FOUND),
    "acting-choose",
    "acting-choose-missing",
    "acting-choose-uncertain",
    "acting-confirm",
    "activity",
    "app-not-set-up",
    "assents-allowed",
    "assents-check",
    "assents-choose",
    "assents-choose-missing",
    "assents-nothing",
    "blocks",
    "blocks-app",
    "blocks-none",
    "blocks-organisation",
    "blocks-organisation-missing",
    "confirm-login",
    "consent",
    "consent-acting",
    "consent-api",
    "consent-error-duration",
    "consent-errors",
    "consent-login-only",
    "consent-restored",
    "contacts",
    "contacts-none",
    "contacts-pending",
    "contacts-wrong",
    "digid",
    "expired",
    "form-post",
    "given-consents",
    "given-consents-stopped",
    "information-accessibility",
    "information-help",
    "information-privacy",
    "information-security",
    "logged-out",
    "login",
    "login-again",
    "login-cancelled",
    "login-ended",
    "login-ended-kept",
    "login-failed",
    "login-level",
    "login-own",
    "mandate-answer",
    "mandate-answer-request",
    "mandate-answer-request-missing",
    "mandate-ask",
    "mandate-ask-check",
    "mandate-check",
    "mandate-code",
    "mandate-code-enter",
    "mandate-code-missing",
    "mandate-confirm",
    "mandate-end",
    "mandate-how-long",
    "mandate-how-long-missing",
    "mandate-letter",
    "mandate-letter-asked",
    "mandate-letter-check",
    "mandate-letter-missing",
    "mandate-stop",
    "mandate-stop-code",
    "mandate-stop-code-done",
    "mandate-stop-code-wrong",
    "mandate-what",
    "mandate-what-missing",
    "mandate-who",
    "mandate-who-missing",
    "mandates",
    "mandates-given",
    "mandates-given-none",
    "mandates-given-waiting",
    "mandates-held",
    "mandates-held-none",
    "not-found",
    "own-data",
    "pgo-data",
    "pgo-data-acting",
    "pgo-error",
    "pgo-home",
    "pgo-one-source",
    "refused-age",
    "refused-age-unknown",
    "refused-deceased",
    "refused-register-away",
    "report",
    "report-missing",
    "reports",
    "reports-answered",
    "sessions",
    "sessions-stopped",
    "staff-break-glass",
    "staff-break-glass-missing",
    "staff-break-glass-none",
    "staff-enrolment",
    "staff-logged-out",
    "staff-login",
    "staff-no-access",
    "staff-signal-missing",
    "staff-blocks",
    "staff-blocks-missing",
    "staff-blocks-none",
    "staff-legal",
    "staff-legal-missing",
    "staff-legal-none",
    "staff-legal-renewal-own",
    "staff-request",
    "staff-request-own",
    "staff-requests",
    *("staff-case", "staff-case-closed", "staff-case-missing", "staff-cases", "staff-cases-none"),
    "staff-person-export",
    "staff-person-export-missing",
    "staff-client-bewijs",
    "staff-client-request",
    "staff-client-request-own",
    "staff-log",
    "staff-log-could-act",
    "staff-log-erasing",
    "staff-log-erasing-missing",
    "staff-log-event",
    "staff-log-export",
    "staff-log-export-missing",
    "staff-log-missing",
    "staff-log-overdue",
    "staff-log-overdue-missing",
    "staff-log-turning",
    "staff-log-turning-missing",
    "staff-log-questions",
    "staff-log-questions-missing",
    "staff-stop-code",
    "staff-stop-code-wrong",
)
"""Every page and main state, by the name of its record."""

FAILED = frozenset(
    {
        *_FOUND,
        "acting-choose-missing",
        "app-not-set-up",
        "assents-choose-missing",
        "blocks-organisation-missing",
        "consent-error-duration",
        "consent-errors",
        "contacts-wrong",
        "expired",
        "login-cancelled",
        "login-failed",
        "login-level",
        "mandate-answer-request-missing",
        "mandate-code-missing",
        "mandate-how-long-missing",
        "mandate-letter-missing",
        "mandate-stop-code-wrong",
        "mandate-what-missing",
        "mandate-who-missing",
        "not-found",
        "report-missing",
        "staff-case-missing",
        "staff-person-export-missing",
        "staff-break-glass-missing",
        "staff-no-access",
        "staff-signal-missing",
        "staff-blocks-missing",
        "staff-legal-missing",
        "staff-log-erasing-missing",
        "staff-log-export-missing",
        "staff-log-overdue-missing",
        "staff-log-turning-missing",
        "staff-log-missing",
        "staff-log-questions-missing",
        "staff-stop-code-wrong",
    }
)
"""Where the title begins with "Fout:", so that it is the first thing said."""

_FRAME = frozenset({"activity", "digid", "login", "pgo-home"})
"""Where the focus is looked at in the frame as well, which is the same on every page of a program."""

_OF_THE_DAY = frozenset({"activity", "sessions", "sessions-stopped"}) | {
    state for state in STATES if state.startswith(("assents", "mandate", "report", "staff"))
}
"""Where the dates are those of the test."""

_PROGRAMS = {"digid": {"nl": "Test-DigiD", "en": "Test DigiD"}, "pgo": {"nl": "Mijn Zorgmap", "en": "Mijn Zorgmap"}}
_OF_SOMEBODY = re.compile(r"(- region \"Huisartsenpraktijk De Linde\":\n)(?: {4}.*\n)+")
"""The GP knows people by a pseudonym, which is another one in every town: whose record it shows is chance."""
_OF_THE_GP = frozenset({"pgo-data", "pgo-data-acting"})
_OF_THE_TESTS = re.compile(r" +- radio \"Test [^\"]+\"\n +- text: Test .*\n")
"""Where every app stands, those of the tests do too, and each new one would be a new page."""
_EVENTS = re.compile(r"(- combobox \"(?:Gebeurtenis|Event)\":\n)(?: +- option .*\n)+")
"""The list of every event there is is long, and the docs have it."""
_TODAY = re.compile(r"(- textbox \"(?:Dag|Maand|Jaar|Day|Month|Year)\": )\"?\d+\"?")
_SHORT = re.compile(r"\b[A-Z2-7]{5}-[A-Z2-7]{5}…|\b\d{4}-\d{2}-\d{2} TIME:\d{2}\b")
"""Of a table: the first half of a reference, and a moment."""
_WITH_TABLES = ("staff-break-glass-review", "staff-case", "staff-l", "staff-mandate", "staff-person", "staff-signal")
_FRAMED = "[[...document.querySelectorAll('h1')].map(h => h.innerText), document.querySelectorAll('main').length]"
"""The headings of the page, and how many main parts it has."""
_DATE = re.compile(r"\b\d{1,2} [A-Za-z]{3,9} (?:19|20)\d{2}\b")
_CHANGING = (
    (re.compile(r"\b[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{2}\b"), "CODE"),
    (re.compile(r"\bM[A-Z2-9]{4}-[A-Z2-9]{3}-[A-Z2-9]{3}\b"), "REFERENCE"),
    (re.compile(r"\b[A-Z2-7]{4}-[A-Z2-7]{4}\b"), "CODE"),
    (re.compile(r"\b[0-9a-f]{8}…"), "ACCOUNT…"),
    (re.compile(r"\b[A-Z2-7]{5}(-[A-Z2-7]{5}){4}-[A-Z2-7]\b"), "REFERENCE"),
    (re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "ID"),
    (re.compile(r"\b\d{1,2}[.:]\d{2}\b"), "TIME"),
    (re.compile(r"(?<=, )\d{1,2}(?= jaar| years old)"), "AGE"),
    (re.compile(r"([?&](?:state|flow|ouder|transactie)=)[^&\"\s]+"), r"\1…"),
)


def gate(visitor: Visitor, state: str, *, english: bool = True) -> None:
    """Let the page that the visitor is at pass, or fail with what is wrong with it.

    `english`: look at it in English as well, by the link of the frame. Not for the answer to a form, nor for a page
    that is shown once: they cannot be asked for again.
    """
    page = visitor.page
    _check_frame(page, state, "nl")
    assert_accessible(page)
    assert_no_horizontal_scroll(page)
    among = "*" if state in _FRAME else "main *"
    stops = assert_focus_visible(page, among)
    page.emulate_media(forced_colors="active")
    assert_same_focus_visible(page)
    page.emulate_media(forced_colors="none")
    # The menu of staff is the same everywhere, and grows with every page: it is in no record.
    menu = page.locator("nav a").all_inner_texts()
    _compare(visitor, state, "nl", [stop for stop in stops if stop not in menu])
    if english:
        page.click("a[hreflang=en]")
        _check_frame(page, state, "en")
        assert_accessible(page)
        _compare(visitor, state, "en")
        page.click("a[hreflang=nl]")
        expect(page.locator("html")).to_have_attribute("lang", "nl")


def _check_frame(page: Page, state: str, language: str) -> None:
    """One heading, which is the title too; the language said; one main part; an error says so first (WCAG 2.4.2)."""
    assert state in STATES
    expect(page.locator("html")).to_have_attribute("lang", language)
    page.wait_for_load_state("domcontentloaded")
    headings, mains = page.evaluate(_FRAMED)
    assert mains == 1
    program = _PROGRAMS.get(state.partition("-")[0], {}).get(language, "VAD")
    mark = {"nl": "Fout: ", "en": "Error: "}[language] if state in FAILED else ""
    assert [page.title()] == [f"{mark}{heading} - {program}" for heading in headings]


def _compare(visitor: Visitor, state: str, language: str, stops: list[str] | None = None) -> None:
    found = _record(visitor, state, stops)
    file = SNAPSHOTS / f"{state}.{language}.aria.txt"
    if os.environ.get("VAD_UPDATE_SNAPSHOTS") == "1":
        file.write_text(found)
    assert file.exists(), f"{file} is not there; VAD_UPDATE_SNAPSHOTS=1 writes it"
    assert found == file.read_text(), f"{file} says something else"


def _record(visitor: Visitor, state: str, stops: list[str] | None) -> str:
    page = visitor.page
    order = ["focus order:", *(f"  {number}. {stop}" for number, stop in enumerate(stops, 1))] if stops else []
    text = "\n".join([f"title: {page.title()}", *order, "main:", page.locator("main").aria_snapshot(), ""])
    for key in WEB:
        text = text.replace(visitor.town.address(key), f"<{key}>")
        text = text.replace(quote_plus(visitor.town.address(key)), f"<{key}>")
    for changing, stand_in in _CHANGING:
        text = changing.sub(stand_in, text)
    text = _OF_SOMEBODY.sub(r"\1    - …\n", text) if state in _OF_THE_GP else text
    text = _OF_THE_TESTS.sub("", text) if state == "blocks-app" else text
    if state.startswith(_WITH_TABLES):
        text = _SHORT.sub("…", _TODAY.sub(r"\1…", _EVENTS.sub(r"\1      - …\n", text)))
    return _DATE.sub("DATE", text) if state in _OF_THE_DAY else text
