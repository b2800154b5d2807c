"""A street of the neighbourhood for tests: a demo PGO, two data sources and a tiny VAD, all served over HTTP."""

import re
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import requests

from tests.sandbox.fake_issuer import FakeIssuer, encryption_key, signing_key
from tests.sandbox.fake_vad import FakeVad
from vad.sandbox import data_source, pgo
from vad.sandbox.ports import free_port
from vad.sandbox.serving import serve

CLIENT_KEY = signing_key("ec")
HIGH = "http://eidas.europa.eu/LoA/high"
RECORDS = str(Path(__file__).parents[2] / "config" / "demo" / "records.toml")


class Street:
    """A PGO with a VAD and two data sources, and one visitor's browser."""

    def __init__(self, stack: ExitStack) -> None:
        issuer = FakeIssuer()
        self.vad = FakeVad(issuer, dict(CLIENT_KEY.as_dict(private=False)))
        issuer.url = stack.enter_context(serve(self.vad.app()))
        self.hospital = self._source(stack, "Ziekenhuis Oost", "48", letters={"acr_values": [HIGH], "max_age": 900})
        self.rivm = self._source(stack, "RIVM", "63")
        port = free_port()
        raw = {
            "issuer": issuer.url,
            "client_id": "pgo-demo",
            "redirect_uri": f"http://localhost:{port}/callback",
            "name": "Mijn Zorgmap",
            "signing_key": dict(CLIENT_KEY.as_dict(private=True)),
            "sources": [
                {"name": "Ziekenhuis Oost", "data_service": "48", "token_by": "exchange"}
                | self._at(self.hospital, "48")
                | {"letters_url": f"{self.hospital}/fhir/48/DocumentReference"},
                {"name": "RIVM", "data_service": "63", "token_by": "refresh"} | self._at(self.rivm, "63"),
            ],
        }
        self.url = stack.enter_context(serve(pgo.create_app(pgo.Config.from_json(raw)), port))
        self.browser = requests.Session()

    @staticmethod
    def _at(source: str, service: str) -> dict[str, str]:
        return {"resource": source, "url": f"{source}/fhir/{service}/Patient/$everything"}

    def _source(self, stack: ExitStack, name: str, service: str, **more: Any) -> str:
        port, key = free_port(), encryption_key(name)
        raw = {
            "issuer": self.vad.issuer.url,
            "identifier": f"http://localhost:{port}",
            "name": name,
            "data_services": {service: name},
            "identifier_type": "bsn_jwe",
            "private_key": dict(key.as_dict(private=True)),
            "records": RECORDS,
        } | more
        app = data_source.create_app(data_source.Config.from_json(raw))
        url = stack.enter_context(serve(app, port))
        self.vad.sources[url] = (service, key)
        return url

    def log_in(self, *sources: str, **headers: str) -> requests.Response:
        """Press the button on the first page, and follow where it leads."""
        form = {"source": sources or (self.hospital, self.rivm)}
        return self.browser.post(f"{self.url}/inloggen", data=form, headers=headers, timeout=15)

    def get(self, path: str) -> requests.Response:
        """Open a page."""
        return self.browser.get(f"{self.url}{path}", timeout=15)

    def outcomes(self) -> list[str]:
        """Return how it went with each source, as the page says."""
        return re.findall(r'data-outcome="(\w+)"', self.get("/gegevens").text)
