"""A reference of the PRS is handed on once. The service seals them without memory, so it is VAD that remembers."""

from datetime import datetime, timedelta

from vad.adapters.prs.pseudonyms import PrsPseudonyms
from vad.domain.client import ResourceServer
from vad.domain.errors import RegisterUnavailableError
from vad.domain.identifiers import Bsn
from vad.services.ports.volatile import ReplayGuard

REMEMBERED = timedelta(hours=1)
"""Twelve times as long as a token with a reference may live: none that comes back so soon is a new one."""


class SingleUse:
    """`vad.services.ports.outside.PseudonymService`: no two tokens ever carry one reference.

    What comes back makes people recognisable from token to token, and lets one token do what another did. Raises
    `StoreUnavailableError` where nobody can say whether it was there before.
    """

    def __init__(self, service: PrsPseudonyms, replay: ReplayGuard) -> None:
        self._service = service
        self._replay = replay

    def rid_for(self, bsn: Bsn, source: ResourceServer, at: datetime) -> str:
        rid = self._service.rid_for(bsn, source)
        if not self._replay.first_use("prs_reference", rid, at + REMEMBERED, at):
            raise RegisterUnavailableError("prs: a reference that it gave before")
        return rid
