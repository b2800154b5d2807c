"""The demo data source over HTTP: who gets records, and what a refused caller learns (RFC 6750, RFC 9728)."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from joserfc.jwk import Key

from tests.sandbox.fake_issuer import BSN, BSN_TYPE, FakeIssuer, encryption_key, inner, signing_key
from vad.sandbox.data_source import Config, create_app
from vad.sandbox.fields import ConfigError
from vad.sandbox.ports import free_port
from vad.sandbox.serving import serve
from vad.sandbox.token_check import PARENTAL_AUTHORITY

RECORDS = str(Path(__file__).parents[2] / "config" / "demo" / "records.toml")
KEY = encryption_key("hospital")


@pytest.fixture
def issuer() -> Iterator[FakeIssuer]:
    """Give an issuer that is served over HTTP."""
    fake = FakeIssuer()
    with serve(fake.app()) as url:
        fake.url = url
        yield fake


def config(issuer: str, identifier: str, key: Key = KEY, **changes: Any) -> dict[str, Any]:
    """Give the configuration of a hospital as JSON."""
    return {
        "issuer": issuer,
        "identifier": identifier,
        "name": "Ziekenhuis Oost",
        "data_services": {"48": "Basisgegevens Zorg", "63": "Vaccinaties"},
        "identifier_type": "bsn_jwe",
        "private_key": dict(key.as_dict(private=True)),
        "records": RECORDS,
    } | changes


@pytest.fixture
def hospital(issuer: FakeIssuer) -> Iterator[str]:
    """Give the address of a hospital that trusts the issuer."""
    port = free_port()
    app = create_app(Config.from_json(config(issuer.url, f"http://localhost:{port}")))
    with serve(app, port) as url:
        yield url


def read(base: str, token: str | None, service: str = "48", **options: Any) -> requests.Response:
    """Ask for everything of one data service."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return requests.get(f"{base}/fhir/{service}/Patient/$everything", headers=headers, timeout=5, **options)


def reasons(base: str) -> list[str]:
    """Return why the source refused, newest first."""
    return [item["reason"] for item in requests.get(f"{base}/refusals", timeout=5).json()["refusals"]]


def test_a_good_token_opens_the_records(issuer: FakeIssuer, hospital: str) -> None:
    """FHIR R4: a searchset Bundle of the person in the token, without the BSN, and the token works all its life."""
    token = issuer.sign(issuer.claims(hospital, KEY))
    for _ in range(2):
        answer = read(hospital, token)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "application/fhir+json"
        assert answer.headers["Cache-Control"] == "no-store"
        bundle = answer.json()
        assert (bundle["resourceType"], bundle["type"], bundle["total"]) == ("Bundle", "searchset", 9)
        kinds = {entry["resource"]["resourceType"] for entry in bundle["entry"]}
        assert kinds == {"Patient", "Condition", "MedicationStatement", "AllergyIntolerance", "Observation"}
        assert BSN not in answer.text


def test_an_unknown_person_gives_an_empty_bundle(issuer: FakeIssuer, hospital: str) -> None:
    """A source that does not know the person says so with an empty answer, not with an error."""
    bundle = read(hospital, issuer.sign(issuer.claims(hospital, KEY)), "63").json()
    assert bundle["total"] == 5
    claims = issuer.claims(hospital, KEY, jti="j", subject_identifier=_identifier("999992211", hospital))
    assert read(hospital, issuer.sign(claims)).json()["total"] == 0
    assert "entry" not in read(hospital, issuer.sign(claims)).json()


def _identifier(bsn: str, source: str) -> str:
    return inner(KEY, sub=bsn, sub_id_type=BSN_TYPE, aud=source, jti="j")


def test_a_refused_caller_learns_nothing(issuer: FakeIssuer, hospital: str) -> None:
    """RFC 6750, section 3.1: the answer is the same whatever was wrong; the operator sees the reason."""
    expired = int(time.time()) - 120
    bad = {
        "expired": issuer.sign(issuer.claims(hospital, KEY, exp=expired)),
        "audience": issuer.sign(issuer.claims("http://localhost:1", KEY)),
        "signature": FakeIssuer(issuer.url, {"ec": signing_key("ec")}).sign(issuer.claims(hospital, KEY)),
        "wrong_type": issuer.sign(issuer.claims(hospital, KEY), typ="JWT"),
        "swapped": issuer.sign(
            issuer.claims(hospital, KEY, subject_identifier=issuer.claims(hospital, KEY)["subject_identifier"])
        ),
    }
    answers = {name: read(hospital, token) for name, token in bad.items()}
    assert {answer.status_code for answer in answers.values()} == {401}
    assert len({answer.text for answer in answers.values()}) == 1
    challenges = {answer.headers["WWW-Authenticate"] for answer in answers.values()}
    assert challenges == {
        f'Bearer resource_metadata="{hospital}/.well-known/oauth-protected-resource", error="invalid_token"'
    }
    assert reasons(hospital) == list(reversed(bad))
    shown = requests.get(f"{hospital}/refusals", timeout=5).text + requests.get(hospital, timeout=5).text
    assert BSN not in shown
    assert not any(token in shown for token in bad.values())


def test_a_token_without_this_data_service_is_forbidden(issuer: FakeIssuer, hospital: str) -> None:
    """RFC 6750: `insufficient_scope` with 403."""
    answer = read(hospital, issuer.sign(issuer.claims(hospital, KEY, scope="63")))
    assert answer.status_code == 403
    assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]


def test_only_one_bearer_token_in_the_header(issuer: FakeIssuer, hospital: str) -> None:
    """RFC 6750, section 2 and RFC 9700: never in the URL, never in a form, never two."""
    token = issuer.sign(issuer.claims(hospital, KEY))
    nothing = read(hospital, None)
    assert nothing.status_code == 401
    assert "error" not in nothing.headers["WWW-Authenticate"]
    assert read(hospital, None, params={"access_token": token}).status_code == 400
    assert read(hospital, token, params={"access_token": token}).status_code == 400
    assert read(hospital, f"{token}, Bearer {token}").status_code == 400
    assert read(hospital, None, data={"access_token": token}).status_code == 401
    basic = requests.get(f"{hospital}/fhir/48/Patient/$everything", auth=("a", token), timeout=5)
    assert basic.status_code == 400


def test_an_unknown_data_service_is_not_found(issuer: FakeIssuer, hospital: str) -> None:
    """A source answers for its own data services only."""
    assert read(hospital, issuer.sign(issuer.claims(hospital, KEY)), "49").status_code == 404


def test_keys_are_fetched_once_and_unknown_ones_at_most_once_a_minute(issuer: FakeIssuer, hospital: str) -> None:
    """Made-up key ids cannot be used to flood the issuer through a data source."""
    assert read(hospital, issuer.sign(issuer.claims(hospital, KEY))).status_code == 200
    assert read(hospital, issuer.sign(issuer.claims(hospital, KEY), "rsa")).status_code == 200
    assert issuer.fetches == 1
    for number in range(5):
        assert read(hospital, issuer.sign(issuer.claims(hospital, KEY), kid=f"made-up-{number}")).status_code == 401
    assert issuer.fetches == 1
    assert reasons(hospital) == ["unknown_key"] * 5


def test_without_the_issuer_nothing_opens() -> None:
    """Fail closed: keys that cannot be had are a passing fault (503), never a reason to believe a token."""
    fake, port = FakeIssuer(f"http://localhost:{free_port()}"), free_port()
    with serve(create_app(Config.from_json(config(fake.url, f"http://localhost:{port}"))), port) as url:
        answer = read(url, fake.sign(fake.claims(url, KEY)))
        assert (answer.status_code, reasons(url)) == (503, ["issuer_unavailable"])


def test_metadata_that_names_another_issuer_is_not_believed() -> None:
    """OpenID Connect Discovery 1.0, section 4.3: `issuer` must be the address that was asked."""
    fake, port = FakeIssuer("http://localhost:1"), free_port()
    with serve(fake.app()) as there:
        app = create_app(Config.from_json(config(there, f"http://localhost:{port}")))
        with serve(app, port) as url:
            fake_claims = fake.claims(url, KEY) | {"iss": there}
            assert read(url, fake.sign(fake_claims)).status_code == 503


def test_a_pseudonym_source_needs_no_bsn(issuer: FakeIssuer) -> None:
    """Rule 33: a source registered for pseudonyms gets its own; one pseudonym always finds the same record."""
    port = free_port()
    raw = config(issuer.url, f"http://localhost:{port}", identifier_type="pseudonym", data_services={"49": "Huisarts"})
    with serve(create_app(Config.from_json(raw)), port) as url:
        seen = []
        for jti in ("a", "b"):
            hidden = inner(KEY, sub="p1", sub_id_type="urn:nl-eid-gdi:1.0:id:Pseudonym", aud=url, jti=jti)
            claims = issuer.claims(url, KEY, jti=jti, scope="49", subject_identifier=hidden)
            seen.append(read(url, issuer.sign(claims), "49").json()["entry"])
        assert seen[0] == seen[1]
        assert read(url, issuer.sign(issuer.claims(url, KEY, scope="49")), "49").status_code == 401
        assert reasons(url) == ["identifier_type"]


@pytest.mark.parametrize(("representation", "status"), [(True, 200), (False, 401)])
def test_a_parent_who_acts_is_answered_unless_the_source_takes_no_part(
    issuer: FakeIssuer,
    representation: bool,  # noqa: FBT001
    status: int,
) -> None:
    """What comes back is the record of the subject; a source may want no tokens of people who act for another."""
    port = free_port()
    raw = config(issuer.url, f"http://localhost:{port}", representation=representation)
    with serve(create_app(Config.from_json(raw)), port) as url:
        ground = {"type": "nl.vad.representation", "basis": PARENTAL_AUTHORITY, "locations": [url]}
        claims = issuer.claims(url, KEY, act={"iss": issuer.url, "sub": "the parent"}, authorization_details=[ground])
        answer = read(url, issuer.sign(claims))
        assert answer.status_code == status
        assert answer.json().get("total") == (9 if representation else None)
        assert reasons(url) == ([] if representation else ["representation"])


def test_what_it_says_about_itself(hospital: str, issuer: FakeIssuer) -> None:
    """RFC 9728 metadata, a public encryption key without its private half, and health."""
    assert requests.get(f"{hospital}/healthz", timeout=5).json() == {"status": "ok"}
    metadata = requests.get(f"{hospital}/.well-known/oauth-protected-resource", timeout=5).json()
    assert (metadata["resource"], metadata["authorization_servers"]) == (hospital, [issuer.url])
    (key,) = requests.get(metadata["jwks_uri"], timeout=5).json()["keys"]
    assert (key["kid"], key["use"]) == ("hospital", "enc")
    assert "d" not in key


def test_the_configuration_survives_json() -> None:
    """A configuration is written to JSON and read back the same; what is missing or unknown is named."""
    raw = config("http://localhost:1", "http://localhost:2")
    assert Config.from_json(json.loads(json.dumps(Config.from_json(raw).to_json()))) == Config.from_json(raw)
    with pytest.raises(ConfigError, match="issuer"):
        Config.from_json({name: value for name, value in raw.items() if name != "issuer"})
    with pytest.raises(ConfigError, match="identifier_type"):
        Config.from_json(raw | {"identifier_type": "rid"})
    with pytest.raises(ConfigError, match="representation"):
        Config.from_json(raw | {"representation": "no"})
    with pytest.raises(ConfigError, match="private_key"):
        create_app(Config.from_json(raw | {"private_key": {"kty": "EC"}}))
