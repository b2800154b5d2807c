"""The authorization request: what must hold before anybody sees a login page (OpenID Connect Core 3.1.2, RFC 7636)."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from urllib.parse import urlencode, urlsplit, urlunsplit

from werkzeug.datastructures import MultiDict

Faults = Iterator[tuple[bool, str, str]]
"""Every check, in order: whether it fails, the OAuth error and its description."""

# The base64url form of a SHA-256 hash (RFC 7636 section 4.2).
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


class UntrustedRequestError(Exception):
    """Client or redirect URI are not to be trusted: an error page, never a redirect (RFC 6749 section 4.1.2.1)."""


class RefusedRequestError(Exception):
    """The client must hear, at its redirect URI, that its request is wrong."""

    def __init__(self, error: str, description: str, redirect_uri: str, state: str | None) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.redirect_uri = redirect_uri
        self.state = state


def checked(
    parameters: MultiDict[str, str],
    client_id: str,
    redirect_uris: Collection[str],
    own_faults: Callable[[MultiDict[str, str], Mapping[str, str]], Faults],
) -> Mapping[str, str]:
    """The parameters of a request that passed every check, those of this provider's own last.

    Raises `UntrustedRequestError` or `RefusedRequestError`.
    """
    if parameters.getlist("client_id") != [client_id]:
        raise UntrustedRequestError
    if len(parameters.getlist("redirect_uri")) != 1 or parameters["redirect_uri"] not in redirect_uris:
        raise UntrustedRequestError
    given = {name: values[0] for name, values in parameters.lists() if len(values) == 1 and values[0]}
    for faults in (_faults(parameters, given), own_faults(parameters, given)):
        for wrong, error, description in faults:
            if wrong:
                raise RefusedRequestError(error, description, given["redirect_uri"], given.get("state"))
    return given


def _faults(parameters: MultiDict[str, str], given: Mapping[str, str]) -> Faults:
    invalid = "invalid_request"
    repeated = any(len(values) > 1 for _, values in parameters.lists())
    yield repeated, invalid, "a parameter occurs more than once"
    yield "request" in parameters, "request_not_supported", "request objects are not supported"
    yield "request_uri" in parameters, "request_uri_not_supported", "request objects are not supported"
    yield given.get("response_type") != "code", "unsupported_response_type", "response_type must be code"
    yield parameters.get("response_mode", "query") != "query", invalid, "response_mode must be query"
    yield "openid" not in given.get("scope", "").split(), "invalid_scope", "scope must hold openid"
    yield "state" not in given, invalid, "state is missing"
    yield "nonce" not in given, invalid, "nonce is missing"
    yield given.get("code_challenge_method") != "S256", invalid, "code_challenge_method must be S256"
    challenge = _CHALLENGE.fullmatch(given.get("code_challenge", ""))
    yield challenge is None, invalid, "code_challenge must be a SHA-256 hash in base64url"
    yield "none" in given.get("prompt", "").split(), "login_required", "nobody is ever logged in here already"


def answer(redirect_uri: str, issuer: str, **parameters: str | None) -> str:
    """Return the address that brings an answer to the client, with `iss` (RFC 9207)."""
    given = {name: value for name, value in parameters.items() if value is not None} | {"iss": issuer}
    parts = urlsplit(redirect_uri)
    query = "&".join(part for part in (parts.query, urlencode(given)) if part)
    return urlunsplit(parts._replace(query=query))


def origin(uri: str) -> str:
    """Return scheme, host and port of an address, as browsers write them in `Origin`."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}"
