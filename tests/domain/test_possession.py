"""What tokens are bound to: a key, a certificate, both, or nothing, and what each use of them must prove."""

from itertools import product

import pytest

from tests.domain.domain_examples import client
from tests.domain.test_grant import grant
from vad.domain.certificate import CertificateError, CertificateName, ClientCertificate, NameKind
from vad.domain.client import Jwk
from vad.domain.dpop import DpopProofError
from vad.domain.errors import ProtocolError
from vad.domain.possession import NOTHING, Possession, bound, bound_anew
from vad.domain.profile import ClientAuthentication, Profile

KEYS, CERTIFICATES = ("", "key", "another key"), ("", "certificate", "another certificate")


def test_a_grant_stays_bound_to_what_it_is_bound_to() -> None:
    """Every combination of what is registered, what it is bound to, and what is proved: never less than before."""
    registered = product(Profile, (False, True), (False, True))
    for (profile, by_key, by_certificate), key, certificate in product(registered, KEYS[:2], CERTIFICATES[:2]):
        app = client(
            profile=profile,
            dpop_bound_access_tokens=by_key,
            tls_client_certificate_bound_access_tokens=by_certificate,
        )
        before = grant(jkt=key, certificate=certificate)
        for held in map(Possession, *zip(*product(KEYS, CERTIFICATES), strict=True)):
            lacking = (key or (by_key or (profile is Profile.FAPI2 and not by_certificate))) and not held.jkt
            stranger = (key and held.jkt != key) or (certificate and held.certificate != certificate)
            refused = lacking or stranger or (by_certificate and not held.certificate)
            try:
                after = bound(before, app, held)
            except ProtocolError:
                assert refused
                assert profile is not Profile.MINISTRY or by_key or by_certificate
                continue
            if profile is Profile.MINISTRY and not (by_key or by_certificate):
                assert after == before
                continue
            assert not refused
            assert after.jkt == held.jkt
            assert after.certificate == (held.certificate if by_certificate or certificate else "")
            assert held.opens(after.jkt, after.certificate)


def test_each_refusal_is_told_as_its_standard_has_it() -> None:
    """RFC 9449 section 5, RFC 8705 section 3; the first thing that is wrong."""
    of_key, of_certificate = grant(jkt="key"), grant(certificate="certificate")
    for wrong in (NOTHING, Possession(jkt="other")):
        with pytest.raises(DpopProofError):
            bound(of_key, client(), wrong)
    for wrong in (NOTHING, Possession(certificate="other"), Possession(jkt="certificate")):
        with pytest.raises(CertificateError) as refused:
            bound(of_certificate, client(), wrong)
        assert refused.value.error == "invalid_grant"


def test_refreshing_with_another_key() -> None:
    """RFC 9449 section 5: whoever proves itself may; whoever does not keeps its key, and nobody comes without one."""
    before, held = grant(jkt="key", certificate="one"), Possession("another key", "one")
    public = client(token_endpoint_auth_method=ClientAuthentication.NONE)
    assert bound_anew(before, client(), held) == grant(jkt="another key", certificate="one")
    assert bound_anew(grant(), client(), Possession("key")) == grant(jkt="key")
    assert bound_anew(before, public, Possession("key", "one")) == before
    for app, wrong in ((public, held), (public, Possession("", "one")), (client(), Possession("", "one"))):
        with pytest.raises(DpopProofError):
            bound_anew(before, app, wrong)
    for wrong in (Possession("another key"), Possession("another key", "another certificate")):
        with pytest.raises(CertificateError):
            bound_anew(before, client(), wrong)
    with pytest.raises(DpopProofError):
        bound_anew(grant(), client(dpop_bound_access_tokens=True), NOTHING)


def test_what_a_token_says_opens_to_who_holds_it() -> None:
    """A proof for a token that is bound to no key is refused; a certificate that it is not bound to says nothing."""
    assert grant(jkt="key", certificate="one").confirmation == {"jkt": "key", "x5t#S256": "one"}
    assert grant().confirmation == {}
    assert NOTHING.opens("", "")
    assert Possession(certificate="one").opens("", "")
    assert not Possession(jkt="key").opens("", "")
    assert not Possession(jkt="key").opens("key", "one")
    assert not Possession("key", "two").opens("key", "one")
    assert not NOTHING.opens("", "one")
    assert Possession("key", "one").opens("key", "one")


def test_an_app_is_known_by_what_is_registered_alone() -> None:
    """The name that an authority vouches for, or the very certificate; each by its own method."""
    name = CertificateName(NameKind.SAN_DNS, "app.example")
    shown = ClientCertificate("one", (CertificateName(NameKind.SUBJECT_DN, "2.5.4.3=app"), name), vouched=True)
    by_name = client(token_endpoint_auth_method=ClientAuthentication.TLS_CLIENT_AUTH, certificate_name=name)
    assert by_name.has_certificate(shown)
    assert not by_name.has_certificate(ClientCertificate("one", shown.names))
    assert not by_name.has_certificate(ClientCertificate("one", shown.names[:1], vouched=True))
    assert not client(token_endpoint_auth_method=ClientAuthentication.TLS_CLIENT_AUTH).has_certificate(shown)
    assert not client(certificate_name=name).has_certificate(shown)
    jwks: tuple[Jwk, ...] = ({"kty": "EC"}, {"x5c": []}, {"x5c": [7]}, {"x5c": ["é"]}, {"x5c": ["AAAA"]})
    itself = client(token_endpoint_auth_method=ClientAuthentication.SELF_SIGNED_TLS_CLIENT_AUTH, jwks=jwks)
    # SHA-256 of three zero bytes.
    assert itself.has_certificate(ClientCertificate("cJ6AyISHokEeHuTfufIqhhSS0gxHZRUMDHlKvXD4FHw"))
    assert not itself.has_certificate(ClientCertificate("cJ6AyISHokEeHuTfufIqhhSS0gxHZRUMDHlKvXD4FHA"))
    assert not itself.has_certificate(ClientCertificate(""))
