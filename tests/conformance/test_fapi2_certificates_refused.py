"""FAPI 2.0 Security Profile where a certificate proves the app or binds its tokens: what is refused."""

import time
from dataclasses import replace
from typing import Any, cast

from joserfc.jwk import OKPKey, RSAKey

from tests.conformance.answers import declined, refusal
from tests.conformance.fapi2_client import Fapi2Client
from tests.conformance.playing import FAPI2, plays_by_certificate
from tests.conformance.test_fapi2_certificates import BY_KEY, TO_KEY
from tests.conformance.test_fapi2_proofs import ANOTHER_KEY, negative
from tests.conformance.test_fapi2_refused import PUSHED
from tests.conformance.test_fapi2_token_endpoint import VERIFIERS, WRONG, assertions
from tests.support.backroom import Backroom
from tests.support.fapi2_variants import VariantClient
from tests.support.key_holder import Holder
from tests.support.person import Person
from tests.support.relying_party_client import Asked
from vad.adapters.redis.keys import StoreKeys


@plays_by_certificate(*PUSHED)
def test_what_may_not_be_pushed(shown: VariantClient, module: str) -> None:
    """400, and which error it is."""
    changes, error = PUSHED[module.removeprefix(FAPI2)]
    assert refusal(shown.push(shown.rp.ask(**changes))) == (400, error)
    assert shown.push(shown.rp.ask()).status_code == 201


@plays_by_certificate("par-authorization-request-containing-request_uri-form-param")
def test_a_name_in_a_form_that_is_pushed(shown: VariantClient) -> None:
    """RFC 9126 section 2.1: the form has no `request_uri`, not even of a request that was pushed."""
    held = shown.push(shown.rp.ask()).json()["request_uri"]
    for name in ("urn:ietf:params:oauth:request_uri:x", held):
        assert refusal(shown.push(shown.rp.ask(), request_uri=name)) == (400, "invalid_request")


@plays_by_certificate("par-attempt-invalid-http-method")
def test_par_attempt_invalid_http_method(shown: VariantClient) -> None:
    """RFC 9126 section 2.3: 405, also with all that a request needs."""
    form = {**dict(shown.rp.ask().parameters), "client_assertion": shown.rp.assertion()}
    for method in ("PUT", "GET", "DELETE"):
        answer = shown.rp.http.request(method, shown.places.par, data=form, timeout=20)
        assert (answer.status_code, "request_uri" in answer.text) == (405, False)


@plays_by_certificate("ensure-unsigned-authorization-request-without-using-par-fails")
def test_a_request_that_was_not_pushed(shown: VariantClient, visitor: Person) -> None:
    """The app is told `invalid_request`, with its state; nobody gets a code."""
    asked = shown.rp.ask()
    visitor.open(asked.url)
    assert declined(shown.rp.issuer, visitor.answer or {}, asked) == "invalid_request"


@plays_by_certificate("par-attempt-to-use-request_uri-for-different-client")
def test_par_request_uri_of_another_client(shown: VariantClient, stranger: VariantClient, visitor: Person) -> None:
    """A page, and nobody is sent anywhere; to its own app the request is still worth a code."""
    asked = shown.rp.ask()
    pushed = shown.push(asked)
    _is_a_page(visitor, stranger.coming(asked, pushed))
    assert visitor.authorize(shown.coming(asked, pushed), duration="until_stopped")


@plays_by_certificate("par-attempt-reuse-request_uri")
def test_a_request_that_led_to_a_code(shown: VariantClient, visitor: Person) -> None:
    """RFC 9126 section 7.3: for one use. A page, and nobody is sent anywhere."""
    asked = shown.rp.ask()
    brought = shown.coming(asked, shown.push(asked))
    assert visitor.authorize(brought, duration="until_stopped")
    _is_a_page(visitor, brought)


@plays_by_certificate("par-attempt-to-use-expired-request_uri")
def test_a_request_whose_time_is_over(shown: VariantClient, visitor: Person, backroom: Backroom) -> None:
    """RFC 9126 section 2.2: a page once Redis has nothing any more."""
    kept = backroom.redis.client
    before, asked = set(kept.scan_iter("*pushed_request*")), shown.rp.ask()
    pushed = shown.push(asked)
    (key,) = set(kept.scan_iter("*pushed_request*")) - before
    assert kept.delete(key) == 1
    _is_a_page(visitor, shown.coming(asked, pushed))


@plays_by_certificate(*VERIFIERS)
def test_verifiers(shown: VariantClient, visitor: Person, module: str) -> None:
    """RFC 7636 section 4.6: none, or another."""
    asked, code = shown.code(visitor)
    refused = shown.redeem(asked, code, code_verifier=VERIFIERS[module.removeprefix(FAPI2)])
    assert refusal(refused) == (400, "invalid_grant")


@plays_by_certificate("ensure-client-id-in-token-endpoint")
def test_the_name_of_another_app(shown: VariantClient, stranger: VariantClient, visitor: Person) -> None:
    """Over one's own certificate, or in an assertion that one's own key signed."""
    asked, code = shown.code(visitor)
    named = {"client_id": stranger.rp.client_id}
    if shown.by_key:
        named["client_assertion"] = replace(stranger.rp, key=shown.rp.key).assertion()
    assert refusal(shown.redeem(asked, code, **named)) == (401, "invalid_client")
    assert shown.redeem(asked, code).status_code == 200


@plays_by_certificate("ensure-holder-of-key-required")
def test_without_what_binds(shown: VariantClient, visitor: Person) -> None:
    """No certificate, or no proof of the key: no token."""
    asked, code = shown.code(visitor)
    assert refusal(shown.unbound().redeem(asked, code, proof=False)) == shown.without_what_binds


@plays_by_certificate("ensure-authorization-code-is-bound-to-client")
def test_authorization_code_is_bound_to_client(shown: VariantClient, stranger: VariantClient, visitor: Person) -> None:
    """Another app gets nothing for it."""
    asked, code = shown.code(visitor)
    assert refusal(stranger.redeem(asked, code)) == (400, "invalid_grant")


@plays_by_certificate("attempt-reuse-authorization-code-after-one-second")
def test_a_code_that_was_used(shown: VariantClient, visitor: Person) -> None:
    """`invalid_grant`, and the tokens that it gave are worth nothing any more."""
    asked, code = shown.code(visitor)
    token = shown.redeem(asked, code).json()["access_token"]
    assert shown.use(token).status_code == 200
    assert refusal(shown.redeem(asked, code)) == (400, "invalid_grant")
    assert shown.use(token).status_code == 401


@plays_by_certificate("ensure-token-endpoint-fails-with-expired-auth-code")
def test_a_code_whose_time_is_over(shown: VariantClient, visitor: Person, backroom: Backroom) -> None:
    """Redis has forgotten it."""
    asked, code = shown.code(visitor)
    assert backroom.redis.client.delete(StoreKeys(backroom.foundation.keyring).of("code", code)) == 1
    assert refusal(shown.redeem(asked, code)) == (400, "invalid_grant")


@plays_by_certificate("ensure-client-assertion-in-token-endpoint", variants=BY_KEY)
def test_without_an_assertion(shown: VariantClient, visitor: Person) -> None:
    """A certificate that is another's proof is none here; the code is not spent by it."""
    asked, code = shown.code(visitor)
    refused = shown.redeem(asked, code, client_assertion=None, client_assertion_type=None)
    assert refusal(refused) == (401, "invalid_client")
    assert shown.redeem(asked, code).status_code == 200


@plays_by_certificate(*WRONG, variants=BY_KEY)
def test_assertions_with_one_thing_wrong(shown: VariantClient, visitor: Person, module: str) -> None:
    """At the token endpoint, for a live code; a good one then redeems it."""
    now, changed = int(time.time()), WRONG[module.removeprefix(FAPI2)]
    claims: dict[str, Any] = {name: now + value if isinstance(value, int) else value for name, value in changed.items()}
    asked, code = shown.code(visitor)
    refused = shown.redeem(asked, code, client_assertion=shown.rp.assertion(**claims))
    assert refusal(refused) == (401, "invalid_client")
    assert shown.redeem(asked, code).status_code == 200


@plays_by_certificate("ensure-invalid-client-assertions-fail", variants=BY_KEY)
def test_ensure_invalid_client_assertions_fail(shown: VariantClient, stranger: VariantClient) -> None:
    """400 or 401 and `invalid_client` or `invalid_request` to each, at PAR; a good one, eight seconds ahead, does."""
    asked = shown.rp.ask()
    for wrong, changes in assertions(cast("Fapi2Client", shown), cast("Fapi2Client", stranger)).items():
        status, error = refusal(shown.push(asked, **changes))
        assert (status in {400, 401}, error in {"invalid_client", "invalid_request"}) == (True, True), wrong
    soon = int(time.time()) + 8
    good = shown.rp.assertion(iat=soon, nbf=soon, exp=soon + 60)
    assert shown.push(asked, client_assertion=good).status_code == 201


@plays_by_certificate("ensure-signed-client-assertion-with-RS256-fails", variants=BY_KEY)
def test_ensure_signed_client_assertion_with_rs256_fails(
    shown: VariantClient, more_keys: dict[str, RSAKey | OKPKey]
) -> None:
    """One RSA key, two algorithms: PS256 does, and RS256 is refused for what it is."""
    key: dict[str, Any] = dict(more_keys["RSA"].as_dict(private=True))
    for algorithm, status in (("PS256", 201), ("RS256", 401)):
        shown.rp.key = {**key, "alg": algorithm}
        assert shown.push(shown.rp.ask()).status_code == status


@plays_by_certificate("ensure-mismatched-dpop-jkt-fails", variants=TO_KEY)
def test_a_thumbprint_of_another_key(shown: VariantClient) -> None:
    """`dpop_jkt` and the proof beside it are of one key, or the request is refused at PAR."""
    assert refusal(shown.push(shown.rp.ask(dpop_jkt=Holder(shown.rp).jkt))) in ANOTHER_KEY
    assert shown.push(shown.rp.ask(dpop_jkt=shown.holder.jkt)).status_code == 201


@plays_by_certificate(
    "ensure-token-endpoint-fails-with-mismatched-dpop-proof-jkt",
    "ensure-token-endpoint-fails-with-mismatched-dpop-jkt",
    variants=TO_KEY,
)
def test_a_proof_of_another_key(shown: VariantClient, visitor: Person, module: str) -> None:
    """A proof at PAR binds the code (RFC 9449 section 10.1), and so does `dpop_jkt` where none came with it."""
    proved = "proof-jkt" in module
    asked = shown.rp.ask(dpop_jkt=None if proved else shown.holder.jkt)
    brought = shown.coming(asked, shown.push(asked, proof=proved))
    code = visitor.authorize(brought, duration="until_stopped")
    shown.holder = Holder(shown.rp)
    assert refusal(shown.redeem(asked, code)) in ANOTHER_KEY


@plays_by_certificate("dpop-negative-tests", variants=TO_KEY)
def test_dpop_negative_tests(shown: VariantClient, visitor: Person) -> None:
    """What is bound to a key alone is opened by that key, with or without a certificate."""
    for path, scope in (("/userinfo", "openid"), ("/v1/mandates", "mandates")):
        negative(cast("Fapi2Client", shown), visitor, path, scope)


def _is_a_page(person: Person, brought: Asked) -> None:
    answer = person.send("GET", brought.url)
    assert (answer.status_code, answer.headers.get("Location")) == (400, None)
    assert answer.headers["Content-Type"].startswith("text/html")
