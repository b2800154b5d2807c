"""Tokens that are made to keep VAD busy, to have it call somebody, or to confuse what opens them (RFC 8725).

Whatever comes to a reader from an app or a browser: it is refused for what it says of itself, before anything is
fetched, unpacked, derived or decrypted.
"""

import json
import threading
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any

import jwt
import pytest
import structlog
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwe
from joserfc.jwk import ECKey
from jwt.algorithms import ECAlgorithm

from tests.adapters.jose.conftest import Server
from tests.adapters.jose.test_other_uses import READERS, REQUEST, requests
from tests.adapters.jose.tokens_under_test import AT, keyring, p256, registered_client, segment
from tests.support.listener import Listener
from vad.adapters.vault.encoding import base64url
from vad.adapters.vault.keyring import Purpose

KEY, PUBLIC = p256()
STRANGER, STRANGERS = p256()
OURS = keyring().active(Purpose.REQUEST_ENCRYPTION, "ECDH-ES")
BOMB = "A" * 8000
"""What would come out of a small token, where it could be packed."""


@dataclass
class Bait:
    """Somebody's key set, and whether anybody came for it."""

    address: str
    asked: threading.Event


@pytest.fixture
def bait() -> Iterator[Bait]:
    """Give it, served on this machine, which the readers here may call."""
    asked = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.set()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps({"keys": [STRANGERS]}).encode())

    with Listener(Handler) as listener:
        yield Bait(listener.address, asked)


@pytest.mark.parametrize("kind", READERS)
def test_no_token_says_where_its_key_is(redis_server: Server, bait: Bait, kind: str) -> None:
    """RFC 8725 section 3.10: nobody is called for `jku` or `x5u`, and no key counts because a token brings it."""
    reader = READERS[kind](redis_server.url, PUBLIC)
    brought = {"jwk": STRANGERS, "x5c": [b64encode(bytes(64)).decode()], "x5t": "x", "x5t#S256": "x"}
    for header in ({"jku": bait.address}, {"x5u": bait.address}, brought):
        # A proof of possession brings its own key; it is that one which then counts, and says who holds what.
        said = {**reader.header, **header, **({"jwk": PUBLIC} if "jwk" in reader.header else {})}
        for kid in (STRANGERS["kid"], PUBLIC["kid"], "../../etc/passwd", "' OR 1=1 --", bait.address):
            assert not reader.believes(jwt.encode(dict(reader.claims), STRANGER, "ES256", {**said, "kid": kid})), said
    assert not bait.asked.is_set()
    assert reader.believes(jwt.encode(dict(reader.claims), KEY, "ES256", dict(reader.header)))


def envelope(content: str, algorithms: tuple[str, ...] = ("ECDH-ES", "A256GCM"), **header: Any) -> str:
    """Something encrypted to VAD as well as an attacker can."""
    said = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": OURS.key_id, "cty": "JWT", **header}
    public: Any = dict(OURS.public_jwk or {})
    key = ECKey.import_key(public)
    registry = jwe.JWERegistry(algorithms=list(algorithms), strict_check_header=False)
    return jwe.encrypt_compact(said, content, key, registry=registry)


def written(**header: Any) -> str:
    """An envelope of which the header alone is real."""
    said = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": OURS.key_id, "cty": "JWT", **header}
    return ".".join([segment({name: value for name, value in said.items() if value is not None}), "", "AA", "AA", "AA"])


def _other_curve() -> dict[str, Any]:
    return dict(ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP384R1()).public_key(), as_dict=True))


GOOD = jwt.encode(dict(REQUEST), KEY, "ES256")
TO_WORK: dict[str, dict[str, Any]] = {
    "a password, a million million times": {"alg": "PBES2-HS256+A128KW", "p2s": "AAAA", "p2c": 10**12},
    "a password, once": {"alg": "PBES2-HS512+A256KW", "p2s": "AAAA", "p2c": 1},
    "a shared key": {"alg": "dir"},
    "a wrapped key": {"alg": "A256KW"},
    "RSA as of old": {"alg": "RSA1_5"},
    "RSA with SHA-1": {"alg": "RSA-OAEP"},
    "a key of the sender too": {"alg": "ECDH-1PU"},
    "no encryption": {"alg": "none"},
    "two algorithms": {"alg": ["ECDH-ES", "dir"]},
    "none said": {"alg": None},
    "content without integrity": {"enc": "A256CBC"},
    "another content": {"enc": "A128GCM"},
    "no content said": {"enc": None},
    "packed": {"zip": "DEF"},
    "packed otherwise": {"zip": None, "enc": "A256GCM", "crit": ["zip"]},
}
"""Each is refused for its header, as `algorithm`: nothing was opened, derived or unpacked for it."""
KEYS_OF_SENDERS: dict[str, Any] = {
    "none": None,
    "a text": "x",
    "empty": {},
    "of another kind": {"kty": "OKP", "crv": "X25519", "x": base64url(bytes(range(32)))},
    "of another curve": _other_curve(),
    "of RSA": {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
    "a secret": {"kty": "oct", "k": "AAAA"},
    "beside the curve": {"kty": "EC", "crv": "P-256", "x": PUBLIC["x"], "y": PUBLIC["x"]},
    "nowhere": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
    "at infinity": {"kty": "EC", "crv": "P-256", "x": "", "y": ""},
    "longer than it can be": {"kty": "EC", "crv": "P-256", "x": "A" * 2000, "y": "A" * 1000},
    "numbers": {"kty": "EC", "crv": "P-256", "x": 1, "y": 2},
    "deep": {"kty": "EC", "x": [[[[[[[[["a"]]]]]]]]]},
}
"""Points that a sender brings to agree on a key with (RFC 8725 section 3.4)."""


def _reason(token: str) -> object:
    """Why this request is refused."""
    with structlog.testing.capture_logs() as lines:
        assert requests().read(registered_client(PUBLIC), token, AT) is None
    [line] = lines
    assert line["event"] == "request_object_refused"
    return line["reason"]


def test_an_envelope_makes_nobody_work() -> None:
    """The header decides: not how often to derive a key, not that something small becomes something large."""
    assert {name: _reason(written(**header)) for name, header in TO_WORK.items()} == dict.fromkeys(TO_WORK, "algorithm")
    bomb = envelope(BOMB, ("ECDH-ES", "A256GCM", "DEF"), zip="DEF")
    assert len(bomb) < len(BOMB) / 10
    assert _reason(bomb) == "algorithm"
    assert _reason(envelope("A" * 13_000)) == "too_long"
    assert _reason(written(x="x" * 4096)) == "decryption"
    assert requests().read(registered_client(PUBLIC), envelope(GOOD), AT) is not None


def test_a_sender_brings_a_point_of_our_curve_or_nothing() -> None:
    """Any other is refused, and is no fault: an invalid one would tell about our key, bit by bit."""
    told = {name: _reason(written(epk=epk)) for name, epk in KEYS_OF_SENDERS.items()}
    assert told == dict.fromkeys(KEYS_OF_SENDERS, "decryption")


def test_one_recipient_and_one_spelling() -> None:
    """The JSON serialisations, with as many recipients or signatures as fit, are no tokens here (RFC 7516)."""
    head, body, signature = GOOD.split(".")
    signed = {"payload": body, "signatures": [{"protected": head, "signature": signature}] * 40}
    flat = {"payload": body, "protected": head, "signature": signature}
    outer, key, iv, content, tag = envelope(GOOD).split(".")
    sealed = {"protected": outer, "recipients": [{"encrypted_key": key}] * 200, "iv": iv, "ciphertext": content}
    for value in (signed, flat, {**sealed, "tag": tag}):
        assert _reason(json.dumps(value)) == "malformed"
    padded = (f"{head}=.{body}.{signature}", f"{head}.{body}=.{signature}", f"{GOOD}=")
    for token in (f"{GOOD}.", f".{GOOD}", GOOD.replace(".", "..", 1), f" {GOOD}", f"{GOOD}\n", *padded):
        assert _reason(token) in {"malformed", "signature"}, token
