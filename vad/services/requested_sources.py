"""Which data sources an authorization request names, and whether its scope fits them (RFC 8707 section 2.1)."""

from vad.domain.authorization import AuthorizationRequest
from vad.domain.client import API_SCOPES, Client, ResourceServer
from vad.domain.errors import ProtocolError
from vad.services.ports.records import Registrations


def requested_sources(
    registrations: Registrations, request: AuthorizationRequest, client: Client
) -> tuple[ResourceServer, ...]:
    """The sources, in the order asked.

    Raises `ProtocolError` `invalid_target` for one that is not known, `invalid_scope` where a source offers nothing of
    the scope, or the scope holds what no source offers, claims that the client's profile does not know, or a scope of
    VAD's own that it is not registered for.
    """
    if not request.own_scopes - API_SCOPES <= client.own_scopes:
        raise ProtocolError("invalid_scope", "the scope holds a value that is not known here")
    if not request.own_scopes <= client.own_scopes:
        raise ProtocolError("invalid_scope", "the client is not registered for a scope of VAD's own")
    sources = tuple(_source(registrations, request, resource) for resource in request.resources)
    offered = frozenset(service for source in sources for service in source.data_services)
    if not request.data_services <= offered:
        raise ProtocolError("invalid_scope", "the scope holds a value that no requested resource offers")
    return sources


def _source(registrations: Registrations, request: AuthorizationRequest, resource: str) -> ResourceServer:
    source = registrations.resource_server(resource)
    if source is None or not source.active:
        raise ProtocolError("invalid_target", "unknown resource")
    if not request.data_services & frozenset(source.data_services):
        raise ProtocolError("invalid_scope", "the scope holds nothing that this resource offers")
    return source
