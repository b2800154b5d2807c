"""The private keys of the neighbourhood: made at the first start, kept in the state folder."""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from joserfc.jwk import ECKey

from vad.adapters.tlog.ed25519 import CheckpointKey
from vad.adapters.vault.master_key import MasterKey
from vad.sandbox.demo.layout import ASKING, PGOS, SOURCES
from vad.sandbox.demo.state import write_private
from vad.sandbox.errors import SandboxError

Jwk = dict[str, Any]
LOG_NAME = "vad.demo.example/log"
"""What the log of the demo is called, wherever it runs."""
_SECRET_BYTES = 32


@dataclass(frozen=True)
class Keys:
    """Private JWKs (P-256, each with a `kid`), the PRS's secret, and the files with VAD's master key and its log's."""

    digid: Jwk
    staff_idp: Jwk
    pgos: dict[str, Jwk]
    sources: dict[str, Jwk]
    inquiry: dict[str, Jwk]
    """With what a source proves itself when it asks VAD about a token; the others never ask."""
    prs_secret: str
    master_key_file: Path
    checkpoint_key_file: Path


def keep(folder: Path) -> Keys:
    """The keys in `folder`; those that are missing are made. Raises `SandboxError` for one that cannot be read."""
    master = folder / "vad-master.key"
    if not master.exists():
        write_private(master, MasterKey.generate_text(demo=True) + "\n")
    checkpoint = folder / "vad-checkpoint.key"
    if not checkpoint.exists():
        write_private(checkpoint, CheckpointKey.generate_text(LOG_NAME, demo=True) + "\n")
    secret = folder / "prs-secret"
    if not secret.exists():
        write_private(secret, secrets.token_urlsafe(_SECRET_BYTES) + "\n")
    return Keys(
        digid=_kept(folder / "digid.json", "sig"),
        staff_idp=_kept(folder / "staff-idp.json", "sig"),
        pgos={pgo: _kept(folder / f"{pgo}.json", "sig") for pgo in PGOS},
        sources={source: _kept(folder / f"{source}.json", "enc") for source in SOURCES},
        inquiry={source: _kept(folder / f"{source}-inquiry.json", "sig") for source in ASKING},
        prs_secret=secret.read_text().strip(),
        master_key_file=master,
        checkpoint_key_file=checkpoint,
    )


def public(private: Jwk) -> Jwk:
    """The public half of a private JWK."""
    return ECKey.import_key(dict(private)).as_dict(private=False)


def _kept(file: Path, use: Literal["sig", "enc"]) -> Jwk:
    if not file.exists():
        key = ECKey.generate_key("P-256", {"use": use, "alg": "ES256" if use == "sig" else "ECDH-ES"})
        key.ensure_kid()
        write_private(file, json.dumps(key.as_dict(private=True), indent=2) + "\n")
    try:
        return dict(json.loads(file.read_text()))
    except (OSError, ValueError) as error:
        raise SandboxError(f"the key in {file} cannot be read; vad demo --reset makes new ones") from error
