"""Giving a token back (RFC 7009): with it goes everything that the same code gave."""

from dataclasses import dataclass
from datetime import datetime

from vad.domain.audit import GrantGivenBack
from vad.domain.client import Client
from vad.domain.identifiers import GrantId
from vad.services.ports.records import UnitOfWorkFactory
from vad.services.ports.tokens import Handles, TokenVerifier


@dataclass(frozen=True, slots=True)
class Revocation:
    """The use case.

    Tokens have no state of their own, the grant behind them has. So giving back any of them, one source's token too,
    ends the grant: less would leave alive what the app says it does not want any more (RFC 7009 section 2.1).
    """

    work: UnitOfWorkFactory
    verifier: TokenVerifier
    handles: Handles

    def give_back(self, client: Client, token: str, at: datetime) -> None:
        """End the grant behind a token of this client; one that is unknown, over or not its own changes nothing."""
        grant_id = self._grant_of(token, at)
        if grant_id is None:
            return
        with self.work() as tx:
            grant = tx.grants.get(grant_id)
            if grant is not None and grant.client_id == client.client_id and tx.grants.revoke(grant_id):
                event = GrantGivenBack(
                    actor=grant.actor,
                    represented=grant.subject,
                    client_id=grant.client_id,
                    sid=grant.sid,
                    grant_id=grant_id,
                )
                tx.audit.append(event, at=at)
            tx.commit()

    def _grant_of(self, token: str, at: datetime) -> GrantId | None:
        """Whatever `token_type_hint` says: it is a hint, and looking costs nothing (RFC 7009 section 2.1)."""
        refresh = self.handles.read_refresh_token(token)
        if refresh is not None:
            return refresh[0]
        verified = self.verifier.access_token(token, at)
        return None if verified is None else self.handles.grant_of(verified.jti)
