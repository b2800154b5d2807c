"""`vad demo --tls --profile-set conformance-basic`: its files fit what is served, and their blocks walk its pages."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.conformance_demo import LEAST, ConformanceDemo, Plan, conformance_demo
from tests.sandbox.suite_browser import SuiteBrowser
from tests.support.relying_party_client import Asked, RelyingParty, claims_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

LOGIN, BACK, PAGE = ["Log in", "Log in with DigiD"], ["Back at the suite"], ["The page"]
NOT_SET_UP, LOGGED_OUT = "Deze app is niet goed ingesteld", "U bent uitgelogd"
ALG_NONE = "eyJhbGciOiJub25lIn0"
LOGOUT = "oidcc-rp-initiated-logout"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConformanceDemo]:
    """Give the demo."""
    with conformance_demo("conformance-basic", tmp_path_factory.mktemp("basic")) as running:
        yield running


def ask(rp: RelyingParty, **changes: str | None) -> Asked:
    """A request as these plans send it."""
    return rp.ask(**{**LEAST, **changes})


def log_in(demo: ConformanceDemo, plan: Plan, browser: SuiteBrowser) -> str:
    """Log in by the first client of a plan; returns the ID token."""
    asked = ask(plan.rp("client", demo.callback(plan)))
    assert browser.go(asked.url)[:2] == LOGIN
    return str(plan.redeem("client", asked, demo.suite.answers[-1]["code"])["id_token"])


def registered(demo: ConformanceDemo, plan: Plan, **metadata: Any) -> RelyingParty:
    """The client of a plan, once it has registered itself as that plan says."""
    known = plan.told["client"]
    sent = {"redirect_uris": [demo.callback(plan)], "client_name": known["client_name"], **metadata}
    headers = {"Authorization": f"Bearer {known['initial_access_token']}"}
    sent["token_endpoint_auth_method"] = "client_secret_basic"
    with plan.http() as http:
        answer = http.post(plan.discovery["registration_endpoint"], json=sent, headers=headers, timeout=30)
    assert answer.status_code == 201, answer.text
    known |= answer.json()
    return plan.rp("client", demo.callback(plan))


def test_each_file_fits_what_is_registered_and_served(demo: ConformanceDemo) -> None:
    """Discovery is where it says, and each client is let in with its secret, its addresses and nothing else."""
    known = demo.registered()
    assert set(demo.files) == {f"oidcc-{name}" for name in ("basic", "formpost-basic", "config", "dynamic")} | {
        LOGOUT,
        "oidcc-backchannel",
    }
    for name in demo.files:
        plan = demo.plan(name)
        assert plan.told["server"]["discoveryUrl"] == f"{plan.issuer}/.well-known/openid-configuration"
        assert ("browser" in plan.told) == (name != "oidcc-config")
        for place in plan.places if name != "oidcc-dynamic" else []:
            entry = known[plan.told[place]["client_id"]]
            callback = demo.callback(plan)
            assert entry["redirect_uris"] == [callback, f"{callback}?dummy1=lorem&dummy2=ipsum"]
            for address in entry["redirect_uris"]:
                with plan.http() as http:
                    asked = http.get(ask(plan.rp(place, address)).url, allow_redirects=False, timeout=30)
                assert asked.headers["Location"].startswith("/authorize/resume"), asked.text
            code = {"grant_type": "authorization_code", "code": "none", "redirect_uri": callback}
            assert plan.token(place, code).json()["error"] == "invalid_grant"
            plan.told[place]["client_secret"] += "x"
            assert plan.token(place, code).json()["error"] == "invalid_client"


def test_the_code_flow(demo: ConformanceDemo) -> None:
    """`oidcc-scope-all`, and what comes behind it in one browser: consent stays, and a second client is asked."""
    plan = demo.plan("oidcc-basic")
    browser = demo.browser(plan, "oidcc-scope-all")
    one, two = (plan.rp(place, demo.callback(plan)) for place in ("client", "client2"))
    asked = ask(one, scope="openid profile email address phone")
    assert browser.go(asked.url) == [*LOGIN, "Agree", *BACK]
    tokens = plan.redeem("client", asked, demo.suite.answers[-1]["code"])
    with plan.http() as http:
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        known = http.get(plan.discovery["userinfo_endpoint"], headers=bearer, timeout=30).json()
    assert {"name", "email", "address", "phone_number"} <= known.keys()
    assert browser.go(ask(one, prompt="none").url) == BACK
    assert browser.go(ask(two).url) == ["Go on", "Agree", *BACK]
    posted = demo.browser(plan, "oidcc-ensure-post-request-succeeds")
    assert posted.go(ask(one).url, method="POST") == [*LOGIN, *BACK]


def test_an_answer_by_a_form(demo: ConformanceDemo) -> None:
    """`form_post`: the page that sends itself on is waited for, also where no other page comes before it."""
    plan = demo.plan("oidcc-formpost-basic")
    rp = plan.rp("client_secret_post", demo.callback(plan))
    asked = ask(rp, response_mode="form_post")
    browser = demo.browser(plan, "oidcc-prompt-none-logged-in")
    assert browser.go(asked.url)[-2:] == ["On its way", *BACK]
    assert plan.redeem("client_secret_post", asked, demo.suite.answers[-1]["code"])["id_token"]
    again = ask(rp, response_mode="form_post", prompt="none")
    assert browser.go(again.url) == ["On its way", *BACK]
    assert "code" in demo.suite.answers[-1]


@pytest.mark.parametrize("module", ["oidcc-prompt-login", "oidcc-max-age-1"])
def test_logging_in_again(demo: ConformanceDemo, module: str) -> None:
    """The login page is there a second time, and is the picture that the module wants then."""
    plan = demo.plan("oidcc-basic")
    rp, browser = plan.rp("client", demo.callback(plan)), demo.browser(plan, module)
    assert browser.go(ask(rp).url)[:2] == LOGIN
    assert browser.pictures == []
    again = {"prompt": "login"} if module == "oidcc-prompt-login" else {"max_age": "0"}
    assert browser.go(ask(rp, **again).url, picture=True) == [*LOGIN, *BACK]
    assert browser.pictures == ["Inloggen bij Conformance Basic 1"]


def test_a_picture_of_the_error_page(demo: ConformanceDemo) -> None:
    """Of each module with a wrong redirect URI."""
    for name, modules in (
        ("oidcc-basic", ["oidcc-ensure-registered-redirect-uri"]),
        (
            "oidcc-dynamic",
            ["oidcc-ensure-redirect-uri-in-authorization-request"]
            + [f"oidcc-redirect-uri-query-{what}" for what in ("mismatch", "added")],
        ),
    ):
        plan = demo.plan(name)
        rp = registered(demo, plan) if name == "oidcc-dynamic" else plan.rp("client", demo.callback(plan))
        for module in modules:
            browser = demo.browser(plan, module)
            wrong = None if module.endswith("in-authorization-request") else f"{rp.redirect_uri}?a=b"
            assert browser.go(ask(rp, redirect_uri=wrong).url, picture=True) == PAGE
            assert browser.pictures == [NOT_SET_UP]


@pytest.mark.parametrize("link", ["logo", "policy", "tos"])
def test_a_picture_of_the_links_of_an_app(demo: ConformanceDemo, link: str) -> None:
    """The login page, which is as far as these modules go; the terms are where that module has them."""
    plan = demo.plan("oidcc-dynamic")
    address = "https://openid.net" if link == "tos" else f"{demo.suite.address}/{link}"
    rp = registered(demo, plan, **{f"{link}_uri": address})
    browser = demo.browser(plan, f"oidcc-registration-{link}-uri")
    assert browser.go(ask(rp).url, picture=True) == PAGE
    assert browser.pictures == ["Inloggen bij VAD"]
    assert (address in browser.page.text) == (link != "logo")


def test_logging_out(demo: ConformanceDemo) -> None:
    """Back at the suite with the state, and logged out."""
    plan = demo.plan(LOGOUT)
    browser = demo.browser(plan, LOGOUT)
    back = f"{demo.suite.address}/test/a/{plan.told['alias']}/post_logout_redirect"
    hint = log_in(demo, plan, browser)
    assert browser.go(plan.log_out(id_token_hint=hint, post_logout_redirect_uri=back, state="s")) == BACK
    assert demo.suite.logged_out[-1] == {"state": "s"}
    assert browser.go(ask(plan.rp("client", demo.callback(plan)), prompt="none").url) == BACK
    assert demo.suite.answers[-1]["error"] == "login_required"


WRONG: dict[str, dict[str, str | None]] = {
    "bad-post-logout-redirect-uri": {"post_logout_redirect_uri": "https://rp.example/elsewhere"},
    "query-added-to-post-logout-redirect-uri": {"post_logout_redirect_uri": "{back}?foo=bar"},
    "modified-id-token-hint": {"id_token_hint": ALG_NONE + ".{claims}."},
    "bad-id-token-hint": {"id_token_hint": "x"},
    "no-id-token-hint": {"id_token_hint": None},
    "no-params": {"id_token_hint": None, "post_logout_redirect_uri": None, "state": None},
    "no-post-logout-redirect-uri": {"post_logout_redirect_uri": None},
    "only-state": {"id_token_hint": None, "post_logout_redirect_uri": None},
}
"""What each module sends beside a good request; None leaves a parameter out."""


@pytest.mark.parametrize("what", WRONG)
def test_a_picture_of_what_a_logout_shows(demo: ConformanceDemo, what: str) -> None:
    """The error page, or the one that says that it is over; with nothing that proves the app, the person says yes."""
    plan = demo.plan(LOGOUT)
    browser = demo.browser(plan, f"{LOGOUT}-{what}")
    hint = log_in(demo, plan, browser)
    back = f"{demo.suite.address}/test/a/{plan.told['alias']}/post_logout_redirect"
    sent = {"id_token_hint": hint, "post_logout_redirect_uri": back, "state": "s", **WRONG[what]}
    filled = {name: each.format(back=back, claims=hint.split(".")[1]) for name, each in sent.items() if each}
    before = len(demo.suite.logged_out)
    says_yes = what in {"no-params", "only-state"}
    assert browser.go(plan.log_out(**filled), picture=True) == [*(["Log out"] if says_yes else []), *PAGE]
    ended = says_yes or what == "no-post-logout-redirect-uri"
    assert browser.pictures == [LOGGED_OUT if ended else NOT_SET_UP]
    assert len(demo.suite.logged_out) == before, "nobody is sent back"


def test_the_suite_hears_that_a_login_ended(demo: ConformanceDemo) -> None:
    """`oidcc-backchannel-rp-initiated-logout`: over https, at a certificate of the demo's own authority."""
    plan = demo.plan("oidcc-backchannel")
    browser = demo.browser(plan, "oidcc-backchannel-rp-initiated-logout")
    hint = log_in(demo, plan, browser)
    back = f"{demo.suite.address}/test/a/{plan.told['alias']}/post_logout_redirect"
    assert browser.go(plan.log_out(id_token_hint=hint, post_logout_redirect_uri=back)) == BACK
    assert claims_of(demo.suite.logout_tokens.get(timeout=60))["sid"] == claims_of(hint)["sid"]


def test_each_module_with_blocks_of_its_own_is_played_here(demo: ConformanceDemo) -> None:
    """So that none of them can go wrong unseen."""
    told = {module for name in demo.files for module in demo.plan(name).told.get("override", {})}
    played = {"oidcc-prompt-login", "oidcc-max-age-1", "oidcc-ensure-registered-redirect-uri"}
    played |= {"oidcc-ensure-redirect-uri-in-authorization-request"}
    played |= {f"oidcc-redirect-uri-query-{what}" for what in ("mismatch", "added")}
    played |= {f"oidcc-registration-{link}-uri" for link in ("logo", "policy", "tos")}
    played |= {f"{LOGOUT}-{what}" for what in WRONG}
    assert told == played
