"""A client of profile `basic`, as the plans for OpenID Connect register it: a secret, and no more than Core asks."""

from base64 import b64encode
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

import requests

from tests.conformance.answers import identified
from tests.support.person import Person
from tests.support.relying_party_client import Asked, RelyingParty
from tests.support.town_fixtures import REDIRECT, SECRETS

LEAST: dict[str, Any] = {"code_challenge": None, "code_challenge_method": None}
"""The plans send state and nonce, and PKCE in one module alone."""


@dataclass(frozen=True)
class BasicClient:
    """`client_secret_basic` or `client_secret_post`, whichever its name says."""

    issuer: str
    name: str
    mode: str | None = None
    """`response_mode`."""

    def ask(self, **changes: str | None) -> Asked:
        """An authorization request; `changes` replace parameters, None leaves one out."""
        return RelyingParty(self.issuer, self.name, REDIRECT, {}).ask(
            **{"response_mode": self.mode, **LEAST, **changes}
        )

    def token(self, **form: str) -> requests.Response:
        """Call the token endpoint, authenticated."""
        secret, headers = SECRETS[self.name], {}
        if self.name.endswith("-post"):
            form |= {"client_id": self.name, "client_secret": secret}
        else:
            pair = f"{quote_plus(self.name)}:{quote_plus(secret)}"
            headers["Authorization"] = "Basic " + b64encode(pair.encode()).decode()
        return requests.post(f"{self.issuer}/token", form, headers=headers, timeout=20)

    def redeem(self, code: str, **more: str) -> requests.Response:
        """Redeem a code."""
        return self.token(grant_type="authorization_code", code=code, redirect_uri=REDIRECT, **more)

    def userinfo(self, token: str) -> requests.Response:
        """Ask who logged in."""
        return requests.get(f"{self.issuer}/userinfo", headers={"Authorization": f"Bearer {token}"}, timeout=20)

    def answer(self, person: Person, asked: Asked, *, log_in: bool = False, agree: bool = False) -> dict[str, str]:
        """What the app is told, whichever way it comes; the person sees no page but those that are expected.

        With `log_in` they log in, with `agree` they go on by the login that they have. They agree until they say
        otherwise, as docs/conformance.md has the one do who runs the plans.
        """
        person.answer = None
        person.open(asked.url)
        if log_in:
            person.log_in()
        if agree and not (person.answer or [form for form in person.page.forms if form.action == REDIRECT]):
            person.press("continue")
        if (log_in or agree) and "consent-give" in person.page.elements:
            person.consent(duration="until_stopped")
        return self.answered(person)

    def answered(self, person: Person) -> dict[str, str]:
        """What the app was told, by a person who is back at it."""
        if self.mode is None:
            answer: dict[str, str] = person.answer or {}
            assert answer, f"the person is at {person.page}"
            return answer
        (form,) = (form for form in person.page.forms if form.action == REDIRECT)
        assert form.method == "POST"
        fields = {field.name: field.value for field in form.fields if field.name}
        assert not [url for url in person.urls if "code" in fields and fields["code"] in url], "it is in no address"
        return fields

    def tokens(self, person: Person, asked: Asked, *, log_in: bool = False, agree: bool = False) -> dict[str, Any]:
        """The whole way."""
        got = self.redeem(self.answer(person, asked, log_in=log_in, agree=agree)["code"])
        assert got.status_code == 200, got.text
        return dict(got.json())


def checked(client: BasicClient, tokens: dict[str, Any], nonce: str | None) -> dict[str, Any]:
    """The claims of an ID token, looked at as in every plan."""
    return identified(client.issuer, client.name, tokens, nonce, "RS256")
