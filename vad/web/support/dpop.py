"""Proofs of possession in requests (RFC 9449): who holds the key, and the nonce for the next proof."""

from flask import Response, request

from vad.domain.dpop import DpopProofError
from vad.web.support.services import now, services

HEADER, NONCE = "DPoP", "DPoP-Nonce"
_LONGEST = 8192


def proved(access_token: str | None = None) -> str:
    """The thumbprint of the key that this request proves, with this token where it brings one; empty for no proof.

    Raises `DpopProofError`; also for more than one proof (section 4.3): a comma stands between them, as in no proof.
    """
    proof = request.headers.get(HEADER)
    if proof is None:
        return ""
    if len(proof) > _LONGEST:
        raise DpopProofError
    # Where certificates are shown is another address, with the same endpoints (RFC 8705 section 5). Whoever comes there
    # need not show one, and which of the two it was does not reach this far.
    origins = (services().issuer, services().certificate_origin)
    urls = tuple(origin + request.path for origin in origins if origin)
    return services().dpop_proofs.verify(proof, request.method, urls, now(), access_token)


def ask_for_nonce() -> None:
    """Raise `DpopProofError` where the proof of this request lacks a nonce that counts (section 8).

    Before whoever sent it is proved, which uses up what proves them: they come again with the same. It tells nobody
    anything but a nonce, which every answer to a proof holds, and no signature is looked at for a stranger.
    """
    proof = request.headers.get(HEADER)
    if proof is not None and len(proof) <= _LONGEST:
        services().dpop_proofs.ask_for_nonce(proof, now())


def with_nonce(response: Response) -> Response:
    """The answer, with the nonce for the next proof where this request brought one (section 8.2)."""
    if HEADER in request.headers:
        response.headers[NONCE] = services().dpop_proofs.nonce(now())
    return response
