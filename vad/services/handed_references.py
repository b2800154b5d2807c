"""References of the PRS that an app hands on itself (profile `ministry`, ADR 0039): as guarded as a token.

An app of the former provider asks for no source by name: it finds a `rid` in userinfo, and takes it to a source. So
the operator names the source of each app, and what the app then asks counts as a request for that source too: the
source admits the app, the person agrees on the consent page, the decision is taken again each time, and the event is
written before the reference leaves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from vad.domain.access import AccessDeniedError
from vad.domain.authorization import AuthorizationRequest
from vad.domain.client import Client, IdentifierType, ResourceServer
from vad.domain.errors import ProtocolError
from vad.domain.profile import UserInfoShape
from vad.services.introspection import Living
from vad.services.issuing import Issuing, Minted
from vad.services.ports.outside import PlainReferences
from vad.services.ports.records import Registrations
from vad.services.ports.tokens import Handles
from vad.services.token_requests import TokenRequest

USERINFO = "userinfo"
"""In place of a grant type, in the event."""


@dataclass(frozen=True, slots=True)
class HandedReferences:
    """The use case. `sources`: the identifier of the source of each app that an operator named."""

    sources: Mapping[str, str]
    registrations: Registrations
    issuing: Issuing
    handles: Handles
    plain: PlainReferences | None

    def asked_for(self, request: AuthorizationRequest, client: Client) -> AuthorizationRequest:
        """The request, with the source of this app where it named none itself."""
        source = self._source(client)
        if source is None or request.resources or request.data_services:
            return request
        services = sorted(source.admitted[client.client_id])
        return replace(request, resources=(source.identifier,), scope=(*request.scope, *services))

    def of(self, client: Client, living: Living, at: datetime) -> str | None:
        """A new one, for the source of this app to swap, once. None where there is none to be had, or no agreement.

        Raises `RegisterUnavailableError`: where there should be one, nothing else takes its place.
        """
        source, grant = self._source(client), living.standing.grant
        if source is None or self.plain is None or source.identifier not in grant.resources:
            return None
        asked = TokenRequest(client, grant, source, None, USERINFO)
        try:
            allowed = self.issuing.decide(asked, living.standing, at)
        except (AccessDeniedError, ProtocolError):
            return None
        rid = self.plain.plain_rid(allowed.bsn, source, at)
        minted = Minted(rid, self.handles.new_jti(grant.grant_id), allowed.permit, 0)
        try:
            self.issuing.commit(minted, asked, at)
        except (AccessDeniedError, ProtocolError):
            # Stopped while the PRS took its time.
            return None
        return rid

    def _source(self, client: Client) -> ResourceServer | None:
        """Where it is registered as one that is known by references, and admits this app, which proves itself."""
        if client.client_id not in self.sources:
            return None
        source = self.registrations.resource_server(self.sources[client.client_id])
        return source if hindrance(client, source) is None else None


def hindrance(client: Client | None, source: ResourceServer | None) -> str | None:
    """Why this app gets no reference for this source, as an operator reads it; None where it gets one."""
    if client is None or not client.active:
        return "the app is not registered, or not in service"
    if client.rules.userinfo is not UserInfoShape.NAME_IN_PARTS:
        return f"the app is of profile {client.profile.value}, and finds no rid in userinfo"
    if not client.proves_itself:
        return "the app proves nothing, so no source admits it"
    if source is None or not source.active:
        return "the source is not registered, or not in service"
    if source.identifier_type is not IdentifierType.RID:
        return f"the source is registered as {source.identifier_type.value}, not as rid"
    if not source.admits(client, source.admitted.get(client.client_id, frozenset())):
        return "the source does not admit the app"
    return None
