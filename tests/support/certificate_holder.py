"""Apps that come with a certificate, by way of the proxy that ends TLS before VAD (RFC 8705)."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from tests.support.relying_party_client import RelyingParty
from vad.sandbox.tls.authority import Authority, Issued, subject_of

PROXY, ELSEWHERE = "127.0.0.2", "127.0.0.1"
"""Where the proxy of the tests' own town has its address, and where everybody else comes from."""
ORIGIN, HEADER = "https://mtls.vad.example", "ClientCert"
"""Without a hyphen, so that every server can be trusted with it."""
BY_NAME, BY_ITSELF, BY_KEY, FAPI2 = "rp-tls", "rp-self-signed", "rp-bound", "rp-fapi2-tls"
"""The clients: `tls_client_auth`, `self_signed_tls_client_auth`, one that proves a key and has a certificate, and
one of profile `fapi2` that has a certificate alone."""

VARIANTS = {"mtls": (False, False), "key-mtls": (True, False), "mtls-dpop": (False, True)}
"""Of the plan for FAPI 2.0: whether a key proves the app, and whether one binds its tokens. Else a certificate does."""


def variant(name: str, number: int) -> str:
    """The client of profile `fapi2` that plays a variant; there are two of each."""
    return f"rp-fapi2-{name}-{number}"


class From(requests.adapters.HTTPAdapter):
    """A transport that comes from another address of this machine."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *args: Any, **named: Any) -> None:
        super().init_poolmanager(*args, **named, source_address=(self._address, 0))


def passed_on(file: Path) -> str:
    """A certificate as RFC 9440 has it in a header."""
    return f":{base64.b64encode(der(file)).decode()}:"


def thumbprint(file: Path) -> str:
    """As `x5t#S256` has it."""
    digest = x509.load_der_x509_certificate(der(file)).fingerprint(SHA256())
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def session(header: str | None, address: str = PROXY) -> requests.Session:
    """Requests with this header, from this address."""
    made = requests.Session()
    made.mount("http://", From(address))
    if header is not None:
        made.headers[HEADER] = header
    return made


@dataclass
class Certified(RelyingParty):
    """A client that proves itself by its certificate alone."""

    http: requests.Session = field(default_factory=requests.Session)

    def _post(self, endpoint: str, form: Mapping[str, Any], changes: Mapping[str, Any]) -> requests.Response:
        without = {"client_assertion": None, "client_assertion_type": None}
        return super()._post(endpoint, form, {**without, **changes})


@dataclass(frozen=True)
class Certificates:
    """The authority of the apps' certificates, and those of the tests' clients."""

    authority: Authority
    folder: Path
    issued: Mapping[str, Issued]

    @classmethod
    def made(cls, folder: Path) -> "Certificates":
        """Make them."""
        folder.mkdir()
        authority = Authority.kept(folder, "clients", of_localhost=False)
        elsewhere = Authority.kept(folder, "elsewhere", of_localhost=False)
        of_variants = [variant(name, number) for name in VARIANTS for number in (1, 2)]
        issued = {name: authority.client(folder, name) for name in (BY_NAME, BY_KEY, FAPI2, *of_variants)}
        return cls(authority, folder, {**issued, BY_ITSELF: elsewhere.client(folder, BY_ITSELF)})

    def file(self, name: str) -> Path:
        """The certificate of one of them."""
        return self.issued[name].certificate

    def registrations(self, redirect: str, signing: Mapping[str, object]) -> str:
        """What a town registers, and its proxy; `signing` is the public key of the client that proves one."""
        chain = base64.b64encode(der(self.file(BY_ITSELF))).decode()
        own = _inline({**signing, "kid": "own", "x5c": [chain]})
        proofs = {
            BY_NAME: 'token_endpoint_auth_method = "tls_client_auth"\n'
            f'tls_client_auth_subject_dn = "CN={BY_NAME},O=VAD demo"',
            BY_ITSELF: f'token_endpoint_auth_method = "self_signed_tls_client_auth"\njwks = {{ keys = [{own}] }}',
            FAPI2: 'profile = "fapi2"\ntoken_endpoint_auth_method = "tls_client_auth"\n'
            f'tls_client_auth_san_dns = "{FAPI2}.localhost"',
            BY_KEY: f"jwks = {{ keys = [{_inline(signing)}] }}",
        }
        proxy = {
            "trusted": PROXY,
            "client_certificate_header": HEADER,
            "client_ca_file": str(self.authority.file),
            "certificate_origin": ORIGIN,
        }
        lines = ["[proxy]", *(f"{name} = {json.dumps(value)}" for name, value in proxy.items()), ""]
        for name, proof in proofs.items():
            lines += [
                "[[clients]]",
                f'client_id = "{name}"',
                f'name = "Test {name}"',
                'organisation = "Testbedrijf B.V."',
                f'redirect_uris = ["{redirect}"]',
                "tls_client_certificate_bound_access_tokens = true",
                proof,
                "",
            ]
        return "\n".join(lines + _of_variants(redirect))


def _of_variants(redirect: str) -> list[str]:
    lines = []
    for name, (by_key, dpop) in VARIANTS.items():
        for client_id in (variant(name, 1), variant(name, 2)):
            by_name = ['token_endpoint_auth_method = "tls_client_auth"']
            by_name.append(f'tls_client_auth_subject_dn = "{subject_of(client_id)}"')
            lines += [
                "[[clients]]",
                f'client_id = "{client_id}"',
                f'name = "Test {client_id}"',
                'organisation = "Testbedrijf B.V."',
                f'redirect_uris = ["{redirect}", "{redirect}?app=1"]',
                'profile = "fapi2"',
                "representation = true",
                'api_scopes = ["mandates"]',
                *([] if dpop else ["tls_client_certificate_bound_access_tokens = true"]),
                *([] if by_key else by_name),
                "",
            ]
    return lines


def der(file: Path) -> bytes:
    """The certificate in this file."""
    return x509.load_pem_x509_certificate(file.read_bytes()).public_bytes(Encoding.DER)


def _inline(jwk: Mapping[str, object]) -> str:
    return "{ " + ", ".join(f"{name} = {json.dumps(value)}" for name, value in jwk.items()) + " }"
