"""Fetching one-time references from the PRS, over real HTTP, when all is well and when it is not."""

import base64
import json
import logging
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from flask import Flask, Response, request
from joserfc import jwe
from joserfc.jwk import ECKey

from vad.adapters.http.caller import HttpCaller, Limits
from vad.adapters.prs.pseudonyms import PrsPseudonyms
from vad.domain.client import IdentifierType, ResourceServer
from vad.domain.errors import RegisterUnavailableError
from vad.domain.identifiers import Bsn, ResourceId
from vad.sandbox import prs
from vad.sandbox.ports import free_port
from vad.sandbox.serving import serve

BSN = Bsn("999991772")
OURS, THEIRS, NOBODY = "00000001003214345000", "00000099000000001000", "00000099000000002000"
QUICK = Limits(connect=0.5, total=0.4)
GOOD = "a.b.c.d.e"


@pytest.fixture(scope="module")
def source_key() -> ECKey:
    """Give the data source's key pair."""
    return ECKey.generate_key("P-256", {"kid": "source"})


@pytest.fixture(scope="module")
def service(source_key: ECKey) -> Iterator[str]:
    """Serve the mock PRS."""
    config = prs.Config(
        base64.urlsafe_b64encode(bytes(32)).decode(),
        ("vad",),
        (
            prs.Organization(OURS, "VAD", may_provide_personal_id=True),
            prs.Organization(THEIRS, "De Linde", {"*": source_key.as_dict(private=False)}),
        ),
    )
    with serve(prs.create_app(config)) as url:
        yield url


@pytest.fixture
def fault(service: str) -> Iterator[Any]:
    """Give a function that makes the mock PRS misbehave until the test is over."""

    def control(mode: str) -> None:
        requests.post(f"{service}/control/faults", json={"mode": mode}, timeout=5).raise_for_status()

    yield control
    control("ok")


def source(oin: str = THEIRS, scope: str = "huisartsgegevens") -> ResourceServer:
    """Give a data source as it is registered."""
    return ResourceServer(
        identifier=ResourceId("http://localhost:8106"),
        name="De Linde",
        organisation="De Linde",
        data_services=("49",),
        identifier_type=IdentifierType.RID,
        encryption_jwk={},
        oin=oin,
        prs_scope=scope,
    )


def connector(url: str, limits: Limits | None = None, audience: str = "vad") -> PrsPseudonyms:
    """Give a connector to the service at `url`."""
    return PrsPseudonyms(url, OURS, audience, HttpCaller("prs", limits=limits))


def refusal(connection: PrsPseudonyms, of: ResourceServer | None = None) -> str:
    """Give the text of the failure, after proving that it says nothing about the person."""
    with pytest.raises(RegisterUnavailableError) as caught:
        connection.rid_for(BSN, of or source())
    assert BSN.reveal() not in "".join(traceback.format_exception(caught.value))
    return str(caught.value)


def test_the_source_can_swap_what_we_get(service: str, source_key: ECKey) -> None:
    """The reference is sealed to the source, which swaps it, once, for its own pseudonym of that person."""
    pseudonyms = []
    for _ in range(2):
        sealed = connector(service).rid_for(BSN, source())
        claims = json.loads(jwe.decrypt_compact(sealed, source_key).plaintext or b"")
        question = {
            "rid": claims["subject"],
            "recipientOrganization": f"oin:{THEIRS}",
            "recipientScope": "huisartsgegevens",
            "pseudonymType": "irp",
        }
        headers = {"x-gf-oin": THEIRS, "x-gf-audience": "vad"}
        for kind, status in (("bsn", 400), ("rp", 400), ("irp", 200), ("irp", 400)):
            body = question | {"pseudonymType": kind}
            swapped = requests.post(f"{service}/receive", json=body, headers=headers, timeout=5)
            assert swapped.status_code == status
            pseudonyms += [swapped.json()["pseudonym"]] if status == 200 else []
    assert len(pseudonyms) == 2
    assert pseudonyms[0] == pseudonyms[1]


@pytest.mark.parametrize(
    ("mode", "detail"),
    [
        ("error500", "prs: status 500"),
        ("garbage", "prs: status 200"),
        ("close", "prs: ConnectionError"),
        ("hang", "prs: ReadTimeout"),
    ],
)
def test_a_service_in_trouble_is_a_failure(
    service: str, fault: Any, caplog: pytest.LogCaptureFixture, mode: str, detail: str
) -> None:
    """Slow, broken or silent: no reference, and nothing about the person in any text (rule 31)."""
    fault(mode)
    with caplog.at_level(logging.DEBUG):
        assert refusal(connector(service, QUICK)) == detail
    assert BSN.reveal() not in caplog.text


def test_refusals_and_absence_are_failures(service: str) -> None:
    """An unknown organisation, an audience that is not ours, nobody listening."""
    assert refusal(connector(service), source(NOBODY)) == "prs: status 404"
    assert refusal(connector(service, audience="other")) == "prs: status 403"
    assert refusal(connector(f"http://localhost:{free_port()}")) == "prs: ConnectionError"


@pytest.mark.parametrize("of", [source(oin=""), source(scope="")])
def test_a_half_registered_source_is_a_failure(of: ResourceServer) -> None:
    """Without an OIN or a scope there is nobody to make a reference for; nothing is sent."""
    assert "registered" in refusal(connector(f"http://localhost:{free_port()}"), of)


def test_the_bsn_travels_in_the_body_alone() -> None:
    """Neither the address nor a header holds it."""
    app, seen = Flask("somebody"), []

    @app.post("/exchange/rid")
    def note() -> Any:
        seen.append((request.url, dict(request.headers), request.get_json()))
        return Response(GOOD, 201, content_type="application/jwe")

    with serve(app) as url:
        assert connector(f"{url}/").rid_for(BSN, source()) == GOOD
    [(address, headers, body)] = seen
    assert BSN.reveal() not in address + str(headers)
    assert (headers["X-Gf-Oin"], headers["X-Gf-Audience"]) == (OURS, "vad")
    assert body == {
        "personalId": f"NL:bsn:{BSN.reveal()}",
        "recipientOrganization": f"oin:{THEIRS}",
        "recipientScope": "huisartsgegevens",
        "ridUsage": "irp",
    }


@pytest.mark.parametrize(
    ("content", "status", "content_type"),
    [
        (GOOD, 200, "application/jwe"),
        (GOOD, 201, "application/json"),
        (GOOD, 201, "text/html"),
        ("", 201, "application/jwe"),
        ("a.b.c", 201, "application/jwe"),
        ("a.b.c.d.e.f", 201, "application/jwe"),
        (f"{GOOD}\n", 201, "application/jwe"),
        (f" {GOOD}", 201, "application/jwe"),
        ("a.b.c.d.é", 201, "application/jwe"),
        ("a.b.c.d." + "e" * 8192, 201, "application/jwe"),
        ("a.b.c.d." + "e" * 70_000, 201, "application/jwe"),
        (BSN.reveal(), 201, "application/jwe"),
    ],
)
def test_what_is_no_reference_is_a_failure(content: str, status: int, content_type: str) -> None:
    """Only a compact JWE of bounded size goes on into a token."""
    app = Flask("somebody")
    app.post("/exchange/rid")(lambda: Response(content, status, content_type=content_type))
    with serve(app) as url:
        refusal(connector(url))
