"""Tokens bound to what the app holds: a key that it proves by DPoP (RFC 9449), a certificate (RFC 8705), or both."""

import hmac
from dataclasses import dataclass, replace

from vad.domain.certificate import CertificateError
from vad.domain.client import Client
from vad.domain.dpop import DpopProofError
from vad.domain.grant import Grant
from vad.domain.profile import Demand


@dataclass(frozen=True, slots=True)
class Possession:
    """What whoever sent a request proved to hold."""

    jkt: str = ""
    """Thumbprint of a key; empty: none was proved."""
    certificate: str = ""
    """Thumbprint of the certificate of the connection; empty: there was none."""

    def opens(self, jkt: str, certificate: str) -> bool:
        """Whether a token that is bound to these may be used.

        A proof for a token that is bound to no key is refused (RFC 9449 section 7.1); a certificate that a token is not
        bound to says nothing, as it belongs to the connection.
        """
        return _same(self.jkt, jkt) and (not certificate or _same(self.certificate, certificate))


NOTHING = Possession()


def bound(grant: Grant, client: Client, held: Possession) -> Grant:
    """The grant, bound to what the app proved to hold with this very request.

    A grant that is bound stays so, to the same: its code may be (`dpop_jkt`), and what is exchanged is. Raises
    `DpopProofError` and `CertificateError` for something else or nothing, also where the app's tokens must be bound.
    """
    if client.binds_tokens is Demand.REFUSED:
        return grant
    certificate, jkt = _certificate(grant, client, held.certificate), _key(grant, client, held.jkt)
    as_it_is = (certificate, jkt) == (grant.certificate, grant.jkt)
    return grant if as_it_is else replace(grant, certificate=certificate, jkt=jkt)


def bound_anew(grant: Grant, client: Client, held: Possession) -> Grant:
    """The grant, bound as what is refreshed from it now.

    A client that proves itself may come with another key: its refresh tokens are bound to the client by that, and the
    access token to the key of this request (RFC 9449 section 5). What was bound does not become unbound: without any
    key it is refused. Of a client that proves nothing the key alone keeps thieves out, so that stays the same. Raises
    as `bound` does.
    """
    if client.proves_itself and grant.jkt and held.jkt:
        grant = replace(grant, jkt=held.jkt)
    return bound(grant, client, held)


def _certificate(grant: Grant, client: Client, shown: str) -> str:
    """What it is bound to. A certificate binds the tokens of those alone who are registered for it (section 3.4)."""
    if grant.certificate:
        if not _same(grant.certificate, shown):
            raise CertificateError
        return grant.certificate
    if not client.tls_client_certificate_bound_access_tokens:
        return ""
    if not shown:
        raise CertificateError
    return shown


def _key(grant: Grant, client: Client, proved: str) -> str:
    if grant.jkt:
        if not _same(grant.jkt, proved):
            raise DpopProofError(missing=not proved)
        return grant.jkt
    if not proved and client.binds_to_key is Demand.REQUIRED:
        raise DpopProofError(missing=True)
    return proved


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
