"""Proofs that an app holds a key: DPoP (RFC 9449)."""

from vad.domain.errors import ProtocolError


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
