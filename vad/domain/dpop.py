"""Tokens bound to a key of the app, proved by DPoP (RFC 9449)."""

import hmac
from dataclasses import replace

from vad.domain.client import Client
from vad.domain.errors import ProtocolError
from vad.domain.grant import Grant
from vad.domain.profile import Demand


class DpopProofError(ProtocolError):
    """A proof that is none, is not for this request or came before; or one that lacks the nonce of ours.

    `invalid_dpop_proof` (RFC 9449 section 5), or `use_dpop_nonce` (section 8). `invalid_request` where there was none:
    whoever sent no proof sent no invalid one, and clients that know nothing of proofs know that error.
    """

    def __init__(self, *, nonce_wanted: bool = False, missing: bool = False) -> None:
        if missing:
            super().__init__("invalid_request", "a proof of the key (DPoP) is needed")
        elif nonce_wanted:
            super().__init__("use_dpop_nonce", "the proof must hold the nonce of the DPoP-Nonce header")
        else:
            super().__init__("invalid_dpop_proof", "the proof is not what it should be")


def bound(grant: Grant, client: Client, jkt: str) -> Grant:
    """The grant, bound to the key with this thumbprint: the app proved it with this very request. Empty: to none.

    A grant that is bound stays so, to the same key: its code may be (`dpop_jkt`), its refresh tokens and what is
    exchanged are. Raises `DpopProofError` for another key or none, and where the app's tokens must be bound.
    """
    if client.binds_tokens is Demand.REFUSED:
        return grant
    if grant.jkt:
        if not hmac.compare_digest(grant.jkt.encode(), jkt.encode()):
            raise DpopProofError(missing=not jkt)
        return grant
    if not jkt and client.binds_tokens is Demand.REQUIRED:
        raise DpopProofError(missing=True)
    return replace(grant, jkt=jkt)
