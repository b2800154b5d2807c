"""A demo with a set of clients for the conformance suite, a stand-in for that suite, and the files that it is given."""

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, urlencode

import requests

from tests.sandbox.demo_process import RunningDemo, started, state_folder
from tests.sandbox.suite import Suite
from tests.sandbox.suite_browser import SuiteBrowser
from tests.support.fapi2_variants import Places, VariantClient
from tests.support.relying_party_client import Asked, RelyingParty
from vad.sandbox.demo.layout import Layout
from vad.sandbox.demo.state import State
from vad.sandbox.outgoing import Certificate, new_session
from vad.sandbox.ports import free_port
from vad.sandbox.tls.authority import Authority

LEAST: dict[str, Any] = {"code_challenge": None, "code_challenge_method": None}
"""The plans for OpenID Connect send no PKCE."""


@dataclass
class Plan:
    """One of the written files, as the suite reads it."""

    told: dict[str, Any]
    folder: Path
    ca_file: str
    discovery: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with self.http() as http:
            answer = http.get(self.told["server"]["discoveryUrl"], timeout=30)
        assert answer.status_code == 200
        self.discovery = answer.json()

    @property
    def issuer(self) -> str:
        """As discovery has it."""
        return str(self.discovery["issuer"])

    @property
    def places(self) -> list[str]:
        """Where its clients stand."""
        return [place for place in ("client", "client2", "client_secret_post") if place in self.told]

    def endpoint(self, name: str) -> str:
        """Where it is for who shows a certificate, if this plan does."""
        aliases = self.discovery["mtls_endpoint_aliases"] if "mtls" in self.told else {}
        return str(aliases.get(name, self.discovery[name]))

    def http(self, place: str = "client") -> requests.Session:
        """Requests that trust the demo, with the certificate of this client, if it has one."""
        shown = self.told.get({"client": "mtls", "client2": "mtls2"}.get(place, ""))
        session = new_session(None if shown is None else self._certificate(place, shown))
        session.verify = self.ca_file
        return session

    def rp(self, place: str, redirect_uri: str) -> RelyingParty:
        """The client as one that composes requests and proves itself by its key, if it has one."""
        known = self.told[place]
        key = known["jwks"]["keys"][0] if "jwks" in known else {}
        return RelyingParty(self.issuer, known["client_id"], redirect_uri, key, self.issuer, self.http(place))

    def fapi2(self, place: str, redirect_uri: str) -> VariantClient:
        """The client in the variant that the name of the file tells."""
        name = str(self.told["description"])
        rp = self.rp(place, redirect_uri)
        par, token = self.endpoint("pushed_authorization_request_endpoint"), self.endpoint("token_endpoint")
        places = Places(par, token, self.told["resource"]["resourceUrl"])
        by_key = "mtls" not in self.told or "-key-mtls-" in name
        dpop = "mtls" not in self.told or "-mtls-dpop-" in name
        return VariantClient(rp, places, by_key=by_key, dpop=dpop, signs="message-signing" in name)

    def redeem(self, place: str, asked: Asked, code: str) -> dict[str, Any]:
        """Redeem a code with the secret of this client."""
        form = {"grant_type": "authorization_code", "code": code}
        form["redirect_uri"] = dict(asked.parameters)["redirect_uri"]
        answer = self.token(place, form)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def token(self, place: str, form: Mapping[str, str]) -> requests.Response:
        """Call the token endpoint as this client with its secret."""
        known = self.told[place]
        named = {"client_id": known["client_id"], "client_secret": known["client_secret"]}
        pair = ":".join(quote_plus(each) for each in named.values())
        headers = {"Authorization": "Basic " + b64encode(pair.encode()).decode()}
        in_form = place == "client_secret_post"
        with self.http() as http:
            sent = {**form, **named} if in_form else dict(form)
            return http.post(self.endpoint("token_endpoint"), sent, headers={} if in_form else headers, timeout=30)

    def log_out(self, **asked: str) -> str:
        """The address that logs out."""
        return f"{self.discovery['end_session_endpoint']}{'?' if asked else ''}{urlencode(asked)}"

    def _certificate(self, place: str, shown: Mapping[str, str]) -> Certificate:
        files = [self.folder / f"{self.told['description'].split()[-1]}-{place}.{kind}" for kind in ("pem", "key")]
        for file, member in zip(files, ("cert", "key"), strict=True):
            file.write_text(shown[member])
        return Certificate(str(files[0]), str(files[1]))


@dataclass
class ConformanceDemo:
    """The demo, the stand-in and the files."""

    demo: RunningDemo
    suite: Suite
    folder: Path

    @property
    def files(self) -> dict[str, Path]:
        """By their names without `.json`."""
        return {file.stem: file for file in sorted((self.demo.state / "conformance").iterdir())}

    def plan(self, name: str) -> Plan:
        """Read one."""
        return Plan(json.loads(self.files[name].read_text()), self.folder, self.demo.description["ca_file"])

    def callback(self, plan: Plan) -> str:
        """Where the suite has a plan's clients registered."""
        return f"{self.suite.address}/test/a/{plan.told['alias']}/callback"

    def browser(self, plan: Plan, module: str) -> SuiteBrowser:
        """The suite's browser for one module of it."""
        return SuiteBrowser(plan.told, module, plan.ca_file)

    def registered(self) -> dict[str, dict[str, Any]]:
        """What the demo says of its clients, by their ids."""
        return {each["client_id"]: each for each in self.demo.description["clients"]}


@contextmanager
def conformance_demo(name: str, folder: Path) -> Iterator[ConformanceDemo]:
    """Run `vad demo --tls --profile-set` with this set; `folder` is for certificates."""
    suite = Suite(free_port())
    options = ("--tls", "--profile-set", name, "--suite", suite.address)
    with state_folder() as state, started(state, Layout.free(tls=True), *options) as demo:
        authority = Authority.kept(State(state).tls, "ca", of_localhost=True)
        with suite.served(authority, folder):
            yield ConformanceDemo(demo, suite, folder)
