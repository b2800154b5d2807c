"""`vad clients import`: the older provider's clients.json becomes registrations that VAD reads."""

import json
import re
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import RSAKey

from tests.support.rsa_keys import rsa_key
from vad.adapters.configuration import registrations
from vad.cli.main import cli
from vad.domain.client import Client
from vad.domain.profile import ClientAuthentication, Profile

LARAVEL, PROXY = "006fbf34-a80b-4c81-b6e9-593600675fb1", "e7b8a6f4-8c3e-4f6a-9b8e-3f8b6a7e8c3e"
KEY = rsa_key()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with the keys that clients name: a public key, a certificate of it, and one of another kind."""
    public, now = KEY.public_key(), datetime.now(UTC)
    (tmp_path / "client.pub").write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "client")])
    builder = x509.CertificateBuilder(name, name, public, 1, now, now + timedelta(days=1))
    (tmp_path / "client.crt").write_bytes(builder.sign(KEY, hashes.SHA256()).public_bytes(Encoding.PEM))
    curve = ec.generate_private_key(ec.SECP256R1()).public_key()
    (tmp_path / "curve.pub").write_bytes(curve.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return tmp_path


def said(**changes: Any) -> dict[str, Any]:
    """A client as the older file has it."""
    return {
        "name": "vad test cliënt",
        "external_id": "87654321",
        "token_endpoint_auth_method": "none",
        "redirect_uris": ["http://localhost:9000/oidc/login"],
        "response_types": ["code"],
        "login_methods": ["digid_mock"],
        "pubkey_type": "RSA",
        "client_public_key_path": "client.pub",
        "client_authentication_method": "none",
        **changes,
    }


def imported(folder: Path, content: Any) -> tuple[int, str]:
    """The exit code and what was printed."""
    (folder / "clients.json").write_text(json.dumps(content))
    result = CliRunner().invoke(cli, ["clients", "import", str(folder / "clients.json")])
    return result.exit_code, result.output


def read(folder: Path, content: Any) -> dict[str, Client]:
    """The clients that VAD reads of what was printed."""
    code, printed = imported(folder, content)
    assert code == 0, printed
    return {client.client_id: client for client in registrations.parse(tomllib.loads(printed)).clients}


def test_the_known_clients(folder: Path) -> None:
    """The Laravel client proves nothing and gets a JWE; the proxy proves itself with its key and reads plain JSON."""
    proxy = said(
        client_authentication_method="private_key_jwt", content_type="application/json", login_methods=["uzi", "digid"]
    )
    secret = said(
        token_endpoint_auth_method="client_secret_post", client_secret="s" * 40, content_type="application/json"
    )
    del proxy["client_public_key_path"], secret["login_methods"]
    proxy["client_certificate_path"] = "client.crt"
    found = read(folder, {LARAVEL: said(), PROXY: proxy, "third": secret})
    laravel, dvp, third = found[LARAVEL], found[PROXY], found["third"]
    assert {client.profile for client in found.values()} == {Profile.MINISTRY}
    assert (laravel.name, laravel.organisation) == ("vad test cliënt", "87654321")
    assert laravel.redirect_uris == ("http://localhost:9000/oidc/login",)
    assert laravel.token_endpoint_auth_method is ClientAuthentication.NONE
    assert (laravel.userinfo_encrypted_response_alg, laravel.userinfo_encrypted_response_enc) == (
        "RSA-OAEP",
        "A128CBC-HS256",
    )
    thumbprint = RSAKey.import_key(KEY.public_key()).thumbprint()
    assert [key["kid"] for key in (*laravel.jwks, *dvp.jwks)] == [thumbprint, thumbprint]
    assert dvp.token_endpoint_auth_method is ClientAuthentication.PRIVATE_KEY_JWT
    assert (dvp.userinfo_signed_response_alg, dvp.userinfo_encrypted_response_alg) == ("", "")
    assert third.has_secret("s" * 40)
    assert third.jwks == ()


@pytest.mark.parametrize(
    "name", ["Zorg \N{GRINNING FACE} \U00020000", 'a "b" \\u0041 c', "tab\tand\x7f", "\u2028\uffff"]
)
def test_a_name_comes_over_as_it_is(folder: Path, name: str) -> None:
    """Whatever characters it has: what is printed is TOML that says the same."""
    assert read(folder, {LARAVEL: said(name=name)})[LARAVEL].name == name


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ([], "object of clients"),
        ({}, "object of clients"),
        ({"a": 1}, "a: not an object"),
        ({"a": said(response_types=["id_token"])}, "a: response_types"),
        ({"a": said(redirect_uris=["https://*.example/"])}, "a: .*redirect_uris"),
        ({"a": said(login_methods=["uzi", "yivi"])}, "a: login_methods"),
        ({"a": said(login_methods=["digid", "uzi"], exclude_login_methods=["digid"])}, "a: login_methods"),
        ({"a": said(login_methods=[], exclude_login_methods=["digid"])}, "a: login_methods"),
        ({"a": said(login_methods=5)}, "a: login_methods"),
        ({"a": said(client_public_key_path="gone.pub")}, "a: client_public_key_path: no public key"),
        ({"a": said(client_public_key_path="clients.json")}, "a: client_public_key_path: no public key"),
        ({"a": said(client_public_key_path="curve.pub")}, "a: .*RSA"),
        ({"a": said(token_endpoint_auth_method="client_secret_basic")}, "a: .*client_secret"),
        ({"a": said(), "b": said(name="")}, "b: .*name"),
    ],
)
def test_what_can_not_be_taken_over_is_named(folder: Path, content: Any, told: str) -> None:
    """With the client's name, and nothing is printed that could be used half."""
    code, printed = imported(folder, content)
    assert code != 0
    assert re.search(told, printed), printed
    assert "[[clients]]" not in printed
