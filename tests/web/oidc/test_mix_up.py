"""The mix-up attack (RFC 9207, RFC 9700 section 4.4): an app that uses two servers begins at one and ends at VAD."""

from urllib.parse import parse_qsl, urlsplit

from tests.support.person import Person
from tests.support.relying_party_client import RelyingParty
from tests.web.oidc.inside import visit

EVIL = "https://evil.example"
"""The other server, at which the app believes that it began; it sent the browser on to VAD."""


def test_a_mix_up_shows_and_gives_nothing(rp: RelyingParty, person: Person) -> None:
    """Each answer names VAD, once, whatever was asked: an app that compares stops there.

    One that does not hands code and assertion to the other server, which gets nothing for them here.
    """
    refused = visit(rp.ask(iss=EVIL, response_type="token")).headers["Location"]
    assert [value for name, value in parse_qsl(urlsplit(refused).query) if name == "iss"] == [rp.issuer]
    asked = rp.ask(iss=EVIL)
    code = person.authorize(asked)
    assert person.answer is not None
    assert person.answer["iss"] == rp.issuer != EVIL
    for audience in (f"{EVIL}/token", EVIL, [EVIL, rp.issuer]):
        handed_on = rp.redeem(asked, code, client_assertion=rp.assertion(aud=audience))
        assert handed_on.json()["error"] == "invalid_client", audience
    # It keeps the verifier to itself, if it only injects the code into a login that it began.
    injected = rp.redeem(rp.ask(), code)
    assert injected.json()["error"] == "invalid_grant"
