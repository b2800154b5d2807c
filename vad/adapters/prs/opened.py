"""References of the PRS in clear, for apps that hand them on themselves (profile `ministry`, ADR 0039).

A source has a key of VAD registered at the PRS for one scope of its own. What is exchanged for that scope VAD can open;
for every other scope it stays sealed to the source.
"""

from dataclasses import replace
from datetime import UTC, datetime

from vad.adapters.jose.reference_keys import ReferenceKeys
from vad.adapters.prs.pseudonyms import PrsPseudonyms
from vad.adapters.prs.single_use import REMEMBERED
from vad.domain.client import ResourceServer
from vad.domain.errors import RegisterUnavailableError
from vad.domain.identifiers import Bsn
from vad.services.ports.volatile import ReplayGuard

_PREFIX = "rid:"
_LONGEST = 512
"""The published service has 216 characters for a scope of eight, and 344 for one of a hundred (ADR 0039)."""


class OpenedReferences:
    """`vad.services.ports.outside.PlainReferences`. Each is handed on once, and none that is over."""

    def __init__(self, service: PrsPseudonyms, keys: ReferenceKeys, scope: str, replay: ReplayGuard) -> None:
        self._service = service
        self._keys = keys
        self._scope = scope
        self._replay = replay

    def plain_rid(self, bsn: Bsn, source: ResourceServer, at: datetime) -> str:
        sealed = self._service.rid_for(bsn, replace(source, prs_scope=self._scope))
        try:
            claims = self._keys.opened(sealed)
        except ValueError:
            raise RegisterUnavailableError("prs: a reference that no key of VAD opens") from None
        rid = self._rid(claims, source, at)
        if not self._replay.first_use("prs_reference", rid, at + REMEMBERED, at):
            raise RegisterUnavailableError("prs: a reference that it gave before")
        return rid

    def _rid(self, claims: object, source: ResourceServer, at: datetime) -> str:
        """Without its prefix. It must be what was asked for: for this source and scope, and not over."""
        known = claims if isinstance(claims, dict) else {}
        subject, expires = known.get("subject"), known.get("exp")
        if (known.get("aud"), known.get("scope")) != (f"oin:{source.oin}", self._scope):
            raise RegisterUnavailableError("prs: a reference for somebody else")
        if type(expires) is not int or datetime.fromtimestamp(expires, UTC) <= at:
            raise RegisterUnavailableError("prs: a reference that is over")
        if not isinstance(subject, str) or not subject.startswith(_PREFIX):
            raise RegisterUnavailableError("prs: no reference")
        rid = subject.removeprefix(_PREFIX)
        if not 0 < len(rid) <= _LONGEST or not rid.isascii() or not rid.isprintable():
            raise RegisterUnavailableError("prs: no reference")
        return rid
