"""Delivering "this session has ended" to an app (OIDC Back-Channel Logout 1.0 section 2.5)."""

from datetime import datetime

from vad.adapters.http.guarded import GuardedCallers
from vad.adapters.jose.logout_tokens import LogoutTokens
from vad.services.deliveries import UndeliverableError
from vad.services.ports.outbox import OutboxMessage
from vad.services.ports.records import Registrations
from vad.services.ports.tokens import AnswerSealer

_TAKEN, _REFUSED = frozenset({200, 204}), 400


class BackchannelLogout:
    """`vad.services.deliveries.Deliverer` for messages of kind `backchannel-logout`."""

    def __init__(
        self, registrations: Registrations, tokens: LogoutTokens, sealer: AnswerSealer, callers: GuardedCallers
    ) -> None:
        self._registrations = registrations
        self._tokens = tokens
        self._sealer = sealer
        self._callers = callers

    def __call__(self, message: OutboxMessage, at: datetime) -> None:
        """Deliver. An app that is not registered for it any more has nothing to hear."""
        said = {name: str(message.payload[name]) for name in ("client_id", "sub", "sid")}
        client = self._registrations.client(said["client_id"])
        if client is None or not client.active or not client.backchannel_logout_uri:
            return
        # Signed now: what was signed when it was queued would have expired before a later attempt. And encrypted as its
        # ID tokens are: an app that has those encrypted refuses a logout token in clear (section 2.6).
        signed = self._tokens.sign(client, sub=said["sub"], sid=said["sid"], at=at)
        token = self._sealer.id_token(client, signed)
        status = self._callers.to(client.client_id).notify(
            client.backchannel_logout_uri, {"logout_token": token}, statuses=_TAKEN | {_REFUSED}
        )
        if status == _REFUSED:
            # Section 2.8: the app found the request invalid, or could not log out. It would not do so tomorrow either.
            raise UndeliverableError(f"{client.client_id} refused a logout token")
