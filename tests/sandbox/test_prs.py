"""The mock PRS over HTTP: a RID is sealed to its recipient, works once, and becomes no more than it may."""

import base64
import json
import secrets
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
import requests
from joserfc import jwe
from joserfc.jwk import ECKey, RSAKey

from tests.sandbox.relying_party import BSN, Clock, key
from tests.support.rsa_keys import rsa_key
from vad.sandbox.fields import ConfigError
from vad.sandbox.prs import Config, Organization, create_app
from vad.sandbox.serving import serve

VAD, GP, HOSPITAL, DUMB = (f"0000000{number}123456780000" for number in (1, 2, 3, 4))
AUDIENCE = "http://localhost:8103"
GP_KEY = key("gp-enc")
HOSPITAL_KEY = RSAKey.import_key(rsa_key(), {"kid": "hospital-enc"})
SECRET = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def public(private: ECKey | RSAKey) -> dict[str, Any]:
    """Return the public half of a key as a JWK."""
    return dict(private.as_dict(private=False))


def config() -> Config:
    """Return a PRS that knows VAD, a GP for one scope, a hospital for any scope, and somebody without a key."""
    return Config(
        secret=SECRET,
        audiences=(AUDIENCE,),
        organizations=(
            Organization(VAD, "VAD", may_provide_personal_id=True),
            Organization(GP, "De Linde", {"huisarts": public(GP_KEY)}),
            Organization(HOSPITAL, "Ziekenhuis Oost", {"*": public(HOSPITAL_KEY)}, max_rid_usage="bsn"),
            Organization(DUMB, "Zonder sleutel"),
        ),
    )


@pytest.fixture
def prs(clock: Clock) -> Iterator[str]:
    """Give the address of a mock PRS."""
    with serve(create_app(Config.from_json(json.loads(json.dumps(config().to_json()))), clock)) as base:
        yield base


def post(url: str, body: Any, caller: str = VAD, audience: str = AUDIENCE) -> requests.Response:
    """Send a request as one of the organisations."""
    headers = {"x-gf-oin": caller, "x-gf-audience": audience}
    return requests.post(url, json=body, headers=headers, timeout=10)


def exchange(prs: str, *, caller: str = VAD, **changes: Any) -> requests.Response:
    """Ask for a RID."""
    body = {
        "personalId": f"NL:bsn:{BSN}",
        "recipientOrganization": f"oin:{GP}",
        "recipientScope": "huisarts",
        "ridUsage": "irp",
    }
    return post(f"{prs}/exchange/rid", {k: v for k, v in (body | changes).items() if v is not None}, caller)


def opened(token: str, private: ECKey | RSAKey = GP_KEY) -> dict[str, Any]:
    """Open what the PRS sealed."""
    algorithms = ["ECDH-ES", "RSA-OAEP-256", "A256GCM"]
    plaintext = jwe.decrypt_compact(token, private, algorithms=algorithms).plaintext
    assert plaintext is not None
    claims = json.loads(plaintext)
    assert isinstance(claims, dict)
    return claims


def rid(prs: str, private: ECKey | RSAKey = GP_KEY, **changes: Any) -> str:
    """Return a fresh RID, as its recipient reads it."""
    response = exchange(prs, **changes)
    assert response.status_code == HTTPStatus.CREATED
    return str(opened(response.text, private)["subject"])


def receive(prs: str, value: str, *, caller: str = GP, **changes: Any) -> requests.Response:
    """Hand in a RID."""
    body = {
        "rid": value,
        "recipientOrganization": f"oin:{GP}",
        "recipientScope": "huisarts",
        "pseudonymType": "irp",
    }
    return post(f"{prs}/receive", body | changes, caller)


def test_rid_is_sealed_to_its_recipient(prs: str) -> None:
    """The caller gets a JWE that only the recipient can open, without any BSN in it."""
    response = exchange(prs)
    assert response.status_code == HTTPStatus.CREATED
    assert response.headers["Content-Type"] == "application/jwe"
    header = json.loads(base64.urlsafe_b64decode(response.text.split(".")[0] + "=="))
    assert header["kid"] == "gp-enc"
    assert header["enc"] == "A256GCM"
    claims = opened(response.text)
    assert claims["subject"].startswith("rid:")
    assert len(claims["subject"]) == len("rid:") + 64
    assert claims["aud"] == f"oin:{GP}"
    assert claims["scope"] == "huisarts"
    assert claims["ridUsage"] == "irp"
    assert claims["exp"] - claims["iat"] == 300
    assert BSN not in json.dumps(claims)


def test_wildcard_key_and_rsa(prs: str) -> None:
    """An organisation may have one key for every scope; RSA keys get RSA-OAEP-256."""
    response = exchange(prs, recipientOrganization=f"oin:{HOSPITAL}", recipientScope="anything")
    header = json.loads(base64.urlsafe_b64decode(response.text.split(".")[0] + "=="))
    assert header["alg"] == "RSA-OAEP-256"
    assert opened(response.text, HOSPITAL_KEY)["scope"] == "anything"


def test_irreversible_pseudonym_is_stable_per_recipient_and_scope(prs: str) -> None:
    """The same person is called the same by one recipient and scope, and differently everywhere else."""
    first = receive(prs, rid(prs))
    assert first.status_code == HTTPStatus.OK
    assert first.json()["type"] == "irp"
    assert first.json()["pseudonym"].startswith("pseudonym:irreversible:")
    assert receive(prs, rid(prs)).json() == first.json()
    person = {"landCode": "NL", "type": "bsn", "value": BSN}
    assert receive(prs, rid(prs, personalId=person)).json() == first.json()
    assert receive(prs, rid(prs, personalId="NL:bsn:999990019")).json() != first.json()
    there = {"recipientOrganization": f"oin:{HOSPITAL}", "recipientScope": "huisarts"}
    hospital = receive(prs, rid(prs, HOSPITAL_KEY, **there), caller=HOSPITAL, **there).json()
    other = {"recipientOrganization": f"oin:{HOSPITAL}", "recipientScope": "other"}
    scope = receive(prs, rid(prs, HOSPITAL_KEY, **other), caller=HOSPITAL, **other).json()
    assert len({each["pseudonym"] for each in (first.json(), hospital, scope)}) == 3
    assert BSN not in first.text


def test_rid_works_once(prs: str) -> None:
    """A RID that was received is gone; a refused try does not spend it."""
    value = rid(prs)
    assert receive(prs, value, recipientScope="other").status_code == HTTPStatus.BAD_REQUEST
    assert receive(prs, value, caller=HOSPITAL).status_code == HTTPStatus.BAD_REQUEST
    assert receive(prs, value, pseudonymType="bsn").status_code == HTTPStatus.BAD_REQUEST
    assert receive(prs, value).status_code == HTTPStatus.OK
    response = receive(prs, value)
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert response.json() == {"detail": "Unknown, expired or already used RID"}


def test_rid_expires(prs: str, clock: Clock) -> None:
    """After its 900 seconds a RID is as unknown as one that never was."""
    value = rid(prs)
    clock.ahead += 900
    expired = receive(prs, value)
    assert expired.status_code == HTTPStatus.BAD_REQUEST
    assert expired.json() == receive(prs, "rid:" + "0" * 64).json()


@pytest.mark.parametrize(
    ("usage", "kind", "allowed"),
    [
        *(("irp", "irp", True), ("irp", "rp", False), ("irp", "bsn", False)),
        *(("rp", "irp", True), ("rp", "rp", True), ("rp", "bsn", False)),
        *(("bsn", "irp", True), ("bsn", "rp", True), ("bsn", "bsn", True)),
    ],
)
def test_usage_caps_what_a_rid_becomes(prs: str, usage: str, kind: str, allowed: bool) -> None:  # noqa: FBT001
    """`ridUsage` is the most telling thing that a RID may become."""
    there = {"recipientOrganization": f"oin:{HOSPITAL}", "recipientScope": "s"}
    value = rid(prs, HOSPITAL_KEY, ridUsage=usage, **there)
    response = receive(prs, value, caller=HOSPITAL, pseudonymType=kind, **there)
    assert (response.status_code == HTTPStatus.OK) is allowed
    if allowed and kind == "bsn":
        assert response.json() == {"pseudonym": f"bsn:{BSN}", "type": "bsn"}
    else:
        assert BSN not in response.text


def test_recipient_is_capped_too(prs: str) -> None:
    """A recipient that may have irreversible pseudonyms only gets nothing more, whatever the RID allows."""
    value = rid(prs, ridUsage="bsn")
    assert receive(prs, value, pseudonymType="rp").status_code == HTTPStatus.BAD_REQUEST
    assert receive(prs, value, pseudonymType="irp").status_code == HTTPStatus.OK


def test_caller_must_be_known_and_allowed(prs: str) -> None:
    """403 for an unknown caller or audience, and for one that may not provide BSNs."""
    assert exchange(prs, caller="00000009123456780000").status_code == HTTPStatus.FORBIDDEN
    assert exchange(prs, caller="").status_code == HTTPStatus.FORBIDDEN
    assert exchange(prs, caller=GP).status_code == HTTPStatus.FORBIDDEN
    assert post(f"{prs}/exchange/rid", {}, audience="http://other").status_code == HTTPStatus.FORBIDDEN
    assert post(f"{prs}/receive", {}, audience="").status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("recipient", [f"oin:{DUMB}", "oin:00000009123456780000"])
def test_recipient_must_have_a_key(prs: str, recipient: str) -> None:
    """404 when nobody could open the answer; also for a scope without a key."""
    assert exchange(prs, recipientOrganization=recipient).status_code == HTTPStatus.NOT_FOUND
    assert exchange(prs, recipientScope="other").status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    "changes",
    [
        {"personalId": None},
        {"personalId": BSN},
        {"personalId": "NL:bsn:999991773"},
        {"personalId": "DE:bsn:999991772"},
        {"personalId": {"landCode": "NL", "type": "bsn"}},
        {"recipientOrganization": GP},
        {"recipientOrganization": "oin:12"},
        {"recipientScope": None},
        {"recipientScope": ""},
        {"recipientScope": "a|b"},
        {"recipientScope": "s" * 101},
        {"ridUsage": "all"},
        {"ridUsage": 1},
    ],
)
def test_wrong_request_is_refused_without_echo(prs: str, changes: dict[str, Any]) -> None:
    """422 names the field, never the value (rule 31)."""
    response = exchange(prs, **changes)
    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert response.json()["detail"][0]["loc"] == ["body", next(iter(changes))]
    assert "99999177" not in response.text


def test_only_json_objects(prs: str) -> None:
    """Nonsense, lists and other media types are refused; a RID must look like one."""
    headers = {"x-gf-oin": VAD, "x-gf-audience": AUDIENCE, "Content-Type": "application/json"}
    assert requests.post(f"{prs}/exchange/rid", data=b"{", headers=headers, timeout=10).status_code == 422
    assert post(f"{prs}/exchange/rid", []).status_code == 422
    headers["Content-Type"] = "text/plain"
    assert requests.post(f"{prs}/exchange/rid", data=b"{}", headers=headers, timeout=10).status_code == 422
    assert receive(prs, "0" * 64).status_code == 422
    assert requests.get(f"{prs}/receive", timeout=10).status_code == HTTPStatus.METHOD_NOT_ALLOWED


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"secret": "c2hvcnQ"}, "secret"),
        ({"organizations": [{"oin": "12", "name": "x"}]}, "oin"),
        ({"organizations": [{"oin": GP, "name": "x", "max_rid_usage": "all"}]}, "max_rid_usage"),
        ({"organizations": [{"oin": GP, "name": "x", "keys": {"s": {"kty": "EC"}}}]}, "keys"),
        ({"organizations": [{"oin": GP, "name": "x", "keys": {"s": dict(GP_KEY.as_dict(private=True))}}]}, "public"),
        ({"rid_seconds": 0}, "rid_seconds"),
        ({"extra": 1}, "unknown field extra"),
    ],
)
def test_wrong_configuration_is_refused(change: dict[str, Any], message: str) -> None:
    """A configuration that cannot work is refused in one line."""
    with pytest.raises(ConfigError, match=message):
        Config.from_json(config().to_json() | change)
