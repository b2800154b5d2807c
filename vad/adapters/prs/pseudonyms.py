"""The PRS's HTTP interface (`POST /exchange/rid`). `single_use` makes the port `PseudonymService` of it."""

import re

from vad.adapters.http.caller import HttpCaller
from vad.domain.client import ResourceServer
from vad.domain.errors import RegisterUnavailableError
from vad.domain.identifiers import Bsn

RID_USAGE = "irp"
"""What the source may swap the reference for: its own irreversible pseudonym, and nothing that leads back to a BSN."""
_LONGEST = 8 * 1024
_COMPACT_JWE = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*){3}\.[A-Za-z0-9_-]+")
"""Five parts in base64url; the key may be missing, and a part that must be there may not (RFC 7516 section 7.1)."""


class PrsPseudonyms:
    """Fetches one-time references. `oin` and `audience` are who we are to the PRS."""

    def __init__(self, base: str, oin: str, audience: str, caller: HttpCaller) -> None:
        self._url = f"{base.rstrip('/')}/exchange/rid"
        self._headers = {"x-gf-oin": oin, "x-gf-audience": audience}
        self._caller = caller

    def rid_for(self, bsn: Bsn, source: ResourceServer) -> str:
        if not source.oin or not source.prs_scope:
            raise RegisterUnavailableError(f"prs: {source.identifier} is registered without an OIN or a scope")
        question = {
            "personalId": f"NL:bsn:{bsn.reveal()}",
            "recipientOrganization": f"oin:{source.oin}",
            "recipientScope": source.prs_scope,
            "ridUsage": RID_USAGE,
        }
        answer = self._caller.post_json(
            self._url, question, headers=self._headers, status=201, content_type="application/jwe"
        )
        # Sealed to the source: to us it is opaque, and passed on exactly as it came.
        rid = answer.body.decode("ascii", errors="replace")
        if len(rid) > _LONGEST or not _COMPACT_JWE.fullmatch(rid):
            raise RegisterUnavailableError("prs: not a compact JWE")
        return rid
