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

from vad.sandbox.demo.layout import Layout
from vad.sandbox.demo.state import State, write_private
from vad.sandbox.errors import SandboxError

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

    @property
    def plans(self) -> list[dict[str, Any]]:
        """What can be run."""
        return list(tomllib.loads((FOLDER / "plans.toml").read_text("utf-8"))[self.name])

    def registrations(self, state: State) -> list[dict[str, Any]]:
        """What its clients prove themselves with, to be added to their registrations."""
        names = sorted({client for plan in self.plans for client in plan["clients"]})
        return [{"client_id": name, **_registered(self._proof(state.keys, name))} for name in names]

    def write(self, state: State, layout: Layout) -> Path:
        """Write the configuration of each plan; where they are. They hold private keys, and only we can read them."""
        folder = state.folder / "conformance"
        folder.mkdir(mode=0o700, exist_ok=True)
        for plan in self.plans:
            text = json.dumps(self._pasted(plan, state.keys, layout.address("vad")), indent=2)
            write_private(folder / f"{plan['file']}.json", text + "\n")
        return folder

    def _pasted(self, plan: Mapping[str, Any], keys: Path, issuer: str) -> dict[str, Any]:
        scope = {"scope": plan["scope"]} if "scope" in plan else {}
        places = zip(("client", "client2", "client_secret_post"), plan["clients"], strict=False)
        clients = {place: {"client_id": name, **scope, **self._proof(keys, name)} for place, name in places}
        resource = {"resource": {"resourceUrl": issuer + plan["resource"]}} if "resource" in plan else {}
        return {
            "alias": plan["alias"],
            "description": f"VAD, {plan['file']}",
            "server": {"discoveryUrl": f"{issuer}/.well-known/openid-configuration"},
            **clients,
            **resource,
        }

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


def _key() -> dict[str, Any]:
    key = RSAKey.generate_key(_RSA_BITS, {"use": "sig", "alg": "PS256"})
    key.ensure_kid()
    return {"jwks": {"keys": [key.as_dict(private=True)]}}


def _registered(proof: Mapping[str, Any]) -> dict[str, Any]:
    if "client_secret" in proof:
        return {"client_secret_sha256": [hashlib.sha256(proof["client_secret"].encode()).hexdigest()]}
    keys = [RSAKey.import_key(dict(key)).as_dict(private=False) for key in proof["jwks"]["keys"]]
    return {"jwks": {"keys": keys}}
