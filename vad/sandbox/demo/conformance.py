"""What the OpenID Foundation's conformance suite needs: clients with keys and secrets, and its own configuration.

The clients stand in `config/conformance`, a folder for each set. `basic` is in a set, and so at an issuer, of its own:
what it allows is nothing that an installation for FAPI 2.0 should say of itself.
"""

import hashlib
import json
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc.jwk import RSAKey

from vad.domain.profile import ClientAuthentication
from vad.sandbox.demo.layout import Layout
from vad.sandbox.demo.scripted_browser import ScriptedBrowser
from vad.sandbox.demo.state import State, write_private
from vad.sandbox.errors import SandboxError
from vad.sandbox.tls.authority import Authority, subject_of

DEFAULT_SUITE = "https://localhost.emobix.co.uk:8443"
"""Where the suite is when it runs on this machine."""
NAMES = ("conformance", "conformance-basic")
"""The sets: the values of `--profile-set`."""
FOLDER = Path(__file__).resolve().parents[3] / "config" / "conformance"
_SECRET_BYTES = 32
_RSA_BITS = 2048


@dataclass(frozen=True)
class ProfileSet:
    """One of the sets, for a suite at this address."""

    name: str
    suite: str = DEFAULT_SUITE

    @property
    def folder(self) -> Path:
        """Where its clients stand."""
        return FOLDER / self.name

    def placeholders(self, _state: State) -> Mapping[str, str]:
        """What is filled in there."""
        return {"suite": self.suite}

    @property
    def profile(self) -> str:
        """Of clients that register themselves."""
        return "basic" if self.name == NAMES[1] else "fapi2"

    @property
    def plans(self) -> list[dict[str, Any]]:
        """What can be run."""
        return list(tomllib.loads((FOLDER / "plans.toml").read_text("utf-8"))[self.name])

    def registrations(self, state: State) -> list[dict[str, Any]]:
        """What its clients prove themselves with, to be added to their registrations."""
        names = {client for plan in self.plans for client in plan["clients"]}
        by_name = self._known_by_name
        return [
            {
                "client_id": name,
                **_registered(self._proof(state.keys, name)),
                **({"tls_client_auth_subject_dn": subject_of(name)} if name in by_name else {}),
            }
            for name in sorted(names)
        ]

    @property
    def _known_by_name(self) -> set[str]:
        """Those that are registered to prove themselves by the name in their certificate (RFC 8705 section 2.1)."""
        files = [tomllib.loads(file.read_text("utf-8")) for file in sorted(self.folder.glob("*.toml"))]
        clients = [client for file in files for client in file.get("clients", ())]
        method = ClientAuthentication.TLS_CLIENT_AUTH
        return {each["client_id"] for each in clients if each.get("token_endpoint_auth_method") == method}

    def write(self, state: State, layout: Layout) -> Path:
        """Write the configuration of each plan; where they are. They hold private keys, and only we can read them."""
        folder = state.folder / "conformance"
        folder.mkdir(mode=0o700, exist_ok=True)
        for plan in self.plans:
            text = json.dumps(self._pasted(plan, state, layout), indent=2)
            write_private(folder / f"{plan['file']}.json", text + "\n")
        return folder

    def _pasted(self, plan: Mapping[str, Any], state: State, layout: Layout) -> dict[str, Any]:
        issuer = layout.address("vad")
        scope = {"scope": plan["scope"]} if "scope" in plan else {}
        places = zip(("client", "client2", "client_secret_post"), plan["clients"], strict=False)
        clients = {place: {"client_id": name, **scope, **self._proof(state.keys, name)} for place, name in places}
        if plan.get("registers"):
            proved = {"client_name": "VAD", "initial_access_token": state.registration_token.read_text("utf-8").strip()}
            clients = {"client": proved, "client2": proved}
        opened = layout.address(plan.get("at", "vad")) + plan.get("resource", "")
        resource = {"resource": {"resourceUrl": opened}} if "resource" in plan else {}
        shown = zip(("mtls", "mtls2"), plan["clients"] if plan.get("certificates") else (), strict=False)
        return {
            "alias": plan["alias"],
            "description": f"VAD, {plan['file']}",
            "server": {
                "discoveryUrl": f"{issuer}/.well-known/openid-configuration",
                # Of NL GOV; the suite warns of what no list of its own has.
                "allow_unexpected_metadata_fields": ["sub_id_types_supported"],
            },
            **clients,
            **{place: _certificate(state, name) for place, name in shown},
            **resource,
            **(self._walked(plan, layout) if "pages" in plan else {}),
        }

    def _walked(self, plan: Mapping[str, Any], layout: Layout) -> dict[str, Any]:
        """What the suite's browser does at our pages."""
        clients = f"{self.suite}/test/a/{plan['alias']}"
        scripted = ScriptedBrowser(layout.address("vad"), layout.address("digid"), clients)
        return {"browser": scripted.browser, "override": scripted.override(plan["pages"])}

    def _proof(self, keys: Path, client_id: str) -> dict[str, Any]:
        """Its key or secret, as the suite wants it; made at the first start. Raises `SandboxError`."""
        file = keys / f"{client_id}.json"
        if not file.exists():
            made = {"client_secret": secrets.token_urlsafe(_SECRET_BYTES)} if self.name == NAMES[1] else _key()
            write_private(file, json.dumps(made, indent=2) + "\n")
        try:
            return dict(json.loads(file.read_text("utf-8")))
        except (OSError, ValueError) as error:
            raise SandboxError(f"the key in {file} cannot be read; vad demo --reset makes new ones") from error


def _certificate(state: State, client_id: str) -> dict[str, str]:
    """A new one, as the suite wants it."""
    authority = Authority.kept(state.tls, state.client_ca_file.stem, of_localhost=False)
    issued = authority.client(state.tls, client_id)
    files = {"cert": issued.certificate, "key": issued.key, "ca": authority.file}
    return {member: file.read_text("utf-8") for member, file in files.items()}


def _key() -> dict[str, Any]:
    key = RSAKey.generate_key(_RSA_BITS, {"use": "sig", "alg": "PS256"})
    key.ensure_kid()
    return {"jwks": {"keys": [key.as_dict(private=True)]}}


def _registered(proof: Mapping[str, Any]) -> dict[str, Any]:
    if "client_secret" in proof:
        return {"client_secret_sha256": [hashlib.sha256(proof["client_secret"].encode()).hexdigest()]}
    keys = [RSAKey.import_key(dict(key)).as_dict(private=False) for key in proof["jwks"]["keys"]]
    return {"jwks": {"keys": keys}}
