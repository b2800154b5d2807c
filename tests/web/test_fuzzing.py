"""Whatever is sent to whichever address: never a fault, and never a word that should stay inside."""

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.support.bsn_scan import found
from tests.support.consent_page import LAB, reach
from tests.support.key_holder import Holder
from tests.support.person import FROUKE, Person
from tests.support.relying_party_client import ACCESS_TOKEN, ASSERTION_TYPE, TOKEN_EXCHANGE, RelyingParty
from tests.support.town import Town
from tests.web import parameter_names
from vad.web.support.errors import MACHINES

EXAMPLES = int(os.environ.get("VAD_FUZZ_EXAMPLES", "25"))
"""Requests per address; the same ones each time, unless another number is asked for."""
SECONDS = float(os.environ.get("VAD_FUZZ_SECONDS", "6"))
"""For all addresses together: each gets as many requests as fit in its share of them."""
LEAST = min(4, EXAMPLES)
"""Requests that each address gets all the same."""
HEADERS = (
    *("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy"),
    *("Cross-Origin-Opener-Policy", "Permissions-Policy", "X-Frame-Options"),
)
_TOO_LARGE = b"more than VAD takes"
"""Stands for a body that is too large to be shown when a test fails."""
INSIDE = ("Traceback (most recent", 'File "', "psycopg2", "sqlalchemy", "redis.exc", "werkzeug", "authlib", "joserfc")
METHODS = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH")
RAW = st.binary(max_size=40).map(quote)
"""Any bytes at all, as they travel in a form or an address."""
ODD = st.sampled_from(
    (
        *(
            "",
            " ",
            "%00",
            "%0d%0aX-Evil:%201",
            "%ff%fe",
            "%ed%a0%80",
            "x" * 3000,
            "-1",
            "9" * 400,
            "1e999",
            "null",
            "[]",
        ),
        *("%7B%22a%22:1%7D", "//evil.example", "https://evil.example/", "/%5Cevil.example", "javascript:alert(1)"),
        *("none", "none%20login", "e30.e30.e30", "e30.e30.", "..%2F..", "%25s%25(x)s", "%F0%9F%92%A9", "%E2%80%AE"),
    )
)


@dataclass(frozen=True)
class Known:
    """What is real in the town: values by the name of the parameter they belong to."""

    values: Mapping[str, tuple[str, ...]]
    cookies: Mapping[str, str]
    origins: frozenset[str]
    machines: frozenset[str]
    """Blueprints whose callers are programs."""
    proofs: tuple[str, ...] = ()
    """Proofs of possession with a good signature."""


def gather(town: Town, rp: RelyingParty, person: Person) -> Known:
    """Log somebody in, up to a consent page that waits for an answer, and collect all that was handed out."""
    asked = rp.ask(resources=(LAB,), scope="openid 51")
    own = rp.redeem(asked, person.authorize(asked)).json()
    code = person.authorize(rp.ask(resources=(LAB,), scope="openid 51"))
    waiting = reach(person, rp, (LAB,))
    values: dict[str, tuple[str, ...]] = {name: (value,) for name, value in waiting.parameters}
    values |= {name: tuple(given) for name, given in person.filled_in("consent-give").items() if name not in values}
    handed_out = (own["access_token"], own["refresh_token"], own["id_token"], code)
    values |= dict.fromkeys(("token", "subject_token", "id_token_hint", "refresh_token", "code"), handed_out)
    asked_of_claims: tuple[object, ...] = ({"value": "\ud800"}, {"values": ["a", "\x00"]}, {"essential": True}, None)
    values |= {
        "claims": tuple(json.dumps({"id_token": {"sub": each, "acr": each}}) for each in asked_of_claims),
        "client_assertion": (rp.assertion(), rp.assertion(exp=1), rp.assertion(aud=[])),
        "client_assertion_type": (ASSERTION_TYPE,),
        "grant_type": ("authorization_code", "refresh_token", TOKEN_EXCHANGE),
        "subject_token_type": (ACCESS_TOKEN,),
        "requested_token_type": (ACCESS_TOKEN,),
        "code_verifier": (waiting.code_verifier,),
        "source": (LAB,),
        "action": ("give", "refuse", "stop"),
        "duration": ("once", "until_stopped"),
        "prompt": ("none", "login", "consent", "none login"),
        "post_logout_redirect_uri": (rp.redirect_uri,),
        "response_mode": ("query", "fragment", "form_post"),
        "taal": ("nl", "en"),
    }
    holder, token = Holder(rp), own["access_token"]
    odd: tuple[dict[str, str], ...] = (
        {},
        {"ath": "\ud800"},
        {"jti": "\ud800"},
        {"ath": "\x00"},
        {"htu": "https://[x"},
        {"nonce": "\udfff"},
    )
    proofs = tuple(
        holder.proof(method, path, token, **{"jti": "one", **each})
        for method, path in (("GET", "/userinfo"), ("POST", "/token"), ("GET", "/v1/mandates"))
        for each in odd
    )
    registered = {town.issuer, town.address("digid"), rp.redirect_uri, *(town.address("pgo"),)}
    return Known(
        values,
        person.cookies,
        frozenset(urlsplit(url).netloc for url in registered),
        town.app.extensions[MACHINES],
        proofs,
    )


@st.composite
def parameters(draw: st.DrawFn, known: Known, own: tuple[str, ...]) -> str:
    """A query or form: mostly real names with real values, some left out, doubled or broken.

    `own` are names that the view knows: they come more often than any other.
    """
    pairs: list[str] = []
    once = draw(st.booleans())
    known_names = parameter_names.every()
    which = st.sampled_from(own) | st.sampled_from(known_names) if own else st.sampled_from(known_names)
    names: list[str] = draw(st.lists(which, max_size=24, unique=once))
    for name in names:
        real = [quote(value) for value in known.values.get(name, ())]
        known_value: int = draw(st.integers(0, 4))
        value: str = draw(st.sampled_from(real) if real and known_value else ODD | RAW)
        pairs.append(f"{name}={value}")
    if draw(st.integers(0, 5)) == 0:
        pairs.append(draw(RAW))
    return "&".join(pairs)


@st.composite
def calls(draw: st.DrawFn, rule: Rule, known: Known, own: tuple[str, ...]) -> dict[str, Any]:
    """One request for this address."""
    path = str(rule.rule)
    for argument in rule.arguments:
        for written in (part for part in path.split("/") if f"{argument}>" in part):
            path = path.replace(written, draw(ODD | RAW) or "x")
    allowed = sorted(rule.methods or {"GET"}) * 3
    whole = parameters(known, own)
    cookies = {name: value for name, value in known.cookies.items() if draw(st.integers(0, 3))}
    cookies |= draw(st.dictionaries(st.sampled_from(("vad_flow", "vad_session", "vad_taal", "x")), RAW, max_size=1))
    headers = draw(
        st.fixed_dictionaries(
            {"X-Fuzz": st.just("1")},
            optional={
                "Accept": st.sampled_from(("application/json", "text/html", "*/*;q=x", "")) | RAW,
                "Accept-Language": st.sampled_from(("en", "nl;q=9", "*,,;")) | RAW,
                "DPoP": st.sampled_from(("e30.e30.e30", *known.proofs)) | RAW,
                "Authorization": st.sampled_from(("Bearer", "Basic !!", "Basic OjpA", "DPoP x")) | RAW,
                "Origin": st.sampled_from(("null", "https://evil.example")) | RAW,
                "traceparent": st.sampled_from(("00-0-0-0", "00-" + "1" * 32 + "-" + "1" * 16 + "-01")) | RAW,
                "X-Request-ID": RAW,
                "Range": st.just("bytes=9-1,x"),
                "If-None-Match": RAW,
                "If-Modified-Since": RAW,
            },
        )
    )
    if draw(st.integers(0, 3)) == 0 and "token" in known.values:
        headers["Authorization"] = "Bearer " + draw(st.sampled_from(known.values["token"]))
    form = ["application/x-www-form-urlencoded"] * 4
    kind = draw(st.sampled_from([*form, "application/json", "multipart/form-data"]))
    body = draw(whole.map(str.encode) | st.binary(max_size=200) | st.just(_TOO_LARGE))
    headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return {
        "path": path,
        "query_string": draw(whole | st.just("")),
        "method": draw(st.sampled_from([*allowed, *METHODS])),
        "headers": headers,
        "data": body,
        "content_type": kind,
        # Another neighbour each time, so that it is not the limits that answer.
        "environ_base": {"REMOTE_ADDR": f"10.{'.'.join(str(draw(st.integers(0, 255))) for _ in range(3))}"},
    }


@pytest.mark.slow
def test_no_request_brings_out_a_fault(vad_town: Town, rp: RelyingParty, person: Person) -> None:
    """Every address that is registered, found by itself: no 500, nothing of the inside, headers, no open redirect."""
    known = gather(vad_town, rp, person)
    client = vad_town.app.test_client(use_cookies=False)
    rules = sorted(vad_town.app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))
    assert len(rules) > 15
    begun, examples, asked = time.monotonic(), EXAMPLES, 0
    for number, rule in enumerate(rules):
        own = parameter_names.of_code().get(vad_town.app.view_functions[rule.endpoint].__module__, frozenset())
        _fuzz(client, rule, known, tuple(sorted(own)), examples=examples)
        asked += examples
        passed = time.monotonic() - begun
        # As many as fit in what is left, going by what one has cost so far.
        fit = (SECONDS - passed) / (passed / asked) / max(len(rules) - number - 1, 1)
        examples = min(EXAMPLES, max(LEAST, int(fit)))


def _fuzz(
    client: FlaskClient,
    rule: Rule,
    known: Known,
    own: tuple[str, ...] = (),
    *,
    examples: int = EXAMPLES,
    phases: tuple[Phase, ...] = tuple(Phase),
) -> None:
    passed = 0

    @settings(
        max_examples=examples,
        derandomize="VAD_FUZZ_EXAMPLES" not in os.environ,
        report_multiple_bugs=False,
        database=None,
        phases=phases,
        suppress_health_check=list(HealthCheck),
    )
    @given(calls(rule, known, own))
    def check(call: dict[str, Any]) -> None:
        nonlocal passed
        body = b"x" * 70_000 if call["data"] == _TOO_LARGE else call["data"]
        answer = client.open(**{**call, "data": body})
        _harmless(answer, rule, known)
        passed += 1

    check()
    assert passed >= LEAST, f"{rule.rule} was asked too little"


def _harmless(answer: TestResponse, rule: Rule, known: Known) -> None:
    where = f"{answer.request.method} {rule.rule} gave {answer.status_code}"
    assert answer.status_code < 500, where
    for header in HEADERS:
        assert header in answer.headers, f"{where} without {header}"
    text = answer.get_data(as_text=True)
    if answer.mimetype in {"text/html", "application/json", "text/plain"}:
        for word in INSIDE:
            assert word not in text, f"{where} with {word}"
    assert found(answer.data + str(answer.headers).encode(), [FROUKE]) == [], where
    blueprint = rule.endpoint.rpartition(".")[0]
    # A value with a slash in it leads to another address, which is nobody's.
    there = answer.request.path.count("/") == rule.rule.count("/")
    if answer.status_code >= 400 and there and blueprint in known.machines and answer.request.method != "HEAD":
        assert answer.mimetype == "application/json", f"{where} as {answer.mimetype}"
    location = answer.headers.get("Location")
    if location is not None and answer.status_code // 100 == 3:
        assert "\\" not in location, where
        target = urlsplit(location)
        assert target.scheme in {"", "http", "https"}, f"{where} to {location}"
        assert target.netloc in {"", *known.origins, "localhost", "127.0.0.1"}, f"{where} to {location}"


def test_the_names_are_those_of_the_code() -> None:
    """Read off views, addresses, forms and scripts: some of each kind, and no word that can't be a name."""
    found = set(parameter_names.every())
    read = {
        "owner",
        "shown_digest",
        "pagina",
        "page",
        "asked",
        "verlopen",
        "bewaard",
        "gevonden",
        "gestopt",
        "v",
        "taal",
    }
    assert read <= found
    assert "redirect_uri" in parameter_names.of_code()["vad.web.oidc.logout"]
    assert {"csrf_token", "action", "duration", "source"} <= parameter_names.of_pages()
    assert all(name.replace("_", "").isalpha() for name in found)


@pytest.mark.parametrize("examples", [EXAMPLES, LEAST])
def test_the_check_sees_a_fault(examples: int) -> None:
    """Negative control: an address that breaks does not pass, however little time is left."""
    app = Flask(__name__)
    app.add_url_rule("/broken", view_func=lambda: ("Traceback (most recent call last)", 500))
    client = app.test_client()
    rule = next(rule for rule in app.url_map.iter_rules() if rule.rule == "/broken")
    known = Known({}, {}, frozenset(), frozenset())
    with pytest.raises(AssertionError, match="/broken gave 500"):
        _fuzz(client, rule, known, examples=examples, phases=(Phase.generate,))
