"""Authlib's authorization server, taught to read our requests and to say no by default."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.integrations.flask_oauth2.requests import FlaskOAuth2Payload, FlaskOAuth2Request
from authlib.oauth2.rfc6749 import OAuth2Request, UnsupportedGrantTypeError
from authlib.oauth2.rfc6749.grants import BaseGrant
from flask import Flask, Request, current_app, request
from werkzeug.datastructures import MultiDict

from vad.domain.errors import ProtocolError
from vad.web.oidc import client_authentication, parameters
from vad.web.oidc.grants.authorization_code import AuthorizationCodeGrant, CodeChallenge, RequiredParameters
from vad.web.oidc.grants.refresh_token import RefreshTokenGrant
from vad.web.oidc.grants.token_exchange import TokenExchangeGrant
from vad.web.oidc.registered_client import RegisteredClient
from vad.web.support.services import services

_EXTENSION = "vad.oidc"


class _Payload(FlaskOAuth2Payload):  # type: ignore[misc]
    """Parameters from one place alone: Authlib would mix query and body. Those without a value are left out.

    Read once: Authlib asks for them twenty times.
    """

    @cached_property
    def data(self) -> MultiDict[str, str]:
        sent: Request = self._request
        return parameters.with_value(sent.form if sent.method == "POST" else sent.args)


class _Request(FlaskOAuth2Request):  # type: ignore[misc]
    """A request under the issuer's address, whatever a proxy in front made of it."""

    def __init__(self, flask_request: Request, issuer: str) -> None:
        OAuth2Request.__init__(self, flask_request.method, issuer + flask_request.path, headers=flask_request.headers)
        self._request = flask_request
        self.payload = _Payload(flask_request)

    @cached_property
    def form(self) -> MultiDict[str, str]:
        """The parameters of the token endpoint."""
        return parameters.with_value(self._request.form)


class Server(AuthorizationServer):  # type: ignore[misc]
    """The server. Tokens are made by the grants through `vad.services`, never by Authlib's generators."""

    def create_oauth2_request(self, asked: MultiDict[str, str] | None) -> _Request:
        """Wrap the current Flask request; with these parameters, where they stood in a request object."""
        wrapped = _Request(request, services().issuer)
        if asked is not None:
            wrapped.payload.data = asked
        return wrapped

    def get_token_grant(self, request: OAuth2Request) -> BaseGrant:
        """Find the grant type. Authlib's own error repeats what was sent."""
        try:
            return super().get_token_grant(request)
        except UnsupportedGrantTypeError:
            raise ProtocolError("unsupported_grant_type", "the grant_type is not supported") from None

    def load_config(self, _config: Mapping[str, Any]) -> None:
        """Nothing is configured through Flask; without this, Authlib registers its own token generator."""

    def save_token(self, _token: object, _request: object) -> None:
        """Refuse: a token that comes by here was not made from a Permit."""
        raise TypeError("tokens are issued by vad.services alone")


def init_app(app: Flask) -> None:
    """Make the server of this application."""
    server = Server()
    server.init_app(app, query_client=_query_client)
    server.register_client_auth_method(client_authentication.METHOD, client_authentication.authenticate)
    server.register_grant(AuthorizationCodeGrant, [CodeChallenge(), RequiredParameters()])
    server.register_grant(RefreshTokenGrant)
    server.register_grant(TokenExchangeGrant)
    app.extensions[_EXTENSION] = server


def server() -> Server:
    """The server of the application that handles this request."""
    found: Server = current_app.extensions[_EXTENSION]
    return found


def _query_client(client_id: str) -> RegisteredClient | None:
    client = services().registrations.client(client_id)
    return RegisteredClient(client) if client is not None and client.active else None
