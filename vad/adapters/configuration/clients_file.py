"""The older file of clients (`clients.json`), as registrations in TOML."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from vad.adapters.configuration.files import ConfigurationFileError
from vad.adapters.configuration.registrations import parse
from vad.adapters.vault.jwk import public_members, thumbprint
from vad.domain import strict_json

_AS_JSON = "application/json"
_AS_JWT = {
    "userinfo_signed_response_alg": "RS256",
    "userinfo_encrypted_response_alg": "RSA-OAEP",
    "userinfo_encrypted_response_enc": "A128CBC-HS256",
}
"""What `application/jwt` means there, which is what a client gets that does not say."""
_BY_KEY = "private_key_jwt"
_DIGID = "digid"
"""How its names of methods for DigiD begin, a mock's too."""
_LAST_OF_FOUR_DIGITS = "\uffff"


def registrations(path: Path) -> str:
    """What `vad clients apply` reads of them. Raises `ConfigurationFileError`, naming every client at fault."""
    try:
        content = strict_json.parse(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigurationFileError(f"{path.name}: not a JSON file that can be read") from error
    if not isinstance(content, dict) or not content:
        raise ConfigurationFileError(f"{path.name}: an object of clients by their id is needed")
    entries, faults = [], []
    for client_id, said in content.items():
        try:
            entries.append(_entry(client_id, said, path.parent))
            parse({"clients": [entries[-1]]})
        except (ConfigurationFileError, ValueError) as error:
            faults.append(f"{client_id}: {error}")
    if faults:
        raise ConfigurationFileError("\n".join(faults))
    return "\n".join(_toml(entry) for entry in entries)


def _entry(client_id: str, said: Any, folder: Path) -> dict[str, Any]:
    if not isinstance(said, dict):
        raise ConfigurationFileError("not an object")
    if said.get("response_types", ["code"]) != ["code"]:
        raise ConfigurationFileError("response_types must be code alone")
    if not _logs_in_with_digid(said):
        raise ConfigurationFileError("login_methods: people log in with DigiD here, and not to this client there")
    # Of the two the older names say less: `client_authentication_method` is what the client proves itself by.
    method = said.get("client_authentication_method", "none")
    method = said.get("token_endpoint_auth_method", "none") if method == "none" else method
    as_json = said.get("content_type", "application/jwt") == _AS_JSON
    entry: dict[str, Any] = {
        "client_id": client_id,
        "name": said.get("name", client_id),
        "organisation": str(said.get("external_id") or said.get("name") or client_id),
        "profile": "ministry",
        "token_endpoint_auth_method": method,
        "redirect_uris": said.get("redirect_uris", []),
    }
    if said.get("client_secret"):
        entry["client_secret_sha256"] = [hashlib.sha256(str(said["client_secret"]).encode()).hexdigest()]
    if method == _BY_KEY or not as_json:
        entry["jwks"] = {"keys": [_key(said, folder)]}
    return entry | ({} if as_json else _AS_JWT)


def _logs_in_with_digid(said: Mapping[str, Any]) -> bool:
    """Whether people may log in to it with DigiD there, or with a mock of it. One that names no method has them all."""
    named, excluded = (said.get(name) or [] for name in ("login_methods", "exclude_login_methods"))
    if not isinstance(named, list) or not isinstance(excluded, list):
        raise ConfigurationFileError("login_methods, exclude_login_methods: lists of names are needed")
    return any(str(each).startswith(_DIGID) and each not in excluded for each in named or [_DIGID])


def _key(said: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The public key, by the name of its thumbprint: with it a client proves itself, and to it is encrypted."""
    named = said.get("client_public_key_path") or said.get("client_certificate_path")
    if not isinstance(named, str):
        raise ConfigurationFileError("client_public_key_path is needed")
    try:
        pem = (folder / named).read_bytes()
        certified = b"BEGIN CERTIFICATE" in pem
        key = x509.load_pem_x509_certificate(pem).public_key() if certified else load_pem_public_key(pem)
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise ConfigurationFileError("client_public_key_path: no public key or certificate that can be read") from error
    if not isinstance(key, RSAPublicKey):
        raise ConfigurationFileError("client_public_key_path: an RSA key is needed")
    members = public_members(key)
    return {**members, "kid": thumbprint(members)}


def _toml(entry: Mapping[str, Any]) -> str:
    return "\n".join(["[[clients]]", *(f"{name} = {_value(value)}" for name, value in entry.items()), ""])


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_value(each)}" for name, each in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_value(each) for each in value) + "]"
    if isinstance(value, str):
        return f'"{"".join(map(_character, value))}"'
    return json.dumps(value)


def _character(character: str) -> str:
    """As it stands in a text of TOML: that of JSON, but where JSON takes two numbers for one character."""
    return json.dumps(character)[1:-1] if character <= _LAST_OF_FOUR_DIGITS else f"\\U{ord(character):08x}"
