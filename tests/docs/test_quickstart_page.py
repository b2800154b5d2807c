"""The page with oidc-client-ts and its server do what their quick start says, in a real browser."""

import re

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.docs.client_programs import Keep, Start
from tests.support.documents import programs, wait_for
from tests.support.person import FROUKE
from tests.support.town import Town
from tests.support.visitor import ARGUMENTS, Complaints, Visitor

DOCUMENT = "docs/quickstart-oidc-client-ts.md"

FROM_ANOTHER_ORIGIN = """
    async address => {
        const discovered = await fetch(`${address}/.well-known/openid-configuration`);
        const { token_endpoint, userinfo_endpoint } = await discovered.json();
        const asked = [fetch(token_endpoint, { method: "POST" }), fetch(userinfo_endpoint)];
        return (await Promise.allSettled(asked)).map(({ status }) => status);
    }
"""


@pytest.mark.journey
def test_a_page_logs_in_without_holding_a_token(
    chromium: str, node: str, keep: Keep, start: Start, the_town: Town, client_door: str
) -> None:
    """Somebody logs in, sees what a reload shows too, and logs out; no access or refresh token is in the browser."""
    files = {**programs(DOCUMENT, "html"), **programs(DOCUMENT, "js")}
    for name, text in files.items():
        keep(name, text)
    wait_for(client_door, start([node, "my_page_server.mjs"]))
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS)) as browser,
    ):
        page = browser.new_page(locale="nl-NL")
        complaints = Complaints()
        complaints.listen(page.context)
        visitor = Visitor(the_town, page)
        visitor.open(f"http://{client_door}/")
        visitor.sees("Nobody is logged in")
        visitor.press("#login")
        visitor.log_in(FROUKE)
        visitor.consent(1, 2)
        visitor.sees("Hello, Frouke Jansen")
        expect(page.locator("#records")).to_have_text("Hospital: 9, RIVM: 5")
        page.reload()
        visitor.sees("Hello, Frouke Jansen")
        kept = page.evaluate("JSON.stringify([{ ...sessionStorage }, { ...localStorage }, document.cookie])")
        assert len(re.findall(r"eyJ[\w-]+\.[\w-]+\.[\w-]+", kept)) == 1, "the ID token, and no other"
        assert complaints.taken() == []
        assert page.evaluate(FROM_ANOTHER_ORIGIN, the_town.issuer) == ["rejected", "rejected"]
        assert len([text for text in complaints.taken() if "blocked by CORS policy" in text]) == 2

        visitor.press("#logout")
        visitor.sees("Nobody is logged in")
        assert page.url.startswith(f"http://{client_door}/logged-out")
        visitor.open(f"{the_town.issuer}/mijn/activiteit")
        expect(page.locator("#login-submit")).to_be_visible()
        assert complaints.taken() == []
