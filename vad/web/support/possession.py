"""What a request proves to be held: a key (RFC 9449), the certificate of the connection (RFC 8705), or both."""

from dataclasses import replace

from vad.domain.possession import Possession
from vad.web.support import client_certificate, dpop


def proved(access_token: str | None = None) -> Possession:
    """All of it, with this token where the request brings one. Raises `DpopProofError`."""
    return replace(client_certificate.held(), jkt=dpop.proved(access_token))
