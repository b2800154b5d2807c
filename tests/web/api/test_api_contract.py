"""What the API promises of itself: its document, and problems for everything that is not as it should be."""

from pathlib import Path
from typing import Any

import requests
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from tests.support.api_client import Household
from tests.support.mandate_pages import offered
from tests.support.person import HENDRIK
from tests.support.trying import assert_as_documented
from vad.adapters.configuration.limits_section import Limits
from vad.bootstrap import web
from vad.services.ports.volatile import RateLimit

JSON = {"Content-Type": "application/json"}
NOBODYS = "00000000-0000-4000-8000-000000000000"


def test_the_document(vad_issuer: str) -> None:
    """NL API Design Rules: at its place, for anybody and every origin, valid, camelCase, with version and contact."""
    answer = requests.get(f"{vad_issuer}/v1/openapi.json", timeout=20)
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, "*")
    document = answer.json()
    validate(document, cls=OpenAPIV31SpecValidator)
    assert document["openapi"].startswith("3.1")
    assert document["info"]["version"] == answer.headers["API-Version"]
    assert document["info"]["contact"]["url"] == f"{vad_issuer}/hulp"
    assert document["servers"] == [{"url": f"{vad_issuer}/v1"}]
    assert not any(path.endswith("/") for path in document["paths"])
    for operation in (each for path in document["paths"].values() for each in path.values()):
        assert operation["summary"]
        assert {"400", "401", "403", "429", "503"} <= operation["responses"].keys()
        for status, response in operation["responses"].items():
            kind = "application/json" if status.startswith("2") else "application/problem+json"
            assert list(response["content"]) == [kind]
        names = [each["name"] for each in operation["parameters"]]
        assert not any("_" in name for name in names)
    again = requests.get(f"{vad_issuer}/v1/openapi.json", headers={"If-None-Match": answer.headers["ETag"]}, timeout=20)
    assert again.status_code == 304


UNFIT: list[tuple[str, str, dict[str, Any], int]] = [
    ("GET", "/", {}, 404),
    ("GET", "/mandates/", {}, 404),
    ("GET", "//mandates", {}, 404),
    ("POST", "/mandates//revocations", {"json": {}}, 404),
    ("GET", "/mandates/1", {}, 404),
    ("DELETE", "/mandates", {}, 405),
    ("GET", f"/mandates/{NOBODYS}/revocations", {}, 405),
    ("POST", f"/mandates/{NOBODYS}/revocations", {"data": "permissionId=1"}, 415),
    ("POST", f"/mandates/{NOBODYS}/revocations", {"json": {"permissionId": "x" * 70_000}}, 413),
    ("POST", f"/mandates/{NOBODYS}/revocations", {"json": []}, 400),
    ("POST", f"/mandates/{NOBODYS}/revocations", {"data": b"null", "headers": JSON}, 400),
    ("POST", f"/mandates/{NOBODYS}/revocations", {"json": {"permissionId": 1}}, 400),
    ("POST", f"/mandates/{NOBODYS}/revocations", {"json": {"999991772": True}}, 400),
    ("POST", f"/mandates/{NOBODYS}/revocations", {"data": b"{", "headers": JSON}, 400),
    ("POST", f"/mandates/{NOBODYS}/revocations", {"data": b"[" * 30_000, "headers": JSON}, 400),
    ("GET", "/mandates?limit=0", {}, 400),
    ("GET", "/mandates?limit=1&limit=2", {}, 400),
    ("GET", "/mandates?role=parent", {}, 400),
    ("GET", "/mandates?bsn=999991772", {}, 400),
    ("GET", "/mandates?cursor=-", {}, 400),
]


def test_what_is_not_as_it_should_be(household: Household) -> None:
    """RFC 9457, always: with its own status, never 422, and without a word of what was sent."""
    api = household.fathers()
    for method, path, more, status in UNFIT:
        answer = api.send(method, path, **more)
        assert (answer.status_code, answer.json()["status"]) == (status, status), (path, answer.text)
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["API-Version"] == "1.0.0"
        assert "999991772" not in answer.text
        assert (status != 400) or answer.json()["errors"]
        assert (status != 405) or {"GET", "POST"} & set(answer.headers["Allow"].split(", "))


def test_a_page_is_no_part_of_it(vad_issuer: str) -> None:
    """What only begins like an address of the API is answered by VAD's pages."""
    answer = requests.get(f"{vad_issuer}/v1x", timeout=20)
    assert answer.status_code == 404
    assert "API-Version" not in answer.headers


def test_too_often(household: Household) -> None:
    """One app can ask so often for one person, and hears when to come back; for another person it goes on."""
    known = household.father.town.settings
    app = web.create_app(known.model_copy(update={"limits": Limits(api_per_person=500)}))
    fathers, helpers = ({"Authorization": f"Bearer {api.token}"} for api in (household.fathers(), household.helpers()))
    limits = app.extensions["vad.services"].rate_limits
    while limits.take(RateLimit.API, f"rp-acts {household.backroom.person_id(HENDRIK)}"):
        pass
    answer = app.test_client().get("/v1/mandates", headers=fathers)
    assert (answer.status_code, answer.get_json()["code"]) == (429, "too_many_requests")
    assert int(answer.headers["Retry-After"]) > 0
    assert app.test_client().get("/v1/mandates", headers=helpers).status_code == 200


def test_a_program_that_tries_everything(household: Household, tmp_path: Path) -> None:
    """Schemathesis: what fits the document is taken, nothing unfit is, and every answer is as the document says."""
    household.authorise("48")
    offered(household.father, HENDRIK, "51")
    api = household.fathers()
    known = api.get("/mandates").json()["mandates"][-1]["mandateId"]
    document = f"{api.issuer}/v1/openapi.json"
    assert_as_documented(document, api.token, tmp_path, 10, mandateId=known)
    assert household.backroom.events("mandate.stopped")
