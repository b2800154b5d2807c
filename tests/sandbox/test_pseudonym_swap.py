"""The demo GP with the pseudonym service: a one-time reference (RID) becomes the GP's own pseudonym, once."""

import base64
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.sandbox.fake_issuer import BSN, FakeIssuer, encryption_key, inner
from vad.sandbox import data_source, prs
from vad.sandbox.ports import free_port
from vad.sandbox.serving import serve

KEY, OTHER_KEY = encryption_key("gp"), encryption_key("other")
VAD_OIN, GP_OIN, OTHER_OIN = "00000001000000001000", "00000001000000002000", "00000001000000003000"
AUDIENCE = "prs.test"
RECORDS = str(Path(__file__).parents[2] / "config" / "demo" / "records.toml")


@dataclass
class Neighbourhood:
    """The addresses of an issuer, a pseudonym service and a GP that work together."""

    issuer: FakeIssuer
    prs: str
    gp: str

    def rid(self, bsn: str = BSN, oin: str = GP_OIN, scope: str = "huisarts") -> str:
        """Get a sealed RID from the pseudonym service, as VAD does."""
        answer = requests.post(
            f"{self.prs}/exchange/rid",
            headers={"x-gf-oin": VAD_OIN, "x-gf-audience": AUDIENCE},
            json={
                "personalId": f"NL:bsn:{bsn}",
                "recipientOrganization": f"oin:{oin}",
                "recipientScope": scope,
                "ridUsage": "irp",
            },
            timeout=5,
        )
        assert answer.status_code == 201
        return answer.text

    def token(self, rid: str, jti: str) -> str:
        """Make an access token for the GP around a RID."""
        hidden = inner(KEY, sub=rid, sub_id_type="urn:nl-vad:1.0:id:RID", aud=self.gp, jti=jti)
        return self.issuer.sign(self.issuer.claims(self.gp, KEY, jti=jti, scope="49", subject_identifier=hidden))

    def read(self, token: str) -> requests.Response:
        """Ask the GP for everything."""
        headers = {"Authorization": f"Bearer {token}"}
        return requests.get(f"{self.gp}/fhir/49/Patient/$everything", headers=headers, timeout=15)

    def reasons(self) -> list[str]:
        """Return why the GP refused, newest first."""
        return [item["reason"] for item in requests.get(f"{self.gp}/refusals", timeout=5).json()["refusals"]]

    def fault(self, mode: str) -> None:
        """Break or mend the pseudonym service."""
        requests.post(f"{self.prs}/control/faults", json={"mode": mode}, timeout=5).raise_for_status()


def pseudonym_service() -> dict[str, Any]:
    """Give the configuration of a pseudonym service that knows VAD, the GP and one more."""

    def organization(oin: str, key: Any = None) -> dict[str, Any]:
        keys = {} if key is None else {"*": dict(key.as_dict(private=False))}
        return {"oin": oin, "name": oin, "keys": keys, "may_provide_personal_id": key is None}

    return {
        "secret": base64.urlsafe_b64encode(bytes(range(32))).decode(),
        "audiences": [AUDIENCE],
        "organizations": [organization(VAD_OIN), organization(GP_OIN, KEY), organization(OTHER_OIN, OTHER_KEY)],
    }


@pytest.fixture
def area() -> Iterator[Neighbourhood]:
    """Give an issuer, a pseudonym service and a GP, all served over HTTP."""
    fake, port = FakeIssuer(), free_port()
    with (
        serve(fake.app()) as issuer_url,
        serve(prs.create_app(prs.Config.from_json(pseudonym_service()))) as prs_url,
    ):
        fake.url = issuer_url
        raw = {
            "issuer": issuer_url,
            "identifier": f"http://localhost:{port}",
            "name": "Huisartsenpraktijk De Linde",
            "data_services": {"49": "Huisartsgegevens"},
            "identifier_type": "rid",
            "private_key": dict(KEY.as_dict(private=True)),
            "records": RECORDS,
            "pseudonym_service": {"url": prs_url, "oin": GP_OIN, "audience": AUDIENCE, "scope": "huisarts"},
        }
        with serve(data_source.create_app(data_source.Config.from_json(raw)), port) as url:
            yield Neighbourhood(fake, prs_url, url)


def test_a_rid_gives_the_same_record_each_time(area: Neighbourhood) -> None:
    """Rule 33: every token carries another RID, and all of them lead to the GP's one pseudonym of the person."""
    answers = [area.read(area.token(area.rid(), f"token-{number}")).json() for number in range(2)]
    assert answers[0]["entry"] == answers[1]["entry"]
    assert answers[0]["total"] > 1
    other = area.read(area.token(area.rid("999990019"), "other")).json()
    assert other["entry"][0]["resource"]["id"] != answers[0]["entry"][0]["resource"]["id"]


def test_a_token_works_all_its_life_though_its_rid_works_once(area: Neighbourhood) -> None:
    """The pseudonym is remembered with the token's `jti`; requests at the same moment share one swap."""
    token = area.token(area.rid(), "token")
    with ThreadPoolExecutor(8) as pool:
        assert {answer.status_code for answer in pool.map(area.read, [token] * 8)} == {200}
    area.fault("error500")
    assert area.read(token).status_code == 200


def test_a_replayed_rid_is_refused(area: Neighbourhood) -> None:
    """A RID that was spent with one token does not open anything with another."""
    rid = area.rid()
    assert area.read(area.token(rid, "first")).status_code == 200
    assert area.read(area.token(rid, "second")).status_code == 401
    assert area.reasons() == ["rid_refused"]


def test_a_rid_for_another_organisation_or_scope_is_refused(area: Neighbourhood) -> None:
    """A RID is read only by the organisation, and for the scope, that it was made for."""
    assert area.read(area.token(area.rid(oin=OTHER_OIN), "a")).status_code == 401
    assert area.read(area.token(area.rid(scope="apotheek"), "b")).status_code == 401
    assert area.read(area.token("rid:1234", "c")).status_code == 401
    assert area.reasons() == ["decryption", "rid_refused", "decryption"]


def test_a_bsn_where_a_rid_is_expected_is_refused(area: Neighbourhood) -> None:
    """Rule 33: a source registered for RIDs never accepts a BSN."""
    assert area.read(area.issuer.sign(area.issuer.claims(area.gp, KEY, scope="49"))).status_code == 401
    assert area.reasons() == ["identifier_type"]


@pytest.mark.parametrize("mode", ["error500", "garbage", "close"])
def test_without_the_pseudonym_service_nothing_opens(area: Neighbourhood, mode: str) -> None:
    """Fail closed, and recover by itself: 503 while the service is away, and the same token works afterwards."""
    token = area.token(area.rid(), "token")
    area.fault(mode)
    answer = area.read(token)
    assert (answer.status_code, area.reasons()) == (503, ["pseudonym_service_unavailable"])
    area.fault("ok")
    assert area.read(token).status_code == 200
