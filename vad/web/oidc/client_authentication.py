"""Client authentication (RFC 6749 section 2.3, OIDC Core section 9): by the one method that a client is registered for.

The same at every endpoint. A data source, which asks about tokens, is proved by `private_key_jwt` alone.
"""

from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from authlib.oauth2.rfc6749 import InvalidClientError

from vad.domain.certificate import ClientCertificate
from vad.domain.client import Client, ResourceServer
from vad.domain.errors import RegisterUnavailableError
from vad.domain.profile import BY_CERTIFICATE, BY_SECRET, GRANT_TYPES, ClientAuthentication, Demand
from vad.services.ports.tokens import ASSERTION_TYPE
from vad.web.oidc.registered_client import METHOD, RegisteredClient
from vad.web.support import client_certificate, rate_limits
from vad.web.support.services import now, services

__all__ = ["METHOD", "authenticate", "proved"]


_PROOFS = ("client_secret", "client_assertion", "client_assertion_type")


@dataclass(frozen=True, slots=True)
class _Credentials:
    """What somebody proves themselves with, by one method."""

    method: ClientAuthentication
    client_id: str
    secret: str
    """The secret, or the assertion."""


def proved(
    form: Mapping[str, str], authorization: str | None, *, for_token: bool = False
) -> Client | ResourceServer | None:
    """The client or data source that this request proves to be, or None. `for_token`: it is one for tokens."""
    given = _given(form, authorization)
    if given is None:
        return None
    known = services().registrations
    client = known.client(given.client_id)
    caller = client if client is not None else known.resource_server(given.client_id)
    if caller is None or not caller.active or not _by_its_method(caller, given.method):
        return None
    if isinstance(caller, Client) and given.method in BY_CERTIFICATE:
        shown = client_certificate.shown()
        return caller if shown is not None and _certified(caller, shown) else None
    if given.method is ClientAuthentication.PRIVATE_KEY_JWT:
        beside_code = for_token and _beside_code(caller, form)
        return caller if _signed(caller, given.secret, beside_code=beside_code) else None
    return caller if isinstance(caller, Client) and caller.has_secret(given.secret) else None


def _signed(caller: Client | ResourceServer, assertion: str, *, beside_code: bool) -> bool:
    """Whether it signed this."""
    with _looked_up():
        return services().client_assertions.verify(caller, assertion, now(), beside_code=beside_code)


def _certified(caller: Client, shown: ClientCertificate) -> bool:
    """Whether this certificate is its own."""
    with _looked_up():
        return services().certificate_proofs.verify(caller, shown)


@contextmanager
def _looked_up() -> Iterator[None]:
    """Where a caller's keys can't be had nobody is proved, and that counts too.

    Anybody can name an app whose host hangs, and each who does holds a thread for a while.
    """
    try:
        yield
    except RegisterUnavailableError:
        rate_limits.count_unproved()
        raise


def authenticate(_query_client: Callable[[str], RegisteredClient | None], request: Any) -> RegisteredClient | None:
    """The same as Authlib asks it. Raises `InvalidClientError` for who tried it by the header: 401, as that demands."""
    authorization = request.headers.get("Authorization")
    caller = proved(request.form, authorization, for_token=True) or _named(request.form, authorization)
    if isinstance(caller, Client):
        return RegisteredClient(caller)
    if authorization:
        raise InvalidClientError(status_code=401, description="the client is not proved")
    return None


def _named(form: Mapping[str, str], authorization: str | None) -> Client | None:
    """The client that is registered to prove nothing, where nothing came to prove it: at the token endpoint alone.

    What keeps others from its codes is PKCE (RFC 7636), which its profile demands.
    """
    if authorization is not None or any(each in form for each in _PROOFS):
        return None
    client = services().registrations.client(form.get("client_id", ""))
    return client if client is not None and client.active and not client.proves_itself else None


def _by_its_method(caller: Client | ResourceServer, method: ClientAuthentication) -> bool:
    """Whether it came by the method that is registered; with a secret by either, where its profile has that."""
    if not isinstance(caller, Client):
        return method is ClientAuthentication.PRIVATE_KEY_JWT
    registered = caller.token_endpoint_auth_method
    return method is registered or (caller.rules.secret_either_way and {method, registered} <= {*BY_SECRET})


def _beside_code(caller: Client | ResourceServer, form: Mapping[str, str]) -> bool:
    """Whether what it is used for works once by itself, where an assertion may be the same as one before it."""
    if not isinstance(caller, Client) or caller.rules.assertion_jti is Demand.REQUIRED:
        return False
    code, verifier = form.get("code", ""), form.get("code_verifier", "")
    return form.get("grant_type") == GRANT_TYPES[0] and services().tokens.shows(caller, code, verifier)


def _given(form: Mapping[str, str], authorization: str | None) -> _Credentials | None:
    """What came, if it came by one method alone (RFC 6749 section 2.3)."""
    asserted = "client_assertion" in form or "client_assertion_type" in form
    ways = (authorization is not None, "client_secret" in form, asserted)
    if not any(ways):
        return _of_the_connection(form)
    if ways.count(True) != 1:
        return None
    found = _asserted(form) if asserted else _posted(form) if authorization is None else _basic(authorization)
    if found is None or form.get("client_id", found.client_id) != found.client_id:
        return None
    return found


def _of_the_connection(form: Mapping[str, str]) -> _Credentials | None:
    """The certificate of the connection, where nothing else came: which of two ways counts is as it is registered."""
    client_id = form.get("client_id", "")
    client = services().registrations.client(client_id)
    method = None if client is None else client.token_endpoint_auth_method
    return _Credentials(method, client_id, "") if method in BY_CERTIFICATE else None


def _asserted(form: Mapping[str, str]) -> _Credentials | None:
    assertion = form.get("client_assertion")
    if form.get("client_assertion_type") != ASSERTION_TYPE or not assertion:
        return None
    client_id = form.get("client_id") or services().client_assertions.claimed_client_id(assertion)
    return _Credentials(ClientAuthentication.PRIVATE_KEY_JWT, client_id, assertion) if client_id else None


def _posted(form: Mapping[str, str]) -> _Credentials | None:
    client_id, secret = form.get("client_id"), form.get("client_secret")
    if not client_id or not secret:
        return None
    return _Credentials(ClientAuthentication.CLIENT_SECRET_POST, client_id, secret)


def _basic(authorization: str) -> _Credentials | None:
    """`client_id` and secret, each as in a form and then in base64 (RFC 6749 section 2.3.1)."""
    scheme, _, encoded = authorization.partition(" ")
    try:
        text = b64decode(encoded.strip(), validate=True).decode("ascii")
    except ValueError:
        return None
    client_id, colon, secret = text.partition(":")
    if scheme.lower() != "basic" or not (client_id and colon and secret):
        return None
    return _Credentials(ClientAuthentication.CLIENT_SECRET_BASIC, unquote_plus(client_id), unquote_plus(secret))
