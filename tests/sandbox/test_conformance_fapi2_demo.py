"""`vad demo --tls --profile-set conformance`: its files fit what is served, and their blocks walk its pages."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.sandbox.conformance_demo import ConformanceDemo, Plan, conformance_demo
from tests.support.fapi2_variants import VariantClient
from tests.support.key_holder import ACCEPTED
from tests.support.relying_party_client import Asked, claims_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

LOGIN, BACK, PAGE = ["Log in", "Log in with DigiD"], ["Back at the suite"], ["The page"]
NOT_SET_UP = "Deze pagina werkt niet meer"
FILES = [
    f"fapi2-{plan}{variant}-{openid}"
    for plan in ("security-profile", "message-signing")
    for variant in ("", "-mtls", "-key-mtls", "-mtls-dpop")
    for openid in ("openid-connect", "plain-oauth")
]
MODULE = "fapi2-security-profile-final-"
FROM_A_BANK = {
    "X-FAPI-Auth-Date": "Tue, 11 Sep 2012 19:43:31 GMT",
    "X-FAPI-Customer-IP-Address": "2001:db8::1",
    "X-FAPI-Interaction-ID": "c770aef3-6784-41f7-8e0e-ff5f97bddb3a",
}
"""Headers of FAPI 1.0, which the suite sends to every resource."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConformanceDemo]:
    """Give the demo."""
    with conformance_demo("conformance", tmp_path_factory.mktemp("fapi2")) as running:
        yield running


def app(demo: ConformanceDemo, plan: Plan, place: str = "client", query: str = "") -> VariantClient:
    """One of a plan's clients."""
    return plan.fapi2(place, demo.callback(plan) + query)


def ask(client: VariantClient, plan: Plan) -> Asked:
    """A request as this plan sends it."""
    return client.rp.ask(scope=plan.told["client"]["scope"])


def brought(client: VariantClient, plan: Plan) -> Asked:
    """The same, pushed."""
    asked = ask(client, plan)
    return client.coming(asked, client.push(asked))


def test_the_files_are_those_of_the_plans(demo: ConformanceDemo) -> None:
    """One for each variant; every file holds the same blocks, for its own clients."""
    assert sorted(demo.files) == sorted(FILES)


@pytest.mark.parametrize("name", FILES)
def test_each_file_fits_what_is_registered_and_served(demo: ConformanceDemo, name: str) -> None:
    """By what it says, two clients get tokens that open the resource; the second asks with a query in its address."""
    plan, known = demo.plan(name), demo.registered()
    assert plan.told["server"]["discoveryUrl"] == f"{plan.issuer}/.well-known/openid-configuration"
    browser = demo.browser(plan, f"{MODULE}happy-flow")
    callback = demo.callback(plan)
    for place, query, first in (("client", "", LOGIN), ("client2", "?dummy1=lorem&dummy2=ipsum", ["Go on"])):
        entry = known[plan.told[place]["client_id"]]
        assert entry["redirect_uris"] == [callback, f"{callback}?dummy1=lorem&dummy2=ipsum"]
        [private], [public] = plan.told[place]["jwks"]["keys"], entry["jwks"]["keys"]
        assert public.items() <= private.items()
        assert "d" not in public
        client = app(demo, plan, place, query)
        asked = ask(client, plan)
        done = browser.go(client.coming(asked, client.push(asked)).url)
        assert (done[: len(first)], done[-1:]) == (first, BACK)
        answer = demo.suite.answers[-1]
        assert (answer["iss"], answer.get("dummy1")) == (plan.issuer, "lorem" if query else None)
        tokens = client.redeem(asked, answer["code"]).json()
        bound = {"jkt"} if client.dpop else {"x5t#S256"}
        assert set(claims_of(tokens["access_token"])["cnf"]) == bound
        assert ("id_token" in tokens) == name.endswith("openid-connect")
        assert client.use(tokens["access_token"], sent=FROM_A_BANK).status_code == 200
        for accept in ACCEPTED:
            assert client.use(tokens["access_token"], sent={**FROM_A_BANK, "Accept": accept}).status_code == 200
        assert client.use(tokens["access_token"], in_query=True).status_code == 400


def test_a_rejection(demo: ConformanceDemo) -> None:
    """`user-rejects-authentication`: both clients hear `access_denied`, and nobody logged in."""
    plan = demo.plan(FILES[0])
    browser = demo.browser(plan, f"{MODULE}user-rejects-authentication")
    for place in plan.places:
        assert browser.go(brought(app(demo, plan, place), plan).url) == ["Cancel", *BACK]
        assert demo.suite.answers[-1]["error"] == "access_denied"


def test_a_page_that_is_only_looked_at(demo: ConformanceDemo) -> None:
    """`par-ensure-reused-request-uri-prior-to-auth-completion-succeeds`: nobody logs in at the first look."""
    plan = demo.plan(FILES[0])
    browser = demo.browser(plan, f"{MODULE}par-ensure-reused-request-uri-prior-to-auth-completion-succeeds")
    asked = brought(app(demo, plan), plan)
    assert browser.go(asked.url) == ["Look, and leave"]
    done = browser.go(asked.url, picture=True)
    assert (done[:2], done[-1:]) == (LOGIN, BACK)


def test_a_picture_of_what_an_unusable_request_shows(demo: ConformanceDemo) -> None:
    """Used before, over, or another client's: the error page, and nobody is sent back."""
    plan = demo.plan(FILES[0])
    one, two = (app(demo, plan, place) for place in plan.places)
    reused = demo.browser(plan, f"{MODULE}par-attempt-reuse-request_uri")
    used = brought(one, plan)
    assert reused.go(used.url)[:2] == LOGIN
    over = replace(used, url=used.url[:-4] + "xxxx")
    of_another = replace(used, url=brought(one, plan).url.replace(one.rp.client_id, two.rp.client_id))
    before = len(demo.suite.answers)
    for browser, asked in (
        (reused, used),
        (demo.browser(plan, f"{MODULE}par-attempt-to-use-expired-request_uri"), over),
        (demo.browser(plan, f"{MODULE}par-attempt-to-use-request_uri-for-different-client"), of_another),
    ):
        assert browser.go(asked.url, picture=True) == PAGE
        assert browser.pictures == [NOT_SET_UP]
    assert len(demo.suite.answers) == before


def test_a_request_that_was_not_pushed(demo: ConformanceDemo) -> None:
    """`ensure-unsigned-authorization-request-without-using-par-fails`: the error is told at the suite's address."""
    plan = demo.plan(FILES[0])
    browser = demo.browser(plan, f"{MODULE}ensure-unsigned-authorization-request-without-using-par-fails")
    assert browser.go(ask(app(demo, plan), plan).url) == BACK
    assert demo.suite.answers[-1]["error"] == "invalid_request"


def test_each_module_with_blocks_of_its_own_is_played_here(demo: ConformanceDemo) -> None:
    """So that none of them can go wrong unseen."""
    played = {
        "user-rejects-authentication",
        "par-ensure-reused-request-uri-prior-to-auth-completion-succeeds",
        "par-attempt-reuse-request_uri",
        "par-attempt-to-use-expired-request_uri",
        "par-attempt-to-use-request_uri-for-different-client",
    }
    for name in FILES:
        assert set(demo.plan(name).told["override"]) == {f"{MODULE}{module}" for module in played}
