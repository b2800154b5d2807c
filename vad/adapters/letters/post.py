"""The port `LetterPost` over HTTP: one PDF a request, with a key by which the service knows it again."""

from uuid import UUID

from vad.adapters.http.caller import HttpCaller
from vad.services.deliveries import UndeliverableError

_TAKEN = frozenset({200, 201, 202})
_REFUSED = frozenset({400, 413, 415, 422})
"""About this letter. Any other refusal is about us, and may be mended."""


class HttpLetterPost:
    """Posts letters to one address. The token proves who we are."""

    def __init__(self, url: str, token: str | None, caller: HttpCaller) -> None:
        self._url = url
        self._headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        self._caller = caller

    def hand_over(self, pdf: bytes, key: UUID) -> None:
        status = self._caller.hand_over(
            self._url,
            pdf,
            content_type="application/pdf",
            headers={**self._headers, "Idempotency-Key": str(key)},
            statuses=_TAKEN | _REFUSED,
        )
        if status in _REFUSED:
            raise UndeliverableError(f"the post service refused a letter: status {status}")
