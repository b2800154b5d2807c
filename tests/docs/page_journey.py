"""What somebody does in Chromium at the page with oidc-client-ts, and what must not be in it: with TLS and without."""

import base64
import hashlib
import re

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Page, Playwright, expect

from tests.support.person import FROUKE
from tests.support.town import Town
from tests.support.visitor import ARGUMENTS, Complaints, Visitor

FROM_ANOTHER_ORIGIN = """
    async address => {
        const discovered = await fetch(`${address}/.well-known/openid-configuration`);
        const { token_endpoint, userinfo_endpoint } = await discovered.json();
        const asked = [fetch(token_endpoint, { method: "POST" }), fetch(userinfo_endpoint)];
        return (await Promise.allSettled(asked)).map(({ status }) => status);
    }
"""


def of_the_page(playwright: Playwright, chromium: str, town: Town, app: str) -> None:
    """Somebody logs in, sees what a reload shows too, and logs out; no access or refresh token is in the browser."""
    with playwright.chromium.launch(executable_path=chromium, args=[*ARGUMENTS, *_trusting(town)]) as browser:
        page = browser.new_page(locale="nl-NL")
        complaints = Complaints()
        complaints.listen(page.context)
        visitor = Visitor(town, page)
        visitor.open(app)
        visitor.sees("Nobody is logged in")
        visitor.press("#login")
        visitor.log_in(FROUKE)
        visitor.consent(1, 2)
        visitor.sees("Hello, Frouke Jansen")
        expect(page.locator("#records")).to_have_text("Hospital: 9, RIVM: 5")
        page.reload()
        visitor.sees("Hello, Frouke Jansen")
        assert len(_tokens_in(page)) == 1, "the ID token, and no other"
        assert complaints.taken() == []
        assert page.evaluate(FROM_ANOTHER_ORIGIN, town.issuer) == ["rejected", "rejected"]
        assert len([text for text in complaints.taken() if "blocked by CORS policy" in text]) == 2

        visitor.press("#logout")
        visitor.sees("Nobody is logged in")
        assert page.url.startswith(f"{app}logged-out")
        visitor.open(f"{town.issuer}/mijn/activiteit")
        expect(page.locator("#login-submit")).to_be_visible()
        assert complaints.taken() == []


def _tokens_in(page: Page) -> list[str]:
    kept = page.evaluate("JSON.stringify([{ ...sessionStorage }, { ...localStorage }, document.cookie])")
    return re.findall(r"eyJ[\w-]+\.[\w-]+\.[\w-]+", kept)


def _trusting(town: Town) -> list[str]:
    """Where the town has TLS: that very key is as good to this browser as one that its own store vouches for."""
    if not town.layout.tls:
        return []
    certificate = x509.load_pem_x509_certificate((town.state.tls / "server.pem").read_bytes())
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    pinned = base64.b64encode(hashlib.sha256(key).digest()).decode()
    return [f"--ignore-certificate-errors-spki-list={pinned}"]
