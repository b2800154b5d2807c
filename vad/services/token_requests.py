"""What a client asks of a grant when it takes a token, and how far that reaches (RFC 6749 sections 3.3 and 6)."""

from collections.abc import Iterable
from dataclasses import dataclass

from vad.domain.client import Client, ResourceServer
from vad.domain.grant import Grant
from vad.domain.ground import Basis
from vad.domain.mandate import Mandate
from vad.services.denials import Refusal, refusal


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """One token that a client asks of a grant."""

    client: Client
    grant: Grant
    source: ResourceServer | None
    """None: the issuer's own access token."""
    scope: str | None
    grant_type: str
    basis: Basis | None = None
    """The one ground on which the client takes a token (RFC 9396). None: whichever it is."""

    def data_services(self, mandates: Iterable[Mandate]) -> frozenset[str]:
        """The data services of the token: all that were granted (at this source), or the narrower scope asked for.

        Of a mandate of which a part was stopped, what is left. What an app names though it stands for nothing here is
        passed over, as at the authorization endpoint. Raises `ProtocolError` `invalid_scope`.
        """
        granted, source = self.grant.data_services, self.source
        passed_over = (self.client.rules.scopes_passed_over - granted) | {"openid"}
        if source is not None:
            granted &= frozenset(source.data_services)
        asked = granted if self.scope is None else frozenset(self.scope.split()) - passed_over
        named = self.scope is None or "openid" in self.scope.split()
        if not asked <= granted or not (asked or (source is None and named)):
            raise refusal(Refusal.SCOPE_TOO_WIDE)
        if self.scope is None:
            client_id, place = self.client.client_id, None if source is None else source.identifier
            return asked.intersection(*(each.services_for(client_id, place) for each in mandates)) or asked
        return asked

    @property
    def openid(self) -> bool:
        """Whether the token tells who logged in: where that was granted, unless a narrower scope leaves it out.

        A source's token never does, and is no narrower by it. Raises `ProtocolError` `invalid_scope` where it was
        asked for and never granted.
        """
        granted, named = self.grant.openid, self.scope is None or "openid" in self.scope.split()
        if self.scope is not None and named and not granted:
            raise refusal(Refusal.SCOPE_TOO_WIDE)
        return granted and (named or self.source is not None)
