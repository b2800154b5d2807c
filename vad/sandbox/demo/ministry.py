"""The clients of the ministry's own proof of concept, and the front that plays its pages for their robot.

The clients stand in `config/ministry`, by the ids and addresses that they have there; the front is `ministry_front`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc.jwk import ECKey, RSAKey

from vad.sandbox.demo.layout import Layout
from vad.sandbox.demo.state import State, write_private
from vad.sandbox.errors import SandboxError
from vad.sandbox.ports import require_free

DEFAULT_PORT = 8006
"""Where their provider was."""
NAME = "the ministry's pages"
PROXY = "e7b8a6f4-8c3e-4f6a-9b8e-3f8b6a7e8c3e"
"""The client that proves itself by a key."""
FOLDER = Path(__file__).resolve().parents[3] / "config" / "ministry"
_RSA_BITS = 2048


@dataclass(frozen=True)
class Ministry:
    """What they add to a demo, with the front at this port; in a demo with TLS the next one is taken as well."""

    port: int = DEFAULT_PORT

    @property
    def folder(self) -> Path:
        """Where its clients stand."""
        return FOLDER

    def placeholders(self, state: State) -> Mapping[str, str]:
        """Where VAD's key for their references is; made at the first start."""
        file = state.keys / "ministry-rid.json"
        if not file.exists():
            made = ECKey.generate_key("P-256", {"use": "enc", "alg": "ECDH-ES"})
            made.ensure_kid()
            write_private(file, json.dumps(made.as_dict(private=True), indent=2) + "\n")
        return {"rid_key_file": str(file)}

    def registrations(self, state: State) -> list[dict[str, Any]]:
        """What the proxy proves itself with, to be added to its registration."""
        key = RSAKey.import_key(self.key(state)).as_dict(private=False)
        return [{"client_id": PROXY, "jwks": {"keys": [key]}}]

    def key(self, state: State) -> dict[str, Any]:
        """The private key of the proxy; made at the first start. Raises `SandboxError`."""
        file = state.keys / f"{PROXY}.json"
        if not file.exists():
            made = RSAKey.generate_key(_RSA_BITS, {"use": "sig", "alg": "RS256"})
            made.ensure_kid()
            write_private(file, json.dumps(made.as_dict(private=True), indent=2) + "\n")
        try:
            return dict(json.loads(file.read_text("utf-8")))
        except (OSError, ValueError) as error:
            raise SandboxError(f"the key in {file} cannot be read; vad demo --reset makes new ones") from error

    def inner(self, layout: Layout) -> int:
        """Where the front itself listens."""
        return self.port + 1 if layout.tls else self.port

    def address(self, layout: Layout) -> str:
        """Where others find it."""
        return f"{'https' if layout.tls else 'http'}://localhost:{self.port}"

    def require_ports(self, layout: Layout) -> None:
        """Raise `PortTakenError` where somebody else listens."""
        for port in {self.port, self.inner(layout)}:
            require_free(port, NAME)

    def described(self, state: State, layout: Layout) -> dict[str, Any]:
        """What programs are told of it."""
        return {"address": self.address(layout), "client_id": PROXY, "private_key": self.key(state)}
