"""The step of `vad demo --check` in which a source itself demands a stronger login (RFC 9470)."""

from vad.sandbox.demo.browser import Browser, Page
from vad.sandbox.demo.layout import SOURCES, WITH_LETTERS
from vad.sandbox.demo.steps import CheckFailedError, Steps


def letters_take_a_stronger_login(do: Steps, browser: Browser, bsn: str) -> None:
    """From the refused letters to VAD, DigiD at the level that was asked for, and back to the letters."""
    number = SOURCES.index(WITH_LETTERS) + 1
    address = f"{do.layout.address('pgo')}/brieven/{number}"
    _outcome(browser.open(address), "login_too_weak")
    do.expect(browser.press(f"again-{number}"), "vad")
    do.to_digid(browser)
    do.log_in(browser, bsn, "consent-give")  # the mock proposes the lowest level that VAD takes
    page = do.consent(browser)
    if page.address != address:
        raise CheckFailedError(f"the app does not go on with the letters: {page}")
    _outcome(page, "data")


def _outcome(page: Page, expected: str) -> None:
    outcome = page.elements.get("letters", {}).get("data-outcome", "not there")
    if outcome != expected:
        raise CheckFailedError(f"the letters are {outcome}, not {expected}")
