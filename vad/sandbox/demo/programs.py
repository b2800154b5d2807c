"""What runs in a demo: VAD as it runs everywhere, and around it the programs of the sandbox."""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from vad.sandbox import brp, data_source, pgo_config, post, prs_config
from vad.sandbox.certified_keys import Trust
from vad.sandbox.child import Program
from vad.sandbox.demo.configuration import PROJECT, STAFF_ACR, Configuration
from vad.sandbox.demo.keys import Keys, public
from vad.sandbox.demo.layout import CERTIFIED, LOOKING, NAMES, OF_TLS, PGOS, SOURCES, WEB, WITH_LETTERS, Layout
from vad.sandbox.demo.ministry import NAME as MINISTRY
from vad.sandbox.demo.ministry import Ministry
from vad.sandbox.demo.state import State, write_private
from vad.sandbox.digid import config as digid_config
from vad.sandbox.digid.levels import HOOG
from vad.sandbox.errors import SandboxError
from vad.sandbox.outgoing import Certificate
from vad.sandbox.pgo_config import Source, TokenBy
from vad.sandbox.ports import LOOPBACK
from vad.sandbox.processes import Service
from vad.sandbox.pseudonym_swap import PseudonymService
from vad.sandbox.staff_idp import config as staff_config
from vad.sandbox.step_up import Demand
from vad.sandbox.tls import front
from vad.sandbox.tls.authority import Authority

_PREPARING = """
from vad.cli.main import cli

for command in ("db upgrade", "keys init", "clients apply"):
    try:
        cli(command.split())
    except SystemExit as ended:
        if ended.code:
            raise
"""
_NO_PROXY = ("localhost", "127.0.0.1")


@dataclass(frozen=True)
class Programs:
    """Makes what can be started, for one demo."""

    state: State
    layout: Layout
    keys: Keys
    configuration: Configuration
    ministry: Ministry | None = None

    def preparing(self) -> Program:
        """The commands of `vad` that come before its first start, one after the other in one process."""
        return self._python("vad-prepare", "-c", _PREPARING, forked=True)

    def history(self) -> Program:
        """What writes a month of history down, of the test persons who have a story."""
        persons = [person.to_json() for person in self.configuration.persons if person.story_nl]
        file = self.state.programs / "history.json"
        write_private(file, json.dumps(persons) + "\n")
        return self._python("history", "-m", "vad.sandbox.demo.history", str(file), forked=True)

    def vad(self) -> Service:
        """VAD itself, under gunicorn."""
        port = self.layout.inner("vad")
        return Service(NAMES["vad"], self._vad("vad", "serve", "--bind", f"{LOOPBACK}:{port}"), port, "/readyz")

    def worker(self) -> Service:
        """VAD's background work."""
        return Service("VAD worker", self._vad("vad-worker", "worker"))

    def admin(self) -> Service | None:
        """VAD's pages for staff, a process of their own; None where the configuration has none."""
        if "admin" not in self.configuration.content:
            return None
        port = self.layout.inner("admin")
        program = self._vad("vad-admin", "serve", "--admin", "--workers", "1", "--bind", f"{LOOPBACK}:{port}")
        return Service(NAMES["admin"], program, port, "/readyz")

    def tls(self) -> Service:
        """What ends TLS before all of them."""
        clients = Authority.kept(self.state.tls, self.state.client_ca_file.stem, of_localhost=False)
        clients.client(self.state.tls, CERTIFIED)
        Authority.kept(self.state.tls, self.state.signing_ca_file.stem, of_localhost=False)
        authority = Authority.kept(self.state.tls, self.state.ca_file.stem, of_localhost=True)
        issued = authority.server(self.state.tls, ["localhost", *(self.layout.host(key) for key in (*WEB, "mtls"))])
        config = front.Config(
            certificate=str(issued.certificate),
            key=str(issued.key),
            health=self.layout.port("tls"),
            listeners=self._listeners(),
        )
        file = self.state.programs / "tls.json"
        write_private(file, json.dumps(asdict(config), indent=2) + "\n")
        return Service(OF_TLS["tls"], self._python("tls", "-m", "vad.sandbox.tls.front", str(file)), config.health)

    def _listeners(self) -> tuple[front.Listener, ...]:
        """VAD asks for certificates at a name of its own, so that no browser asks people for one; sources do always."""
        ca, layout = str(self.state.client_ca_file), self.layout
        plain = (front.Listener(layout.port(key), layout.inner(key)) for key in WEB if key not in SOURCES)
        asking = (front.Listener(layout.port(key), layout.inner(key), ca) for key in SOURCES)
        certified = front.Listener(layout.port("mtls"), layout.inner("vad"), ca)
        known = self.ministry
        theirs = () if known is None else (front.Listener(known.port, known.inner(layout)),)
        return (*plain, *asking, certified, *theirs)

    def neighbours(self) -> list[Service]:
        """The mock registers, the demo PGO and the data sources, each with its configuration written down."""
        return [
            self._neighbour("digid", "digid", self._digid()),
            self._neighbour("brp", "brp", self._brp()),
            self._neighbour("prs", "prs", self._prs()),
            *(self._neighbour(source, "data_source", self._source(source)) for source in SOURCES),
            *(self._neighbour(pgo, "pgo", self._pgo(pgo)) for pgo in PGOS),
            self._neighbour("post", "post", self._post()),
            self._neighbour("staff_idp", "staff_idp", self._staff_idp()),
            *([] if self.ministry is None else [self._ministry(self.ministry)]),
        ]

    def _ministry(self, known: Ministry) -> Service:
        before = {name: self.layout.address(name) for name in ("vad", "digid")}
        return self._served(MINISTRY, "ministry_front", "ministry_front", known.inner(self.layout), before)

    def _neighbour(self, key: str, program: str, config: Mapping[str, Any]) -> Service:
        return self._served(NAMES[key], key, program, self.layout.inner(key), config)

    def _served(self, name: str, key: str, program: str, port: int, config: Mapping[str, Any]) -> Service:
        file = self.state.programs / f"{key}.json"
        beside = {"port": port, **({"ca_file": str(self.state.ca_file)} if self.layout.tls else {})}
        write_private(file, json.dumps({**config, **beside}, indent=2, ensure_ascii=False) + "\n")
        served = self._python(key, "-m", "vad.sandbox.serving", program, str(file), forked=True)
        return Service(name, served, port, "/healthz")

    def _vad(self, log: str, *arguments: str) -> Program:
        return self._python(log, "-c", "from vad.cli.main import main; main()", *arguments)

    def _python(self, log: str, *arguments: str, forked: bool = False) -> Program:
        return Program(
            arguments=(sys.executable, *arguments),
            log=self.state.logs / f"{log}.log",
            environment=environment(self.configuration.folders),
            directory=PROJECT,
            forked=forked,
        )

    def _digid(self) -> dict[str, Any]:
        vad = self.layout.address("vad")
        redirects = [uri for client in self.configuration.entries("clients") for uri in client.get("redirect_uris", ())]
        return digid_config.Config(
            issuer=self.configuration.value("digid", "issuer"),
            client_id=self.configuration.value("digid", "client_id"),
            redirect_uris=(f"{vad}/digid/callback", f"{self.layout.address('admin')}/digid/callback"),
            jwks_uri=f"{vad}/digid/jwks",
            signing_key=self.keys.digid,
            persons=tuple(person for person in self.configuration.persons if person.digid),
            form_origins=tuple(sorted({"/".join(str(uri).split("/")[:3]) for uri in redirects})),
        ).to_json()

    def _staff_idp(self) -> dict[str, Any]:
        admin = self.layout.address("admin")
        return staff_config.Config(
            issuer=self.layout.address("staff_idp"),
            client_id="vad-admin",
            redirect_uris=(f"{admin}/callback",),
            jwks_uri=f"{admin}/jwks",
            signing_key=self.keys.staff_idp,
            acr=STAFF_ACR,
            staff=self.configuration.staff,
        ).to_json()

    def _brp(self) -> dict[str, Any]:
        return brp.Config(self.configuration.value("brp", "api_key"), self.configuration.persons).to_json()

    def _prs(self) -> dict[str, Any]:
        """VAD may bring a BSN; every data source registered for RIDs may receive them, sealed to its own key."""
        vad = prs_config.Organization(
            oin=self.configuration.value("prs", "oin"), name=NAMES["vad"], may_provide_personal_id=True
        )
        sources = tuple(
            prs_config.Organization(
                oin=str(entry.get("oin")),
                name=str(entry.get("name")),
                keys={str(entry.get("prs_scope")): entry.get("encryption_jwk", {}), **self._opened_by_vad()},
            )
            for entry in self.configuration.entries("resource_servers")
            if entry.get("identifier_type") == "rid"
        )
        return prs_config.Config(
            secret=self.keys.prs_secret,
            audiences=(self.configuration.value("prs", "audience"),),
            organizations=(vad, *sources),
        ).to_json()

    def _opened_by_vad(self) -> dict[str, Any]:
        """VAD's own key for one scope more, where apps hand references on themselves."""
        known = self.configuration.content.get("ministry", {})
        if "rid_key_file" not in known:
            return {}
        return {str(known["rid_scope"]): public(json.loads(Path(known["rid_key_file"]).read_text("utf-8")))}

    def _post(self) -> dict[str, Any]:
        return post.Config(self.layout.port("smtp"), self.configuration.value("post", "token")).to_json()

    def _source(self, key: str) -> dict[str, Any]:
        registered = self._registered(key)
        names = {service["id"]: service["name_nl"] for service in self.configuration.entries("data_services")}
        by_reference = registered["identifier_type"] == "rid"
        service = PseudonymService(
            url=self.layout.address("prs"),
            oin=str(registered.get("oin", "")),
            audience=self.configuration.value("prs", "audience"),
            scope=str(registered.get("prs_scope", "")),
        )
        return data_source.Config(
            issuer=self.layout.address("vad"),
            identifier=registered["identifier"],
            name=registered["name"],
            data_services={number: names[number] for number in registered["data_services"]},
            identifier_type=registered["identifier_type"],
            private_key=self.keys.sources[key],
            records=str(self.configuration.records),
            pseudonym_service=service if by_reference else None,
            inquiry_key=self.keys.inquiry.get(key),
            representation=registered.get("representation", True),
            certificates=self.layout.tls,
            letters=Demand((HOOG.uri,)) if key == WITH_LETTERS else None,
            certified_keys=self._trust(key),
        ).to_json()

    def _trust(self, key: str) -> Trust | None:
        if not (self.layout.tls and key == LOOKING):
            return None
        return Trust(str(self.state.signing_ca_file), self.configuration.value("prs", "oin"))

    def _pgo(self, key: str) -> dict[str, Any]:
        client_id = PGOS[key]
        client = next((c for c in self.configuration.entries("clients") if c["client_id"] == client_id), None)
        if client is None or "name" not in client:
            raise SandboxError(f"the configuration of the demo lacks the client {client_id}")
        sources = []
        for source in SOURCES:
            registered = self._registered(source)
            # One source by refresh, so that a demo shows both ways to a token.
            way = TokenBy.REFRESH if source == "rivm" else TokenBy.EXCHANGE
            letters = f"{registered['identifier']}/fhir/{{}}/DocumentReference" if source == WITH_LETTERS else ""
            sources += [
                Source(
                    resource=registered["identifier"],
                    name=registered["name"],
                    data_service=service,
                    url=f"{registered['identifier']}/fhir/{service}/Patient/$everything",
                    token_by=way,
                    letters_url=letters.format(service),
                )
                for service in registered["data_services"]
            ]
        return pgo_config.Config(
            issuer=self.layout.address("vad"),
            client_id=client_id,
            redirect_uri=f"{self.layout.address(key)}/callback",
            name=client["name"],
            signing_key=self.keys.pgos[key],
            certificate=self._certificate(key),
            sources=tuple(sources),
        ).to_json()

    def _certificate(self, key: str) -> Certificate | None:
        if not (self.layout.tls and key == CERTIFIED):
            return None
        return Certificate(str(self.state.tls / f"{key}.pem"), str(self.state.tls / f"{key}.key"))

    def _registered(self, key: str) -> dict[str, Any]:
        address = self.layout.address(key)
        for entry in self.configuration.entries("resource_servers"):
            if entry["identifier"] == address and {"name", "data_services", "identifier_type"} <= entry.keys():
                return entry
        raise SandboxError(f"the configuration of the demo lacks the resource server {address}")


def environment(folders: tuple[Path, ...]) -> dict[str, str]:
    """Our own environment, with what every program of a demo needs; addresses on loopback never go by a proxy."""
    proxies = {name: value for name, value in os.environ.items() if name.lower() == "no_proxy"}
    excluded = ",".join((*proxies.values(), *_NO_PROXY))
    return os.environ | {
        "VAD_CONFIG": os.pathsep.join(str(folder) for folder in folders),
        "PYTHONUNBUFFERED": "1",
        "no_proxy": excluded,
        "NO_PROXY": excluded,
    }
