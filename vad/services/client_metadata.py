"""Client metadata (RFC 7591 section 2, OIDC Dynamic Client Registration section 2), to and from a registration."""

from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlsplit

from vad.domain.assurance import LevelOfAssurance, known_levels
from vad.domain.authorization_details import TYPES
from vad.domain.certificate import NameKind
from vad.domain.client import Client
from vad.domain.errors import ProtocolError
from vad.domain.identifiers import ClientId
from vad.services.ports.client_registration import Offered

_LISTS = ("redirect_uris", "grant_types", "request_uris", "post_logout_redirect_uris", "default_acr_values")
_TEXTS = (
    *("jwks_uri", "sector_identifier_uri", "token_endpoint_auth_method", "backchannel_logout_uri"),
    "token_endpoint_auth_signing_alg",
    *("id_token_signed_response_alg", "id_token_encrypted_response_alg", "id_token_encrypted_response_enc"),
    *("userinfo_signed_response_alg", "userinfo_encrypted_response_alg", "userinfo_encrypted_response_enc"),
    *("introspection_signed_response_alg", "policy_uri", "tos_uri"),
    *("request_object_signing_alg", "request_object_encryption_alg", "request_object_encryption_enc"),
)
_FLAGS = (
    *("backchannel_logout_session_required", "require_signed_request_object", "require_pushed_authorization_requests"),
    *("dpop_bound_access_tokens", "tls_client_certificate_bound_access_tokens"),
)
_TAKEN = (*_LISTS, *_TEXTS, *_FLAGS, *NameKind, "jwks", "default_max_age")
"""What stands in a registration by the same name. What VAD does not know is passed over (RFC 7591 section 2)."""
_IDENTITY = frozenset({"client_name", "jwks", "jwks_uri", "redirect_uris", "token_endpoint_auth_method", *NameKind})
_LONGEST_NAME = 100


def entry_of(client_id: ClientId, offered: Offered, metadata: Mapping[str, object]) -> dict[str, object]:
    """The registration as it would stand in a file. Raises `ProtocolError` for what VAD never does."""
    # What is null was left out (RFC 7592 section 2.2).
    metadata = {name: value for name, value in metadata.items() if value is not None}
    _check(metadata)
    name = metadata["client_name"] if "client_name" in metadata else _host(metadata)
    if not isinstance(name, str) or not name.isprintable() or not 0 < len(name.strip()) <= _LONGEST_NAME:
        # People read it, so nothing in it may turn what stands around it.
        raise _refused("client_name: up to 100 characters that can be read")
    given = {each: metadata[each] for each in _TAKEN if each in metadata}
    levels = given.get("default_acr_values")
    if isinstance(levels, list):
        # Levels that VAD does not know are passed over, as in a request.
        known = known_levels(map(str, levels))
        given["default_acr_values"] = [level.uri for level in known if level > LevelOfAssurance.BASIS]
    # RFC 7591 section 2: what is meant when it is left out. A file means all there are.
    given.setdefault("grant_types", ["authorization_code"])
    return {
        **given,
        "client_id": client_id,
        "name": name.strip(),
        "organisation": offered.organisation,
        "profile": offered.profile.value,
    }


def _host(metadata: Mapping[str, object]) -> str:
    """What an app is called that gives no name (RFC 7591 section 2 asks for none): where people are sent back to."""
    addresses = metadata.get("redirect_uris")
    first = addresses[0] if isinstance(addresses, list) and addresses else None
    with suppress(ValueError):
        if isinstance(first, str) and (host := urlsplit(first).hostname):
            return host
    raise ProtocolError("invalid_redirect_uri", "redirect_uris: the first has no host")


def metadata_of(client: Client) -> dict[str, object]:
    """What is registered of an app, by the names that it knows."""
    told: dict[str, object] = {
        "client_name": client.name,
        "token_endpoint_auth_method": client.token_endpoint_auth_method.value,
        "response_types": ["code"],
        "subject_type": "pairwise",
        # It stands in every ID token, wished for or not.
        "require_auth_time": True,
        **{name: sorted(getattr(client, name)) for name in ("grant_types",)},
        **{name: list(getattr(client, name)) for name in _LISTS if name != "grant_types" and getattr(client, name)},
        **{name: str(getattr(client, name)) for name in _TEXTS if getattr(client, name)},
        **{name: True for name in _FLAGS if getattr(client, name)},
    }
    if client.default_max_age is not None:
        told["default_max_age"] = client.default_max_age
    if client.certificate_name:
        told[client.certificate_name.kind.value] = client.certificate_name.value
    if client.jwks:
        told["jwks"] = {"keys": [dict(key) for key in client.jwks]}
    return told


def told_of(client: Client) -> dict[str, object]:
    """The same, and what an app would take for another by default (RFC 9701 section 6: RS256)."""
    return {**metadata_of(client), "introspection_signed_response_alg": client.introspection_alg}


def changed_members(before: Client, after: Client) -> list[str]:
    """Which members are another now than the app was told: who sends back what it was told changes nothing."""
    former, latter = told_of(before), told_of(after)
    return sorted(name for name in former.keys() | latter.keys() if former.get(name) != latter.get(name))


def changed_identity(before: Client, after: Client) -> list[str]:
    """Which of those say who the app is. One redirect URI less is no other app."""
    fewer = {"redirect_uris"} if {*after.redirect_uris} <= {*before.redirect_uris} else set()
    return [name for name in changed_members(before, after) if name in _IDENTITY - fewer]


def _check(metadata: Mapping[str, object]) -> None:
    """What would mean something else than VAD does is refused, never passed over."""
    if "software_statement" in metadata:
        raise ProtocolError("unapproved_software_statement", "VAD takes no software statements")
    if metadata.get("response_types", ["code"]) != ["code"]:
        raise _refused("response_types: there is code alone")
    if metadata.get("subject_type", "pairwise") != "pairwise":
        raise _refused("subject_type: there is pairwise alone")
    known = metadata.get("authorization_details_types")
    if known is not None and (not isinstance(known, list) or not all(each in TYPES for each in known)):
        raise _refused(f"authorization_details_types: there is {', '.join(TYPES)} alone")
    for name in _FLAGS:
        if not isinstance(metadata.get(name, False), bool):
            raise _refused(f"{name}: true or false")
    if type(metadata.get("default_max_age", 0)) not in (int, float):
        # `true` is no second.
        raise _refused("default_max_age: a number of seconds")
    if "jwks" in metadata and "jwks_uri" in metadata:
        raise _refused("set at most one of jwks and jwks_uri")


def _refused(fault: str) -> ProtocolError:
    return ProtocolError("invalid_client_metadata", fault)
